//! The API over HTTP: reads requests, calls one story, writes the answer. No rules and no SQL.
//!
//! # Design
//! A route is registered and documented in one act: [`routes`] is what the server serves and what the OpenAPI document
//! is made from. Which methods an address takes (405, `Allow`) is read from that document too.

mod admin;
pub(crate) mod audit;
mod body;
mod enrollment_body;
mod extract;
pub mod login_body;
mod logins;
mod operations;
pub(crate) mod policy;
pub mod problem;
mod self_service;
mod sms;
pub(crate) mod users;

use crate::service::Service;
use crate::store::with_patience;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use actix_web::middleware::{Next, from_fn};
use actix_web::{App, Error, HttpMessage as _, HttpRequest, HttpResponse, web};
use metrics_exporter_prometheus::PrometheusHandle;
use problem::{ApiError, Problem};
use std::sync::{Arc, OnceLock};
use std::time::Instant;
use tracing_actix_web::{RequestId, RootSpanBuilder, TracingLogger};
use utoipa::Modify;
use utoipa::openapi::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa_actix_web::AppExt as _;
use utoipa_actix_web::service_config::ServiceConfig;
use utoipa_swagger_ui::{Config, SwaggerUi};

/// A body over this many bytes is refused.
const MAX_BODY: usize = 64 * 1024;

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "mfa-sidecar",
        description = "Multi-factor authentication beside the login of a CMS or CRM: a site-wide policy, enrolment at \
                       the next login, codes at each later one, and an administrator's removal for a lost phone.\n\n\
                       Errors are RFC 9457 problem details; their `type` is `urn:mfa-sidecar:problem:` and a stable \
                       code. Times are RFC 3339, UTC. Unknown members are refused.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    servers((url = "/", description = "This service.")),
    tags(
        (name = "Logins", description = "For the bridge: one attempt by one user, after the password."),
        (name = "Users", description = "What is known of users, and what an administrator does to them."),
        (name = "Self-service", description = "What a signed-in user does with the own authenticators, through the bridge."),
        (name = "Policy", description = "What the site asks of its logins."),
        (name = "Audit", description = "What happened."),
        (name = "Operations", description = "Health, metrics, and a try of the connection.")
    ),
    components(schemas(Problem)),
    modifiers(&ApiKeyScheme)
)]
struct Document;

struct ApiKeyScheme;

impl Modify for ApiKeyScheme {
    fn modify(&self, document: &mut OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some(
                "An API key, made with `mfa-sidecar key create`. It belongs to one site and has one or more of the \
                 roles `bridge`, `admin` and `auditor`.",
            ))
            .build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("api_key", SecurityScheme::Http(scheme));
    }
}

fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(logins::begin)
        .service(logins::read)
        .service(logins::cancel)
        .service(logins::enroll)
        .service(logins::confirm)
        .service(logins::challenge)
        .service(logins::answer)
        .service(users::list_users)
        .service(users::read_user)
        .service(users::put_user)
        .service(admin::delete_user)
        .service(admin::remove_authenticators)
        .service(admin::unlock_user)
        .service(admin::issue_one_time_pass)
        .service(self_service::begin)
        .service(self_service::resend)
        .service(self_service::confirm)
        .service(self_service::rename)
        .service(self_service::remove)
        .service(self_service::prefer)
        .service(self_service::replace_recovery_codes)
        .service(self_service::disable)
        .service(self_service::forget_devices)
        .service(self_service::forget_device)
        .service(sms::sms_countries)
        .service(policy::read)
        .service(policy::replace)
        .service(policy::change)
        .service(audit::list)
        .service(operations::ping)
        .service(operations::healthz)
        .service(operations::readyz)
        .service(operations::metrics);
}

/// The OpenAPI document, made from the routes.
pub fn document() -> OpenApi {
    let base = <Document as utoipa::OpenApi>::openapi();
    App::new().into_utoipa_app().openapi(base).configure(routes).split_for_parts().1
}

/// The document as it is committed and served: indented, with a line break at its end.
pub fn document_json() -> &'static str {
    static JSON: OnceLock<String> = OnceLock::new();
    JSON.get_or_init(|| document().to_pretty_json().map(|json| json + "\n").unwrap_or_default())
}

