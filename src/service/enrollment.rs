//! Enrolment: the service makes the secret or sends the code, and keeps what it made; the first right code binds the
//! authenticator. Forced at a login, which passes by it, or in an open session ([`super::self_service`]).

use super::admin::after_removal;
use super::answer::forget_failures;
use super::caller::BridgeCaller;
use super::destinations::Wanted;
use super::error::MfaError;
use super::login::{OpenLogin, advance, open_login};
use super::login_view::LoginView;
use super::master_key::place_of;
use super::out_of_band::{Challenge, Outgoing, binding};
use super::users::AuthenticatorView;
use super::{Service, telemetry};
use crate::delivery::text::authenticator_name;
use crate::domain::audit::{Action, Cause};
use crate::domain::enrollment::{Bound, Pending, has_room_for, may_enroll};
use crate::domain::factor::{AuthenticatorState, EnrollmentPrompt, Factor, Method};
use crate::domain::id::Id;
use crate::domain::login::{Call, LoginStatus};
use crate::domain::notice::Notice;
use crate::domain::recovery_code::{self, HashSetting, RecoveryCodeDigest};
use crate::domain::secret::{RecoveryCode, SubmittedCode, TokenDigest, TotpKey};
use crate::domain::shard::Shard;
use crate::domain::time::Timestamp;
use crate::store::authenticators::Authenticator;
use crate::store::logins::Login;
use crate::store::sealed::Kind;
use crate::store::users::User;
use crate::store::{self, Db, StoreError};
use std::sync::Arc;

/// A begun enrolment.
pub struct BegunEnrollment {
    /// Of what method.
    pub method: Method,
    /// What the person needs.
    pub prompt: EnrollmentPrompt,
    /// Until when it can be proven.
    pub expires_at: Timestamp,
}

/// What came of a confirmation.
pub enum Confirmed {
    /// The authenticator is bound and the login has passed.
    Passed {
        /// The login.
        login: Box<LoginView>,
        /// The authenticator.
        authenticator: Box<AuthenticatorView>,
        /// For a user without a set, as with the first authenticator: shown this once.
        recovery_codes: Option<Vec<RecoveryCode>>,
    },
    /// The code was wrong.
    Rejected {
        /// Answers left.
        attempts_remaining: i32,
    },
}

/// What came of one try to confirm.
enum Attempt {
    Passed {
        login: Box<LoginView>,
        authenticator: Box<AuthenticatorView>,
        set_stored: bool,
    },
    Rejected {
        attempts_remaining: i32,
    },
    /// The code is right; nothing is written. The user needs recovery codes, which take a while to hash.
    NeedsRecoveryCodes {
        user: Id,
    },
}

/// A set of recovery codes as it is stored.
pub(super) struct HashedSet {
    pub setting: HashSetting,
    pub digests: Vec<RecoveryCodeDigest>,
}

impl HashedSet {
    /// For the audit.
    pub fn count(&self) -> i64 {
        i64::try_from(self.digests.len()).unwrap_or(i64::MAX)
    }
}

/// An enrolment that has begun in its transaction.
pub(super) enum Begun {
    /// By an app, for the account of that name.
    App(TotpKey, String),
    /// By a code, which is still to be sent.
    Code(Box<(Challenge, Outgoing)>),
}

impl Service {
    /// Begins a forced enrolment. Called again for an app it answers the same secret; for what sends codes it sends
    /// another one.
    pub async fn begin_enrollment(
        &self,
        by: &BridgeCaller,
        id: &str,
        method: Method,
        wanted: Wanted,
    ) -> Result<BegunEnrollment, MfaError> {
        let (service, now, site, actor) = (self.clone(), self.now(), by.site().clone(), by.actor());
        let (digest, issuer) = (TokenDigest::of_login(id), site.issuer.clone());
        let (begun, expires_at) = self
            .0
            .store
            .write(Shard::of_login(id), move |db| {
                let mut open = open_login(db, site.id, &digest, Call::Enroll, &actor, now)?;
                check_may_enroll(&open)?;
                if !open.login.policy_methods.contains(&method) {
                    return Err(MfaError::MethodNotAvailable);
                }
                let begun = service.begin_pending(db, &mut open, &site.issuer, method, &wanted)?;
                advance(db, open.login.state.status, &open.login)?;
                Ok((begun, open.login.state.expires_at))
            })
            .await?;
        self.prompt(begun, &issuer, expires_at).await
    }

