//! Logins, for the bridge.

use super::body::{AcceptedUser, Formatted, MethodName, ProfileBody, client_ip, rfc3339};
use super::extract::{Json, Object, Request, path_segment};
use super::problem::{ApiError, problems};
use crate::domain::factor::{EnrollmentPrompt, Factor, Method};
use crate::domain::id::UserId;
use crate::domain::login::Purpose;
use crate::domain::secret::SubmittedCode;
use crate::service::Service;
use crate::service::caller::BridgeCaller;
use crate::service::enrollment::{BegunEnrollment, Confirmed};
use crate::service::error::MfaError;
use crate::service::login::{Answered, BeginLogin, LoginView};
use actix_web::{HttpRequest, HttpResponse, delete, get, post, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

problems!(BeginProblems: InvalidRequest, Unauthenticated, Forbidden, PayloadTooLarge, Unavailable);
problems!(ReadProblems: InvalidRequest, Unauthenticated, Forbidden, LoginNotFound, Unavailable);
problems!(CancelProblems:
    InvalidRequest, Unauthenticated, Forbidden, LoginNotFound, LoginNotPending, LoginExpired, Unavailable);
problems!(EnrollProblems:
    InvalidRequest, Unauthenticated, Forbidden, LoginNotFound, LoginNotPending, AlreadyEnrolled, LoginExpired,
    PayloadTooLarge, MethodNotAvailable, Throttled, Unavailable);
problems!(ConfirmProblems:
    InvalidRequest, Unauthenticated, Forbidden, LoginNotFound, LoginNotPending, AlreadyEnrolled,
    TooManyAuthenticators, LoginExpired, PayloadTooLarge, CodeRejected, Throttled, Unavailable);
problems!(ChallengeProblems:
    InvalidRequest, Unauthenticated, Forbidden, LoginNotFound, LoginNotPending, LoginExpired, PayloadTooLarge,
    MethodNotAvailable, Throttled, Unavailable);
problems!(AnswerProblems:
    InvalidRequest, Unauthenticated, Forbidden, LoginNotFound, LoginNotPending, LoginExpired, PayloadTooLarge,
    CodeRejected, MethodNotAvailable, Throttled, Unavailable);

/// Which login.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[allow(dead_code, reason = "documents the path")]
struct LoginPath {
    /// The login's id.
    #[param(pattern = "^[A-Za-z0-9_-]{32}$", example = "bGV0IG1lIGluLCBwbGVhc2UsIGl0J3Mg")]
    login_id: String,
}

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
    #[schema(max_length = 254, example = "alice@example.org")]
    email: Option<String>,
    /// For codes.
    #[schema(max_length = 32, example = "+15550100")]
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
    fn new(id: &str, view: LoginView) -> Self {
        Self {
            id: id.to_owned(),
            user: AcceptedUser { id: view.user_id.as_str().to_owned(), name: view.user_name },
            purpose: view.purpose.as_str(),
            created_at: rfc3339(view.created_at),
            expires_at: rfc3339(view.expires_at),
            status: view.status.as_str(),
            reason: view.reason.map(crate::domain::login::Reason::as_str),
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

/// Begin a login
///
/// After the host has proven the password. The answer says what the user must do next; `passed` means that the host
/// may open the session at once. Needs the role `bridge`.
#[utoipa::path(
    tag = "Logins",
    operation_id = "begin_login",
    request_body = BeginLoginBody,
    responses((status = 201, description = "The login has begun.", body = LoginBody), BeginProblems),
    security(("api_key" = ["bridge"]))
)]
#[post("/v1/logins")]
pub async fn begin(
    service: web::Data<Service>,
    request: Request<BridgeCaller, Json<BeginLoginBody>>,
) -> Result<HttpResponse, ApiError> {
    let Json(body) = request.body;
    let Object(user) = body.user;
    let Object(client) = body.client.unwrap_or_default();
    super::body::check_length("client.user_agent", client.user_agent.as_deref(), 1024)?;
    super::body::check_length("trusted_device", body.trusted_device.as_deref(), 512)?;
    let begin = BeginLogin {
        user_id: UserId::parse(user.id).map_err(|error| ApiError::invalid("user.id", error.to_string()))?,
        profile: ProfileBody {
            name: user.name,
            email: user.email,
            phone: user.phone,
            roles: user.roles,
            credential_version: user.credential_version,
        }
        .parse()?,
        client_ip: client_ip(client.ip.as_deref())?,
        purpose: body.purpose.map_or(Purpose::Login, Purpose::from),
    };
    let (token, view) = service.begin_login(&request.by, begin).await?;
    Ok(HttpResponse::Created().json(LoginBody::new(token.expose(), view)))
}

/// Read a login
///
/// For page reloads, in every state until 15 minutes after its end. Never opens a session: only the answer of the call
/// that moved the login to `passed` does. Needs the role `bridge`.
#[utoipa::path(
    tag = "Logins",
    operation_id = "read_login",
    params(LoginPath),
    responses((status = 200, description = "The login as it stands.", body = LoginBody), ReadProblems),
    security(("api_key" = ["bridge"]))
)]
#[get("/v1/logins/{login_id}")]
pub async fn read(
    req: HttpRequest,
    service: web::Data<Service>,
    request: Request<BridgeCaller>,
) -> Result<HttpResponse, ApiError> {
    let id = path_segment(&req, 3)?;
    let view = service.read_login(&request.by, &id).await?;
    Ok(HttpResponse::Ok().json(LoginBody::new(&id, view)))
}

