//! Enrolment: an authenticator is *pending* while its user has not shown that it works, and *bound* from the first
//! right code on. Only the service holds a pending authenticator; no client ever sends a secret.

use super::factor::{AuthenticatorState, Method};
use super::out_of_band::{Binding, SentCode};
use super::secret::SubmittedCode;
use super::time::Timestamp;
use super::verification::Verification;

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

impl Pending {
    /// The first right code binds the authenticator and is spent by that; `None` for a wrong one. `sent` is the code
    /// that was sent for this enrolment, if any.
    pub fn confirm(
        self,
        code: &SubmittedCode,
        sent: Option<(&SentCode, &Binding)>,
        now: Timestamp,
    ) -> Option<Bound> {
        match self.0.verify(code, sent, i64::MIN, now) {
            Verification::Accepted { marker } => Some(Bound { state: self.0, marker }),
            Verification::Replayed | Verification::Expired | Verification::Rejected => None,
        }
    }
}

/// Whether a login may enrol: forced enrolment wins only if the user still has no authenticator, or if this very
/// login has proven one. Asked again in the write that confirms, because two enrolments may run side by side.
pub fn may_enroll(user_has_authenticator: bool, login_proved_a_factor: bool) -> bool {
    !user_has_authenticator || login_proved_a_factor
}

/// Authenticators of one method, and in all, up to which users may add some by themselves.
const MOST_OF_A_METHOD: usize = 5;
const MOST_IN_ALL: usize = 10;

/// Whether a user with these authenticators may have one more.
pub fn has_room_for(method: Method, present: &[Method]) -> bool {
    let same = present.iter().filter(|other| **other == method).count();
    same < MOST_OF_A_METHOD && present.len() < MOST_IN_ALL
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::secret::TotpKey;

    #[test]
    fn an_enrolled_user_never_enrols_without_a_proof() {
        assert!(may_enroll(false, false));
        assert!(may_enroll(true, true));
        assert!(!may_enroll(true, false));
    }

    #[test]
    fn a_user_has_room_for_five_of_a_method_and_ten_in_all() {
        use Method::{Email, Sms, Totp};
        assert!(has_room_for(Totp, &[Totp; 4]) && !has_room_for(Totp, &[Totp; 5]));
        assert!(has_room_for(Email, &[Totp; 5]));
        assert!(!has_room_for(Sms, &[[Totp; 5], [Email; 5]].concat()));
    }

    #[test]
    fn the_code_that_confirms_is_spent() {
        let key = TotpKey::from_bytes(b"12345678901234567890").unwrap();
        let code = SubmittedCode::new("755224");
        let bound = Pending(AuthenticatorState::Totp(key)).confirm(&code, None, Timestamp(0)).unwrap();
        assert_eq!(bound.state.verify(&code, None, bound.marker, Timestamp(0)), Verification::Replayed);
    }
}
