//! A login: begun by the host after the password, answered by its user, or abandoned.

use super::caller::BridgeCaller;
use super::error::MfaError;
use super::{Service, telemetry, users};
use crate::domain::audit::{Action, Actor, AuditEvent, Cause};
use crate::domain::factor::{Factor, Method, Verification};
use crate::domain::id::{Id, UserId};
use crate::domain::login::{
    Call, LoginState, LoginStatus, PENDING_PER_USER, Purpose, Reason, after_challenge,
};
use crate::domain::policy::{Grace, LoginQuestion, Requirement, login_requirement};
use crate::domain::secret::{SubmittedCode, Token, TokenDigest};
use crate::domain::throttle::Throttle;
use crate::domain::time::Timestamp;
use crate::store::authenticators::Authenticator;
use crate::store::logins::Login;
use crate::store::users::{Profile, User};
use crate::store::{self, Db, StoreError};
use std::net::IpAddr;
use std::time::Duration;

/// Pending logins older than this are expired, whatever their lifetime, and need not be counted.
const OLDEST_PENDING: Duration = Duration::from_secs(24 * 3600);

/// What the host says when it begins a login.
#[derive(Debug, Clone)]
pub struct BeginLogin {
    /// The host's id of the user whose password it has checked.
    pub user_id: UserId,
    /// What else it knows of the user.
    pub profile: Profile,
    /// The person's address.
    pub client_ip: Option<IpAddr>,
    /// What the login is for.
    pub purpose: Purpose,
}

/// One way to answer a challenge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferedMethod {
    /// By what.
    pub factor: Factor,
    /// Whether to show it first.
    pub preferred: bool,
    /// Unspent codes, for recovery codes.
    pub remaining: Option<i64>,
}

/// A login as its host sees it.
#[derive(Debug, Clone)]
pub struct LoginView {
    /// The host's id of the user.
    pub user_id: UserId,
    /// As the host named the user.
    pub user_name: String,
    /// What it is for.
    pub purpose: Purpose,
    /// When it began.
    pub created_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// Where it stands.
    pub status: LoginStatus,
    /// Why it passed without a factor.
    pub reason: Option<Reason>,
    /// How it can be answered.
    pub methods: Vec<OfferedMethod>,
    /// What can be enrolled.
    pub enrollable: Vec<Method>,
    /// Answers left.
    pub attempts_remaining: i32,
    /// Seconds until the user's lock ends, while one holds.
    pub retry_after: Option<u64>,
    /// When the grace period that passed it ends.
    pub grace_ends_at: Option<Timestamp>,
    /// What passed it.
    pub factor: Option<Factor>,
    /// When a factor passed it.
    pub authenticated_at: Option<Timestamp>,
    /// Whether it was passed by enrolling.
    pub enrolled_now: bool,
}

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

/// A login, its user and the call's circumstances, read and checked in one transaction.
pub(super) struct OpenLogin {
    pub login: Login,
    pub user: User,
    pub actor: Actor,
    pub now: Timestamp,
}

impl Service {
    /// Begins a login. The token is the login's id, shown once.
    pub async fn begin_login(
        &self,
        by: &BridgeCaller,
        request: BeginLogin,
    ) -> Result<(Token, LoginView), MfaError> {
        let now = self.now();
        let token = Token::generate("", &mut self.random());
        let (service, digest, site, actor) = (self.clone(), token.digest(), by.site().id, by.actor());
        let about = request.user_id.as_str().to_owned();
        let view = self
            .0
            .store
            .write(about.as_bytes(), move |db| service.begin_in(db, site, digest, &request, &actor, now))
            .await?;
        telemetry::login_begun(view.purpose, view.status, view.reason);
        Ok((token, view))
    }