/// Abandon a login
///
/// Needs the role `bridge`.
#[utoipa::path(
    tag = "Logins",
    operation_id = "cancel_login",
    params(LoginPath),
    responses((status = 204, description = "The login is canceled."), CancelProblems),
    security(("api_key" = ["bridge"]))
)]
#[delete("/v1/logins/{login_id}")]
pub async fn cancel(
    req: HttpRequest,
    service: web::Data<Service>,
    request: Request<BridgeCaller>,
) -> Result<HttpResponse, ApiError> {
    service.cancel_login(&request.by, &path_segment(&req, 3)?).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Begins an enrolment.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"method": "totp"}))]
pub struct BeginEnrollmentBody {
    method: MethodName,
    /// For `email` and `sms`: where to send the code.
    #[schema(max_length = 254)]
    destination: Option<String>,
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

/// Begin the forced enrolment
///
/// The service makes the secret and keeps it. Called again for the same method it answers the same secret, so that a
/// page reload does not void a code that was scanned. Needs the role `bridge`.
#[utoipa::path(
    tag = "Logins",
    operation_id = "begin_enrollment",
    params(LoginPath),
    request_body = BeginEnrollmentBody,
    responses((status = 200, description = "What to show the person.", body = EnrollmentBody), EnrollProblems),
    security(("api_key" = ["bridge"]))
)]
#[post("/v1/logins/{login_id}/enrollment")]
pub async fn enroll(
    req: HttpRequest,
    service: web::Data<Service>,
    request: Request<BridgeCaller, Json<BeginEnrollmentBody>>,
) -> Result<HttpResponse, ApiError> {
    let Json(body) = request.body;
    super::body::check_length("destination", body.destination.as_deref(), 254)?;
    let begun = service.begin_enrollment(&request.by, &path_segment(&req, 3)?, body.method.into()).await?;
    Ok(HttpResponse::Ok().json(EnrollmentBody::from(begun)))
}

/// Proves an enrolment.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"code": "123456"}))]
pub struct ConfirmBody {
    /// As the person typed it: blanks and hyphens do not matter.
    #[schema(example = "123456")]
    code: String,
}

/// A login passed by enrolling.
#[derive(Serialize, ToSchema)]
#[schema(as = ConfirmedEnrollment)]
pub struct ConfirmedBody {
    #[serde(flatten)]
    login: LoginBody,
    /// With the user's first authenticator: shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, value_type = Vec<String>, example = json!(["9F2K-7QXD-3M1A", "0XYB-4T8N-WK6P"]))]
    recovery_codes: Option<Vec<String>>,
}

