//! Logins, for the bridge.

use super::body::shown;
use super::enrollment_body::{BeginEnrollmentBody, ConfirmBody, ConfirmedBody, EnrollmentBody};
use super::extract::{Json, Request, parse_id, path_segment};
use super::login_body::{AnswerBody, BeginLoginBody, ChallengeBody, LoginBody, SentChallengeBody};
use super::problem::{ApiError, problems};
use crate::domain::secret::SubmittedCode;
use crate::service::Service;
use crate::service::answer::Answered;
use crate::service::caller::BridgeCaller;
use crate::service::enrollment::Confirmed;
use actix_web::{HttpRequest, HttpResponse, delete, get, post, web};
use utoipa::IntoParams;

problems!(BeginProblems: InvalidRequest, Unauthenticated, Forbidden, PayloadTooLarge, Unavailable);
problems!(ReadProblems: InvalidRequest, Unauthenticated, Forbidden, LoginNotFound, Unavailable);
problems!(CancelProblems:
    InvalidRequest, Unauthenticated, Forbidden, LoginNotFound, LoginNotPending, LoginExpired, Unavailable);
problems!(EnrollProblems:
    InvalidRequest, Unauthenticated, Forbidden, LoginNotFound, LoginNotPending, AlreadyEnrolled, LoginExpired,
    PayloadTooLarge, MethodNotAvailable, Throttled, DeliveryFailed, Unavailable);
problems!(ConfirmProblems:
    InvalidRequest, Unauthenticated, Forbidden, LoginNotFound, LoginNotPending, AlreadyEnrolled, LoginExpired,
    PayloadTooLarge, CodeRejected, Throttled, Unavailable);
problems!(ChallengeProblems:
    InvalidRequest, Unauthenticated, Forbidden, LoginNotFound, LoginNotPending, LoginExpired, PayloadTooLarge,
    MethodNotAvailable, Throttled, DeliveryFailed, Unavailable);
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
    let begin = request.body.0.parse()?;
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

/// Begin the forced enrolment
///
/// For an app the service makes the secret and keeps it; called again it answers the same one, so that a page reload
/// does not void what was scanned. For `email` and `sms` a code is sent each time, and voids the one before. Needs the
/// role `bridge`.
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
    let (method, wanted) = body.parse(&service)?;
    let begun = service.begin_enrollment(&request.by, &path_segment(&req, 3)?, method, wanted).await?;
    Ok(HttpResponse::Ok().json(EnrollmentBody::from(begun)))
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
        Confirmed::Passed { login, recovery_codes, .. } => {
            let recovery_codes = recovery_codes.map(shown);
            let body = ConfirmedBody { login: LoginBody::new(&id, *login), recovery_codes };
            Ok(HttpResponse::Ok().json(body))
        }
        Confirmed::Rejected { attempts_remaining } => Err(ApiError::CodeRejected { attempts_remaining }),
    }
}

/// Have a code sent
///
/// For `email` and `sms`. Waits until the mail or SMS gateway has taken it. A newer code of the login, by whatever way,
/// voids the older one. The first one gives the login time until the code expires. Needs the role `bridge`.
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
    let Json(body) = request.body;
    let authenticator = body.authenticator_id.as_deref().map(parse_id).transpose()?;
    let id = path_segment(&req, 3)?;
    let sent = service.challenge(&request.by, &id, body.method.into(), authenticator).await?;
    Ok(HttpResponse::Accepted().json(SentChallengeBody::from(sent)))
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
    let (factor, code) = (body.method.into(), SubmittedCode::new(&body.code));
    match service.answer(&request.by, &id, factor, code, body.trust_device).await? {
        Answered::Accepted(view) => Ok(HttpResponse::Ok().json(LoginBody::new(&id, *view))),
        Answered::Rejected { attempts_remaining } => Err(ApiError::CodeRejected { attempts_remaining }),
    }
}