    /// Puts a pending authenticator into the login; the caller writes the login.
    pub(super) fn begin_pending(
        &self,
        db: &mut Db,
        open: &mut OpenLogin,
        site_name: &str,
        method: Method,
        wanted: &Wanted,
    ) -> Result<Begun, MfaError> {
        if !self.offers(method) {
            return Err(MfaError::MethodNotAvailable);
        }
        if !method.is_out_of_band() {
            let account = open.user.profile.name.clone();
            if let Some(AuthenticatorState::Totp(key)) = self.open_pending(&open.login, &open.user)? {
                return Ok(Begun::App(key, account));
            }
            let key = TotpKey::generate(&mut self.random());
            self.store_pending(db, open, &AuthenticatorState::Totp(key.clone()))?;
            return Ok(Begun::App(key, account));
        }
        let destination = self.wanted_destination(wanted, &open.user.profile, method)?;
        let (challenge, outgoing) = self.prepare_code(db, open, site_name, None, destination.clone())?;
        self.store_pending(db, open, &AuthenticatorState::OutOfBand(destination))?;
        Ok(Begun::Code(Box::new((challenge, outgoing))))
    }

    /// What takes long, after the transaction: draws the QR code, or has the code sent.
    pub(super) async fn prompt(
        &self,
        begun: Begun,
        issuer: &str,
        expires_at: Timestamp,
    ) -> Result<BegunEnrollment, MfaError> {
        match begun {
            Begun::App(key, account) => {
                let prompt = EnrollmentPrompt::totp(&key, issuer, &account);
                Ok(BegunEnrollment { method: Method::Totp, prompt, expires_at })
            }
            Begun::Code(code) => {
                let (challenge, outgoing) = *code;
                self.deliver(outgoing).await?;
                let Challenge { method, destination, expires_at, resend_after, .. } = challenge;
                let prompt = EnrollmentPrompt::Sent { destination, resend_after };
                Ok(BegunEnrollment { method, prompt, expires_at })
            }
        }
    }

    fn store_pending(
        &self,
        db: &mut Db,
        open: &mut OpenLogin,
        state: &AuthenticatorState,
    ) -> Result<(), MfaError> {
        let key = self.sealing_key(db)?;
        let place = place_of(Kind::Pending, &open.user, &open.login.digest.0);
        let sealed = self.0.keyring.seal(&key, &place, &state.encode(), &mut self.random())?;
        open.login.pending_state = Some(sealed);
        Ok(())
    }

    /// The authenticator that is being enrolled in this login, if any.
    pub(super) fn open_pending(
        &self,
        login: &Login,
        user: &User,
    ) -> Result<Option<AuthenticatorState>, MfaError> {
        let Some(sealed) = &login.pending_state else { return Ok(None) };
        let plain = self.0.keyring.open(&place_of(Kind::Pending, user, &login.digest.0), sealed)?;
        AuthenticatorState::decode(&plain).map(Some).ok_or(MfaError::Store(StoreError::Corrupt("logins")))
    }

    /// Proves a forced enrolment with the first code.
    pub async fn confirm_enrollment(
        &self,
        by: &BridgeCaller,
        id: &str,
        code: SubmittedCode,
    ) -> Result<Confirmed, MfaError> {
        let (site, actor, now, digest) = (by.site().id, by.actor(), self.now(), TokenDigest::of_login(id));
        let open = move |db: &mut Db| {
            let mut open = open_login(db, site, &digest, Call::Confirm, &actor, now)?;
            if let Err(error) = check_may_enroll(&open) {
                open.login.pending_state = None;
                advance(db, open.login.state.status, &open.login)?;
                return Err(error);
            }
            Ok(open)
        };
        self.confirm(Shard::of_login(id), open, code, now).await
    }

