//! A user's own authenticators and trusted devices, for the bridge, which has checked the password or a step-up.

use super::body::{MethodName, check_text, shown};
use super::enrollment_body::{BeginEnrollmentBody, ConfirmBody, EnrollmentBody};
use super::extract::{Json, Request, path_id, path_segment, path_user, step_up};
use super::login_body::SentChallengeBody;
use super::problem::{ApiError, problems};
use super::users::{AuthenticatorBody, UserPath};
use crate::domain::secret::SubmittedCode;
use crate::service::Service;
use crate::service::caller::BridgeCaller;
use crate::service::enrollment::Confirmed;
use actix_web::{HttpRequest, HttpResponse, delete, patch, post, put, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

problems!(BeginProblems:
    InvalidRequest, Unauthenticated, Forbidden, StepUpRequired, UserNotFound, TooManyAuthenticators, PayloadTooLarge,
    MethodNotAvailable, Throttled, DeliveryFailed, Unavailable);
problems!(ResendProblems:
    InvalidRequest, Unauthenticated, Forbidden, StepUpRequired, UserNotFound, AuthenticatorNotFound, LoginNotPending,
    LoginExpired, MethodNotAvailable, Throttled, DeliveryFailed, Unavailable);
problems!(ConfirmProblems:
    InvalidRequest, Unauthenticated, Forbidden, StepUpRequired, UserNotFound, AuthenticatorNotFound, LoginNotPending,
    TooManyAuthenticators, LoginExpired, PayloadTooLarge, CodeRejected, Throttled, Unavailable);
problems!(RenameProblems:
    InvalidRequest, Unauthenticated, Forbidden, UserNotFound, AuthenticatorNotFound, PayloadTooLarge, Unavailable);
problems!(RemoveProblems:
    InvalidRequest, Unauthenticated, Forbidden, StepUpRequired, UserNotFound, AuthenticatorNotFound, LastAuthenticator,
    Unavailable);
problems!(PreferProblems:
    InvalidRequest, Unauthenticated, Forbidden, StepUpRequired, UserNotFound, PayloadTooLarge, MethodNotAvailable,
    Unavailable);
problems!(RecoveryCodesProblems:
    InvalidRequest, Unauthenticated, Forbidden, StepUpRequired, UserNotFound, MethodNotAvailable, Throttled,
    Unavailable);
problems!(DisableProblems:
    InvalidRequest, Unauthenticated, Forbidden, StepUpRequired, UserNotFound, LastAuthenticator, Unavailable);
problems!(DevicesProblems: InvalidRequest, Unauthenticated, Forbidden, UserNotFound, Unavailable);
problems!(DeviceProblems:
    InvalidRequest, Unauthenticated, Forbidden, UserNotFound, AuthenticatorNotFound, Unavailable);

/// A fresh proof.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[allow(dead_code, reason = "documents the header")]
struct StepUpHeader {
    /// The id of a login of this user that passed by a factor within the last 10 minutes; needed while the user has an
    /// authenticator.
    #[param(rename = "Mfa-Step-Up", example = "bGV0IG1lIGluLCBwbGVhc2UsIGl0J3Mg")]
    mfa_step_up: Option<String>,
}

/// Which enrolment.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[allow(dead_code, reason = "documents the path")]
struct EnrollmentPath {
    /// The enrolment's id.
    #[param(pattern = "^[A-Za-z0-9_-]{32}$", example = "bGV0IG1lIGluLCBwbGVhc2UsIGl0J3Mg")]
    enrollment_id: String,
}

/// Which authenticator.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[allow(dead_code, reason = "documents the path")]
struct AuthenticatorPath {
    /// The authenticator's id.
    #[param(example = "0198b2a6-2f5c-7000-8000-5d1f0e8c7a11")]
    authenticator_id: String,
}

/// Which trusted device.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[allow(dead_code, reason = "documents the path")]
struct DevicePath {
    /// The device's id.
    #[param(example = "0198b2a6-2f5c-7000-8000-5d1f0e8c7a11")]
    device_id: String,
}

/// Begins to enrol one more authenticator.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BeginOwnEnrollment, example = json!({"method": "totp", "name": "Work phone"}))]
pub struct BeginOwnBody {
    method: MethodName,
    /// For its user.
    #[schema(min_length = 1, max_length = 100, example = "Work phone")]
    name: Option<String>,
    /// For `email` and `sms`: where to send the code; what the host said of the user if it is not given.
    #[schema(max_length = 254, example = "alice@example.org")]
    destination: Option<String>,
    /// For `sms`: the country (ISO 3166-1 alpha-2) of a number in national form.
    #[schema(pattern = "^[A-Za-z]{2}$", example = "DE")]
    country: Option<String>,
}

/// What a person needs to enrol, and the enrolment's id.
#[derive(Serialize, ToSchema)]
#[schema(as = OwnEnrollment)]
pub struct BegunOwnBody {
    /// Names the enrolment.
    #[schema(example = "bGV0IG1lIGluLCBwbGVhc2UsIGl0J3Mg")]
    id: String,
    #[serde(flatten)]
    enrollment: EnrollmentBody,
}

/// An authenticator was enrolled.
#[derive(Serialize, ToSchema)]
#[schema(as = EnrolledAuthenticator)]
pub struct EnrolledBody {
    authenticator: AuthenticatorBody,
    /// For a user who has none, as with the first authenticator: shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, value_type = Vec<String>, example = json!(["9F2K-7QXD-3M1A", "0XYB-4T8N-WK6P"]))]
    recovery_codes: Option<Vec<String>>,
}

/// Gives an authenticator another name.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RenameAuthenticator, example = json!({"name": "Work phone"}))]
pub struct RenameBody {
    /// For its user.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
}

/// Says which method is asked for first.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PreferredMethod, example = json!({"method": "totp"}))]
pub struct PreferBody {
    method: MethodName,
}

/// A new set of recovery codes.
#[derive(Serialize, ToSchema)]
#[schema(as = RecoveryCodes)]
pub struct RecoveryCodesBody {
    /// Shown this once.
    #[schema(example = json!(["9F2K-7QXD-3M1A", "0XYB-4T8N-WK6P"]))]
    recovery_codes: Vec<String>,
}

/// A name that a person gave: trimmed, without control characters.
fn parse_name(name: &str) -> Result<String, ApiError> {
    let name = name.trim();
    check_text("name", Some(name), 100)?;
    Ok(name.to_owned())
}

/// Begin to enrol one more authenticator
///
/// Needs the role `bridge`, and a step-up while the user has an authenticator.
#[utoipa::path(
    tag = "Self-service",
    operation_id = "begin_own_enrollment",
    params(UserPath, StepUpHeader),
    request_body = BeginOwnBody,
    responses((status = 201, description = "What to show the person.", body = BegunOwnBody), BeginProblems),
    security(("api_key" = ["bridge"]))
)]
#[post("/v1/users/{user_id}/enrollments")]
pub async fn begin(
    req: HttpRequest,
    service: web::Data<Service>,
    request: Request<BridgeCaller, Json<BeginOwnBody>>,
) -> Result<HttpResponse, ApiError> {
    let Json(BeginOwnBody { method, name, destination, country }) = request.body;
    let name = name.as_deref().map(parse_name).transpose()?;
    let (method, wanted) = BeginEnrollmentBody { method, destination, country }.parse(&service)?;
    let (user, proof) = (path_user(&req)?, step_up(&req));
    let (id, begun) = service.begin_own_enrollment(&request.by, user, method, wanted, name, proof).await?;
    let body = BegunOwnBody { id: id.expose().to_owned(), enrollment: begun.into() };
    Ok(HttpResponse::Created().json(body))
}

