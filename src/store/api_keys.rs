//! API keys, by their hash.

use super::schema::api_keys::dsl;
use super::{Db, StoreError, id_from, time_from};
use crate::domain::id::Id;
use crate::domain::secret::TokenDigest;
use crate::domain::time::Timestamp;
use diesel::prelude::*;

/// What a key may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Logins, and a user's own authenticators on the user's behalf.
    Bridge,
    /// Policy, users, audit.
    Admin,
    /// Reads what an administrator reads.
    Auditor,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 3] = [Self::Bridge, Self::Admin, Self::Auditor];

    /// The name on the command line, in the API and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bridge => "bridge",
            Self::Admin => "admin",
            Self::Auditor => "auditor",
        }
    }

    /// The role of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }
}

/// A key as it is kept: the key itself is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Names the key in lists and in the audit.
    pub id: Id,
    /// The only site it opens.
    pub site: Id,
    /// For people.
    pub name: String,
    /// What it may be used for.
    pub roles: Vec<Role>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is refused.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

impl ApiKey {
    /// Whether the key opens anything at `now`.
    pub fn is_valid(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|at| now < at)
    }
}

type Row = (Vec<u8>, Vec<u8>, String, String, i64, Option<i64>, Option<i64>);

macro_rules! columns {
    () => {
        (dsl::id, dsl::site_id, dsl::name, dsl::roles, dsl::created_at, dsl::expires_at, dsl::revoked_at)
    };
}

fn key((id, site, name, roles, created_at, expires_at, revoked_at): Row) -> Result<ApiKey, StoreError> {
    let roles = roles.split(',').map(Role::parse).collect::<Option<Vec<_>>>();
    Ok(ApiKey {
        id: id_from(&id, "api_keys")?,
        site: id_from(&site, "api_keys")?,
        name,
        roles: roles.ok_or(StoreError::Corrupt("api_keys"))?,
        created_at: Timestamp(created_at),
        expires_at: time_from(expires_at),
        revoked_at: time_from(revoked_at),
    })
}

/// The key with that hash, valid or not.
pub fn find(db: &mut Db, digest: &TokenDigest) -> Result<Option<ApiKey>, StoreError> {
    let row = dsl::api_keys
        .filter(dsl::digest.eq(&digest.0[..]))
        .select(columns!())
        .get_result::<Row>(db.for_read()?);
    row.optional()?.map(key).transpose()
}

/// A site's keys, oldest first.
pub fn list(db: &mut Db, site: Id) -> Result<Vec<ApiKey>, StoreError> {
    let rows = dsl::api_keys.filter(dsl::site_id.eq(&site.0[..])).order(dsl::id).select(columns!());
    rows.load::<Row>(db.for_read()?)?.into_iter().map(key).collect()
}

/// Adds a key.
pub fn insert(db: &mut Db, key: &ApiKey, digest: &TokenDigest) -> Result<(), StoreError> {
    let roles: Vec<_> = key.roles.iter().map(|role| role.as_str()).collect();
    let row = (
        dsl::id.eq(&key.id.0[..]),
        dsl::site_id.eq(&key.site.0[..]),
        dsl::name.eq(&key.name),
        dsl::digest.eq(&digest.0[..]),
        dsl::roles.eq(roles.join(",")),
        dsl::created_at.eq(key.created_at.0),
        dsl::expires_at.eq(key.expires_at.map(|at| at.0)),
        dsl::revoked_at.eq(key.revoked_at.map(|at| at.0)),
    );
    diesel::insert_into(dsl::api_keys).values(row).execute(db.for_write()?)?;
    Ok(())
}

/// Revokes a site's key; false if there is none of that id that is not revoked yet.
pub fn revoke(db: &mut Db, site: Id, id: Id, now: Timestamp) -> Result<bool, StoreError> {
    let key = dsl::api_keys
        .filter(dsl::id.eq(&id.0[..]))
        .filter(dsl::site_id.eq(&site.0[..]))
        .filter(dsl::revoked_at.is_null());
    Ok(diesel::update(key).set(dsl::revoked_at.eq(now.0)).execute(db.for_write()?)? == 1)
}
