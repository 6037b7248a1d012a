//! Enrolled users in bulk, sealed as an enrolment seals them: for benchmarks.

use super::Service;
use super::error::MfaError;
use crate::domain::factor::{AuthenticatorState, Method};
use crate::domain::id::{Id, UserId};
use crate::domain::policy::Grace;
use crate::domain::secret::TotpKey;
use crate::domain::shard::Shard;
use crate::domain::throttle::Throttle;
use crate::domain::time::Timestamp;
use crate::keyring::KeyId;
use crate::store;
use crate::store::authenticators::Authenticator;
use crate::store::sites::Site;
use crate::store::users::{Profile, User};

impl Service {
    /// Adds the users `first` to `first + count - 1` to `site`, each with one TOTP authenticator of the given key and
    /// without recovery codes, in one transaction.
    pub async fn seed(&self, site: &Site, first: u32, count: u32, key: TotpKey) -> Result<(), MfaError> {
        let (service, now, site) = (self.clone(), self.now(), site.id);
        let state = AuthenticatorState::Totp(key);
        self.0
            .store
            .write(Shard::NONE, move |db| {
                let key = service.sealing_key(db)?;
                let enrolled =
                    (first..first + count).map(|n| service.enrolled_user(&key, site, n, &state, now));
                let enrolled = enrolled.collect::<Result<Vec<_>, _>>()?;
                Ok::<_, MfaError>(store::seed::insert(db, &enrolled)?)
            })
            .await
    }

    fn enrolled_user(
        &self,
        key: &KeyId,
        site: Id,
        n: u32,
        state: &AuthenticatorState,
        now: Timestamp,
    ) -> Result<(User, Authenticator), MfaError> {
        let user = User {
            id: Id::in_order(now, n, &mut self.random()),
            site,
            user_id: UserId::parse(n.to_string()).map_err(|e| MfaError::invalid("id", e.to_string()))?,
            profile: Profile {
                name: format!("user{n}"),
                email: None,
                phone: None,
                roles: None,
                credential_version: None,
                locale: None,
            },
            epoch: 0,
            throttle: Throttle::default(),
            first_seen_at: now,
            grace: Grace::NotBegun { first_seen: now },
            preferred_method: None,
            enrolled: true,
            deleted: false,
        };
        let id = Id::in_order(now, n, &mut self.random());
        let authenticator = Authenticator {
            id,
            user: user.id,
            method: Method::Totp,
            name: "Authenticator app".into(),
            sealed_state: self.seal_authenticator(key, &user, id, state)?,
            marker: 0,
            created_at: now,
            last_used_at: None,
            weak: false,
        };
        Ok((user, authenticator))
    }
}
