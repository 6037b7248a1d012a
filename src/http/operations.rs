//! For operators and tools: health, metrics, documentation. No key needed but for `ping`; they tell no secret and no
//! user.

use super::extract::Request;
use super::problem::{ApiError, problems};
use crate::service::Service;
use crate::service::caller::ReaderCaller;
use crate::store::api_keys::Role;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpResponse, get, post, web};
use metrics_exporter_prometheus::PrometheusHandle;
use serde::Serialize;
use utoipa::ToSchema;

problems!(PingProblems: Unauthenticated, Forbidden, Unavailable);
problems!(ReadyProblems: Unavailable);

/// A short word on how the service is.
#[derive(Serialize, ToSchema)]
#[schema(as = Health)]
pub struct HealthBody {
    #[schema(example = "ok")]
    status: &'static str,
}

/// Whether the process answers
///
/// Says nothing of the database. Needs no key.
#[utoipa::path(
    tag = "Operations",
    operation_id = "healthz",
    responses((status = 200, description = "It does.", body = HealthBody)),
    security(())
)]
#[get("/healthz")]
pub async fn healthz() -> HttpResponse {
    HttpResponse::Ok().json(HealthBody { status: "ok" })
}

/// Whether logins can be served
///
/// Asks the database, and opens a sealed text with the master key. Needs no key.
#[utoipa::path(
    tag = "Operations",
    operation_id = "readyz",
    responses((status = 200, description = "They can.", body = HealthBody), ReadyProblems),
    security(())
)]
#[get("/readyz")]
pub async fn readyz(service: web::Data<Service>) -> Result<HttpResponse, ApiError> {
    service.check_ready().await?;
    Ok(HttpResponse::Ok().json(HealthBody { status: "ready" }))
}

/// Metrics for Prometheus
///
/// No label holds a user or a site. Needs no key.
#[utoipa::path(
    tag = "Operations",
    operation_id = "metrics",
    responses((status = 200, description = "The text format of Prometheus.", body = String, content_type = "text/plain")),
    security(())
)]
#[get("/metrics")]
pub async fn metrics(handle: web::Data<PrometheusHandle>) -> HttpResponse {
    HttpResponse::Ok().insert_header((CONTENT_TYPE, "text/plain; version=0.0.4")).body(handle.render())
}

/// What a key opens.
#[derive(Serialize, ToSchema)]
#[schema(as = Pong)]
pub struct PongBody {
    /// The key's site.
    #[schema(example = "default")]
    site: String,
    /// The key's roles.
    #[schema(example = json!(["bridge"]))]
    roles: Vec<&'static str>,
    /// This service's version.
    #[schema(example = "0.1.0")]
    version: &'static str,
}

/// Try a connection and a key
///
/// For a host's "Test connection"; changes nothing. Any role will do.
#[utoipa::path(
    tag = "Operations",
    operation_id = "ping",
    responses((status = 200, description = "The key is valid.", body = PongBody), PingProblems),
    security(("api_key" = ["bridge"]), ("api_key" = ["admin"]), ("api_key" = ["auditor"]))
)]
#[post("/v1/ping")]
pub async fn ping(request: Request<ReaderCaller>) -> HttpResponse {
    HttpResponse::Ok().json(PongBody {
        site: request.by.site().name.as_str().to_owned(),
        roles: request.by.roles().iter().copied().map(Role::as_str).collect(),
        version: env!("CARGO_PKG_VERSION"),
    })
}