/// The web application.
pub fn app(
    service: Service,
    metrics: PrometheusHandle,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = Error,
        InitError = (),
    >,
> {
    App::new()
        .app_data(web::Data::new(service))
        .app_data(web::Data::new(metrics))
        .app_data(web::PayloadConfig::new(MAX_BODY))
        .into_utoipa_app()
        .configure(routes)
        .into_app()
        .route("/openapi.json", web::get().to(openapi_json))
        .route("/docs", web::get().to(docs))
        .service(SwaggerUi::new("/docs/{_:.*}").config(Config::from("/openapi.json")))
        .default_service(web::to(fallback))
        .wrap(from_fn(observe))
        .wrap(TracingLogger::<RouteSpan>::new())
}

async fn openapi_json() -> HttpResponse {
    HttpResponse::Ok().insert_header((CONTENT_TYPE, "application/json")).body(document_json())
}

async fn docs() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header(("Location", "/docs/")).finish()
}

/// An address that no route takes: 404, or 405 if another method would be.
async fn fallback(req: HttpRequest) -> Result<HttpResponse, ApiError> {
    static PATHS: OnceLock<Vec<(actix_web::dev::ResourceDef, String)>> = OnceLock::new();
    let paths = PATHS.get_or_init(|| {
        let paths = document().paths.paths;
        paths
            .into_iter()
            .map(|(path, item)| (actix_web::dev::ResourceDef::new(path), allowed(&item)))
            .collect()
    });
    match paths.iter().find(|(path, _)| path.is_match(req.path())) {
        Some((_, allow)) => Err(ApiError::MethodNotAllowed { allow: allow.clone() }),
        None => Err(ApiError::NotFound),
    }
}

fn allowed(item: &utoipa::openapi::PathItem) -> String {
    let methods = [
        ("GET", &item.get),
        ("PUT", &item.put),
        ("POST", &item.post),
        ("PATCH", &item.patch),
        ("DELETE", &item.delete),
    ];
    methods
        .iter()
        .filter(|(_, operation)| operation.is_some())
        .map(|(name, _)| *name)
        .collect::<Vec<_>>()
        .join(", ")
}

/// A request's route as the document writes it; empty where there is none.
#[derive(Clone)]
struct Route(Arc<str>);

/// Looked up once a request: it compares the path with every route.
fn route_of(request: &ServiceRequest) -> Arc<str> {
    if let Some(Route(known)) = request.extensions().get() {
        return Arc::clone(known);
    }
    let route: Arc<str> = request.match_pattern().unwrap_or_default().into();
    request.extensions_mut().insert(Route(Arc::clone(&route)));
    route
}

/// A request's span in the log: its route, not its address, since a login's id is in that.
struct RouteSpan;

impl RootSpanBuilder for RouteSpan {
    fn on_request_start(request: &ServiceRequest) -> tracing::Span {
        let id = request.extensions().get::<RequestId>().map(ToString::to_string);
        tracing::info_span!(
            "request",
            method = %request.method(),
            route = &*route_of(request),
            request_id = id.unwrap_or_default(),
        )
    }

    fn on_request_end<B: MessageBody>(_: tracing::Span, _: &Result<ServiceResponse<B>, Error>) {}
}

/// A label for the metrics. A client can make up methods, and each label takes memory for good.
fn known_method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// Around every request: counts and times it, logs how it ended, and writes out problems with the request's id.
async fn observe(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let began = Instant::now();
    let method = known_method(req.method());
    let route = route_of(&req);
    let is_api = req.path().starts_with("/v1/");
    let request_id = req.extensions().get::<RequestId>().map(ToString::to_string);

    let mut response = match with_patience(next.call(req)).await {
        Ok(response) => response.map_into_boxed_body(),
        Err(error) => return Err(error),
    };
    let problem = response.response_mut().extensions_mut().remove::<Problem>();
    if let Some(problem) = problem {
        if let Some(error) = response.response().error() {
            if response.status().is_server_error() {
                tracing::error!(%error, code = problem.r#type, "request failed");
            } else {
                tracing::debug!(%error, code = problem.r#type, "request refused");
            }
        }
        let allow = response.headers().get(actix_web::http::header::ALLOW).cloned();
        let (request, _) = response.into_parts();
        let mut written = problem.respond(request_id.clone());
        if let Some(allow) = allow {
            written.headers_mut().insert(actix_web::http::header::ALLOW, allow);
        }
        response = ServiceResponse::new(request, written);
    }

    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if is_api {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if let Some(id) = request_id.and_then(|id| HeaderValue::from_str(&id).ok()) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
    let (status, elapsed) = (response.status().as_u16(), began.elapsed());
    metrics::histogram!(
        "http_request_duration_seconds",
        "method" => method, "route" => route, "status" => status.to_string(),
    )
    .record(elapsed);
    tracing::debug!(status, elapsed_us = elapsed.as_micros(), "request answered");
    Ok(response)
}
