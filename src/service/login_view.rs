//! A login as its host sees it.

use super::Service;
use super::error::MfaError;
use super::out_of_band::Challenge;
use super::trusted_devices::IssuedDevice;
use crate::domain::destination::Destination;
use crate::domain::factor::{Factor, Method};
use crate::domain::id::{Id, UserId};
use crate::domain::login::{LoginStatus, Purpose, Reason};
use crate::domain::time::Timestamp;
use crate::store::authenticators::Authenticator;
use crate::store::deliveries::DeliveryState;
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
    /// The authenticator, where each of the user's is offered by itself.
    pub authenticator: Option<Id>,
    /// Where its codes go, masked.
    pub destination: Option<String>,
    /// Unspent codes, for recovery codes.
    pub remaining: Option<i64>,
}

impl OfferedMethod {
    fn by(factor: Factor) -> Self {
        Self { factor, preferred: false, authenticator: None, destination: None, remaining: None }
    }
}

/// The code that was sent for a login.
#[derive(Debug, Clone)]
pub struct SentView {
    /// The code.
    pub challenge: Challenge,
    /// What became of it.
    pub delivery: DeliveryState,
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
    /// The code that was sent for it last.
    pub sent_code: Option<SentView>,
    /// What the host knows of the user that a new authenticator could send codes to, masked.
    pub known_destinations: Vec<(Method, String)>,
    /// For how many days its browser may be trusted by the answer that it waits for; 0: not at all.
    pub trusted_device_days: u16,
    /// Unspent recovery codes, once one of them has passed it.
    pub recovery_codes_remaining: Option<i64>,
    /// A token for the browser's cookie, in the answer that gave it.
    pub trusted_device: Option<IssuedDevice>,
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
            LoginStatus::ChallengeRequired => self.offered_methods(db, login, user, now)?,
            LoginStatus::EnrollmentRequired
            | LoginStatus::Passed
            | LoginStatus::Failed
            | LoginStatus::Expired
            | LoginStatus::Canceled => Vec::new(),
        };
        let enrollable: Vec<_> = match status.is_enrollment() {
            true => login.policy_methods.iter().copied().filter(|method| self.offers(*method)).collect(),
            false => Vec::new(),
        };
        let by_factor = status == LoginStatus::Passed && login.factor.is_some();
        let recovery_codes_remaining = match login.factor {
            Some(Factor::RecoveryCode) if by_factor => Some(store::recovery_codes::remaining(db, user.id)?),
            _ => None,
        };
        Ok(LoginView {
            user_id: user.user_id.clone(),
            user_name: user.profile.name.clone(),
            purpose: login.purpose,
            created_at: login.created_at,
            expires_at: login.state.expires_at,
            status,
            reason: login.reason,
            methods,
            known_destinations: self.known_destinations(&user.profile, &enrollable),
            enrollable,
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
            sent_code: if status.is_pending() { self.sent_view(db, login, user, now)? } else { None },
            trusted_device_days: if status == LoginStatus::ChallengeRequired {
                login.trusted_device_days
            } else {
                0
            },
            recovery_codes_remaining,
            trusted_device: None,
        })
    }

    fn sent_view(
        &self,
        db: &mut Db,
        login: &Login,
        user: &User,
        now: Timestamp,
    ) -> Result<Option<SentView>, MfaError> {
        let Some(sent) = self.open_sent_code(login, user)? else { return Ok(None) };
        // A person who went on to an app waits for no code.
        let waited_for = match self.open_pending(login, user)? {
            Some(state) => state.destination() == Some(&sent.destination),
            None => true,
        };
        if !waited_for {
            return Ok(None);
        }
        let challenge = Challenge {
            method: sent.destination.method(),
            authenticator: sent.authenticator,
            destination: sent.destination.masked(),
            expires_at: sent.expires_at,
            resend_after: sent.resend_after(now),
        };
        let delivery = store::deliveries::state(db, sent.delivery)?;
        // One that failed can be tried again at once.
        let resend_after = if delivery == DeliveryState::Failed { 0 } else { challenge.resend_after };
        Ok(Some(SentView { challenge: Challenge { resend_after, ..challenge }, delivery }))
    }

    fn offered_methods(
        &self,
        db: &mut Db,
        login: &Login,
        user: &User,
        now: Timestamp,
    ) -> Result<Vec<OfferedMethod>, MfaError> {
        let authenticators = store::authenticators::of_user(db, user.id)?;
        let rank = |method: &Method| Method::ALL.iter().position(|m| m == method);
        let mut methods = accepted_methods(login, &authenticators);
        methods.sort_by_key(|method| (user.preferred_method != Some(*method), rank(method)));
        // One by one where codes are sent, as one entry where any of the user's does.
        let (mut usable, mut unusable) = (Vec::new(), Vec::new());
        for method in methods {
            let by = OfferedMethod::by(Factor::Authenticator(method));
            if !method.is_out_of_band() {
                if self.offers(method) { &mut usable } else { &mut unusable }.push(by);
                continue;
            }
            for row in authenticators.iter().filter(|row| row.method == method) {
                let state = self.open_authenticator(user, row)?;
                let to = state.destination();
                let destination = to.map(Destination::masked);
                let offered = OfferedMethod { authenticator: Some(row.id), destination, ..by.clone() };
                let reached = self.offers(method) && to.is_some_and(|to| self.reaches(to));
                if reached { &mut usable } else { &mut unusable }.push(offered);
            }
        }
        // What cannot be sent now is not offered, unless there is nothing else to show.
        let mut offered = if usable.is_empty() { unusable } else { usable };
        if let Some(first) = offered.first_mut() {
            first.preferred = true;
        }
        let remaining = store::recovery_codes::remaining(db, user.id)?;
        if remaining > 0 {
            let codes = OfferedMethod::by(Factor::RecoveryCode);
            offered.push(OfferedMethod { remaining: Some(remaining), ..codes });
        }
        if store::one_time_passes::is_good(db, user.id, now)? {
            offered.push(OfferedMethod::by(Factor::OneTimePass));
        }
        Ok(offered)
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