/// Send the code of an enrolment again
///
/// The one before is void. Needs the role `bridge`, and a step-up while the user has an authenticator.
#[utoipa::path(
    tag = "Self-service",
    operation_id = "resend_own_enrollment",
    params(UserPath, EnrollmentPath, StepUpHeader),
    responses((status = 202, description = "A code is on its way.", body = SentChallengeBody), ResendProblems),
    security(("api_key" = ["bridge"]))
)]
#[post("/v1/users/{user_id}/enrollments/{enrollment_id}/resend")]
pub async fn resend(
    req: HttpRequest,
    service: web::Data<Service>,
    request: Request<BridgeCaller>,
) -> Result<HttpResponse, ApiError> {
    let (user, id) = (path_user(&req)?, path_segment(&req, 5)?);
    let sent = service.resend_own_enrollment(&request.by, user, &id, step_up(&req)).await?;
    Ok(HttpResponse::Accepted().json(SentChallengeBody::from(sent)))
}

/// Prove an enrolment
///
/// The first right code stores the authenticator; the fifth wrong one ends the enrolment. Needs the role `bridge`, and
/// a step-up if the user has an authenticator by now.
#[utoipa::path(
    tag = "Self-service",
    operation_id = "confirm_own_enrollment",
    params(UserPath, EnrollmentPath, StepUpHeader),
    request_body = ConfirmBody,
    responses((status = 200, description = "The authenticator is enrolled.", body = EnrolledBody), ConfirmProblems),
    security(("api_key" = ["bridge"]))
)]
#[post("/v1/users/{user_id}/enrollments/{enrollment_id}/confirm")]
pub async fn confirm(
    req: HttpRequest,
    service: web::Data<Service>,
    request: Request<BridgeCaller, Json<ConfirmBody>>,
) -> Result<HttpResponse, ApiError> {
    let Json(body) = request.body;
    let (user, id, code) = (path_user(&req)?, path_segment(&req, 5)?, SubmittedCode::new(&body.code));
    match service.confirm_own_enrollment(&request.by, user, &id, code, step_up(&req)).await? {
        Confirmed::Passed { authenticator, recovery_codes, .. } => {
            let authenticator = (*authenticator).into();
            Ok(HttpResponse::Ok()
                .json(EnrolledBody { authenticator, recovery_codes: recovery_codes.map(shown) }))
        }
        Confirmed::Rejected { attempts_remaining } => Err(ApiError::CodeRejected { attempts_remaining }),
    }
}

