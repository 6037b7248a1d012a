//! Users: what is known of them.

use super::body::{Destinations, Formatted, MethodName, ProfileBody, destinations, rfc3339};
use super::extract::{self, Json, Request, path_user};
use super::problem::{ApiError, problems};
use crate::domain::id::UserId;
use crate::service::Service;
use crate::service::caller::{AuditorCaller, BridgeCaller, ReaderCaller};
use crate::service::users::{AuthenticatorView, RosterFilter, UserState};
use crate::store::trusted_devices::TrustedDevice;
use actix_web::{HttpRequest, HttpResponse, get, put, web};
use data_encoding::BASE64URL_NOPAD;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

problems!(PutProblems: InvalidRequest, Unauthenticated, Forbidden, PayloadTooLarge, Unavailable);
problems!(UserProblems: InvalidRequest, Unauthenticated, Forbidden, UserNotFound, Unavailable);
problems!(RosterProblems: InvalidRequest, Unauthenticated, Forbidden, Unavailable);

/// Which user.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[allow(dead_code, reason = "documents the path")]
pub struct UserPath {
    /// The host's id, percent-encoded: no control characters, no white space at its ends, not `.` or `..`.
    #[param(
        min_length = 1,
        max_length = 255,
        pattern = r"^(?!\.\.?$)[^\s\u0000-\u001f\u007f-\u009f]([^\u0000-\u001f\u007f-\u009f]*[^\s\u0000-\u001f\u007f-\u009f])?$",
        example = "42"
    )]
    user_id: String,
}

/// Something that a user has enrolled.
#[derive(Serialize, ToSchema)]
#[schema(as = Authenticator)]
pub struct AuthenticatorBody {
    #[schema(example = "0198b2a6-2f5c-7000-8000-5d1f0e8c7a11")]
    id: String,
    method: MethodName,
    /// For its user.
    #[schema(example = "Authenticator app")]
    name: String,
    /// Where codes are sent, masked; for methods that send codes.
    #[schema(example = "a••••@example.org")]
    destination: Option<String>,
    created_at: Formatted,
    last_used_at: Option<Formatted>,
    /// Whether its secret is shorter than it should be: imported from another system.
    weak: bool,
}

impl From<AuthenticatorView> for AuthenticatorBody {
    fn from(row: AuthenticatorView) -> Self {
        Self {
            id: row.id.to_string(),
            method: row.method.into(),
            name: row.name,
            destination: row.destination,
            created_at: rfc3339(row.created_at),
            last_used_at: row.last_used_at.map(rfc3339),
            weak: row.weak,
        }
    }
}

/// A browser that may skip the second factor for a while.
#[derive(Serialize, ToSchema)]
#[schema(as = TrustedDevice)]
pub struct TrustedDeviceBody {
    #[schema(example = "0198b2a6-2f5c-7000-8000-5d1f0e8c7a11")]
    id: String,
    /// What the browser calls itself.
    #[schema(example = "Firefox on Linux")]
    name: String,
    created_at: Formatted,
    last_used_at: Option<Formatted>,
    expires_at: Formatted,
}

impl From<TrustedDevice> for TrustedDeviceBody {
    fn from(device: TrustedDevice) -> Self {
        Self {
            id: device.id.to_string(),
            name: device.name,
            created_at: rfc3339(device.created_at),
            last_used_at: device.last_used_at.map(rfc3339),
            expires_at: rfc3339(device.expires_at),
        }
    }
}

/// What is known of a user; never a secret.
#[derive(Serialize, ToSchema)]
#[schema(as = UserState, example = json!({
    "id": "42",
    "name": "alice",
    "enrolled": true,
    "preferred_method": null,
    "authenticators": [{
        "id": "0198b2a6-2f5c-7000-8000-5d1f0e8c7a11",
        "method": "totp",
        "name": "Authenticator app",
        "destination": null,
        "created_at": "2026-01-07T09:12:55Z",
        "last_used_at": "2026-01-09T17:01:02Z",
        "weak": false
    }],
    "recovery_codes_remaining": 10,
    "locked_until": null,
    "trusted_devices": [],
    "required": true,
    "enrollable": ["totp"],
    "known_destinations": {}
}))]
pub struct UserBody {
    /// The host's id.
    id: String,
    /// As the host named the user.
    name: String,
    /// Whether a confirmed authenticator exists.
    enrolled: bool,
    /// The method that is offered first.
    #[schema(value_type = Option<String>)]
    preferred_method: Option<MethodName>,
    /// Oldest first.
    authenticators: Vec<AuthenticatorBody>,
    /// Unspent recovery codes.
    recovery_codes_remaining: i64,
    /// When the lock ends, while one holds; the year 9999 where only an administrator can lift it.
    locked_until: Option<Formatted>,
    /// Browsers that may skip the second factor for a while, oldest first.
    trusted_devices: Vec<TrustedDeviceBody>,
    /// Whether the policy requires the user to have an authenticator, in grace or not.
    required: bool,
    /// The methods that the policy names and this service can serve.
    enrollable: Vec<MethodName>,
    /// Where the host could have codes sent without asking the person, masked.
    known_destinations: Destinations,
}

