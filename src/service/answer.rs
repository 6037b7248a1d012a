//! Answering a login: a code is compared, spent, and counted.

use super::caller::BridgeCaller;
use super::error::MfaError;
use super::login::{OpenLogin, advance, open_login};
use super::login_view::{LoginView, accepted_methods};
use super::out_of_band::binding;
use super::{Service, telemetry};
use crate::domain::audit::{Action, Cause};
use crate::domain::factor::{Factor, Method};
use crate::domain::login::{Call, LoginStatus, Purpose, after_challenge};
use crate::domain::notice::Notice;
use crate::domain::secret::{SubmittedCode, TokenDigest};
use crate::domain::shard::Shard;
use crate::domain::throttle::Throttle;
use crate::domain::time::Timestamp;
use crate::domain::verification::Verification;
use crate::store::authenticators::Authenticator;
use crate::store::users::User;
use crate::store::{self, Db, ReadAhead};

/// What came of an answer.
#[derive(Debug)]
pub enum Answered {
    /// The code was right: the login has passed, or now wants an enrolment.
    Accepted(Box<LoginView>),
    /// The code was wrong, replayed or spent.
    Rejected {
        /// Answers left.
        attempts_remaining: i32,
    },
}

/// What a right code has proven.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Proven {
    /// Whether by an authenticator with a weak secret.
    pub by_weak: bool,
}

/// A wrong answer's effects, for the counters.
pub(super) struct Failure {
    pub attempts_remaining: i32,
    lock_began: bool,
    login_failed: bool,
}

impl Failure {
    pub(super) fn record(&self, purpose: Purpose) {
        if self.lock_began {
            telemetry::locked();
        }
        if self.login_failed {
            telemetry::login_ended(purpose, LoginStatus::Failed);
        }
    }
}

impl Service {
    /// Answers a challenge with a code; `trust_device` asks to trust the browser, where the policy allows it.
    pub async fn answer(
        &self,
        by: &BridgeCaller,
        id: &str,
        factor: Factor,
        code: SubmittedCode,
        trust_device: bool,
    ) -> Result<Answered, MfaError> {
        let answered = match factor {
            Factor::Authenticator(method) => self.answer_with(by, id, method, code, trust_device).await,
            Factor::RecoveryCode => self.answer_with_recovery_code(by, id, code).await,
            Factor::OneTimePass => self.answer_with_one_time_pass(by, id, code).await,
        };
        let outcome = match &answered {
            Ok(Answered::Accepted(_)) => "accepted",
            Ok(Answered::Rejected { .. }) => "rejected",
            Err(MfaError::Throttled { .. }) => "throttled",
            Err(_) => "refused",
        };
        telemetry::answered(factor, outcome);
        if let Ok(Answered::Accepted(view)) = &answered
            && view.status == LoginStatus::Passed
        {
            telemetry::login_ended(view.purpose, view.status);
        }
        answered
    }

    async fn answer_with(
        &self,
        by: &BridgeCaller,
        id: &str,
        method: Method,
        code: SubmittedCode,
        trust_device: bool,
    ) -> Result<Answered, MfaError> {
        let service = self.clone();
        self.answer_by(
            by,
            id,
            Factor::Authenticator(method),
            trust_device,
            move |db, open, authenticators| {
                if !accepted_methods(&open.login, authenticators).contains(&method) {
                    return Err(MfaError::MethodNotAvailable);
                }
                service.spend_code(db, open, authenticators, method, &code)
            },
        )
        .await
    }

    /// Answers in one transaction. `spend` says whether the code was right, and has spent it then.
    pub(super) async fn answer_by(
        &self,
        by: &BridgeCaller,
        id: &str,
        factor: Factor,
        trust_device: bool,
        spend: impl Fn(&mut Db, &OpenLogin, &[Authenticator]) -> Result<Result<Proven, Cause>, MfaError>
        + Send
        + 'static,
    ) -> Result<Answered, MfaError> {
        let (service, now, site, actor) = (self.clone(), self.now(), by.site().id, by.actor());
        let digest = TokenDigest::of_login(id);
        let result = self
            .0
            .store
            .write_ahead(Shard::of_login(id), ReadAhead::Login(digest), move |db| {
                let mut open = open_login(db, site, &digest, Call::Answer, &actor, now)?;
                let authenticators = store::authenticators::of_user(db, open.user.id)?;
                match spend(db, &open, &authenticators)? {
                    Ok(proven) => {
                        let present = lasting(&open, &authenticators, proven);
                        service.succeed(db, &mut open, factor, &present, trust_device).map(Ok)
                    }
                    Err(cause) => {
                        let failure = service.fail(db, &mut open, factor, cause)?;
                        Ok(Err((failure, open.login.purpose)))
                    }
                }
            })
            .await?;
        Ok(match result {
            Ok(view) => Answered::Accepted(Box::new(view)),
            Err((failure, purpose)) => {
                failure.record(purpose);
                Answered::Rejected { attempts_remaining: failure.attempts_remaining }
            }
        })
    }

