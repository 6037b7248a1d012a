//! The bodies of the calls for logins.

use super::body::{AcceptedUser, Formatted, MethodName, ProfileBody, check_length, client_ip, rfc3339};
use super::extract::Object;
use super::problem::ApiError;
use crate::domain::factor::{EnrollmentPrompt, Factor, Method};
use crate::domain::id::UserId;
use crate::domain::login::{Purpose, Reason};
use crate::service::enrollment::BegunEnrollment;
use crate::service::login::BeginLogin;
use crate::service::login_view::LoginView;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A user whose password the host has just checked.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LoginUserBody {
    /// The host's own stable id. Compared byte for byte.
    #[schema(min_length = 1, max_length = 255, example = "42")]
    id: String,
    /// As apps and pages show it.
    #[schema(min_length = 1, max_length = 255, example = "alice")]
    name: String,
    /// For codes and notices.
    #[schema(min_length = 1, max_length = 254, example = "alice@example.org")]
    email: Option<String>,
    /// For codes.
    #[schema(min_length = 1, max_length = 32, example = "+15550100")]
    phone: Option<String>,
    /// The user's roles in the host. Where the policy names roles, a login without them counts as required.
    #[schema(max_items = 200, example = json!(["editor"]))]
    roles: Option<Vec<String>>,
    /// Opaque; changes when the password changes, and then voids what is open.
    #[schema(max_length = 1024, example = "2026-01-07T09:12:55Z")]
    credential_version: Option<String>,
}

/// The person's browser, as the host sees it.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClientBody {
    /// For the audit log.
    #[schema(example = "203.0.113.9")]
    ip: Option<String>,
    /// To name a browser by.
    #[schema(max_length = 1024, example = "Mozilla/5.0")]
    user_agent: Option<String>,
}

/// What a login is for.
#[derive(Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PurposeName {
    /// To open a session.
    Login,
    /// To do something sensitive in an open session.
    StepUp,
}

impl From<PurposeName> for Purpose {
    fn from(name: PurposeName) -> Self {
        match name {
            PurposeName::Login => Self::Login,
            PurposeName::StepUp => Self::StepUp,
        }
    }
}

/// Begins a login.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "user": {"id": "42", "name": "alice", "email": "alice@example.org", "roles": ["editor"]},
    "client": {"ip": "203.0.113.9", "user_agent": "Mozilla/5.0"},
    "purpose": "login"
}))]
pub struct BeginLoginBody {
    #[schema(value_type = LoginUserBody)]
    user: Object<LoginUserBody>,
    #[schema(value_type = Option<ClientBody>)]
    client: Option<Object<ClientBody>>,
    /// `login` if it is not given.
    purpose: Option<PurposeName>,
    /// The token from the browser's cookie.
    #[schema(max_length = 512)]
    trusted_device: Option<String>,
}

impl BeginLoginBody {
    /// Checks each member.
    pub(super) fn parse(self) -> Result<BeginLogin, ApiError> {
        let Object(user) = self.user;
        let Object(client) = self.client.unwrap_or_default();
        check_length("client.user_agent", client.user_agent.as_deref(), 1024)?;
        check_length("trusted_device", self.trusted_device.as_deref(), 512)?;
        let profile = ProfileBody {
            name: user.name,
            email: user.email,
            phone: user.phone,
            roles: user.roles,
            credential_version: user.credential_version,
        };
        Ok(BeginLogin {
            user_id: UserId::parse(user.id)
                .map_err(|error| ApiError::invalid("user.id", error.to_string()))?,
            profile: profile.parse()?,
            client_ip: client_ip(client.ip.as_deref())?,
            purpose: self.purpose.map_or(Purpose::Login, Purpose::from),
        })
    }
}

/// A way to answer a challenge.
#[derive(Serialize, ToSchema)]
#[schema(as = OfferedMethod)]
pub struct OfferedMethodBody {
    /// `totp`, `email`, `sms`, `webauthn`, `recovery_code`.
    #[schema(example = "totp")]
    method: &'static str,
    /// Whether to show it first.
    preferred: bool,
    /// For recovery codes: how many are left.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, value_type = i64, example = 10)]
    remaining: Option<i64>,
}

