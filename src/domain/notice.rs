//! What a user is told of by mail: changes of what protects the account (SP 800-63B-4 §4.6).

use super::factor::Method;

/// Something that its user should hear of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// An authenticator was enrolled.
    AuthenticatorAdded(Method),
    /// An authenticator was removed, by the user or an administrator.
    AuthenticatorRemoved(Method),
    /// The user switched multi-factor authentication off: everything enrolled is gone.
    MfaDisabled,
    /// An administrator removed everything that was enrolled.
    MfaReset,
    /// A recovery code was used; so many are left.
    RecoveryCodeUsed(i64),
    /// A new set of recovery codes replaced the old one.
    RecoveryCodesReplaced,
    /// An administrator issued a pass for one login.
    OneTimePassIssued,
    /// Too many wrong codes: locked for so many seconds; `None` until an administrator unlocks.
    LockBegan(Option<u64>),
    /// A browser may skip the second factor from now on.
    DeviceTrusted(String),
    /// A copy of a trusted browser's token turned up: the browser is no longer trusted.
    DeviceTokenReused(String),
}

impl Notice {
    /// What is kept until the notice is sent: a name, a method, a number, a text.
    pub fn to_parts(&self) -> (&'static str, Option<Method>, Option<i64>, Option<&str>) {
        match self {
            Self::AuthenticatorAdded(method) => ("authenticator_added", Some(*method), None, None),
            Self::AuthenticatorRemoved(method) => ("authenticator_removed", Some(*method), None, None),
            Self::MfaDisabled => ("mfa_disabled", None, None, None),
            Self::MfaReset => ("mfa_reset", None, None, None),
            Self::RecoveryCodeUsed(left) => ("recovery_code_used", None, Some(*left), None),
            Self::RecoveryCodesReplaced => ("recovery_codes_replaced", None, None, None),
            Self::OneTimePassIssued => ("one_time_pass_issued", None, None, None),
            Self::LockBegan(seconds) => {
                ("lock_began", None, seconds.and_then(|seconds| i64::try_from(seconds).ok()), None)
            }
            Self::DeviceTrusted(name) => ("device_trusted", None, None, Some(name)),
            Self::DeviceTokenReused(name) => ("device_token_reused", None, None, Some(name)),
        }
    }

    /// Reads what [`Self::to_parts`] gave; `None` for anything else.
    pub fn from_parts(
        name: &str,
        method: Option<Method>,
        number: Option<i64>,
        text: Option<String>,
    ) -> Option<Self> {
        Some(match name {
            "authenticator_added" => Self::AuthenticatorAdded(method?),
            "authenticator_removed" => Self::AuthenticatorRemoved(method?),
            "mfa_disabled" => Self::MfaDisabled,
            "mfa_reset" => Self::MfaReset,
            "recovery_code_used" => Self::RecoveryCodeUsed(number?),
            "recovery_codes_replaced" => Self::RecoveryCodesReplaced,
            "one_time_pass_issued" => Self::OneTimePassIssued,
            "lock_began" => Self::LockBegan(number.and_then(|seconds| u64::try_from(seconds).ok())),
            "device_trusted" => Self::DeviceTrusted(text?),
            "device_token_reused" => Self::DeviceTokenReused(text?),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_is_read_back() {
        for notice in [
            Notice::AuthenticatorAdded(Method::Totp),
            Notice::AuthenticatorRemoved(Method::Sms),
            Notice::MfaDisabled,
            Notice::MfaReset,
            Notice::RecoveryCodeUsed(3),
            Notice::RecoveryCodesReplaced,
            Notice::OneTimePassIssued,
            Notice::LockBegan(Some(30)),
            Notice::LockBegan(None),
            Notice::DeviceTrusted("Firefox on Linux".into()),
            Notice::DeviceTokenReused("Firefox on Linux".into()),
        ] {
            let (name, method, number, text) = notice.to_parts();
            let read = Notice::from_parts(name, method, number, text.map(str::to_owned));
            assert_eq!(read, Some(notice));
        }
        assert_eq!(Notice::from_parts("authenticator_added", None, None, None), None);
    }
}
