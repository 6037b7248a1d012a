//! The bodies of the calls for logins.

use super::body::{
    AcceptedUser, Destinations, Formatted, MethodName, ProfileBody, check_length, client_ip, destinations,
    rfc3339,
};
use super::extract::Object;
use super::problem::ApiError;
use crate::domain::factor::{Factor, Method};
use crate::domain::id::UserId;
use crate::domain::login::{Purpose, Reason};
use crate::domain::trusted_device::DeviceToken;
use crate::service::login::BeginLogin;
use crate::service::login_view::{LoginView, OfferedMethod, SentView};
use crate::service::out_of_band::Challenge;
use crate::service::trusted_devices::IssuedDevice;
use crate::store::users::Profile;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
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
    /// The language of messages to the user (BCP 47).
    #[schema(min_length = 1, max_length = 35, example = "en")]
    locale: Option<String>,
}

impl LoginUserBody {
    /// Checks each member.
    pub fn parse(self) -> Result<(UserId, Profile), ApiError> {
        let Self { id, name, email, phone, roles, credential_version, locale } = self;
        let id = UserId::parse(id).map_err(|error| ApiError::invalid("user.id", error.to_string()))?;
        let profile = ProfileBody { name, email, phone, roles, credential_version, locale };
        Ok((id, profile.parse()?))
    }
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
        let (user_id, profile) = user.parse()?;
        Ok(BeginLogin {
            user_id,
            profile,
            client_ip: client_ip(client.ip.as_deref())?,
            user_agent: client.user_agent,
            // What cannot be a token is like one that is not known: no reason to refuse the login.
            trusted_device: self.trusted_device.as_deref().and_then(DeviceToken::parse).map(Arc::new),
            purpose: self.purpose.map_or(Purpose::Login, Purpose::from),
        })
    }
}

/// A way to answer a challenge.
#[derive(Serialize, ToSchema)]
#[schema(as = OfferedMethod)]
pub struct OfferedMethodBody {
    /// `totp`, `email`, `sms`, `webauthn`, `recovery_code`, `one_time_pass`.
    #[schema(example = "totp")]
    method: &'static str,
    /// Whether to show it first.
    preferred: bool,
    /// For methods that send codes: which of the user's authenticators.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, value_type = String, example = "0198b2a6-2f5c-7000-8000-5d1f0e8c7a11")]
    authenticator_id: Option<String>,
    /// For methods that send codes: where to, masked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, value_type = String, example = "a••••@example.org")]
    destination: Option<String>,
    /// For recovery codes: how many are left.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, value_type = i64, example = 10)]
    remaining: Option<i64>,
}

impl From<OfferedMethod> for OfferedMethodBody {
    fn from(offered: OfferedMethod) -> Self {
        Self {
            method: offered.factor.as_str(),
            preferred: offered.preferred,
            authenticator_id: offered.authenticator.map(|id| id.to_string()),
            destination: offered.destination,
            remaining: offered.remaining,
        }
    }
}

/// The code that was sent for a login.
#[derive(Serialize, ToSchema)]
#[schema(as = SentCode)]
pub struct SentCodeBody {
    /// `email` or `sms`.
    #[schema(example = "email")]
    method: &'static str,
    /// The authenticator that it proves; `null` for one that is being enrolled.
    authenticator_id: Option<String>,
    /// Masked.
    #[schema(example = "a••••@example.org")]
    destination: String,
    /// Until when the code is taken.
    expires_at: Formatted,
    /// Seconds until another one can be sent.
    #[schema(example = 30)]
    resend_after: u64,
    /// `pending`, `accepted` or `failed`, as the mail or SMS gateway said.
    #[schema(example = "accepted")]
    delivery: &'static str,
}

impl From<SentView> for SentCodeBody {
    fn from(sent: SentView) -> Self {
        let challenge = sent.challenge;
        Self {
            method: challenge.method.as_str(),
            authenticator_id: challenge.authenticator.map(|id| id.to_string()),
            destination: challenge.destination,
            expires_at: rfc3339(challenge.expires_at),
            resend_after: challenge.resend_after,
            delivery: sent.delivery.as_str(),
        }
    }
}

