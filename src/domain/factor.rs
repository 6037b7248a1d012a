//! The kinds of second factor. Here, and only here, the methods are told apart: a new one adds a variant, and the
//! compiler lists what it must answer.

use super::destination::Destination;
use super::out_of_band::{Binding, SentCode};
use super::secret::{SubmittedCode, TotpKey};
use super::time::Timestamp;
use super::totp::{self, TimeStep};
use super::verification::Verification;
use std::fmt;
use zeroize::Zeroizing;

/// The kind of an authenticator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// An app that shows time-based one-time passwords (RFC 6238).
    Totp,
    /// A code sent by e-mail.
    Email,
    /// A code sent by text message.
    Sms,
    /// A passkey or security key.
    Webauthn,
}

impl Method {
    /// Every method, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Totp, Self::Webauthn, Self::Email, Self::Sms];

    /// The name in the API and the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::Email => "email",
            Self::Sms => "sms",
            Self::Webauthn => "webauthn",
        }
    }

    /// The method of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.as_str() == name)
    }

    /// Whether its codes are sent.
    pub const fn is_out_of_band(self) -> bool {
        match self {
            Self::Email | Self::Sms => true,
            Self::Totp | Self::Webauthn => false,
        }
    }

    /// Whether each message by this method costs the site money.
    pub const fn costs(self) -> bool {
        match self {
            Self::Sms => true,
            Self::Totp | Self::Email | Self::Webauthn => false,
        }
    }
}

/// What a user can prove a login with: an authenticator, or a look-up secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Factor {
    /// An authenticator of that method.
    Authenticator(Method),
    /// A recovery code (SP 800-63B-4 §3.1.2).
    RecoveryCode,
    /// A pass that an administrator issued for one login.
    OneTimePass,
}

impl Factor {
    /// The name in the API and the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Authenticator(method) => method.as_str(),
            Self::RecoveryCode => "recovery_code",
            Self::OneTimePass => "one_time_pass",
        }
    }

    /// The factor of that name.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "recovery_code" => Some(Self::RecoveryCode),
            "one_time_pass" => Some(Self::OneTimePass),
            name => Method::parse(name).map(Self::Authenticator),
        }
    }

    /// Authentication method references (RFC 8176); what is not registered there has a name of ours.
    pub const fn amr(self) -> &'static [&'static str] {
        match self {
            Self::Authenticator(Method::Totp) => &["otp"],
            Self::Authenticator(Method::Sms) => &["otp", "sms"],
            Self::Authenticator(Method::Email) => &["urn:mfa-sidecar:email"],
            Self::Authenticator(Method::Webauthn) => &["hwk"],
            Self::RecoveryCode => &["urn:mfa-sidecar:recovery_code"],
            Self::OneTimePass => &["urn:mfa-sidecar:one_time_pass"],
        }
    }
}

/// What is kept of an authenticator, pending or bound. The database has it sealed and knows nothing of its inside.
pub enum AuthenticatorState {
    /// The shared secret of a TOTP app.
    Totp(TotpKey),
    /// Where codes are sent.
    OutOfBand(Destination),
}

impl fmt::Debug for AuthenticatorState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AuthenticatorState({}, ..)", self.method().as_str())
    }
}

/// What a person needs to enrol.
pub enum EnrollmentPrompt {
    /// For an authenticator app.
    Totp {
        /// Base32, for typing.
        secret: Zeroizing<String>,
        /// For tapping.
        otpauth_uri: Zeroizing<String>,
        /// For scanning: an SVG document.
        qr_svg: Zeroizing<String>,
    },
    /// For a code that was sent.
    Sent {
        /// Where it went, masked.
        destination: String,
        /// Seconds until another one can be sent.
        resend_after: u64,
    },
}

/// The first byte of a stored state. A method's later form gets a number of its own.
const TOTP_V1: u8 = 1;
const EMAIL_V1: u8 = 2;
const PHONE_V1: u8 = 3;
/// A secret that was imported and is weak: under a tag of its own, so that a truncated one never passes for it.
const WEAK_TOTP_V1: u8 = 4;

impl AuthenticatorState {
    /// The method of this authenticator.
    pub const fn method(&self) -> Method {
        match self {
            Self::Totp(_) => Method::Totp,
            Self::OutOfBand(destination) => destination.method(),
        }
    }

    /// Where codes are sent, for a method that sends them.
    pub const fn destination(&self) -> Option<&Destination> {
        match self {
            Self::Totp(_) => None,
            Self::OutOfBand(destination) => Some(destination),
        }
    }