    /// Compares the code with every authenticator of the method; the first unspent match is spent.
    fn spend_code(
        &self,
        db: &mut Db,
        open: &OpenLogin,
        authenticators: &[Authenticator],
        method: Method,
        code: &SubmittedCode,
    ) -> Result<Result<Proven, Cause>, MfaError> {
        let (now, sent, binding) = (open.now, self.open_sent_code(&open.login, &open.user)?, binding(open));
        let mut cause = if code.six_digits().is_some() { Cause::Wrong } else { Cause::Malformed };
        for row in authenticators.iter().filter(|row| row.method == method) {
            let sent = sent.as_ref().filter(|sent| sent.authenticator == Some(row.id));
            let sent = sent.map(|sent| (sent, &binding));
            match self.open_authenticator(&open.user, row)?.verify(code, sent, row.marker, now) {
                Verification::Accepted { marker } => {
                    if store::authenticators::accept(db, row.id, marker, now)? {
                        return Ok(Ok(Proven { by_weak: row.weak }));
                    }
                    cause = Cause::Replayed;
                }
                Verification::Replayed => cause = Cause::Replayed,
                Verification::Expired => cause = Cause::Expired,
                Verification::Rejected => {}
            }
        }
        Ok(Err(cause))
    }

    /// A factor was proven: the count of failures ends, and the login passes or goes on to enrolment. `lasting` are the
    /// methods of the user's authenticators that can stay as they are.
    pub(super) fn succeed(
        &self,
        db: &mut Db,
        open: &mut OpenLogin,
        factor: Factor,
        lasting: &[Method],
        trust_device: bool,
    ) -> Result<LoginView, MfaError> {
        let now = open.now;
        let from = open.login.state.status;
        let status = after_challenge(open.login.purpose, factor, &open.login.policy_methods, lasting);
        open.login.factor = Some(factor);
        open.login.sent_code = None;
        open.login.state.status = status;
        if status == LoginStatus::Passed {
            open.login.state.ended_at = Some(now);
        } else {
            open.login.state.expires_at = now.plus(self.0.settings.enrollment_lifetime);
        }
        forget_failures(db, &mut open.user)?;
        advance(db, from, &open.login)?;
        if status == LoginStatus::Passed {
            self.append(db, open.user.site, &open.event(Action::LoginPassed).by(factor), now)?;
        }
        let issued = if trust_device { self.trust_device(db, open, factor)? } else { None };
        Ok(LoginView { trusted_device: issued, ..self.view(db, &open.login, &open.user, now)? })
    }

    /// An answer was wrong: it counts for its login and for its user.
    pub(super) fn fail(
        &self,
        db: &mut Db,
        open: &mut OpenLogin,
        factor: Factor,
        cause: Cause,
    ) -> Result<Failure, MfaError> {
        let (now, site) = (open.now, open.user.site);
        let before = open.user.throttle;
        open.user.throttle = before.fail(now);
        store::users::set_throttle(db, open.user.id, open.user.throttle)?;
        let lock_began = open.user.throttle.locked_until != before.locked_until;
        let attempts_remaining = self.reject(db, open, factor, cause)?;
        if lock_began {
            let until = open.user.throttle.locked_until.unwrap_or(now);
            let seconds = i64::try_from(until.seconds_after(now)).unwrap_or(i64::MAX);
            self.append(db, site, &open.event(Action::UserLocked).number(seconds), now)?;
            let ends = (until != Timestamp::FAR_FUTURE).then(|| until.seconds_after(now));
            self.notify(db, &open.user, &Notice::LockBegan(ends), now)?;
        }
        Ok(Failure { attempts_remaining, lock_began, login_failed: attempts_remaining == 0 })
    }

    /// Counts a wrong answer for the login only.
    pub(super) fn reject(
        &self,
        db: &mut Db,
        open: &mut OpenLogin,
        factor: Factor,
        cause: Cause,
    ) -> Result<i32, MfaError> {
        let (now, site) = (open.now, open.user.site);
        let from = open.login.state.status;
        open.login.state = open.login.state.after_wrong_answer(now);
        if open.login.state.status == LoginStatus::Failed {
            open.login.pending_state = None;
            open.login.sent_code = None;
        }
        advance(db, from, &open.login)?;
        self.append(db, site, &open.event(Action::CodeRejected).by(factor).because(cause), now)?;
        if open.login.state.status == LoginStatus::Failed && open.login.purpose.is_login() {
            self.append(db, site, &open.event(Action::LoginFailed), now)?;
        }
        Ok(open.login.state.attempts_remaining())
    }
}

/// The methods of the authenticators that can stay as they are: all of them, unless the policy wants weak secrets
/// replaced. Then those with one do not count, and after an answer by one nothing does: it is replaced now.
pub(super) fn lasting(open: &OpenLogin, authenticators: &[Authenticator], proven: Proven) -> Vec<Method> {
    if !open.login.replaces_weak {
        return authenticators.iter().map(|row| row.method).collect();
    }
    let strong = authenticators.iter().filter(|row| !row.weak && !proven.by_weak);
    strong.map(|row| row.method).collect()
}

/// A success by any factor ends the count.
pub(super) fn forget_failures(db: &mut Db, user: &mut User) -> Result<(), MfaError> {
    if user.throttle != Throttle::default() {
        user.throttle = Throttle::default();
        store::users::set_throttle(db, user.id, user.throttle)?;
    }
    Ok(())
}
