//! The audit log.

use super::body::{Formatted, parse_time, rfc3339};
use super::extract::{self, Request};
use super::problem::{ApiError, problems};
use crate::domain::audit::{Action, Actor, Cause};
use crate::domain::factor::Factor;
use crate::domain::id::{Id, UserId};
use crate::service::Service;
use crate::service::caller::AuditorCaller;
use crate::store::audit::{Filter, Recorded};
use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;

problems!(AuditProblems: InvalidRequest, Unauthenticated, Forbidden, Unavailable);

/// Who did it.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditActor)]
pub struct ActorBody {
    /// `key` or `cli`.
    #[schema(example = "key")]
    r#type: &'static str,
    /// The API key's id: the proven actor.
    #[schema(example = "0198b2a6-2f5c-7000-8000-5d1f0e8c7a11")]
    key_id: Option<String>,
    /// The host's user, as the client claimed.
    #[schema(example = "1")]
    claimed: Option<String>,
}

impl From<Actor> for ActorBody {
    fn from(actor: Actor) -> Self {
        match actor {
            Actor::Key { id, claimed } => Self {
                r#type: "key",
                key_id: Some(id.to_string()),
                claimed: claimed.map(|user| user.as_str().to_owned()),
            },
            Actor::Cli => Self { r#type: "cli", key_id: None, claimed: None },
        }
    }
}

/// What happened.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditEvent, example = json!({
    "id": "0198b2a6-2f5c-7000-8000-5d1f0e8c7a11",
    "at": "2026-01-07T09:12:55Z",
    "action": "code.rejected",
    "user": "42",
    "actor": {"type": "key", "key_id": "0198b2a6-2f5c-7000-8000-000000000001", "claimed": null},
    "method": "totp",
    "cause": "replayed",
    "number": null,
    "client_ip": "203.0.113.9"
}))]
pub struct AuditEventBody {
    id: String,
    at: Formatted,
    /// For example `login.passed` or `code.rejected`.
    action: &'static str,
    /// The host's id of the user that it is about.
    user: Option<String>,
    actor: ActorBody,
    /// By what factor.
    method: Option<&'static str>,
    /// Why, where the action leaves that open.
    cause: Option<&'static str>,
    /// How many, or which version, as the action says.
    number: Option<i64>,
    /// The person's address, as the host reported it.
    client_ip: Option<String>,
}

impl From<Recorded> for AuditEventBody {
    fn from(recorded: Recorded) -> Self {
        let event = recorded.event;
        Self {
            id: recorded.id.to_string(),
            at: rfc3339(recorded.at),
            action: event.action.as_str(),
            user: event.user.map(|user| user.as_str().to_owned()),
            actor: event.actor.into(),
            method: event.method.map(Factor::as_str),
            cause: event.cause.map(Cause::as_str),
            number: event.number,
            client_ip: event.client_ip.map(|ip| ip.to_string()),
        }
    }
}

/// A page of the audit log.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditPage)]
pub struct AuditPageBody {
    /// Newest first.
    events: Vec<AuditEventBody>,
    /// For the next page; `null` on the last one.
    next_cursor: Option<String>,
}

/// List audit events
///
/// Newest first. Needs the role `admin` or `auditor`.
#[utoipa::path(
    tag = "Audit",
    operation_id = "list_audit_events",
    params(
        ("user" = Option<String>, Query, description = "Only about this user."),
        ("action" = Option<String>, Query, description = "Only of this kind, for example `code.rejected`."),
        ("since" = Option<String>, Query, description = "Not before this time (RFC 3339).", format = DateTime),
        ("until" = Option<String>, Query, description = "Before this time (RFC 3339).", format = DateTime),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before."),
        ("limit" = Option<u16>, Query, description = "At most this many; 50 if it is not given.", minimum = 1, maximum = 200)
    ),
    responses((status = 200, description = "A page of events.", body = AuditPageBody), AuditProblems),
    security(("api_key" = ["admin"]), ("api_key" = ["auditor"]))
)]
#[get("/v1/audit-events")]
pub async fn list(
    req: HttpRequest,
    service: web::Data<Service>,
    request: Request<AuditorCaller>,
) -> Result<HttpResponse, ApiError> {
    let pairs = extract::query(&req, &["user", "action", "since", "until", "cursor", "limit"])?;
    let single = |name| extract::single(&pairs, name);
    let filter = Filter {
        user: single("user")?
            .map(|text| UserId::parse(text).map_err(|error| ApiError::invalid("user", error.to_string())))
            .transpose()?,
        action: single("action")?
            .map(|text| Action::parse(text).ok_or_else(|| ApiError::invalid("action", "is not an action")))
            .transpose()?,
        since: single("since")?.map(|text| parse_time("since", text)).transpose()?,
        until: single("until")?.map(|text| parse_time("until", text)).transpose()?,
        before: single("cursor")?
            .map(|text| {
                Id::parse(text)
                    .ok_or_else(|| ApiError::invalid("cursor", "is not one that this service gave"))
            })
            .transpose()?,
    };
    let page = service.list_audit_events(&request.by, filter, extract::limit(&pairs)?).await?;
    Ok(HttpResponse::Ok().json(AuditPageBody {
        events: page.events.into_iter().map(AuditEventBody::from).collect(),
        next_cursor: page.next.map(|id| id.to_string()),
    }))
}