impl From<UserState> for UserBody {
    fn from(state: UserState) -> Self {
        Self {
            id: state.user_id.as_str().to_owned(),
            name: state.name,
            enrolled: state.enrolled,
            preferred_method: state.preferred_method.map(MethodName::from),
            authenticators: state.authenticators.into_iter().map(AuthenticatorBody::from).collect(),
            recovery_codes_remaining: state.recovery_codes_remaining,
            locked_until: state.locked_until.map(rfc3339),
            trusted_devices: state.trusted_devices.into_iter().map(TrustedDeviceBody::from).collect(),
            required: state.required,
            enrollable: state.enrollable.into_iter().map(MethodName::from).collect(),
            known_destinations: destinations(state.known_destinations),
        }
    }
}

/// Make a user known
///
/// Or refresh what the host knows of it, as every login does; changes nothing enrolled. A changed
/// `credential_version` voids what is open. Needs the role `bridge`.
#[utoipa::path(
    tag = "Users",
    operation_id = "put_user",
    params(UserPath),
    request_body = ProfileBody,
    responses((status = 204, description = "The user is known."), PutProblems),
    security(("api_key" = ["bridge"]))
)]
#[put("/v1/users/{user_id}")]
pub async fn put_user(
    req: HttpRequest,
    service: web::Data<Service>,
    request: Request<BridgeCaller, Json<ProfileBody>>,
) -> Result<HttpResponse, ApiError> {
    let Json(body) = request.body;
    service.put_user(&request.by, path_user(&req)?, body.parse()?).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Read a user's state
///
/// Never a secret. Needs one of the roles `bridge`, `admin`, `auditor`.
#[utoipa::path(
    tag = "Users",
    operation_id = "read_user",
    params(UserPath),
    responses((status = 200, description = "What is known of the user.", body = UserBody), UserProblems),
    security(("api_key" = ["bridge"]), ("api_key" = ["admin"]), ("api_key" = ["auditor"]))
)]
#[get("/v1/users/{user_id}")]
pub async fn read_user(
    req: HttpRequest,
    service: web::Data<Service>,
    request: Request<ReaderCaller>,
) -> Result<HttpResponse, ApiError> {
    let state = service.user_state(&request.by, path_user(&req)?).await?;
    Ok(HttpResponse::Ok().json(UserBody::from(state)))
}

/// A page of the roster.
#[derive(Serialize, ToSchema)]
#[schema(as = Roster)]
pub struct RosterBody {
    /// In the order of their ids; with `id` given, in the order asked for, each once, without those that are not known.
    users: Vec<UserBody>,
    /// For the next page; `null` on the last one.
    #[schema(example = "NDI")]
    next_cursor: Option<String>,
}

/// List users with their enrolment state
///
/// Page by page, or just the users named by `id` (repeated, at most 200), for a page of the host's own list. Needs the
/// role `admin` or `auditor`.
#[utoipa::path(
    tag = "Users",
    operation_id = "list_users",
    params(
        ("enrolled" = Option<bool>, Query, description = "Only who has enrolled, or only who has not."),
        ("id" = Option<Vec<String>>, Query, description = "Just these users; not together with the other parameters.", max_items = 200),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before."),
        ("limit" = Option<u16>, Query, description = "At most this many; 50 if it is not given.", minimum = 1, maximum = 200)
    ),
    responses((status = 200, description = "A page of users.", body = RosterBody), RosterProblems),
    security(("api_key" = ["admin"]), ("api_key" = ["auditor"]))
)]
#[get("/v1/users")]
pub async fn list_users(
    req: HttpRequest,
    service: web::Data<Service>,
    request: Request<AuditorCaller>,
) -> Result<HttpResponse, ApiError> {
    let pairs = extract::query(&req, &["enrolled", "id", "cursor", "limit"])?;
    let page = service.list_users(&request.by, roster_filter(&pairs)?).await?;
    Ok(HttpResponse::Ok().json(RosterBody {
        users: page.users.into_iter().map(UserBody::from).collect(),
        next_cursor: page.next.map(|user| BASE64URL_NOPAD.encode(user.as_str().as_bytes())),
    }))
}

fn roster_filter(pairs: &[(&'static str, String)]) -> Result<RosterFilter, ApiError> {
    let ids: Vec<_> = pairs.iter().filter(|(name, _)| *name == "id").map(|(_, id)| id.clone()).collect();
    if !ids.is_empty() {
        if ids.len() > 200 {
            return Err(ApiError::invalid("id", "at most 200"));
        }
        if pairs.len() > ids.len() {
            return Err(ApiError::invalid("id", "not together with other parameters"));
        }
        let ids = ids.into_iter().map(UserId::parse).collect::<Result<Vec<_>, _>>();
        return ids.map(RosterFilter::Ids).map_err(|error| ApiError::invalid("id", error.to_string()));
    }
    let enrolled = match extract::single(pairs, "enrolled")? {
        None => None,
        Some("true") => Some(true),
        Some("false") => Some(false),
        Some(_) => return Err(ApiError::invalid("enrolled", "must be true or false")),
    };
    let after = extract::single(pairs, "cursor")?.map(parse_cursor).transpose()?;
    Ok(RosterFilter::Page { enrolled, after, limit: extract::limit(pairs)? })
}

fn parse_cursor(text: &str) -> Result<UserId, ApiError> {
    let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok();
    let user =
        bytes.and_then(|bytes| String::from_utf8(bytes).ok()).and_then(|name| UserId::parse(name).ok());
    user.ok_or_else(|| ApiError::invalid("cursor", "is not one that this service gave"))
}
