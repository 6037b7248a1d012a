//! What an administrator does to a user, through the API or the command line.

use super::Service;
use super::caller::AdminCaller;
use super::error::MfaError;
use crate::domain::audit::{Action, AuditEvent};
use crate::domain::factor::{Factor, Method};
use crate::domain::id::UserId;
use crate::domain::notice::Notice;
use crate::domain::policy::Grace;
use crate::domain::shard::Shard;
use crate::domain::throttle::Throttle;
use crate::domain::time::Timestamp;
use crate::store::users::{Profile, User};
use crate::store::{self, Db};

impl Service {
    /// Removes a user's authenticators, of one method or all, so that the user enrols anew: for a lost phone. Raises
    /// the security epoch, lifts the lock and ends the grace period. How many authenticators there were.
    pub async fn remove_authenticators(
        &self,
        by: &AdminCaller,
        user: UserId,
        method: Option<Method>,
    ) -> Result<usize, MfaError> {
        self.change_user(by, user, Action::AuthenticatorRemoved, move |service, db, mut user, event, now| {
            let present = store::authenticators::of_user(db, user.id)?;
            // Before they go, since one of them may be where the notice goes.
            if present.iter().any(|row| method.is_none_or(|method| method == row.method)) {
                let notice = method.map_or(Notice::MfaReset, Notice::AuthenticatorRemoved);
                service.notify(db, &user, &notice, now)?;
            }
            let removed = store::authenticators::remove(db, user.id, method)?;
            after_removal(db, &mut user)?;
            user.epoch += 1;
            user.throttle = Throttle::default();
            user.grace = Grace::Ended;
            store::users::update(db, &user)?;
            store::logins::wipe_pending(db, user.id)?;
            let count = i64::try_from(removed).unwrap_or(i64::MAX);
            let event =
                AuditEvent { method: method.map(Factor::Authenticator), number: Some(count), ..event };
            service.append(db, user.site, &event, now)?;
            Ok(removed)
        })
        .await
    }

    /// Lifts a user's lock and ends the count of failures.
    pub async fn unlock_user(&self, by: &AdminCaller, user: UserId) -> Result<(), MfaError> {
        self.change_user(by, user, Action::UserUnlocked, move |service, db, user, event, now| {
            store::users::set_throttle(db, user.id, Throttle::default())?;
            service.append(db, user.site, &event, now)
        })
        .await
    }

    /// The host deleted the user: everything goes, but the audit log keeps the id, and the row keeps the epoch, so that
    /// who gets the id next inherits nothing.
    pub async fn delete_user(&self, by: &AdminCaller, user: UserId) -> Result<(), MfaError> {
        self.change_user(by, user, Action::UserDeleted, move |service, db, mut user, event, now| {
            store::authenticators::remove(db, user.id, None)?;
            lose_last_authenticator(db, &mut user)?;
            store::logins::wipe_pending(db, user.id)?;
            store::outbox::remove_of_user(db, user.id)?;
            user.profile = Profile {
                name: String::new(),
                email: None,
                phone: None,
                roles: None,
                credential_version: None,
                locale: None,
            };
            user.epoch += 1;
            user.throttle = Throttle::default();
            user.deleted = true;
            store::users::update(db, &user)?;
            service.append(db, user.site, &event, now)
        })
        .await
    }

    /// One transaction about one user; the event has action, actor and user filled in.
    pub(super) async fn change_user<T: Send + 'static>(
        &self,
        by: &AdminCaller,
        user: UserId,
        action: Action,
        mut change: impl FnMut(&Self, &mut Db, User, AuditEvent, Timestamp) -> Result<T, MfaError>
        + Send
        + 'static,
    ) -> Result<T, MfaError> {
        let (service, now, site, actor) = (self.clone(), self.now(), by.site().id, by.actor());
        let shard = Shard::of_user(site, &user);
        self.0
            .store
            .write(shard, move |db| {
                let user = store::users::lock_known(db, site, &user)?.ok_or(MfaError::UserNotFound)?;
                store::users::take_turn(db, user.id)?;
                let event = AuditEvent::new(action, actor.clone()).about(&user.user_id);
                change(&service, db, user, event, now)
            })
            .await
    }
}

/// What follows from the authenticators that are left; the caller writes the user back.
pub(super) fn after_removal(db: &mut Db, user: &mut User) -> Result<(), MfaError> {
    let left = store::authenticators::of_user(db, user.id)?;
    if left.is_empty() {
        lose_last_authenticator(db, user)?;
    } else if !left.iter().any(|row| Some(row.method) == user.preferred_method) {
        user.preferred_method = None;
    }
    Ok(())
}

/// Whichever call removes the last authenticator also removes what only makes sense beside one.
fn lose_last_authenticator(db: &mut Db, user: &mut User) -> Result<(), MfaError> {
    store::recovery_codes::remove(db, user.id)?;
    store::one_time_passes::remove(db, user.id)?;
    store::trusted_devices::remove(db, user.id, None)?;
    store::users::set_enrolled(db, user.id, false)?;
    user.enrolled = false;
    user.preferred_method = None;
    Ok(())
}
