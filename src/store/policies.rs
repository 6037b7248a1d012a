//! Each site's policy, as one JSON document.

use super::connection::directly;
use super::schema::policies::dsl;
use super::{Db, StoreError};
use crate::domain::factor::Method;
use crate::domain::id::{Id, RoleName};
use crate::domain::policy::{Enforcement, MfaPolicy, Mode};
use crate::domain::time::Timestamp;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A policy with what is known of its last change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPolicy {
    /// What it says.
    pub policy: MfaPolicy,
    /// Since when whom it has required to enrol.
    pub enforcement: Enforcement,
    /// Raised by each change that ends the trust in browsers.
    pub trust_generation: i64,
    /// Raised by each change, from 1.
    pub version: i64,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Who changed it, for people.
    pub updated_by: String,
}

#[derive(Serialize, Deserialize)]
struct Document {
    mode: String,
    methods: Vec<String>,
    grace_period_days: u16,
    trusted_device_days: u16,
    required_roles: Vec<String>,
    exempt_roles: Vec<String>,
    self_service: bool,
    #[serde(default)]
    replace_weak_secrets: bool,
    required_since: RequiredSince,
    #[serde(default)]
    trust_generation: i64,
}

#[derive(Serialize, Deserialize)]
struct RequiredSince {
    everyone: Option<i64>,
    unknown_roles: Option<i64>,
    roles: BTreeMap<String, i64>,
}

const CORRUPT: StoreError = StoreError::Corrupt("policies");

fn encode(stored: &StoredPolicy) -> Result<String, StoreError> {
    let StoredPolicy { policy, enforcement, .. } = stored;
    let names = |roles: &[RoleName]| roles.iter().map(|role| role.as_str().to_owned()).collect();
    let document = Document {
        mode: policy.mode.as_str().into(),
        methods: policy.methods.iter().map(|method| method.as_str().into()).collect(),
        grace_period_days: policy.grace_period_days,
        trusted_device_days: policy.trusted_device_days,
        required_roles: names(&policy.required_roles),
        exempt_roles: names(&policy.exempt_roles),
        self_service: policy.self_service,
        replace_weak_secrets: policy.replace_weak_secrets,
        required_since: RequiredSince {
            everyone: enforcement.everyone.map(|at| at.0),
            unknown_roles: enforcement.unknown_roles.map(|at| at.0),
            roles: enforcement.roles.iter().map(|(role, at)| (role.clone(), at.0)).collect(),
        },
        trust_generation: stored.trust_generation,
    };
    serde_json::to_string(&document).map_err(|_| CORRUPT)
}

fn decode(text: &str) -> Result<(MfaPolicy, Enforcement, i64), StoreError> {
    let document: Document = serde_json::from_str(text).map_err(|_| CORRUPT)?;
    let roles = |names: Vec<String>| {
        names.into_iter().map(RoleName::parse).collect::<Result<Vec<_>, _>>().map_err(|_| CORRUPT)
    };
    let methods = document.methods.iter().map(|name| Method::parse(name)).collect::<Option<Vec<_>>>();
    let policy = MfaPolicy {
        mode: Mode::parse(&document.mode).ok_or(CORRUPT)?,
        methods: methods.ok_or(CORRUPT)?,
        grace_period_days: document.grace_period_days,
        trusted_device_days: document.trusted_device_days,
        required_roles: roles(document.required_roles)?,
        exempt_roles: roles(document.exempt_roles)?,
        self_service: document.self_service,
        replace_weak_secrets: document.replace_weak_secrets,
    };
    let since = document.required_since;
    let enforcement = Enforcement {
        everyone: since.everyone.map(Timestamp),
        unknown_roles: since.unknown_roles.map(Timestamp),
        roles: since.roles.into_iter().map(|(role, at)| (role, Timestamp(at))).collect(),
    };
    Ok((policy, enforcement, document.trust_generation))
}

/// The policy of a site.
pub fn get(db: &mut Db, site: Id) -> Result<StoredPolicy, StoreError> {
    if let Some(known) = db.policies().and_then(|known| known.get(&site)) {
        return Ok(known.clone());
    }
    let query = dsl::policies.filter(dsl::site_id.eq(&site.0[..])).select((
        dsl::document,
        dsl::version,
        dsl::updated_at,
        dsl::updated_by,
    ));
    let (document, version, updated_at, updated_by) =
        directly!(db, connection => query.get_result::<(String, i64, i64, String)>(connection))?;
    let (policy, enforcement, trust_generation) = decode(&document)?;
    let updated_at = Timestamp(updated_at);
    let stored = StoredPolicy { policy, enforcement, trust_generation, version, updated_at, updated_by };
    if let Some(known) = db.policies() {
        known.insert(site, stored.clone());
    }
    Ok(stored)
}

/// The first policy of a new site.
pub fn insert(db: &mut Db, site: Id, stored: &StoredPolicy) -> Result<(), StoreError> {
    let row = (
        dsl::site_id.eq(&site.0[..]),
        dsl::document.eq(encode(stored)?),
        dsl::version.eq(stored.version),
        dsl::updated_at.eq(stored.updated_at.0),
        dsl::updated_by.eq(&stored.updated_by),
    );
    diesel::insert_into(dsl::policies).values(row).execute(db.for_write()?)?;
    Ok(())
}

/// Replaces the policy if it still is of the version before; false if it is not.
pub fn replace(db: &mut Db, site: Id, stored: &StoredPolicy) -> Result<bool, StoreError> {
    let previous =
        dsl::policies.filter(dsl::site_id.eq(&site.0[..])).filter(dsl::version.eq(stored.version - 1));
    let change = (
        dsl::document.eq(encode(stored)?),
        dsl::version.eq(stored.version),
        dsl::updated_at.eq(stored.updated_at.0),
        dsl::updated_by.eq(&stored.updated_by),
    );
    let replaced = diesel::update(previous).set(change).execute(db.for_write()?)? == 1;
    if let Some(known) = db.policies() {
        known.remove(&site);
    }
    Ok(replaced)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_read_back_as_it_was_written() {
        let policy = MfaPolicy {
            grace_period_days: 7,
            trusted_device_days: 30,
            required_roles: vec![RoleName::parse("a,b").unwrap()],
            exempt_roles: vec![RoleName::parse("ü \"x\"").unwrap()],
            self_service: false,
            replace_weak_secrets: true,
            ..MfaPolicy::new(Mode::Required, vec![Method::Totp, Method::Email])
        };
        let enforcement = Enforcement::default().after_change(&policy, Timestamp(5));
        let stored = StoredPolicy {
            policy: policy.clone(),
            enforcement: enforcement.clone(),
            trust_generation: 4,
            version: 1,
            updated_at: Timestamp(5),
            updated_by: String::new(),
        };
        assert_eq!(decode(&encode(&stored).unwrap()).unwrap(), (policy, enforcement, 4));
    }
}
