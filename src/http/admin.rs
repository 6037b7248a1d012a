//! What an administrator does to a user.

use super::body::{ActorHeader, Formatted, MethodName, rfc3339};
use super::extract::{self, Json, Request, path_user};
use super::problem::{ApiError, problems};
use super::users::{UserPath, UserProblems};
use crate::domain::factor::Method;
use crate::domain::one_time_pass;
use crate::service::Service;
use crate::service::caller::AdminCaller;
use actix_web::{HttpRequest, HttpResponse, delete, post, web};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use utoipa::ToSchema;

problems!(IssuePassProblems:
    InvalidRequest, Unauthenticated, Forbidden, UserNotFound, PayloadTooLarge, Unavailable);

/// How many authenticators were removed.
#[derive(Serialize, ToSchema)]
#[schema(as = Removed)]
pub struct RemovedBody {
    #[schema(example = 1)]
    removed: usize,
}

/// Remove a user's authenticators
///
/// For a lost phone: the next login under `required` enrols again. Also removes recovery codes with the last one,
/// lifts the lock, and voids what is open. Needs the role `admin`.
#[utoipa::path(
    tag = "Users",
    operation_id = "remove_authenticators",
    params(
        UserPath,
        ("method" = Option<MethodName>, Query, description = "Only those of this method."),
        ActorHeader
    ),
    responses((status = 200, description = "They are removed.", body = RemovedBody), UserProblems),
    security(("api_key" = ["admin"]))
)]
#[delete("/v1/users/{user_id}/authenticators")]
pub async fn remove_authenticators(
    req: HttpRequest,
    service: web::Data<Service>,
    request: Request<AdminCaller>,
) -> Result<HttpResponse, ApiError> {
    let pairs = extract::query(&req, &["method"])?;
    let method = extract::single(&pairs, "method")?
        .map(|name| Method::parse(name).ok_or_else(|| ApiError::invalid("method", "is not a method")))
        .transpose()?;
    let removed = service.remove_authenticators(&request.by, path_user(&req)?, method).await?;
    Ok(HttpResponse::Ok().json(RemovedBody { removed }))
}

/// Issues a pass for one login.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = IssuePass, example = json!({"expires_in": 900}))]
pub struct IssuePassBody {
    /// Seconds for which it is good.
    #[schema(minimum = 60, maximum = 86400, default = 900)]
    expires_in: Option<u64>,
}

/// A pass for one login, shown this once.
#[derive(Serialize, ToSchema)]
#[schema(as = OneTimePass)]
pub struct PassBody {
    /// For its user.
    #[schema(example = "7QXD-3M1A-9F2K-T8N0")]
    code: String,
    expires_at: Formatted,
}

/// Issue a one-time pass
///
/// For a user whom the administrator has recognised otherwise: answered as `one_time_pass`, it proves one login, in
/// which the user then enrols anew. A new pass voids the old one. Needs the role `admin`.
#[utoipa::path(
    tag = "Users",
    operation_id = "issue_one_time_pass",
    params(UserPath, ActorHeader),
    request_body = IssuePassBody,
    responses((status = 201, description = "The pass, shown this once.", body = PassBody), IssuePassProblems),
    security(("api_key" = ["admin"]))
)]
#[post("/v1/users/{user_id}/one-time-pass")]
pub async fn issue_one_time_pass(
    req: HttpRequest,
    service: web::Data<Service>,
    request: Request<AdminCaller, Json<IssuePassBody>>,
) -> Result<HttpResponse, ApiError> {
    let Json(body) = request.body;
    let lifetime = body.expires_in.map_or(one_time_pass::DEFAULT_LIFETIME, Duration::from_secs);
    if !one_time_pass::SECONDS.contains(&lifetime.as_secs()) {
        return Err(ApiError::invalid("expires_in", "must be from 60 to 86400 seconds"));
    }
    let (pass, expires_at) = service.issue_one_time_pass(&request.by, path_user(&req)?, lifetime).await?;
    let body = PassBody { code: pass.expose().to_owned(), expires_at: rfc3339(expires_at) };
    Ok(HttpResponse::Created().json(body))
}

/// Lift a user's lock
///
/// And end the count of failures. Needs the role `admin`.
#[utoipa::path(
    tag = "Users",
    operation_id = "unlock_user",
    params(
        UserPath,
        ActorHeader
    ),
    responses((status = 204, description = "The user can answer again."), UserProblems),
    security(("api_key" = ["admin"]))
)]
#[post("/v1/users/{user_id}/unlock")]
pub async fn unlock_user(
    req: HttpRequest,
    service: web::Data<Service>,
    request: Request<AdminCaller>,
) -> Result<HttpResponse, ApiError> {
    service.unlock_user(&request.by, path_user(&req)?).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Forget a user
///
/// The host deleted the user: everything goes, the audit log keeps the id. Who gets the id next inherits nothing. Needs
/// the role `admin`.
#[utoipa::path(
    tag = "Users",
    operation_id = "delete_user",
    params(
        UserPath,
        ActorHeader
    ),
    responses((status = 204, description = "The user is forgotten."), UserProblems),
    security(("api_key" = ["admin"]))
)]
#[delete("/v1/users/{user_id}")]
pub async fn delete_user(
    req: HttpRequest,
    service: web::Data<Service>,
    request: Request<AdminCaller>,
) -> Result<HttpResponse, ApiError> {
    service.delete_user(&request.by, path_user(&req)?).await?;
    Ok(HttpResponse::NoContent().finish())
}
