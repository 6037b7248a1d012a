//! What is recorded of what happened: enums and ids, no free text, so that nothing a person typed and no secret can
//! get in.

use super::factor::Factor;
use super::id::{Id, UserId};
use std::net::IpAddr;

macro_rules! names {
    ($(#[$doc:meta])* $enum:ident { $($(#[$vdoc:meta])* $variant:ident = $name:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $enum { $($(#[$vdoc])* $variant,)* }

        impl $enum {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name in the API and the database.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The value of that name.
            pub fn parse(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.as_str() == name)
            }
        }
    };
}

names! {
    /// What happened.
    Action {
        /// A login passed; the method says by what, the cause says why if by no factor.
        LoginPassed = "login.passed",
        /// A login took its fifth wrong answer.
        LoginFailed = "login.failed",
        /// The host abandoned a login, or later ones pushed it out.
        LoginCanceled = "login.canceled",
        /// An answer was rejected; the cause tells wrong, malformed, replayed and spent apart.
        CodeRejected = "code.rejected",
        /// A lock began.
        UserLocked = "user.locked",
        /// An administrator lifted the lock.
        UserUnlocked = "user.unlocked",
        /// The host deleted the user.
        UserDeleted = "user.deleted",
        /// The user's password changed: what was open is void.
        CredentialChanged = "user.credential_changed",
        /// An authenticator was enrolled.
        AuthenticatorEnrolled = "authenticator.enrolled",
        /// An authenticator was taken over from another system.
        AuthenticatorImported = "authenticator.imported",
        /// An authenticator was removed.
        AuthenticatorRemoved = "authenticator.removed",
        /// A user gave an authenticator another name.
        AuthenticatorRenamed = "authenticator.renamed",
        /// A user chose the method to be asked for first.
        PreferredMethodChanged = "preferred_method.changed",
        /// A user switched multi-factor authentication off; the number says how many authenticators went.
        MfaDisabled = "mfa.disabled",
        /// A code was sent.
        CodeSent = "code.sent",
        /// A code was asked for too soon, or over a cap.
        CodeWithheld = "code.withheld",
        /// The mail or SMS gateway did not take a code.
        CodeNotDelivered = "code.not_delivered",
        /// A recovery code was used.
        RecoveryCodeUsed = "recovery_code.used",
        /// A new set of recovery codes was made.
        RecoveryCodesCreated = "recovery_codes.created",
        /// An administrator issued a pass for one login; the number says for how many seconds.
        OneTimePassIssued = "one_time_pass.issued",
        /// A browser is trusted from now on.
        DeviceTrusted = "device.trusted",
        /// Trusted browsers were forgotten, as many as the number says.
        DevicesForgotten = "devices.forgotten",
        /// An older token of a trusted browser turned up: the browser is no longer trusted.
        DeviceTokenReused = "device.token_reused",
        /// The policy was changed.
        PolicyChanged = "policy.changed",
        /// An API key was made.
        KeyCreated = "key.created",
        /// An API key was revoked.
        KeyRevoked = "key.revoked",
        /// A site was added.
        SiteAdded = "site.added",
        /// Another master key seals from now on.
        MasterKeyActivated = "master_key.activated",
        /// A master key went: nothing is sealed under it any more.
        MasterKeyRetired = "master_key.retired",
    }
}

names! {
    /// Why it happened, where the action leaves that open.
    Cause {
        /// The code was wrong.
        Wrong = "wrong",
        /// The code was not of the method's form.
        Malformed = "malformed",
        /// The code was right, but its step was accepted before.
        Replayed = "replayed",
        /// The code was right, but too late.
        Expired = "expired",
        /// The recovery code or pass was used before or does not exist.
        UnknownOrSpent = "unknown_or_spent",
        /// The code did not prove a new authenticator.
        NotProven = "not_proven",
        /// More than the allowed number of logins were pending.
        TooManyPending = "too_many_pending",
        /// The host said so.
        ByHost = "by_host",
        /// The user did it, not an administrator.
        ByUser = "by_user",
        /// The secret is shorter than it should be.
        Weak = "weak",
        /// The policy is switched off.
        PolicyDisabled = "policy_disabled",
        /// Nothing is enrolled, and nothing need be.
        NotEnrolled = "not_enrolled",
        /// The browser is trusted.
        TrustedDevice = "trusted_device",
        /// Enrolment can still be put off.
        GracePeriod = "grace_period",
        /// The user's role is exempt.
        Exempt = "exempt",
    }
}

impl From<super::login::Reason> for Cause {
    fn from(reason: super::login::Reason) -> Self {
        use super::login::Reason;
        match reason {
            Reason::PolicyDisabled => Self::PolicyDisabled,
            Reason::NotEnrolled => Self::NotEnrolled,
            Reason::TrustedDevice => Self::TrustedDevice,
            Reason::GracePeriod => Self::GracePeriod,
            Reason::Exempt => Self::Exempt,
        }
    }
}

/// Who did it, as far as it is proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// The holder of an API key; `claimed` is whom the client says it acted for, unproven.
    Key {
        /// The key's id.
        id: Id,
        /// The host's user, as the client claims.
        claimed: Option<UserId>,
    },
    /// Someone with a shell on the machine.
    Cli,
}

/// One record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEvent {
    /// What happened.
    pub action: Action,
    /// To whom.
    pub user: Option<UserId>,
    /// By whom.
    pub actor: Actor,
    /// By what factor.
    pub method: Option<Factor>,
    /// Why.
    pub cause: Option<Cause>,
    /// How many, or which version, as the action says.
    pub number: Option<i64>,
    /// From where, as the host says.
    pub client_ip: Option<IpAddr>,
}

impl AuditEvent {
    /// An event with nothing but its action and actor.
    pub fn new(action: Action, actor: Actor) -> Self {
        Self { action, user: None, actor, method: None, cause: None, number: None, client_ip: None }
    }

    /// The same event, about `user`.
    pub fn about(self, user: &UserId) -> Self {
        Self { user: Some(user.clone()), ..self }
    }

    /// The same event, by `method`.
    pub fn by(self, method: Factor) -> Self {
        Self { method: Some(method), ..self }
    }

    /// The same event, because of `cause`.
    pub fn because(self, cause: Cause) -> Self {
        Self { cause: Some(cause), ..self }
    }

    /// The same event, with a count or version.
    pub fn number(self, number: i64) -> Self {
        Self { number: Some(number), ..self }
    }

    /// The same event, from the client's address as the host reported it.
    pub fn from_ip(self, ip: Option<IpAddr>) -> Self {
        Self { client_ip: ip, ..self }
    }
}