/// A login as its host sees it.
#[derive(Serialize, ToSchema)]
#[schema(as = Login, example = json!({
    "id": "bGV0IG1lIGluLCBwbGVhc2UsIGl0J3Mg",
    "user": {"id": "42", "name": "alice"},
    "purpose": "login",
    "created_at": "2026-01-07T09:12:55Z",
    "expires_at": "2026-01-07T09:14:55Z",
    "status": "challenge_required",
    "reason": null,
    "methods": [
        {"method": "totp", "preferred": true},
        {"method": "recovery_code", "preferred": false, "remaining": 10}
    ],
    "enrollable": [],
    "attempts_remaining": 5,
    "retry_after": null,
    "grace_ends_at": null,
    "method": null,
    "amr": [],
    "authenticated_at": null,
    "enrolled_now": false,
    "trusted_device": null
}))]
pub struct LoginBody {
    /// Keep it in the host's session only; who has it can answer the login.
    id: String,
    user: AcceptedUser,
    /// `login` or `step_up`.
    purpose: &'static str,
    created_at: Formatted,
    /// When it ends by itself.
    expires_at: Formatted,
    /// `enrollment_required`, `challenge_required`, `passed`, `failed`, `expired` or `canceled`.
    status: &'static str,
    /// Why it passed without a factor: `policy_disabled`, `not_enrolled`, `trusted_device`, `grace_period` or `exempt`.
    reason: Option<&'static str>,
    /// With `challenge_required`: how it can be answered, the first one first.
    methods: Vec<OfferedMethodBody>,
    /// With `enrollment_required`: what can be enrolled.
    enrollable: Vec<&'static str>,
    /// Answers that are left.
    attempts_remaining: i32,
    /// While the user is locked: seconds until the next answer is taken.
    retry_after: Option<u64>,
    /// With `grace_period`: when enrolment can no longer be put off.
    grace_ends_at: Option<Formatted>,
    /// What passed it.
    method: Option<&'static str>,
    /// Authentication method references (RFC 8176).
    amr: Vec<&'static str>,
    /// When a factor passed it.
    authenticated_at: Option<Formatted>,
    /// Whether it was passed by enrolling.
    enrolled_now: bool,
    /// A new token for the browser's cookie.
    #[schema(value_type = Option<Object>)]
    trusted_device: Option<()>,
}

impl LoginBody {
    pub(super) fn new(id: &str, view: LoginView) -> Self {
        Self {
            id: id.to_owned(),
            user: AcceptedUser { id: view.user_id.as_str().to_owned(), name: view.user_name },
            purpose: view.purpose.as_str(),
            created_at: rfc3339(view.created_at),
            expires_at: rfc3339(view.expires_at),
            status: view.status.as_str(),
            reason: view.reason.map(Reason::as_str),
            methods: view
                .methods
                .into_iter()
                .map(|offered| OfferedMethodBody {
                    method: offered.factor.as_str(),
                    preferred: offered.preferred,
                    remaining: offered.remaining,
                })
                .collect(),
            enrollable: view.enrollable.into_iter().map(Method::as_str).collect(),
            attempts_remaining: view.attempts_remaining,
            retry_after: view.retry_after,
            grace_ends_at: view.grace_ends_at.map(rfc3339),
            method: view.factor.map(Factor::as_str),
            amr: view.factor.map_or_else(Vec::new, |factor| factor.amr().to_vec()),
            authenticated_at: view.authenticated_at.map(rfc3339),
            enrolled_now: view.enrolled_now,
            trusted_device: None,
        }
    }
}

/// Begins an enrolment.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"method": "totp"}))]
pub struct BeginEnrollmentBody {
    pub(super) method: MethodName,
    /// For `email` and `sms`: where to send the code.
    #[schema(max_length = 254)]
    pub(super) destination: Option<String>,
}

