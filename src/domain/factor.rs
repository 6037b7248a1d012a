//! The kinds of second factor. Here, and only here, the methods are told apart: a new one adds a variant, and the
//! compiler lists what it must answer.

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

    /// Whether this service can enrol and check the method.
    pub const fn is_available(self) -> bool {
        match self {
            Self::Totp => true,
            Self::Email | Self::Sms | Self::Webauthn => false,
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
}

/// The first byte of a stored state. A method's later form gets a number of its own.
const TOTP_V1: u8 = 1;

impl AuthenticatorState {
    /// A new authenticator of `method`, or `None` where the service does not offer it.
    pub fn generate(method: Method, random: &mut dyn rand::CryptoRng) -> Option<Self> {
        match method {
            Method::Totp => Some(Self::Totp(TotpKey::generate(random))),
            Method::Email | Method::Sms | Method::Webauthn => None,
        }
    }

    /// What a person needs to enrol it, for an account shown as `issuer` and `account`.
    pub fn prompt(&self, issuer: &str, account: &str) -> EnrollmentPrompt {
        match self {
            Self::Totp(key) => {
                let otpauth_uri = totp::otpauth_uri(key, issuer, account);
                let qr_svg = totp::qr_svg(&otpauth_uri);
                EnrollmentPrompt::Totp { secret: key.to_base32(), otpauth_uri, qr_svg }
            }
        }
    }

    /// The method of this authenticator.
    pub const fn method(&self) -> Method {
        match self {
            Self::Totp(_) => Method::Totp,
        }
    }

    /// The form to seal: one byte that names method and version, then the state.
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        match self {
            Self::Totp(key) => {
                let mut bytes = Zeroizing::new(Vec::with_capacity(1 + key.expose().len()));
                bytes.push(TOTP_V1);
                bytes.extend_from_slice(key.expose());
                bytes
            }
        }
    }

    /// Reads what [`Self::encode`] wrote; `None` for anything else.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        match bytes.split_first()? {
            (&TOTP_V1, key) => TotpKey::from_bytes(key).map(Self::Totp),
            _ => None,
        }
    }

    /// Checks a code against this authenticator. `marker` is the last one stored for it.
    pub fn verify(&self, code: &SubmittedCode, marker: i64, now: Timestamp) -> Verification {
        match self {
            Self::Totp(key) => totp::verify(key, code, TimeStep(marker), now),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let state = AuthenticatorState::generate(Method::Totp, &mut random).unwrap();
        let encoded = state.encode();
        let AuthenticatorState::Totp(key) = AuthenticatorState::decode(&encoded).unwrap();
        assert_eq!(key.expose(), &encoded[1..]);
        assert!(AuthenticatorState::decode(&[]).is_none());
        assert!(AuthenticatorState::decode(&[TOTP_V1]).is_none(), "an empty key");
        assert!(AuthenticatorState::decode(&[0xff; 21]).is_none(), "an unknown version");
    }

    #[test]
    fn only_what_is_built_is_offered() {
        let mut random = rand::rand_core::UnwrapErr(rand::rngs::SysRng);
        for method in Method::ALL {
            assert_eq!(AuthenticatorState::generate(method, &mut random).is_some(), method.is_available());
        }
    }
}
