//! The one error of the stories. What clients see of it is decided in one place, [`crate::http::problem`].

use crate::domain::login::Refusal;
use crate::domain::time::Timestamp;
use crate::keyring::KeyringError;
use crate::store::{Fault, StoreError};

/// A member of a request that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The member's name.
    pub field: &'static str,
    /// What is wrong with it; holds nothing that was sent.
    pub message: String,
}

/// Why a story did not end as its caller wished. A wrong code is not among these: it is an outcome.
#[derive(Debug, thiserror::Error)]
pub enum MfaError {
    /// The request is not of the documented form.
    #[error("invalid request: {}", .0.iter().map(|e| format!("{}: {}", e.field, e.message)).collect::<Vec<_>>().join("; "))]
    InvalidRequest(Vec<FieldError>),
    /// No valid API key.
    #[error("no valid API key")]
    Unauthenticated,
    /// The key lacks the role.
    #[error("the API key lacks the role")]
    Forbidden,
    /// No such login in this site, or it ended too long ago.
    #[error("no such login")]
    LoginNotFound,
    /// The user was never seen in this site, or was deleted.
    #[error("no such user")]
    UserNotFound,
    /// No such authenticator, enrolment or trusted device of this user.
    #[error("no such authenticator")]
    AuthenticatorNotFound,
    /// What is enrolled is to be changed without a fresh proof by a factor.
    #[error("a change of what is enrolled needs a step-up")]
    StepUpRequired,
    /// The last authenticator that satisfies a policy that requires one.
    #[error("the policy requires that authenticator")]
    LastAuthenticator,
    /// The mail or SMS gateway refused or did not answer.
    #[error("the code could not be delivered")]
    DeliveryFailed,
    /// The login has ended, or is in another state than the call needs.
    #[error("the login is not in the state that this call needs")]
    LoginNotPending,
    /// The login's time passed, or its user was reset meanwhile.
    #[error("the login has expired")]
    LoginExpired,
    /// The login has not proven the factor that its user has.
    #[error("the user is enrolled, and this login has not proven it")]
    AlreadyEnrolled,
    /// Over 5 of a method or 10 in all.
    #[error("the user has too many authenticators")]
    TooManyAuthenticators,
    /// The policy is of another version than the caller has seen.
    #[error("the policy has another version")]
    PreconditionFailed,
    /// Not enrolled, or not allowed by the policy, or not offered by this service.
    #[error("the method is not available")]
    MethodNotAvailable,
    /// The user is locked, or another answer is still being checked.
    #[error("throttled until {until:?}")]
    Throttled {
        /// When to try again.
        until: Timestamp,
        /// Seconds until then, rounded up.
        retry_after: u64,
    },
    /// More recovery codes are waiting to be hashed than can be done in time.
    #[error("the queue for recovery codes is full")]
    HasherBusy,
    /// A worker thread is gone: a bug.
    #[error("a worker thread has ended")]
    WorkerGone,
    /// What is sealed does not open.
    #[error("keyring: {0}")]
    Keyring(#[from] KeyringError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl MfaError {
    /// One refused member.
    pub fn invalid(field: &'static str, message: impl Into<String>) -> Self {
        Self::InvalidRequest(vec![FieldError { field, message: message.into() }])
    }

    /// Throttled until `until`, as of `now`.
    pub fn throttled(until: Timestamp, now: Timestamp) -> Self {
        Self::Throttled { until, retry_after: until.seconds_after(now).max(1) }
    }

    /// The error for a call that a login does not admit.
    pub fn refused(refusal: Refusal, now: Timestamp) -> Self {
        match refusal {
            Refusal::Expired => Self::LoginExpired,
            Refusal::NotPending => Self::LoginNotPending,
            Refusal::AlreadyEnrolled => Self::AlreadyEnrolled,
            Refusal::Throttled { until } => Self::throttled(until, now),
        }
    }
}

impl Fault for MfaError {
    fn is_fault(&self) -> bool {
        // What does not open was found amid writes that must not stay without the rest.
        matches!(self, Self::Store(_) | Self::Keyring(_) | Self::WorkerGone)
    }

    fn is_conflict(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_conflict())
    }
}