/// A token for the browser's cookie: HttpOnly, and SameSite at least Lax.
#[derive(Serialize, ToSchema)]
#[schema(as = IssuedDevice)]
pub struct IssuedDeviceBody {
    /// Replaces the one that the browser had.
    #[schema(example = "bGV0IG1lIGluLCBwbGVhc2UsIGl0J3Mg.bm90aGluZyB0byBzZWUgaGVyZSwgbW92")]
    token: String,
    /// Until when the browser is trusted.
    expires_at: Formatted,
}

impl From<IssuedDevice> for IssuedDeviceBody {
    fn from(issued: IssuedDevice) -> Self {
        Self { token: issued.token.expose().to_string(), expires_at: rfc3339(issued.expires_at) }
    }
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
    "sent_code": null,
    "enrollable": [],
    "known_destinations": {},
    "attempts_remaining": 5,
    "retry_after": null,
    "grace_ends_at": null,
    "method": null,
    "amr": [],
    "authenticated_at": null,
    "enrolled_now": false,
    "recovery_codes_remaining": null,
    "trusted_device_days": 30,
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
    /// The code that was sent last, for the challenge or the enrolment that the login waits for.
    #[schema(value_type = Option<SentCodeBody>)]
    sent_code: Option<SentCodeBody>,
    /// With `enrollment_required`: what can be enrolled.
    enrollable: Vec<&'static str>,
    /// With `enrollment_required`: where the host could have codes sent without asking the person, masked.
    known_destinations: Destinations,
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
    /// Recovery codes that are left, once one of them has passed the login.
    recovery_codes_remaining: Option<i64>,
    /// For how many days the browser may be trusted by `trust_device`; 0: not at all.
    trusted_device_days: u16,
    /// A new token for the browser's cookie, in the answer that gave it.
    #[schema(value_type = Option<IssuedDeviceBody>)]
    trusted_device: Option<IssuedDeviceBody>,
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
            methods: view.methods.into_iter().map(OfferedMethodBody::from).collect(),
            sent_code: view.sent_code.map(SentCodeBody::from),
            known_destinations: destinations(view.known_destinations),
            enrollable: view.enrollable.into_iter().map(Method::as_str).collect(),
            attempts_remaining: view.attempts_remaining,
            retry_after: view.retry_after,
            grace_ends_at: view.grace_ends_at.map(rfc3339),
            method: view.factor.map(Factor::as_str),
            amr: view.factor.map_or_else(Vec::new, |factor| factor.amr().to_vec()),
            authenticated_at: view.authenticated_at.map(rfc3339),
            enrolled_now: view.enrolled_now,
            recovery_codes_remaining: view.recovery_codes_remaining,
            trusted_device_days: view.trusted_device_days,
            trusted_device: view.trusted_device.map(IssuedDeviceBody::from),
        }
    }
}

/// Has a code sent.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"method": "email"}))]
pub struct ChallengeBody {
    pub(super) method: MethodName,
    /// Which of the user's authenticators of the method; the one used last if it is not given.
    #[schema(example = "0198b2a6-2f5c-7000-8000-5d1f0e8c7a11")]
    pub(super) authenticator_id: Option<String>,
}

/// A code is on its way.
#[derive(Serialize, ToSchema)]
#[schema(as = SentChallenge, example = json!({
    "method": "email",
    "authenticator_id": "0198b2a6-2f5c-7000-8000-5d1f0e8c7a11",
    "destination": "a••••@example.org",
    "expires_at": "2026-01-07T09:22:55Z",
    "resend_after": 30
}))]
pub struct SentChallengeBody {
    /// `email` or `sms`.
    method: &'static str,
    /// The authenticator that it proves; `null` for one that is being enrolled.
    authenticator_id: Option<String>,
    /// Masked.
    destination: String,
    /// Until when the code is taken.
    expires_at: Formatted,
    /// Seconds until another one can be sent.
    resend_after: u64,
}

impl From<Challenge> for SentChallengeBody {
    fn from(challenge: Challenge) -> Self {
        Self {
            method: challenge.method.as_str(),
            authenticator_id: challenge.authenticator.map(|id| id.to_string()),
            destination: challenge.destination,
            expires_at: rfc3339(challenge.expires_at),
            resend_after: challenge.resend_after,
        }
    }
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
    pub(super) trust_device: bool,
}
