//! A login: begun by the host after the password, answered by its user, or abandoned.

use super::caller::BridgeCaller;
use super::error::MfaError;
use super::login_view::LoginView;
use super::{Service, telemetry, users};
use crate::domain::audit::{Action, Actor, AuditEvent, Cause};
use crate::domain::id::{Id, UserId};
use crate::domain::login::{Call, LoginState, LoginStatus, PENDING_PER_USER, Purpose, Reason};
use crate::domain::policy::{Grace, LoginQuestion, Requirement, login_requirement};
use crate::domain::secret::{Token, TokenDigest};
use crate::domain::shard::Shard;
use crate::domain::time::Timestamp;
use crate::domain::trusted_device::{DeviceToken, browser_name};
use crate::store::logins::Login;
use crate::store::users::{Profile, User};
use crate::store::{self, Db, ReadAhead, StoreError};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// Pending logins older than this are expired, whatever their lifetime, and need not be counted.
const OLDEST_PENDING: Duration = Duration::from_secs(3600);

/// What the host says when it begins a login.
#[derive(Debug, Clone)]
pub struct BeginLogin {
    /// The host's id of the user whose password it has checked.
    pub user_id: UserId,
    /// What else it knows of the user.
    pub profile: Profile,
    /// The person's address.
    pub client_ip: Option<IpAddr>,
    /// What the person's browser says of itself.
    pub user_agent: Option<String>,
    /// What the login is for.
    pub purpose: Purpose,
    /// The token that the person's browser presents.
    pub trusted_device: Option<Arc<DeviceToken>>,
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
        let shard = Shard::of_user(by.site().id, &request.user_id);
        let token = Token::of_login(shard, now, &mut self.random());
        let (service, digest, site, actor) = (self.clone(), token.login_digest(), by.site().id, by.actor());
        let ahead = ReadAhead::User { site, user: request.user_id.clone(), since: now.minus(OLDEST_PENDING) };
        let view = self
            .0
            .store
            .write_ahead(shard, ahead, move |db| service.begin_in(db, site, digest, &request, &actor, now))
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
        let device = match &request.trusted_device {
            Some(token) if request.purpose == Purpose::Login => {
                let by = (actor, request.client_ip);
                self.recognise_device(db, &stored, &user, token, by, now)?
            }
            Some(_) | None => None,
        };
        let question = LoginQuestion {
            purpose: request.purpose,
            enrolled: user.enrolled,
            trusted_device: device.is_some(),
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
        let issued = match (device, reason) {
            (Some(device), Some(Reason::TrustedDevice)) => Some(self.rotate_device(db, device, now)?),
            _ => None,
        };
        let trusted_device_days = match (request.purpose, status) {
            (Purpose::Login, LoginStatus::ChallengeRequired) => stored.policy.trusted_device_days,
            _ => 0,
        };
        let state = LoginState::begun(status, user.epoch, now, now.plus(lifetime));
        let login = Login {
            reason,
            grace_ends_at,
            client_ip: request.client_ip,
            trusted_device_days,
            browser: (trusted_device_days > 0)
                .then(|| browser_name(request.user_agent.as_deref().unwrap_or_default())),
            ..Login::begun(digest, &user, request.purpose, state, &stored, now)
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
        Ok(LoginView { trusted_device: issued, ..self.view(db, &login, &user, now)? })
    }

    /// Makes room for one more pending login of the user.
    pub(super) fn cancel_surplus(
        &self,
        db: &mut Db,
        user: &User,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<(), MfaError> {
        let since = now.minus(OLDEST_PENDING);
        if store::logins::count_pending(db, user.id, since)? < PENDING_PER_USER {
            return Ok(());
        }
        let surplus = store::logins::surplus(db, user.id, since, PENDING_PER_USER - 1)?;
        for mut login in surplus {
            let from = login.state.status;
            login.state.status = LoginStatus::Canceled;
            login.state.ended_at = Some(now);
            login.pending_state = None;
            login.sent_code = None;
            if store::logins::advance(db, from, &login)? && login.purpose.is_login() {
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
        let (service, now, site, digest) =
            (self.clone(), self.now(), by.site().id, TokenDigest::of_login(id));
        self.0
            .store
            .read(move |db| {
                let login = find_login(db, site, &digest, now)?;
                let user = store::users::get(db, login.user)?;
                service.view(db, &login, &user, now)
            })
            .await
    }

    /// Abandons the login.
    pub async fn cancel_login(&self, by: &BridgeCaller, id: &str) -> Result<(), MfaError> {
        let (service, now, site, actor) = (self.clone(), self.now(), by.site().id, by.actor());
        let digest = TokenDigest::of_login(id);
        self.0
            .store
            .write(Shard::of_login(id), move |db| {
                let mut open = open_login(db, site, &digest, Call::Cancel, &actor, now)?;
                let from = open.login.state.status;
                open.login.state.status = LoginStatus::Canceled;
                open.login.state.ended_at = Some(now);
                open.login.pending_state = None;
                open.login.sent_code = None;
                advance(db, from, &open.login)?;
                service.append(db, site, &open.event(Action::LoginCanceled).because(Cause::ByHost), now)
            })
            .await
    }
}

impl OpenLogin {
    /// Refuses a call that the login does not take: 410, 409, 429.
    pub(super) fn admit(self, call: Call) -> Result<Self, MfaError> {
        let lock = self.user.throttle.lock_at(self.now);
        match self.login.state.admit(call, self.now, self.user.epoch, lock) {
            Ok(()) => Ok(self),
            Err(refusal) => Err(MfaError::refused(refusal, self.now)),
        }
    }

    /// An event about this login's user, by this call's actor.
    pub(super) fn event(&self, action: Action) -> AuditEvent {
        AuditEvent::new(action, self.actor.clone()).about(&self.user.user_id).from_ip(self.login.client_ip)
    }
}

/// The same as [`open_login`], for a look that changes nothing: what it says can be different a moment later.
pub(super) fn peek_login(
    db: &mut Db,
    site: Id,
    digest: &TokenDigest,
    call: Call,
    actor: &Actor,
    now: Timestamp,
) -> Result<OpenLogin, MfaError> {
    let login = find_login(db, site, digest, now)?;
    let user = store::users::get(db, login.user)?;
    OpenLogin { login, user, actor: actor.clone(), now }.admit(call)
}

fn find_login(db: &mut Db, site: Id, digest: &TokenDigest, now: Timestamp) -> Result<Login, MfaError> {
    store::logins::find(db, site, digest)?
        .filter(|login| login.state.is_readable(now))
        .ok_or(MfaError::LoginNotFound)
}

/// Looks the login up and checks, in the contract's order, whether it takes the call: 404, 410, 409, 429. Its user is
/// held until the transaction ends.
pub(super) fn open_login(
    db: &mut Db,
    site: Id,
    digest: &TokenDigest,
    call: Call,
    actor: &Actor,
    now: Timestamp,
) -> Result<OpenLogin, MfaError> {
    let (login, user) = store::logins::lock(db, site, digest)?
        .filter(|(login, _)| login.state.is_readable(now))
        .ok_or(MfaError::LoginNotFound)?;
    OpenLogin { login, user, actor: actor.clone(), now }.admit(call)
}

/// Writes the login back. That it has moved meanwhile is a conflict between transactions, not an answer to the caller:
/// the item is undone and, run again, sees the new state.
pub(super) fn advance(db: &mut Db, from: LoginStatus, login: &Login) -> Result<(), MfaError> {
    if store::logins::advance(db, from, login)? { Ok(()) } else { Err(StoreError::Undone.into()) }
}
