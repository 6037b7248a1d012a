//! Forced enrolment: the service makes the secret and keeps it, the first right code binds the authenticator and
//! passes the login.

use super::answer::forget_failures;
use super::caller::BridgeCaller;
use super::error::MfaError;
use super::login::{OpenLogin, advance, open_login};
use super::login_view::LoginView;
use super::{Service, telemetry};
use crate::domain::audit::{Action, Cause};
use crate::domain::enrollment::{Bound, Pending, may_enroll};
use crate::domain::factor::{AuthenticatorState, EnrollmentPrompt, Factor, Method};
use crate::domain::id::Id;
use crate::domain::login::{Call, LoginStatus};
use crate::domain::recovery_code::{self, HashSetting, RecoveryCodeDigest};
use crate::domain::secret::{RecoveryCode, SubmittedCode, TokenDigest};
use crate::domain::time::Timestamp;
use crate::store::authenticators::Authenticator;
use crate::store::{self, Db, StoreError};
use std::sync::Arc;

/// Authenticators of one method, and in all, that a user may have.
const MOST_OF_A_METHOD: usize = 5;
const MOST_IN_ALL: usize = 10;

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
        /// The user's first authenticator brings recovery codes, shown this once.
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
        set_stored: bool,
    },
    Rejected {
        attempts_remaining: i32,
    },
    /// The code is right; nothing is written. The user's first authenticator needs recovery codes, which take a while
    /// to hash.
    NeedsRecoveryCodes {
        user: Id,
    },
}

struct HashedSet {
    setting: HashSetting,
    digests: Vec<RecoveryCodeDigest>,
}

impl Service {
    /// Begins a forced enrolment. Called again for the same method it answers the same secret.
    pub async fn begin_enrollment(
        &self,
        by: &BridgeCaller,
        id: &str,
        method: Method,
    ) -> Result<BegunEnrollment, MfaError> {
        let (service, now, site, actor) = (self.clone(), self.now(), by.site().clone(), by.actor());
        let digest = TokenDigest::of(id);
        let site_id = site.id;
        let (state, account, expires_at) = self
            .0
            .store
            .write(&digest.0, move |db| {
                let mut open = open_login(db, site_id, &digest, Call::Enroll, &actor, now)?;
                check_may_enroll(&open)?;
                if !open.login.policy_methods.contains(&method) {
                    return Err(MfaError::MethodNotAvailable);
                }
                let present = service.open_pending(&open)?.filter(|state| state.method() == method);
                let state = match present {
                    Some(state) => state,
                    None => service.store_new_pending(db, &mut open, method)?,
                };
                let account = open.user.profile.name.clone();
                Ok((state, account, open.login.state.expires_at))
            })
            .await?;
        // Drawing the QR code takes longer than the transaction did: after it.
        let prompt = state.prompt(&site.issuer, &account);
        Ok(BegunEnrollment { method, prompt, expires_at })
    }

    fn store_new_pending(
        &self,
        db: &mut Db,
        open: &mut OpenLogin,
        method: Method,
    ) -> Result<AuthenticatorState, MfaError> {
        let state = AuthenticatorState::generate(method, &mut self.random());
        let state = state.ok_or(MfaError::MethodNotAvailable)?;
        let sealed = self.0.keyring.seal(&pending_place(open), &state.encode(), &mut self.random())?;
        open.login.pending_state = Some(sealed);
        advance(db, open.login.state.status, &open.login)?;
        Ok(state)
    }

    fn open_pending(&self, open: &OpenLogin) -> Result<Option<AuthenticatorState>, MfaError> {
        let Some(sealed) = &open.login.pending_state else { return Ok(None) };
        let plain = self.0.keyring.open(&pending_place(open), sealed)?;
        AuthenticatorState::decode(&plain).map(Some).ok_or(MfaError::Store(StoreError::Corrupt("logins")))
    }

    /// Proves a forced enrolment with the first code.
    pub async fn confirm_enrollment(
        &self,
        by: &BridgeCaller,
        id: &str,
        code: SubmittedCode,
    ) -> Result<Confirmed, MfaError> {
        let now = self.now();
        let (digest, code) = (TokenDigest::of(id), Arc::new(code));
        let mut set = None;
        let mut attempt = self.try_confirm(by, digest, &code, now, None).await?;
        if let Attempt::NeedsRecoveryCodes { user } = attempt {
            let (codes, hashed) = self.new_recovery_codes(user, now).await?;
            set = Some(codes);
            attempt = self.try_confirm(by, digest, &code, now, Some(Arc::new(hashed))).await?;
        }
        match attempt {
            Attempt::Passed { login, set_stored } => {
                if let Some(factor) = login.factor {
                    telemetry::enrolled(factor);
                    telemetry::answered(factor, "enrolled");
                }
                telemetry::login_ended(login.purpose, login.status);
                Ok(Confirmed::Passed { login, recovery_codes: set.filter(|_| set_stored) })
            }
            Attempt::Rejected { attempts_remaining } => Ok(Confirmed::Rejected { attempts_remaining }),
            Attempt::NeedsRecoveryCodes { .. } => Err(MfaError::WorkerGone),
        }
    }

