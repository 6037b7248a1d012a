//! The site's policy: read and changed.

use super::Service;
use super::caller::{AdminCaller, ReaderCaller};
use super::error::MfaError;
use crate::domain::audit::{Action, Actor, AuditEvent};
use crate::domain::policy::MfaPolicy;
use crate::domain::shard::Shard;
use crate::store::policies::StoredPolicy;
use crate::store::{self, StoreError};

impl Service {
    /// The policy of the caller's site.
    pub async fn policy(&self, by: &ReaderCaller) -> Result<StoredPolicy, MfaError> {
        let site = by.site().id;
        self.0.store.read(move |db| Ok(store::policies::get(db, site)?)).await
    }

    /// Changes the policy. `expected` is the version that the caller has seen, `None` for any; `change` makes the new
    /// policy from the present one.
    pub async fn change_policy(
        &self,
        by: &AdminCaller,
        expected: Option<i64>,
        change: impl Fn(&MfaPolicy) -> Result<MfaPolicy, MfaError> + Send + 'static,
    ) -> Result<StoredPolicy, MfaError> {
        let (service, now, site, actor) = (self.clone(), self.now(), by.site().id, by.actor());
        self.0
            .store
            .write(Shard::NONE, move |db| {
                let present = store::policies::get(db, site)?;
                if expected.is_some_and(|version| version != present.version) {
                    return Err(MfaError::PreconditionFailed);
                }
                let policy = change(&present.policy)?;
                // Nobody could enrol by a method that is not there.
                if !policy.methods.iter().all(|method| service.offers(*method)) {
                    return Err(MfaError::MethodNotAvailable);
                }
                let enforcement = present.enforcement.after_change(&policy, now);
                let voids_trust = present.policy.trust_ends_with(&policy);
                let trust_generation = present.trust_generation + i64::from(voids_trust);
                let version = present.version + 1;
                let updated_by = name_of(&actor);
                let updated_at = now;
                let stored =
                    StoredPolicy { policy, enforcement, trust_generation, version, updated_at, updated_by };
                if !store::policies::replace(db, site, &stored)? {
                    // Another process was faster: run again, this one sees the newer version.
                    return Err(StoreError::Undone.into());
                }
                let event = AuditEvent::new(Action::PolicyChanged, actor.clone()).number(version);
                service.append(db, site, &event, now)?;
                Ok(stored)
            })
            .await
    }
}

/// For people: the claimed user where there is one, beside the key that proves the request.
fn name_of(actor: &Actor) -> String {
    match actor {
        Actor::Key { id, claimed: Some(user) } => format!("{user} (key {id})"),
        Actor::Key { id, claimed: None } => format!("key {id}"),
        Actor::Cli => "cli".into(),
    }
}