/// Rename an authenticator
///
/// Needs the role `bridge`.
#[utoipa::path(
    tag = "Self-service",
    operation_id = "rename_own_authenticator",
    params(UserPath, AuthenticatorPath),
    request_body = RenameBody,
    responses((status = 200, description = "The authenticator.", body = AuthenticatorBody), RenameProblems),
    security(("api_key" = ["bridge"]))
)]
#[patch("/v1/users/{user_id}/authenticators/{authenticator_id}")]
pub async fn rename(
    req: HttpRequest,
    service: web::Data<Service>,
    request: Request<BridgeCaller, Json<RenameBody>>,
) -> Result<HttpResponse, ApiError> {
    let Json(body) = request.body;
    let name = parse_name(&body.name)?;
    let (user, id) = (path_user(&req)?, path_id(&req, 5)?);
    let renamed = service.rename_own_authenticator(&request.by, user, id, name).await?;
    Ok(HttpResponse::Ok().json(AuthenticatorBody::from(renamed)))
}

/// Remove an authenticator
///
/// Unless it is the last one that satisfies a policy that requires one. With the last of all go recovery codes, trusted
/// devices and the preferred method. Needs the role `bridge`, and a step-up.
/// To remove the last of all, a step-up by a recovery code or one-time pass does not do.
#[utoipa::path(
    tag = "Self-service",
    operation_id = "remove_own_authenticator",
    params(UserPath, AuthenticatorPath, StepUpHeader),
    responses((status = 204, description = "It is removed."), RemoveProblems),
    security(("api_key" = ["bridge"]))
)]
#[delete("/v1/users/{user_id}/authenticators/{authenticator_id}")]
pub async fn remove(
    req: HttpRequest,
    service: web::Data<Service>,
    request: Request<BridgeCaller>,
) -> Result<HttpResponse, ApiError> {
    let (user, id) = (path_user(&req)?, path_id(&req, 5)?);
    service.remove_own_authenticator(&request.by, user, id, step_up(&req)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Set the preferred method
///
/// One that is enrolled; logins ask for it first. Needs the role `bridge`, and a step-up.
#[utoipa::path(
    tag = "Self-service",
    operation_id = "prefer_method",
    params(UserPath, StepUpHeader),
    request_body = PreferBody,
    responses((status = 204, description = "It is preferred."), PreferProblems),
    security(("api_key" = ["bridge"]))
)]
#[put("/v1/users/{user_id}/preferred-method")]
pub async fn prefer(
    req: HttpRequest,
    service: web::Data<Service>,
    request: Request<BridgeCaller, Json<PreferBody>>,
) -> Result<HttpResponse, ApiError> {
    let Json(body) = request.body;
    service.prefer_method(&request.by, path_user(&req)?, body.method.into(), step_up(&req)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Replace the recovery codes
///
/// All of them; a step-up by a recovery code or one-time pass does not do. Needs the role `bridge`, and a step-up.
#[utoipa::path(
    tag = "Self-service",
    operation_id = "replace_recovery_codes",
    params(UserPath, StepUpHeader),
    responses((status = 200, description = "The new codes.", body = RecoveryCodesBody), RecoveryCodesProblems),
    security(("api_key" = ["bridge"]))
)]
#[post("/v1/users/{user_id}/recovery-codes")]
pub async fn replace_recovery_codes(
    req: HttpRequest,
    service: web::Data<Service>,
    request: Request<BridgeCaller>,
) -> Result<HttpResponse, ApiError> {
    let codes = service.replace_recovery_codes(&request.by, path_user(&req)?, step_up(&req)).await?;
    Ok(HttpResponse::Ok().json(RecoveryCodesBody { recovery_codes: shown(codes) }))
}