    /// Proves an enrolment. `open` looks it up and checks, in each transaction anew, whether it may be proven: also
    /// right before the write that binds.
    pub(super) async fn confirm(
        &self,
        shard: Shard,
        open: impl Fn(&mut Db) -> Result<OpenLogin, MfaError> + Clone + Send + 'static,
        code: SubmittedCode,
        now: Timestamp,
    ) -> Result<Confirmed, MfaError> {
        let code = Arc::new(code);
        let mut set = None;
        let mut attempt = self.try_confirm(shard, open.clone(), &code, None).await?;
        if let Attempt::NeedsRecoveryCodes { user } = attempt {
            let (codes, hashed) = self.new_recovery_codes(user, now).await?;
            set = Some(codes);
            attempt = self.try_confirm(shard, open, &code, Some(Arc::new(hashed))).await?;
        }
        match attempt {
            Attempt::Passed { login, authenticator, set_stored } => {
                let factor = Factor::Authenticator(authenticator.method);
                telemetry::enrolled(factor);
                if login.purpose.is_login() {
                    telemetry::answered(factor, "enrolled");
                    telemetry::login_ended(login.purpose, login.status);
                }
                let recovery_codes = set.filter(|_| set_stored);
                Ok(Confirmed::Passed { login, authenticator, recovery_codes })
            }
            Attempt::Rejected { attempts_remaining } => Ok(Confirmed::Rejected { attempts_remaining }),
            Attempt::NeedsRecoveryCodes { .. } => Err(MfaError::WorkerGone),
        }
    }

    /// A new set of codes and their digests: ten slow hashes, in a queue of their own.
    pub(super) async fn new_recovery_codes(
        &self,
        user: Id,
        now: Timestamp,
    ) -> Result<(Vec<RecoveryCode>, HashedSet), MfaError> {
        let place = self.0.set_hasher.enter(user, now)?;
        let cost = self.0.settings.hash_cost;
        let made = place.run(move || {
            let setting = HashSetting::new(cost, &mut super::os_random());
            let codes = recovery_code::generate_set(&mut super::os_random());
            let digests = codes.iter().map(|code| setting.digest(code)).collect::<Option<Vec<_>>>()?;
            Some((codes, HashedSet { setting, digests }))
        });
        made.await?.ok_or(MfaError::WorkerGone)
    }

    async fn try_confirm(
        &self,
        shard: Shard,
        open: impl Fn(&mut Db) -> Result<OpenLogin, MfaError> + Send + 'static,
        code: &Arc<SubmittedCode>,
        set: Option<Arc<HashedSet>>,
    ) -> Result<Attempt, MfaError> {
        let (service, code) = (self.clone(), Arc::clone(code));
        self.0
            .store
            .write(shard, move |db| {
                let mut open = open(db)?;
                let state =
                    service.open_pending(&open.login, &open.user)?.ok_or(MfaError::LoginNotPending)?;
                let factor = Factor::Authenticator(state.method());
                let (sent, binding) = (service.open_sent_code(&open.login, &open.user)?, binding(&open));
                let sent = sent.as_ref().map(|sent| (sent, &binding));
                let Some(bound) = Pending(state).confirm(&code, sent, open.now) else {
                    let attempts_remaining = service.reject(db, &mut open, factor, Cause::NotProven)?;
                    return Ok(Attempt::Rejected { attempts_remaining });
                };
                // With the first authenticator; an imported one brought none. Another login may have enrolled the user
                // while a set was made: that set is not shown then.
                let wants_set = store::recovery_codes::setting(db, open.user.id)?.is_none();
                let set = set.as_deref().filter(|_| wants_set);
                if set.is_none() && wants_set {
                    return Ok(Attempt::NeedsRecoveryCodes { user: open.user.id });
                }
                let set_stored = set.is_some();
                let row = service.bind(db, &mut open, bound, set)?;
                let login = Box::new(service.view(db, &open.login, &open.user, open.now)?);
                let authenticator = Box::new(service.authenticator_view(&open.user, row));
                Ok(Attempt::Passed { login, authenticator, set_stored })
            })
            .await
    }

