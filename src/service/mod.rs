//! The stories: one file each, and in it what belongs into one transaction. No web framework, no SQL.

pub mod admin;
pub mod answer;
pub mod audit;
pub mod caller;
pub mod clock;
pub mod destinations;
pub mod enrollment;
pub mod error;
pub mod hasher;
pub mod import;
pub mod keys;
pub mod login;
pub mod login_view;
pub mod master_key;
pub mod one_time_pass;
pub mod out_of_band;
pub mod outbox;
pub mod policy;
pub mod recovery;
pub mod retention;
pub mod rotation;
pub mod seed;
pub mod self_service;
pub mod setup;
pub mod step_up;
pub mod telemetry;
pub mod trusted_devices;
pub mod users;

use crate::delivery::{Sender, Senders};
use crate::domain::audit::AuditEvent;
use crate::domain::factor::{AuthenticatorState, Method};
use crate::domain::id::Id;
use crate::domain::recovery_code::HashCost;
use crate::domain::sms_limits::SmsLimits;
use crate::domain::time::Timestamp;
use crate::keyring::{KeyId, Keyring};
use crate::store::authenticators::Authenticator;
use crate::store::sealed::Kind;
use crate::store::users::User;
use crate::store::{self, Db, Store};
use clock::Clock;
use error::MfaError;
use hasher::{Hasher, Priority};
use master_key::place_of;
use std::sync::Arc;
use std::time::Duration;

/// What the operator can set of the stories.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How long a login waits for its code.
    pub login_lifetime: Duration,
    /// How long a login waits for an enrolment.
    pub enrollment_lifetime: Duration,
    /// The cost of hashing new recovery codes.
    pub hash_cost: HashCost,
    /// What text messages may cost.
    pub sms_limits: SmsLimits,
    /// How long audit events are kept; `None`: for ever.
    pub audit_kept: Option<Duration>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            login_lifetime: Duration::from_secs(120),
            enrollment_lifetime: Duration::from_secs(600),
            hash_cost: HashCost::DEFAULT,
            sms_limits: SmsLimits::default(),
            audit_kept: Some(retention::AUDIT_KEPT),
        }
    }
}

/// Everything that the stories need; cheap to clone.
#[derive(Clone)]
pub struct Service(Arc<Inner>);

struct Inner {
    store: Store,
    keyring: Keyring,
    clock: Arc<dyn Clock>,
    settings: Settings,
    senders: Senders,
    /// Checks recovery codes; the sets have a queue of their own, so that enrolments and recoveries do not wait for
    /// each other.
    code_hasher: Hasher,
    set_hasher: Hasher,
    keys: keys::KeyCache,
}

impl Service {
    /// Puts the parts together. Fails only if threads cannot be started.
    pub fn new(
        store: Store,
        keyring: Keyring,
        clock: Arc<dyn Clock>,
        settings: Settings,
        senders: Senders,
    ) -> Result<Self, MfaError> {
        Ok(Self(Arc::new(Inner {
            store,
            keyring,
            clock,
            settings,
            senders,
            code_hasher: Hasher::start("code-hasher", Priority::Low)?,
            set_hasher: Hasher::start("set-hasher", Priority::Ordinary)?,
            keys: keys::KeyCache::default(),
        })))
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// Whether this service can enrol and check the method: what sends codes needs a way to send them.
    pub fn offers(&self, method: Method) -> bool {
        method == Method::Totp || self.sender(method).is_some()
    }

    /// Who carries the codes of the method.
    fn sender(&self, method: Method) -> Option<Arc<dyn Sender>> {
        match method {
            Method::Email => self.0.senders.email.clone(),
            Method::Sms => self.0.senders.sms.clone(),
            Method::Totp | Method::Webauthn => None,
        }
    }

    /// The operating system's generator: for secrets, ids and salts.
    fn random(&self) -> impl rand::CryptoRng + use<> {
        os_random()
    }

    fn append(&self, db: &mut Db, site: Id, event: &AuditEvent, now: Timestamp) -> Result<(), MfaError> {
        Ok(store::audit::append(db, site, event, now, &mut self.random())?)
    }

    /// Seals the state of a confirmed authenticator, bound to its row.
    fn seal_authenticator(
        &self,
        key: &KeyId,
        user: &User,
        id: Id,
        state: &AuthenticatorState,
    ) -> Result<Vec<u8>, MfaError> {
        let place = place_of(Kind::Authenticator, user, &id.0);
        Ok(self.0.keyring.seal(key, &place, &state.encode(), &mut self.random())?)
    }

    /// Opens the state of a confirmed authenticator. One that does not open is an error, never a wrong code.
    fn open_authenticator(&self, user: &User, row: &Authenticator) -> Result<AuthenticatorState, MfaError> {
        let plain =
            self.0.keyring.open(&place_of(Kind::Authenticator, user, &row.id.0), &row.sealed_state)?;
        AuthenticatorState::decode(&plain)
            .ok_or(MfaError::Store(store::StoreError::Corrupt("authenticators")))
    }
}

/// The operating system's generator. It panics where the system gives no randomness: nothing may go on then.
pub fn os_random() -> impl rand::CryptoRng + use<> {
    rand::rand_core::UnwrapErr(rand::rngs::SysRng)
}