/// Disable multi-factor authentication
///
/// The user's own wish: everything enrolled goes. Refused while the policy requires an authenticator of the user; a
/// step-up by a recovery code or one-time pass does not do. Needs the role `bridge`, and a step-up.
#[utoipa::path(
    tag = "Self-service",
    operation_id = "disable_own",
    params(UserPath, StepUpHeader),
    responses((status = 204, description = "Nothing is enrolled any more."), DisableProblems),
    security(("api_key" = ["bridge"]))
)]
#[post("/v1/users/{user_id}/disable")]
pub async fn disable(
    req: HttpRequest,
    service: web::Data<Service>,
    request: Request<BridgeCaller>,
) -> Result<HttpResponse, ApiError> {
    service.disable_own(&request.by, path_user(&req)?, step_up(&req)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Forget all trusted devices
///
/// Also where the policy leaves no self-service to users. Needs the role `bridge`.
#[utoipa::path(
    tag = "Self-service",
    operation_id = "forget_devices",
    params(UserPath),
    responses((status = 204, description = "No browser of the user is trusted."), DevicesProblems),
    security(("api_key" = ["bridge"]))
)]
#[delete("/v1/users/{user_id}/trusted-devices")]
pub async fn forget_devices(
    req: HttpRequest,
    service: web::Data<Service>,
    request: Request<BridgeCaller>,
) -> Result<HttpResponse, ApiError> {
    service.forget_devices(&request.by, path_user(&req)?, None).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Forget a trusted device
///
/// Also where the policy leaves no self-service to users. Needs the role `bridge`.
#[utoipa::path(
    tag = "Self-service",
    operation_id = "forget_device",
    params(UserPath, DevicePath),
    responses((status = 204, description = "The browser is not trusted any more."), DeviceProblems),
    security(("api_key" = ["bridge"]))
)]
#[delete("/v1/users/{user_id}/trusted-devices/{device_id}")]
pub async fn forget_device(
    req: HttpRequest,
    service: web::Data<Service>,
    request: Request<BridgeCaller>,
) -> Result<HttpResponse, ApiError> {
    let (user, device) = (path_user(&req)?, path_id(&req, 5)?);
    service.forget_devices(&request.by, user, Some(device)).await?;
    Ok(HttpResponse::NoContent().finish())
}
