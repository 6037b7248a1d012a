//! Taking over the TOTP secrets of another system, so that nobody has to enrol again.

use super::Service;
use super::caller::AdminCaller;
use super::error::MfaError;
use super::users::make_known;
use crate::delivery::text::authenticator_name;
use crate::domain::audit::{Action, Actor, AuditEvent, Cause};
use crate::domain::factor::{AuthenticatorState, Factor, Method};
use crate::domain::id::{Id, UserId};
use crate::domain::secret::TotpKey;
use crate::domain::shard::Shard;
use crate::domain::time::Timestamp;
use crate::store::authenticators::Authenticator;
use crate::store::users::Profile;
use crate::store::{self, Db};
use std::sync::Arc;

/// Users taken over in one transaction: few enough that logins do not wait for it.
const BATCH: usize = 100;

/// A user with the secret that an app of theirs holds.
#[derive(Debug, Clone)]
pub struct ImportedUser {
    /// The host's id.
    pub user_id: UserId,
    /// What the host says, for a user who is not known yet.
    pub profile: Profile,
    /// The secret.
    pub key: TotpKey,
}

/// What came of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Imported {
    /// Users who are enrolled by it.
    pub enrolled: usize,
    /// Of these, with a secret that is weak.
    pub weak: usize,
    /// Users who were enrolled already; nothing of theirs is changed.
    pub skipped: usize,
}

impl Service {
    /// Enrols users by the secrets that their apps hold already. Who has an authenticator keeps it, so that an import
    /// can be run again. `progress` is called after each transaction.
    pub async fn import_totp(
        &self,
        by: &AdminCaller,
        users: Vec<ImportedUser>,
        progress: impl Fn(&Imported),
    ) -> Result<Imported, MfaError> {
        let mut all = Imported::default();
        for batch in users.chunks(BATCH) {
            let (service, now, site, actor) = (self.clone(), self.now(), by.site().id, by.actor());
            let batch: Arc<[ImportedUser]> = batch.into();
            let done = self
                .0
                .store
                .write(Shard::NONE, move |db| {
                    let mut done = Imported::default();
                    for user in batch.iter() {
                        match service.import_user(db, site, user, &actor, now)? {
                            Some(weak) => {
                                done.enrolled += 1;
                                done.weak += usize::from(weak);
                            }
                            None => done.skipped += 1,
                        }
                    }
                    Ok::<_, MfaError>(done)
                })
                .await?;
            all.enrolled += done.enrolled;
            all.weak += done.weak;
            all.skipped += done.skipped;
            progress(&all);
        }
        Ok(all)
    }

    /// Whether the secret is weak; `None` for a user who is enrolled already.
    fn import_user(
        &self,
        db: &mut Db,
        site: Id,
        imported: &ImportedUser,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Option<bool>, MfaError> {
        let user = match store::users::lock_known(db, site, &imported.user_id)? {
            Some(user) => user,
            None => make_known(self, db, site, &imported.user_id, &imported.profile, actor, now)?,
        };
        if user.enrolled {
            return Ok(None);
        }
        let (key, weak) = (self.sealing_key(db)?, imported.key.is_weak());
        let id = Id::new(now, &mut self.random());
        let state = AuthenticatorState::Totp(imported.key.clone());
        let row = Authenticator {
            id,
            user: user.id,
            method: Method::Totp,
            name: authenticator_name(user.profile.locale.as_deref(), Method::Totp),
            sealed_state: self.seal_authenticator(&key, &user, id, &state)?,
            // Which codes the other system has accepted is not known: those that are good now are.
            marker: i64::MIN,
            created_at: now,
            last_used_at: None,
            weak,
        };
        store::authenticators::insert(db, &row)?;
        store::users::set_enrolled(db, user.id, true)?;
        store::logins::wipe_pending(db, user.id)?;
        let event = AuditEvent::new(Action::AuthenticatorImported, actor.clone())
            .about(&user.user_id)
            .by(Factor::Authenticator(Method::Totp));
        let event = AuditEvent { cause: weak.then_some(Cause::Weak), ..event };
        self.append(db, site, &event, now)?;
        Ok(Some(weak))
    }
}