    /// The form to seal: one byte that names method and version, then the state.
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        let (tag, state) = match self {
            Self::Totp(key) if key.is_weak() => (WEAK_TOTP_V1, key.expose()),
            Self::Totp(key) => (TOTP_V1, key.expose()),
            Self::OutOfBand(to @ Destination::Email(_)) => (EMAIL_V1, to.expose().as_bytes()),
            Self::OutOfBand(to @ Destination::Phone(_)) => (PHONE_V1, to.expose().as_bytes()),
        };
        let mut bytes = Zeroizing::new(Vec::with_capacity(1 + state.len()));
        bytes.push(tag);
        bytes.extend_from_slice(state);
        bytes
    }

    /// Reads what [`Self::encode`] wrote; `None` for anything else.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        match bytes.split_first()? {
            (&TOTP_V1, key) => TotpKey::from_bytes(key).map(Self::Totp),
            (&WEAK_TOTP_V1, key) => TotpKey::imported(key).filter(TotpKey::is_weak).map(Self::Totp),
            (&EMAIL_V1, address) => Destination::stored(Method::Email, address).map(Self::OutOfBand),
            (&PHONE_V1, number) => Destination::stored(Method::Sms, number).map(Self::OutOfBand),
            _ => None,
        }
    }

    /// Checks a code against this authenticator. `marker` is the last one stored for it; `sent` is the code that was
    /// sent for this login by it, if any.
    pub fn verify(
        &self,
        code: &SubmittedCode,
        sent: Option<(&SentCode, &Binding)>,
        marker: i64,
        now: Timestamp,
    ) -> Verification {
        match self {
            Self::Totp(key) => totp::verify(key, code, TimeStep(marker), now),
            Self::OutOfBand(destination) => match sent {
                // Bound to the destination as well: one that was swapped meanwhile proves nothing.
                Some((sent, binding)) if sent.destination == *destination => {
                    sent.verify(binding, code, marker, now)
                }
                Some(_) | None => Verification::Rejected,
            },
        }
    }
}

impl EnrollmentPrompt {
    /// What a person needs to scan `key`, for an account shown as `issuer` and `account`.
    pub fn totp(key: &TotpKey, issuer: &str, account: &str) -> Self {
        let otpauth_uri = totp::otpauth_uri(key, issuer, account);
        let qr_svg = totp::qr_svg(&otpauth_uri);
        Self::Totp { secret: key.to_base32(), otpauth_uri, qr_svg }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::destination::{EmailAddress, PhoneNumber};

    #[test]
    fn names_are_read_back() {
        for method in Method::ALL {
            assert_eq!(Method::parse(method.as_str()), Some(method));
            assert_eq!(Factor::parse(method.as_str()), Some(Factor::Authenticator(method)));
        }
        assert_eq!(Factor::parse("recovery_code"), Some(Factor::RecoveryCode));
        assert_eq!(Factor::parse("TOTP"), None);
    }

    #[test]
    fn a_state_is_read_back_and_a_foreign_one_is_not() {
        let mut random = rand::rand_core::UnwrapErr(rand::rngs::SysRng);
        let email = Destination::Email(EmailAddress::parse("alice@example.org").unwrap());
        let phone = Destination::Phone(PhoneNumber::parse("+4915112345678", None).unwrap());
        let states = [
            (Method::Totp, AuthenticatorState::Totp(TotpKey::generate(&mut random))),
            (Method::Totp, AuthenticatorState::Totp(TotpKey::imported(&[7; 10]).unwrap())),
            (Method::Email, AuthenticatorState::OutOfBand(email)),
            (Method::Sms, AuthenticatorState::OutOfBand(phone)),
        ];
        for (method, state) in states {
            let read = AuthenticatorState::decode(&state.encode()).unwrap();
            assert_eq!(read.method(), method);
            assert_eq!(read.encode(), state.encode());
        }
        assert!(AuthenticatorState::decode(&[EMAIL_V1, b'x']).is_none(), "no address");
        assert!(AuthenticatorState::decode(&[]).is_none());
        assert!(AuthenticatorState::decode(&[TOTP_V1]).is_none(), "an empty key");
        assert!(AuthenticatorState::decode(&[TOTP_V1; 11]).is_none(), "a short one that is not marked so");
        assert!(AuthenticatorState::decode(&[WEAK_TOTP_V1; 10]).is_none(), "one that is too short");
        assert!(AuthenticatorState::decode(&[0xff; 21]).is_none(), "an unknown version");
    }
}
