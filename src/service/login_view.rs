//! A login as its host sees it.

use super::Service;
use super::error::MfaError;
use crate::domain::factor::{Factor, Method};
use crate::domain::id::UserId;
use crate::domain::login::{LoginStatus, Purpose, Reason};
use crate::domain::time::Timestamp;
use crate::store::authenticators::Authenticator;
use crate::store::logins::Login;
use crate::store::users::User;
use crate::store::{self, Db};

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

impl Service {
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

/// The methods that this login can be answered by: the user's, as far as the policy names them; all of the user's if
/// it names none of them, since the old factor is still accepted to prove who enrols anew.
pub(super) fn accepted_methods(login: &Login, authenticators: &[Authenticator]) -> Vec<Method> {
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