/// Prove the forced enrolment
///
/// The first right code stores the authenticator and passes the login. Needs the role `bridge`.
#[utoipa::path(
    tag = "Logins",
    operation_id = "confirm_enrollment",
    params(LoginPath),
    request_body = ConfirmBody,
    responses((status = 200, description = "The login has passed.", body = ConfirmedBody), ConfirmProblems),
    security(("api_key" = ["bridge"]))
)]
#[post("/v1/logins/{login_id}/enrollment/confirm")]
pub async fn confirm(
    req: HttpRequest,
    service: web::Data<Service>,
    request: Request<BridgeCaller, Json<ConfirmBody>>,
) -> Result<HttpResponse, ApiError> {
    let Json(body) = request.body;
    let id = path_segment(&req, 3)?;
    match service.confirm_enrollment(&request.by, &id, SubmittedCode::new(&body.code)).await? {
        Confirmed::Passed { login, recovery_codes } => {
            let codes =
                recovery_codes.map(|codes| codes.iter().map(|code| code.expose().to_owned()).collect());
            let body = ConfirmedBody { login: LoginBody::new(&id, *login), recovery_codes: codes };
            Ok(HttpResponse::Ok().json(body))
        }
        Confirmed::Rejected { attempts_remaining } => Err(ApiError::CodeRejected { attempts_remaining }),
    }
}

/// Has a code sent.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"method": "email"}))]
pub struct ChallengeBody {
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

/// Have a code sent
///
/// For methods whose code is sent. `totp` codes are not: that is answered `method-not-available`, as are methods that
/// this version does not offer. Needs the role `bridge`.
#[utoipa::path(
    tag = "Logins",
    operation_id = "challenge",
    params(LoginPath),
    request_body = ChallengeBody,
    responses((status = 202, description = "A code is on its way.", body = SentChallengeBody), ChallengeProblems),
    security(("api_key" = ["bridge"]))
)]
#[post("/v1/logins/{login_id}/challenge")]
pub async fn challenge(
    req: HttpRequest,
    service: web::Data<Service>,
    request: Request<BridgeCaller, Json<ChallengeBody>>,
) -> Result<HttpResponse, ApiError> {
    let _method = Method::from(request.body.0.method);
    service.challenge(&request.by, &path_segment(&req, 3)?).await?;
    Err(MfaError::MethodNotAvailable.into())
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
    method: FactorName,
    /// As the person typed it: blanks and hyphens do not matter.
    #[schema(example = "123456")]
    code: String,
    /// Whether the browser shall be trusted, where the policy allows it.
    #[serde(default)]
    #[allow(dead_code, reason = "no policy of this version allows it")]
    trust_device: bool,
}

/// Answer a challenge
///
/// A right code passes the login, or moves it to `enrollment_required`. A wrong, replayed or spent one is
/// `code-rejected`; the fifth fails the login. Needs the role `bridge`.
#[utoipa::path(
    tag = "Logins",
    operation_id = "answer",
    params(LoginPath),
    request_body = AnswerBody,
    responses((status = 200, description = "The code was right; `status` says what follows.", body = LoginBody), AnswerProblems),
    security(("api_key" = ["bridge"]))
)]
#[post("/v1/logins/{login_id}/answer")]
pub async fn answer(
    req: HttpRequest,
    service: web::Data<Service>,
    request: Request<BridgeCaller, Json<AnswerBody>>,
) -> Result<HttpResponse, ApiError> {
    let Json(body) = request.body;
    let id = path_segment(&req, 3)?;
    match service.answer(&request.by, &id, body.method.into(), SubmittedCode::new(&body.code)).await? {
        Answered::Accepted(view) => Ok(HttpResponse::Ok().json(LoginBody::new(&id, *view))),
        Answered::Rejected { attempts_remaining } => Err(ApiError::CodeRejected { attempts_remaining }),
    }
}
