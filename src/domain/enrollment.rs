//! Enrolment: an authenticator is *pending* while its user has not shown that it works, and *bound* from the first
//! right code on. Only the service holds a pending authenticator; no client ever sends a secret.

use super::factor::AuthenticatorState;

/// An authenticator that is not proven yet. It proves nothing about its user, and a login never accepts it.
#[derive(Debug)]
pub struct Pending(pub AuthenticatorState);

/// An authenticator whose user has shown one right code.
#[derive(Debug)]
pub struct Bound {
    /// What is sealed and kept.
    pub state: AuthenticatorState,
    /// The replay marker: the code that proved the enrolment is spent.
    pub marker: i64,
}

/// Whether a login may enrol: forced enrolment wins only if the user still has no authenticator, or if this very
/// login has proven one. Asked again in the write that confirms, because two enrolments may run side by side.
pub fn may_enroll(user_has_authenticator: bool, login_proved_a_factor: bool) -> bool {
    !user_has_authenticator || login_proved_a_factor
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_enrolled_user_never_enrols_without_a_proof() {
        assert!(may_enroll(false, false));
        assert!(may_enroll(true, true));
        assert!(!may_enroll(true, false));
    }
}
