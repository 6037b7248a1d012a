//! One login: its states, its budget of answers, and which call it admits when.
//!
//! # Design
//! ```text
//!              begin                      answer right (forced enrolment, case b)
//!   ┌────────────┴──────────┐          ┌──────────────────────┐
//!   ▼                       ▼          │                      ▼
//! passed        challenge_required ────┘        enrollment_required
//!                 │   │    │                      │   │    │
//!     answer right│   │    │delete   confirm right│   │    │delete
//!                 ▼   │    ▼                      ▼   │    ▼
//!              passed │  canceled              passed │  canceled
//!                     ▼ fifth wrong answer            ▼
//!                   failed                          failed
//! ```
//! `expired` is not stored: a pending login *is* expired once its time has passed, or once its user's security epoch
//! has moved on.

use super::factor::{Factor, Method};
use super::throttle::ANSWERS_PER_LOGIN;
use super::time::Timestamp;
use std::time::Duration;

/// For how long an ended login can still be read.
pub const READABLE_AFTER_END: Duration = Duration::from_secs(15 * 60);

/// Pending logins that one user may have; above, the oldest is canceled.
pub const PENDING_PER_USER: i64 = 200;

/// For how long a login that passed by a factor lets its user change what is enrolled.
pub const STEP_UP_HOLDS: Duration = Duration::from_secs(10 * 60);

/// What a login is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To open a session.
    Login,
    /// To do something sensitive in an open session.
    StepUp,
    /// To add an authenticator in an open session: kept like a login, but it opens nothing and no call for logins finds
    /// it.
    Enrollment,
}

impl Purpose {
    /// The name in the API and the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::StepUp => "step_up",
            Self::Enrollment => "enrollment",
        }
    }

    /// Whether the host knows it as a login.
    pub const fn is_login(self) -> bool {
        match self {
            Self::Login | Self::StepUp => true,
            Self::Enrollment => false,
        }
    }

    /// The purpose of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Login, Self::StepUp, Self::Enrollment].into_iter().find(|purpose| purpose.as_str() == name)
    }
}

/// Where a login stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginStatus {
    /// Waits for a new authenticator.
    EnrollmentRequired,
    /// Waits for a code.
    ChallengeRequired,
    /// Done: the host may open the session.
    Passed,
    /// Five wrong answers.
    Failed,
    /// Its time passed, or the user was reset meanwhile.
    Expired,
    /// Abandoned by the host, or pushed out by later ones.
    Canceled,
}

impl LoginStatus {
    const ALL: [Self; 6] = [
        Self::EnrollmentRequired,
        Self::ChallengeRequired,
        Self::Passed,
        Self::Failed,
        Self::Expired,
        Self::Canceled,
    ];

    /// The name in the API and the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EnrollmentRequired => "enrollment_required",
            Self::ChallengeRequired => "challenge_required",
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Expired => "expired",
            Self::Canceled => "canceled",
        }
    }

    /// The status of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }

    /// Whether the login waits for a new authenticator.
    pub const fn is_enrollment(self) -> bool {
        match self {
            Self::EnrollmentRequired => true,
            Self::ChallengeRequired | Self::Passed | Self::Failed | Self::Expired | Self::Canceled => false,
        }
    }

    /// Whether the login still waits for its user.
    pub const fn is_pending(self) -> bool {
        match self {
            Self::EnrollmentRequired | Self::ChallengeRequired => true,
            Self::Passed | Self::Failed | Self::Expired | Self::Canceled => false,
        }
    }
}

/// Why a login passed without a factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The policy is switched off.
    PolicyDisabled,
    /// Nothing is enrolled, and nothing need be.
    NotEnrolled,
    /// The browser is trusted.
    TrustedDevice,
    /// Enrolment can still be put off.
    GracePeriod,
    /// The user's role is exempt.
    Exempt,
}

impl Reason {
    const ALL: [Self; 5] =
        [Self::PolicyDisabled, Self::NotEnrolled, Self::TrustedDevice, Self::GracePeriod, Self::Exempt];

    /// The name in the API and the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PolicyDisabled => "policy_disabled",
            Self::NotEnrolled => "not_enrolled",
            Self::TrustedDevice => "trusted_device",
            Self::GracePeriod => "grace_period",
            Self::Exempt => "exempt",
        }
    }

    /// The reason of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == name)
    }
}

/// What is known of a login when a call for it arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoginState {
    /// As stored: never [`LoginStatus::Expired`].
    pub status: LoginStatus,
    /// Wrong answers so far, reserved ones included.
    pub wrong_answers: i32,
    /// The user's security epoch when the login began.
    pub epoch: i64,
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// Whether a code that was sent has moved `expires_at`.
    pub extended: bool,
    /// When it ended, if it has.
    pub ended_at: Option<Timestamp>,
}