    fn bind(
        &self,
        db: &mut Db,
        open: &mut OpenLogin,
        bound: Bound,
        set: Option<&HashedSet>,
    ) -> Result<Authenticator, MfaError> {
        let (now, site, method) = (open.now, open.user.site, bound.state.method());
        store::users::take_turn(db, open.user.id)?;
        // What a login demands is never refused: its user could not sign in to remove another one first.
        if !open.login.purpose.is_login() {
            let present = store::authenticators::of_user(db, open.user.id)?;
            check_room(method, &present)?;
            self.check_new(&open.user, &present, bound.state.destination())?;
        }
        let (key, id) = (self.sealing_key(db)?, Id::new(now, &mut self.random()));
        let locale = open.user.profile.locale.as_deref();
        let row = Authenticator {
            id,
            user: open.user.id,
            method,
            name: open.login.authenticator_name.clone().unwrap_or_else(|| authenticator_name(locale, method)),
            sealed_state: self.seal_authenticator(&key, &open.user, id, &bound.state)?,
            marker: bound.marker,
            created_at: now,
            last_used_at: Some(now),
            weak: false,
        };
        store::authenticators::insert(db, &row)?;
        if open.login.replaces_weak && open.login.purpose.is_login() {
            self.remove_weak(db, open)?;
        }
        if !open.user.enrolled {
            store::users::set_enrolled(db, open.user.id, true)?;
            open.user.enrolled = true;
            // What other logins of this user began to enrol has lost.
            store::logins::wipe_pending(db, open.user.id)?;
        }
        if let Some(set) = set {
            store::recovery_codes::replace(db, open.user.id, &set.setting, &set.digests, now)?;
        }
        forget_failures(db, &mut open.user)?;

        let from = open.login.state.status;
        let factor = Factor::Authenticator(method);
        open.login.pending_state = None;
        open.login.sent_code = None;
        open.login.factor = Some(factor);
        open.login.enrolled_now = true;
        open.login.state.status = LoginStatus::Passed;
        open.login.state.ended_at = Some(now);
        advance(db, from, &open.login)?;

        self.append(db, site, &open.event(Action::AuthenticatorEnrolled).by(factor), now)?;
        if let Some(set) = set {
            self.append(db, site, &open.event(Action::RecoveryCodesCreated).number(set.count()), now)?;
        }
        if open.login.purpose.is_login() {
            self.append(db, site, &open.event(Action::LoginPassed).by(factor), now)?;
        }
        self.notify(db, &open.user, &Notice::AuthenticatorAdded(method), now)?;
        Ok(row)
    }

    /// The new authenticator takes the place of those with a weak secret.
    fn remove_weak(&self, db: &mut Db, open: &mut OpenLogin) -> Result<(), MfaError> {
        let removed = store::authenticators::remove_weak(db, open.user.id)?;
        if removed == 0 {
            return Ok(());
        }
        after_removal(db, &mut open.user)?;
        store::users::update(db, &open.user)?;
        // Whoever else has proven the weak secret shall not enrol by it any more.
        store::logins::cancel_others(db, open.user.id, &open.login.digest, open.now)?;
        let count = i64::try_from(removed).unwrap_or(i64::MAX);
        let event = open.event(Action::AuthenticatorRemoved).by(Factor::Authenticator(Method::Totp));
        self.append(db, open.user.site, &event.because(Cause::Weak).number(count), open.now)?;
        self.notify(db, &open.user, &Notice::AuthenticatorRemoved(Method::Totp), open.now)
    }
}

/// Refuses one more authenticator than users may add by themselves.
pub(super) fn check_room(method: Method, present: &[Authenticator]) -> Result<(), MfaError> {
    let methods: Vec<_> = present.iter().map(|row| row.method).collect();
    if has_room_for(method, &methods) { Ok(()) } else { Err(MfaError::TooManyAuthenticators) }
}

fn check_may_enroll(open: &OpenLogin) -> Result<(), MfaError> {
    if may_enroll(open.user.enrolled, open.login.factor.is_some()) {
        Ok(())
    } else {
        Err(MfaError::AlreadyEnrolled)
    }
}