    /// A new set of codes and their digests: ten slow hashes, in a queue of their own.
    async fn new_recovery_codes(
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

    /// One transaction: everything is checked again each time, also right before the write that binds.
    async fn try_confirm(
        &self,
        by: &BridgeCaller,
        digest: TokenDigest,
        code: &Arc<SubmittedCode>,
        now: Timestamp,
        set: Option<Arc<HashedSet>>,
    ) -> Result<Attempt, MfaError> {
        let (service, site, actor, code) = (self.clone(), by.site().id, by.actor(), Arc::clone(code));
        self.0
            .store
            .write(&digest.0, move |db| {
                let mut open = open_login(db, site, &digest, Call::Confirm, &actor, now)?;
                if let Err(error) = check_may_enroll(&open) {
                    open.login.pending_state = None;
                    advance(db, open.login.state.status, &open.login)?;
                    return Err(error);
                }
                let state = service.open_pending(&open)?.ok_or(MfaError::LoginNotPending)?;
                let factor = Factor::Authenticator(state.method());
                let Some(bound) = Pending(state).confirm(&code, now) else {
                    let attempts_remaining = service.reject(db, &mut open, factor, Cause::NotProven)?;
                    return Ok(Attempt::Rejected { attempts_remaining });
                };
                if open.user.enrolled {
                    // Another login may have enrolled the user while a set was made: that set is not shown then.
                    let login = service.bind(db, open, bound, None)?;
                    return Ok(Attempt::Passed { login, set_stored: false });
                }
                match &set {
                    None => Ok(Attempt::NeedsRecoveryCodes { user: open.user.id }),
                    Some(set) => {
                        let login = service.bind(db, open, bound, Some(set))?;
                        Ok(Attempt::Passed { login, set_stored: true })
                    }
                }
            })
            .await
    }

    fn bind(
        &self,
        db: &mut Db,
        mut open: OpenLogin,
        bound: Bound,
        set: Option<&HashedSet>,
    ) -> Result<Box<LoginView>, MfaError> {
        let (now, site, method) = (open.now, open.user.site, bound.state.method());
        let present = store::authenticators::of_user(db, open.user.id)?;
        let same = present.iter().filter(|row| row.method == method).count();
        if same >= MOST_OF_A_METHOD || present.len() >= MOST_IN_ALL {
            return Err(MfaError::TooManyAuthenticators);
        }
        let id = Id::new(now, &mut self.random());
        let row = Authenticator {
            id,
            user: open.user.id,
            method,
            name: default_name(method).into(),
            sealed_state: self.seal_authenticator(&open.user, id, &bound.state)?,
            marker: bound.marker,
            created_at: now,
            last_used_at: Some(now),
        };
        store::authenticators::insert(db, &row)?;
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
        open.login.factor = Some(factor);
        open.login.enrolled_now = true;
        open.login.state.status = LoginStatus::Passed;
        open.login.state.ended_at = Some(now);
        advance(db, from, &open.login)?;

        self.append(db, site, &open.event(Action::AuthenticatorEnrolled).by(factor), now)?;
        if let Some(set) = set {
            let count = i64::try_from(set.digests.len()).unwrap_or(i64::MAX);
            self.append(db, site, &open.event(Action::RecoveryCodesCreated).number(count), now)?;
        }
        self.append(db, site, &open.event(Action::LoginPassed).by(factor), now)?;
        Ok(Box::new(self.view(db, &open.login, &open.user, now)?))
    }
}

fn check_may_enroll(open: &OpenLogin) -> Result<(), MfaError> {
    if may_enroll(open.user.enrolled, open.login.factor.is_some()) {
        Ok(())
    } else {
        Err(MfaError::AlreadyEnrolled)
    }
}

fn pending_place(open: &OpenLogin) -> [&[u8]; 4] {
    [&open.user.site.0, open.user.user_id.as_str().as_bytes(), &open.login.digest.0, b"pending"]
}

/// The name that a new authenticator has until its user gives it another.
const fn default_name(method: Method) -> &'static str {
    match method {
        Method::Totp => "Authenticator app",
        Method::Email => "E-mail",
        Method::Sms => "Phone",
        Method::Webauthn => "Passkey",
    }
}