/// The calls that change a login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// Begin the forced enrolment.
    Enroll,
    /// Prove the forced enrolment.
    Confirm,
    /// Have a code sent.
    Challenge,
    /// Answer with a code.
    Answer,
    /// Abandon the login.
    Cancel,
}

/// Why a login does not admit a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Its time passed, or it began before a reset of its user.
    Expired,
    /// It has ended, or is in another state than the call needs.
    NotPending,
    /// The call would enrol, but the user's present factor has not been proven.
    AlreadyEnrolled,
    /// The user is locked.
    Throttled {
        /// Until then.
        until: Timestamp,
    },
}

impl LoginState {
    /// A login that begins in this status, for a user of that epoch.
    pub fn begun(status: LoginStatus, epoch: i64, now: Timestamp, expires_at: Timestamp) -> Self {
        let ended_at = (!status.is_pending()).then_some(now);
        Self { status, wrong_answers: 0, epoch, expires_at, extended: false, ended_at }
    }

    /// The status as of `now`, for a user whose epoch is `user_epoch`.
    pub fn status_at(&self, now: Timestamp, user_epoch: i64) -> LoginStatus {
        if self.status.is_pending() && (now >= self.expires_at || self.epoch != user_epoch) {
            LoginStatus::Expired
        } else {
            self.status
        }
    }

    /// Whether the login can still be read: a pending one, and any other for a while after its end.
    pub fn is_readable(&self, now: Timestamp) -> bool {
        now < self.ended_at.unwrap_or(self.expires_at).plus(READABLE_AFTER_END)
    }

    /// Answers that are left.
    pub fn attempts_remaining(&self) -> i32 {
        (ANSWERS_PER_LOGIN - self.wrong_answers).max(0)
    }

    /// Whether the login takes this call: the contract's order of checks (410, 409, 429) after the look-up (404) and
    /// before the code. `locked_until` is the end of the user's lock while one holds.
    pub fn admit(
        &self,
        call: Call,
        now: Timestamp,
        user_epoch: i64,
        locked_until: Option<Timestamp>,
    ) -> Result<(), Refusal> {
        if self.epoch != user_epoch || self.status_at(now, user_epoch) == LoginStatus::Expired {
            return Err(Refusal::Expired);
        }
        match (self.status, call) {
            (LoginStatus::ChallengeRequired, Call::Challenge | Call::Answer | Call::Cancel)
            | (LoginStatus::EnrollmentRequired, Call::Enroll | Call::Confirm | Call::Cancel) => {}
            (LoginStatus::ChallengeRequired, Call::Enroll | Call::Confirm) => {
                return Err(Refusal::AlreadyEnrolled);
            }
            (LoginStatus::EnrollmentRequired, Call::Challenge | Call::Answer)
            | (LoginStatus::Passed | LoginStatus::Failed | LoginStatus::Expired | LoginStatus::Canceled, _) =>
            {
                return Err(Refusal::NotPending);
            }
        }
        if self.attempts_remaining() == 0 && call != Call::Cancel {
            // All answers are used or reserved.
            return Err(Refusal::NotPending);
        }
        match locked_until {
            // Abandoning a login tells nothing and is always allowed.
            Some(until) if call != Call::Cancel => Err(Refusal::Throttled { until }),
            Some(_) | None => Ok(()),
        }
    }

    /// The state once a code was sent that is good until `code_expires_at`: the login's first one moves the end, so
    /// that a person can wait for it.
    pub fn after_sending(self, code_expires_at: Timestamp) -> Self {
        let expires_at = if self.extended { self.expires_at } else { self.expires_at.max(code_expires_at) };
        Self { expires_at, extended: true, ..self }
    }

    /// Whether the login, passed by `factor`, still proves who its user is when a change of what is enrolled is asked
    /// for. What policy, grace or a trusted device let pass has no factor, and proves nothing.
    pub fn proves_step_up(
        &self,
        factor: Option<Factor>,
        wanted: Proof,
        now: Timestamp,
        user_epoch: i64,
    ) -> bool {
        let fresh = self.ended_at.is_some_and(|at| now < at.plus(STEP_UP_HOLDS));
        let strong = match (factor, wanted) {
            (None, _) => false,
            (Some(_), Proof::AnyFactor) | (Some(Factor::Authenticator(_)), Proof::Authenticator) => true,
            (Some(Factor::RecoveryCode | Factor::OneTimePass), Proof::Authenticator) => false,
        };
        self.status == LoginStatus::Passed && self.epoch == user_epoch && fresh && strong
    }