/// What a person needs to enrol an authenticator app. Show it, never store it.
#[derive(Serialize, ToSchema)]
#[schema(as = TotpEnrollment)]
pub struct EnrollmentBody {
    #[schema(example = "totp")]
    method: &'static str,
    /// Base32, for typing.
    #[schema(example = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")]
    secret: String,
    /// For tapping on a phone.
    #[schema(
        example = "otpauth://totp/Example:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Example&algorithm=SHA1&digits=6&period=30"
    )]
    otpauth_uri: String,
    /// An SVG document, for scanning.
    #[schema(example = "<svg xmlns=\"http://www.w3.org/2000/svg\"/>")]
    qr_svg: String,
    /// Until when the first code is taken.
    expires_at: Formatted,
}

impl From<BegunEnrollment> for EnrollmentBody {
    fn from(begun: BegunEnrollment) -> Self {
        let EnrollmentPrompt::Totp { secret, otpauth_uri, qr_svg } = begun.prompt;
        Self {
            method: begun.method.as_str(),
            secret: secret.to_string(),
            otpauth_uri: otpauth_uri.to_string(),
            qr_svg: qr_svg.to_string(),
            expires_at: rfc3339(begun.expires_at),
        }
    }
}

/// Proves an enrolment.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"code": "123456"}))]
pub struct ConfirmBody {
    /// As the person typed it: blanks and hyphens do not matter.
    #[schema(example = "123456")]
    pub(super) code: String,
}

/// A login passed by enrolling.
#[derive(Serialize, ToSchema)]
#[schema(as = ConfirmedEnrollment)]
pub struct ConfirmedBody {
    #[serde(flatten)]
    pub(super) login: LoginBody,
    /// With the user's first authenticator: shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, value_type = Vec<String>, example = json!(["9F2K-7QXD-3M1A", "0XYB-4T8N-WK6P"]))]
    pub(super) recovery_codes: Option<Vec<String>>,
}

/// Has a code sent.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"method": "email"}))]
pub struct ChallengeBody {
    #[allow(dead_code, reason = "no method of this version sends codes")]
    method: MethodName,
}

/// A code is on its way.
#[derive(Serialize, ToSchema)]
#[schema(as = SentChallenge, example = json!({
    "destination": "a••••@example.org",
    "expires_at": "2026-01-07T09:22:55Z",
    "resend_after": "2026-01-07T09:13:55Z"
}))]
pub struct SentChallengeBody {
    /// Masked.
    destination: String,
    /// Until when the code is taken.
    expires_at: Formatted,
    /// When another one can be sent.
    resend_after: Formatted,
}

/// What a login is answered by.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FactorName {
    /// An authenticator app.
    Totp,
    /// A code sent by e-mail.
    Email,
    /// A code sent by text message.
    Sms,
    /// A passkey or security key.
    Webauthn,
    /// A recovery code.
    RecoveryCode,
    /// A pass that an administrator issued.
    OneTimePass,
}

impl From<FactorName> for Factor {
    fn from(name: FactorName) -> Self {
        match name {
            FactorName::Totp => Self::Authenticator(Method::Totp),
            FactorName::Email => Self::Authenticator(Method::Email),
            FactorName::Sms => Self::Authenticator(Method::Sms),
            FactorName::Webauthn => Self::Authenticator(Method::Webauthn),
            FactorName::RecoveryCode => Self::RecoveryCode,
            FactorName::OneTimePass => Self::OneTimePass,
        }
    }
}

/// Answers a challenge.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"method": "totp", "code": "123456"}))]
pub struct AnswerBody {
    pub(super) method: FactorName,
    /// As the person typed it: blanks and hyphens do not matter.
    #[schema(example = "123456")]
    pub(super) code: String,
    /// Whether the browser shall be trusted, where the policy allows it.
    #[serde(default)]
    #[allow(dead_code, reason = "no policy of this version allows it")]
    trust_device: bool,
}