    fn begin_in(
        &self,
        db: &mut Db,
        site: Id,
        digest: TokenDigest,
        request: &BeginLogin,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<LoginView, MfaError> {
        let stored = store::policies::get(db, site)?;
        let mut user = users::make_known(self, db, site, &request.user_id, &request.profile, actor, now)?;
        let question = LoginQuestion {
            purpose: request.purpose,
            enrolled: user.enrolled,
            trusted_device: false,
            roles: user.profile.roles.as_deref(),
            grace: user.grace,
        };
        let requirement = login_requirement(&stored.policy, &stored.enforcement, question, now);
        let (status, reason, grace_ends_at) = match requirement {
            Requirement::Pass(reason) => (LoginStatus::Passed, Some(reason), None),
            Requirement::PassInGrace { began_at, ends_at } => {
                if user.grace != Grace::Begun(began_at) {
                    user.grace = Grace::Begun(began_at);
                    store::users::update(db, &user)?;
                }
                (LoginStatus::Passed, Some(Reason::GracePeriod), Some(ends_at))
            }
            Requirement::Challenge => (LoginStatus::ChallengeRequired, None, None),
            Requirement::Enroll => (LoginStatus::EnrollmentRequired, None, None),
        };
        let lifetime = match status {
            LoginStatus::EnrollmentRequired => self.0.settings.enrollment_lifetime,
            _ => self.0.settings.login_lifetime,
        };
        let login = Login {
            digest,
            site,
            user: user.id,
            purpose: request.purpose,
            state: LoginState {
                status,
                wrong_answers: 0,
                epoch: user.epoch,
                expires_at: now.plus(lifetime),
                ended_at: (!status.is_pending()).then_some(now),
            },
            reason,
            policy_methods: stored.policy.methods,
            created_at: now,
            grace_ends_at,
            client_ip: request.client_ip,
            factor: None,
            enrolled_now: false,
            pending_state: None,
        };
        if status.is_pending() {
            self.cancel_surplus(db, &user, actor, now)?;
        } else if let Some(reason) = reason {
            let event = AuditEvent::new(Action::LoginPassed, actor.clone())
                .about(&user.user_id)
                .because(Cause::from(reason))
                .from_ip(request.client_ip);
            self.append(db, site, &event, now)?;
        }
        store::logins::insert(db, &login)?;
        self.view(db, &login, &user, now)
    }

    /// Makes room for one more pending login of the user.
    fn cancel_surplus(
        &self,
        db: &mut Db,
        user: &User,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<(), MfaError> {
        let surplus = store::logins::surplus(db, user.id, now.minus(OLDEST_PENDING), PENDING_PER_USER - 1)?;
        for mut login in surplus {
            let from = login.state.status;
            login.state.status = LoginStatus::Canceled;
            login.state.ended_at = Some(now);
            login.pending_state = None;
            if store::logins::advance(db, from, &login)? {
                let event = AuditEvent::new(Action::LoginCanceled, actor.clone())
                    .about(&user.user_id)
                    .because(Cause::TooManyPending);
                self.append(db, user.site, &event, now)?;
            }
        }
        Ok(())
    }

    /// The login as it stands: for page reloads. Opens no session.
    pub async fn read_login(&self, by: &BridgeCaller, id: &str) -> Result<LoginView, MfaError> {
        let (service, now, site, digest) = (self.clone(), self.now(), by.site().id, TokenDigest::of(id));
        self.0
            .store
            .read(move |db| {
                let login =
                    store::logins::find(db, site, &digest)?.filter(|login| login.state.is_readable(now));
                let login = login.ok_or(MfaError::LoginNotFound)?;
                let user = store::users::get(db, login.user)?;
                service.view(db, &login, &user, now)
            })
            .await
    }

    /// Abandons the login.
    pub async fn cancel_login(&self, by: &BridgeCaller, id: &str) -> Result<(), MfaError> {
        let (service, now, site, actor) = (self.clone(), self.now(), by.site().id, by.actor());
        let digest = TokenDigest::of(id);
        self.0
            .store
            .write(&digest.0, move |db| {
                let mut open = open_login(db, site, &digest, Call::Cancel, &actor, now)?;
                let from = open.login.state.status;
                open.login.state.status = LoginStatus::Canceled;
                open.login.state.ended_at = Some(now);
                open.login.pending_state = None;
                advance(db, from, &open.login)?;
                service.append(db, site, &open.event(Action::LoginCanceled).because(Cause::ByHost), now)
            })
            .await
    }

    /// Would have a code sent. No method that is available yet sends codes.
    pub async fn challenge(&self, by: &BridgeCaller, id: &str) -> Result<(), MfaError> {
        let (now, site, actor, digest) = (self.now(), by.site().id, by.actor(), TokenDigest::of(id));
        self.0
            .store
            .read(move |db| {
                open_login(db, site, &digest, Call::Challenge, &actor, now)?;
                Err(MfaError::MethodNotAvailable)
            })
            .await
    }

    /// Answers a challenge with a code.
    pub async fn answer(
        &self,
        by: &BridgeCaller,
        id: &str,
        factor: Factor,
        code: SubmittedCode,
    ) -> Result<Answered, MfaError> {
        let digest = TokenDigest::of(id);
        let answered = match factor {
            Factor::Authenticator(method) => self.answer_with(by, digest, method, code).await,
            Factor::RecoveryCode => self.answer_with_recovery_code(by, digest, code).await,
            Factor::OneTimePass => self.challenge(by, id).await.and(Err(MfaError::MethodNotAvailable)),
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
        digest: TokenDigest,
        method: Method,
        code: SubmittedCode,
    ) -> Result<Answered, MfaError> {
        let (service, now, site, actor) = (self.clone(), self.now(), by.site().id, by.actor());
        let result = self
            .0
            .store
            .write(&digest.0, move |db| {
                let mut open = open_login(db, site, &digest, Call::Answer, &actor, now)?;
                let authenticators = store::authenticators::of_user(db, open.user.id)?;
                if !accepted_methods(&open.login, &authenticators).contains(&method) {
                    return Err(MfaError::MethodNotAvailable);
                }
                let factor = Factor::Authenticator(method);
                match service.spend_code(db, &open.user, &authenticators, method, &code, now)? {
                    Ok(()) => service.succeed(db, &mut open, factor, &authenticators).map(Ok),
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
        user: &User,
        authenticators: &[Authenticator],
        method: Method,
        code: &SubmittedCode,
        now: Timestamp,
    ) -> Result<Result<(), Cause>, MfaError> {
        let mut cause = if code.six_digits().is_some() { Cause::Wrong } else { Cause::Malformed };
        for row in authenticators.iter().filter(|row| row.method == method) {
            match self.open_authenticator(user, row)?.verify(code, row.marker, now) {
                Verification::Accepted { marker } => {
                    if store::authenticators::accept(db, row.id, marker, now)? {
                        return Ok(Ok(()));
                    }
                    cause = Cause::Replayed;
                }
                Verification::Replayed => cause = Cause::Replayed,
                Verification::Rejected => {}
            }
        }
        Ok(Err(cause))
    }

    /// A factor was proven: the count of failures ends, and the login passes or goes on to enrolment.
    pub(super) fn succeed(
        &self,
        db: &mut Db,
        open: &mut OpenLogin,
        factor: Factor,
        authenticators: &[Authenticator],
    ) -> Result<LoginView, MfaError> {
        let now = open.now;
        let from = open.login.state.status;
        let enrolled: Vec<_> = authenticators.iter().map(|row| row.method).collect();
        let status = after_challenge(open.login.purpose, factor, &open.login.policy_methods, &enrolled);
        open.login.factor = Some(factor);
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
        self.view(db, &open.login, &open.user, now)
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
        }
        advance(db, from, &open.login)?;
        self.append(db, site, &open.event(Action::CodeRejected).by(factor).because(cause), now)?;
        if open.login.state.status == LoginStatus::Failed {
            self.append(db, site, &open.event(Action::LoginFailed), now)?;
        }
        Ok(open.login.state.attempts_remaining())
    }

    pub(super) fn view(
        &self,
        db: &mut Db,
        login: &Login,
        user: &User,
        now: Timestamp,
    ) -> Result<LoginView, MfaError> {
        let status = login.state.status_at(now, user.epoch);
        let methods = match status {
            LoginStatus::ChallengeRequired => offered_methods(db, login, user)?,
            LoginStatus::EnrollmentRequired
            | LoginStatus::Passed
            | LoginStatus::Failed
            | LoginStatus::Expired
            | LoginStatus::Canceled => Vec::new(),
        };
        let enrollable = login.policy_methods.iter().copied().filter(|method| method.is_available());
        let by_factor = status == LoginStatus::Passed && login.factor.is_some();
        Ok(LoginView {
            user_id: user.user_id.clone(),
            user_name: user.profile.name.clone(),
            purpose: login.purpose,
            created_at: login.created_at,
            expires_at: login.state.expires_at,
            status,
            reason: login.reason,
            methods,
            enrollable: enrollable.filter(|_| status == LoginStatus::EnrollmentRequired).collect(),
            attempts_remaining: login.state.attempts_remaining(),
            retry_after: user
                .throttle
                .lock_at(now)
                .filter(|_| status.is_pending())
                .map(|until| until.seconds_after(now)),
            grace_ends_at: login.grace_ends_at,
            factor: login.factor.filter(|_| by_factor),
            authenticated_at: login.state.ended_at.filter(|_| by_factor),
            enrolled_now: login.enrolled_now,
        })
    }
}

impl OpenLogin {
    /// An event about this login's user, by this call's actor.
    pub(super) fn event(&self, action: Action) -> AuditEvent {
        AuditEvent::new(action, self.actor.clone()).about(&self.user.user_id).from_ip(self.login.client_ip)
    }
}

/// Looks the login up and checks, in the contract's order, whether it takes the call: 404, 410, 409, 429.
pub(super) fn open_login(
    db: &mut Db,
    site: Id,
    digest: &TokenDigest,
    call: Call,
    actor: &Actor,
    now: Timestamp,
) -> Result<OpenLogin, MfaError> {
    let login = store::logins::find(db, site, digest)?.filter(|login| login.state.is_readable(now));
    let login = login.ok_or(MfaError::LoginNotFound)?;
    let user = store::users::get(db, login.user)?;
    let lock = user.throttle.lock_at(now);
    login.state.admit(call, now, user.epoch, lock).map_err(|refusal| MfaError::refused(refusal, now))?;
    Ok(OpenLogin { login, user, actor: actor.clone(), now })
}

/// Writes the login back. That it has moved meanwhile is a conflict between transactions, not an answer to the caller:
/// the item is undone and, run again, sees the new state.
pub(super) fn advance(db: &mut Db, from: LoginStatus, login: &Login) -> Result<(), MfaError> {
    if store::logins::advance(db, from, login)? { Ok(()) } else { Err(StoreError::Undone.into()) }
}

/// A success by any factor ends the count.
pub(super) fn forget_failures(db: &mut Db, user: &mut User) -> Result<(), MfaError> {
    if user.throttle != Throttle::default() {
        user.throttle = Throttle::default();
        store::users::set_throttle(db, user.id, user.throttle)?;
    }
    Ok(())
}

/// The methods that this login can be answered by: the user's, as far as the policy names them; all of the user's if
/// it names none of them, since the old factor is still accepted to prove who enrols anew.
fn accepted_methods(login: &Login, authenticators: &[Authenticator]) -> Vec<Method> {
    let mut enrolled: Vec<Method> = Vec::new();
    for row in authenticators {
        if !enrolled.contains(&row.method) {
            enrolled.push(row.method);
        }
    }
    let wanted = |method: &Method| login.policy_methods.contains(method);
    if enrolled.iter().any(wanted) {
        enrolled.retain(wanted);
    }
    enrolled
}

fn offered_methods(db: &mut Db, login: &Login, user: &User) -> Result<Vec<OfferedMethod>, MfaError> {
    let authenticators = store::authenticators::of_user(db, user.id)?;
    let mut methods = accepted_methods(login, &authenticators);
    let rank = |method: &Method| Method::ALL.iter().position(|m| m == method);
    methods.sort_by_key(|method| (user.preferred_method != Some(*method), rank(method)));
    let mut offered: Vec<_> = methods
        .into_iter()
        .enumerate()
        .map(|(i, method)| OfferedMethod {
            factor: Factor::Authenticator(method),
            preferred: i == 0,
            remaining: None,
        })
        .collect();
    let remaining = store::recovery_codes::remaining(db, user.id)?;
    if remaining > 0 {
        let factor = Factor::RecoveryCode;
        offered.push(OfferedMethod { factor, preferred: false, remaining: Some(remaining) });
    }
    Ok(offered)
}