    /// Counts one answer in advance, before a slow check: it leaves the status alone, but from the fifth on no further
    /// answer is admitted.
    pub fn reserve_answer(self) -> Self {
        Self { wrong_answers: self.wrong_answers.saturating_add(1), ..self }
    }

    /// Takes a reserved answer back.
    pub fn release_answer(self) -> Self {
        Self { wrong_answers: (self.wrong_answers - 1).max(0), ..self }
    }

    /// The state after one more wrong answer: the fifth fails the login.
    pub fn after_wrong_answer(self, now: Timestamp) -> Self {
        let wrong_answers = self.wrong_answers.saturating_add(1);
        if wrong_answers >= ANSWERS_PER_LOGIN {
            Self { status: LoginStatus::Failed, wrong_answers, ended_at: Some(now), ..self }
        } else {
            Self { wrong_answers, ..self }
        }
    }
}

/// What a change of what is enrolled needs to be proven by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// Look-up secrets included: who has lost the phone must be able to enrol another.
    AnyFactor,
    /// An authenticator: a recovery code must not mint new ones, nor switch everything off.
    Authenticator,
}

/// What follows a right answer. Forced enrolment, case (b): the old factor is accepted for this only, when none of
/// the user's authenticators is of a method that the policy wants, or when the proof was a pass for one login.
/// A step-up never forces enrolment.
pub fn after_challenge(
    purpose: Purpose,
    factor: Factor,
    wanted: &[Method],
    enrolled: &[Method],
) -> LoginStatus {
    let satisfied = enrolled.iter().any(|method| wanted.contains(method));
    let enroll = match factor {
        Factor::OneTimePass => true,
        Factor::Authenticator(_) | Factor::RecoveryCode => !satisfied,
    };
    match purpose {
        Purpose::Login if enroll => LoginStatus::EnrollmentRequired,
        Purpose::Login | Purpose::StepUp | Purpose::Enrollment => LoginStatus::Passed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEGIN: Timestamp = Timestamp(1_000_000);
    const END: Timestamp = Timestamp(1_120_000);
    const CALLS: [Call; 5] = [Call::Enroll, Call::Confirm, Call::Challenge, Call::Answer, Call::Cancel];

    fn login(status: LoginStatus) -> LoginState {
        LoginState::begun(status, 3, BEGIN, END)
    }

    #[test]
    fn every_state_against_every_call() {
        use LoginStatus::*;
        use Refusal::{AlreadyEnrolled, NotPending};
        let table = [
            (EnrollmentRequired, [Ok(()), Ok(()), Err(NotPending), Err(NotPending), Ok(())]),
            (ChallengeRequired, [Err(AlreadyEnrolled), Err(AlreadyEnrolled), Ok(()), Ok(()), Ok(())]),
            (Passed, [Err(NotPending); 5]),
            (Failed, [Err(NotPending); 5]),
            (Canceled, [Err(NotPending); 5]),
        ];
        for (status, expected) in table {
            for (call, expected) in CALLS.into_iter().zip(expected) {
                assert_eq!(login(status).admit(call, BEGIN, 3, None), expected, "{status:?} {call:?}");
            }
        }
    }

    #[test]
    fn expiry_comes_before_state_and_lock() {
        let lock = Some(Timestamp(i64::MAX));
        for status in LoginStatus::ALL.into_iter().filter(|status| status.is_pending()) {
            for call in CALLS {
                assert_eq!(login(status).admit(call, END, 3, lock), Err(Refusal::Expired));
                assert_eq!(login(status).admit(call, BEGIN, 4, lock), Err(Refusal::Expired), "older epoch");
            }
        }
        let passed = login(LoginStatus::Passed);
        assert_eq!(passed.admit(Call::Answer, END, 3, None), Err(Refusal::NotPending), "ended, not expired");
        assert_eq!(passed.admit(Call::Answer, BEGIN, 4, None), Err(Refusal::Expired), "from before a reset");
    }

    #[test]
    fn state_comes_before_the_lock_and_the_lock_before_the_code() {
        let until = Timestamp(2_000_000);
        let throttled = Err(Refusal::Throttled { until });
        let challenge = login(LoginStatus::ChallengeRequired);
        assert_eq!(challenge.admit(Call::Answer, BEGIN, 3, Some(until)), throttled);
        assert_eq!(challenge.admit(Call::Enroll, BEGIN, 3, Some(until)), Err(Refusal::AlreadyEnrolled));
        assert_eq!(
            login(LoginStatus::Failed).admit(Call::Answer, BEGIN, 3, Some(until)),
            Err(Refusal::NotPending)
        );
        assert_eq!(
            login(LoginStatus::EnrollmentRequired).admit(Call::Confirm, BEGIN, 3, Some(until)),
            throttled
        );
        assert_eq!(challenge.admit(Call::Cancel, BEGIN, 3, Some(until)), Ok(()));
    }

    #[test]
    fn the_fifth_wrong_answer_fails_the_login() {
        let mut state = login(LoginStatus::ChallengeRequired);
        for left in (1..=4).rev() {
            state = state.after_wrong_answer(BEGIN);
            assert_eq!((state.status, state.attempts_remaining()), (LoginStatus::ChallengeRequired, left));
        }
        state = state.after_wrong_answer(BEGIN);
        assert_eq!((state.status, state.attempts_remaining()), (LoginStatus::Failed, 0));
        assert_eq!(state.ended_at, Some(BEGIN));
    }

    #[test]
    fn reserved_answers_leave_no_room_for_a_sixth() {
        let four =
            (0..4).fold(login(LoginStatus::ChallengeRequired), |state, _| state.after_wrong_answer(BEGIN));
        let reserved = four.reserve_answer();
        assert_eq!(reserved.status, LoginStatus::ChallengeRequired);
        assert_eq!(reserved.admit(Call::Answer, BEGIN, 3, None), Err(Refusal::NotPending));
        assert_eq!(reserved.release_answer(), four);
        assert_eq!(four.admit(Call::Answer, BEGIN, 3, None), Ok(()));
    }

    #[test]
    fn sending_a_code_moves_the_end_once() {
        let state = login(LoginStatus::ChallengeRequired);
        let later = END.plus(Duration::from_secs(60));
        let moved = state.after_sending(later);
        assert_eq!(moved.expires_at, later);
        assert_eq!(moved.after_sending(later.plus(Duration::from_secs(60))), moved);
        assert_eq!(state.after_sending(BEGIN).expires_at, END, "never backwards");
    }

    #[test]
    fn a_step_up_needs_a_fresh_login_of_this_epoch_passed_by_a_factor() {
        let passed = login(LoginStatus::Passed);
        let totp = Some(Factor::Authenticator(Method::Totp));
        let end = BEGIN.plus(STEP_UP_HOLDS);
        let proves = |state: LoginState, factor, wanted, now| state.proves_step_up(factor, wanted, now, 3);
        assert!(proves(passed, totp, Proof::Authenticator, Timestamp(end.0 - 1)));
        assert!(!proves(passed, totp, Proof::Authenticator, end), "too old");
        assert!(!passed.proves_step_up(totp, Proof::AnyFactor, BEGIN, 4), "from before a reset");
        assert!(!proves(passed, None, Proof::AnyFactor, BEGIN), "by no factor");
        for look_up in [Factor::RecoveryCode, Factor::OneTimePass] {
            assert!(proves(passed, Some(look_up), Proof::AnyFactor, BEGIN));
            assert!(!proves(passed, Some(look_up), Proof::Authenticator, BEGIN));
        }
        for status in LoginStatus::ALL.into_iter().filter(|status| *status != LoginStatus::Passed) {
            assert!(!proves(login(status), totp, Proof::AnyFactor, BEGIN), "{status:?}");
        }
    }

    #[test]
    fn a_login_is_readable_for_a_quarter_of_an_hour_after_its_end() {
        let quarter = |from: Timestamp| from.plus(READABLE_AFTER_END);
        let passed = login(LoginStatus::Passed);
        assert!(passed.is_readable(Timestamp(quarter(BEGIN).0 - 1)) && !passed.is_readable(quarter(BEGIN)));
        let pending = login(LoginStatus::ChallengeRequired);
        assert!(pending.is_readable(Timestamp(quarter(END).0 - 1)) && !pending.is_readable(quarter(END)));
    }

    #[test]
    fn a_right_answer_leads_to_enrolment_only_where_the_policy_is_not_satisfied() {
        use LoginStatus::{EnrollmentRequired, Passed};
        let totp = Factor::Authenticator(Method::Totp);
        let email = Factor::Authenticator(Method::Email);
        let wanted = [Method::Totp];
        let enrolled = [Method::Totp];
        assert_eq!(after_challenge(Purpose::Login, totp, &wanted, &enrolled), Passed);
        assert_eq!(after_challenge(Purpose::Login, Factor::RecoveryCode, &wanted, &enrolled), Passed);
        assert_eq!(
            after_challenge(Purpose::Login, Factor::OneTimePass, &wanted, &enrolled),
            EnrollmentRequired
        );
        assert_eq!(after_challenge(Purpose::Login, email, &wanted, &[Method::Email]), EnrollmentRequired);
        assert_eq!(after_challenge(Purpose::StepUp, email, &wanted, &[Method::Email]), Passed);
    }
}
