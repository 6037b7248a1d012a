//! Browsers that may skip the second factor: trusted with a right code, recognised by a token, forgotten.

use super::Service;
use super::caller::BridgeCaller;
use super::error::MfaError;
use super::login::OpenLogin;
use crate::domain::audit::{Action, Actor, AuditEvent, Cause};
use crate::domain::factor::Factor;
use crate::domain::id::{Id, UserId};
use crate::domain::login::{LoginStatus, Purpose};
use crate::domain::notice::Notice;
use crate::domain::shard::Shard;
use crate::domain::time::Timestamp;
use crate::domain::trusted_device::{DeviceToken, Presented, Secrets};
use crate::store::policies::StoredPolicy;
use crate::store::trusted_devices::TrustedDevice;
use crate::store::users::User;
use crate::store::{self, Db, StoreError};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// A token for a browser's cookie.
#[derive(Debug, Clone)]
pub struct IssuedDevice {
    /// Shown in this one answer.
    pub token: Arc<DeviceToken>,
    /// Until when the browser is trusted; a successor ends with its predecessor.
    pub expires_at: Timestamp,
}

/// A browser that presented its present token.
pub(super) struct RecognisedDevice {
    device: TrustedDevice,
    token: Arc<DeviceToken>,
}

impl Service {
    /// The browser behind the token, if it is trusted now. Another user's token is ignored; an older one of this user's
    /// ends the trust in its whole family.
    pub(super) fn recognise_device(
        &self,
        db: &mut Db,
        policy: &StoredPolicy,
        user: &User,
        token: &Arc<DeviceToken>,
        (actor, ip): (&Actor, Option<IpAddr>),
        now: Timestamp,
    ) -> Result<Option<RecognisedDevice>, MfaError> {
        let found = store::trusted_devices::find(db, token.family())?;
        let Some(device) =
            found.filter(|device| device.user == user.id && is_trusted(device, policy, user, now))
        else {
            return Ok(None);
        };
        match device.secrets.judge(token.secret(), now) {
            Presented::Current => Ok(Some(RecognisedDevice { device, token: Arc::clone(token) })),
            Presented::JustReplaced => Ok(None),
            Presented::Reused => {
                store::trusted_devices::remove(db, user.id, Some(device.id))?;
                let event = AuditEvent::new(Action::DeviceTokenReused, actor.clone())
                    .about(&user.user_id)
                    .from_ip(ip);
                self.append(db, user.site, &event, now)?;
                self.notify(db, user, &Notice::DeviceTokenReused(device.name), now)?;
                Ok(None)
            }
        }
    }

    /// Gives the browser its next token: the one conditional write by which a token is spent.
    pub(super) fn rotate_device(
        &self,
        db: &mut Db,
        RecognisedDevice { device, token }: RecognisedDevice,
        now: Timestamp,
    ) -> Result<IssuedDevice, MfaError> {
        let next = token.successor(&mut self.random());
        if !store::trusted_devices::rotate(db, device.id, device.secrets.current, next.secret(), now)? {
            // Another transaction was faster: run again, this one sees a replaced token.
            return Err(StoreError::Undone.into());
        }
        Ok(IssuedDevice { token: Arc::new(next), expires_at: device.expires_at })
    }

    /// Trusts the browser that has just answered, as far as the policy allowed when the login began and allows now.
    pub(super) fn trust_device(
        &self,
        db: &mut Db,
        open: &OpenLogin,
        factor: Factor,
    ) -> Result<Option<IssuedDevice>, MfaError> {
        let (now, user) = (open.now, &open.user);
        // A look-up secret is for emergencies: it opens this login and no later one.
        let by_authenticator = matches!(factor, Factor::Authenticator(_));
        let passed = open.login.state.status == LoginStatus::Passed && open.login.purpose == Purpose::Login;
        if !by_authenticator || !passed || open.login.trusted_device_days == 0 {
            return Ok(None);
        }
        let stored = store::policies::get(db, user.site)?;
        // A change that ended the trust in browsers ends it for those as well that were about to be trusted.
        let days = stored.policy.trusted_device_days.min(open.login.trusted_device_days);
        if days == 0 || open.login.trust_generation != stored.trust_generation {
            return Ok(None);
        }
        let token = DeviceToken::generate(&mut self.random());
        let device = TrustedDevice {
            id: Id::new(now, &mut self.random()),
            user: user.id,
            family: token.family(),
            secrets: Secrets { current: token.secret(), previous: None, rotated_at: now },
            epoch: user.epoch,
            generation: open.login.trust_generation,
            name: open.login.browser.clone().unwrap_or_default(),
            created_at: now,
            last_used_at: None,
            expires_at: now.plus(Duration::from_secs(86_400 * u64::from(days))),
        };
        store::trusted_devices::insert(db, &device)?;
        let event = open.event(Action::DeviceTrusted).number(i64::from(days));
        self.append(db, user.site, &event, now)?;
        self.notify(db, user, &Notice::DeviceTrusted(device.name), now)?;
        Ok(Some(IssuedDevice { token: Arc::new(token), expires_at: device.expires_at }))
    }

    /// Forgets a user's browsers, or one of them. Needs no step-up: it only ever asks for more.
    pub async fn forget_devices(
        &self,
        by: &BridgeCaller,
        user: UserId,
        device: Option<Id>,
    ) -> Result<(), MfaError> {
        let (service, now, site, actor) = (self.clone(), self.now(), by.site().id, by.actor());
        let shard = Shard::of_user(site, &user);
        self.0
            .store
            .write(shard, move |db| {
                let user = store::users::lock_known(db, site, &user)?.ok_or(MfaError::UserNotFound)?;
                let forgotten = store::trusted_devices::remove(db, user.id, device)?;
                if forgotten == 0 {
                    return if device.is_some() { Err(MfaError::AuthenticatorNotFound) } else { Ok(()) };
                }
                let event = AuditEvent::new(Action::DevicesForgotten, actor.clone())
                    .about(&user.user_id)
                    .because(Cause::ByUser)
                    .number(i64::try_from(forgotten).unwrap_or(i64::MAX));
                service.append(db, site, &event, now)
            })
            .await
    }
}

/// Whether the browser is trusted at all, whatever token it presents.
pub(super) fn is_trusted(device: &TrustedDevice, policy: &StoredPolicy, user: &User, now: Timestamp) -> bool {
    policy.policy.trusted_device_days > 0
        && device.generation == policy.trust_generation
        && device.epoch == user.epoch
        && now < device.expires_at
}
