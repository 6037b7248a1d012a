//! The site's policy.

use super::body::{ActorHeader, Formatted, MethodName, parse_roles, rfc3339};
use super::extract::{Json, Request, parse_json};
use super::problem::{ApiError, problems};
use crate::domain::factor::Method;
use crate::domain::id::RoleName;
use crate::domain::policy::{MfaPolicy, Mode};
use crate::service::Service;
use crate::service::caller::{AdminCaller, ReaderCaller};
use crate::service::error::MfaError;
use crate::store::policies::StoredPolicy;
use actix_web::http::header::{ETAG, IF_MATCH};
use actix_web::{HttpRequest, HttpResponse, get, patch, put, web};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

problems!(ReadPolicyProblems: InvalidRequest, Unauthenticated, Forbidden, Unavailable);
problems!(ChangePolicyProblems:
    InvalidRequest, Unauthenticated, Forbidden, PreconditionFailed, PayloadTooLarge, MethodNotAvailable, Unavailable);

/// Whether a second factor is asked for.
#[derive(Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Mode)]
pub enum ModeName {
    /// Never.
    Disabled,
    /// Of users who have enrolled.
    Optional,
    /// Of everyone, or of the roles that are named; who has not enrolled is made to.
    Required,
}

impl From<ModeName> for Mode {
    fn from(name: ModeName) -> Self {
        match name {
            ModeName::Disabled => Self::Disabled,
            ModeName::Optional => Self::Optional,
            ModeName::Required => Self::Required,
        }
    }
}

impl From<Mode> for ModeName {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Disabled => Self::Disabled,
            Mode::Optional => Self::Optional,
            Mode::Required => Self::Required,
        }
    }
}

/// The policy, as `PUT` takes it.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PolicyChange, example = json!({"mode": "required", "methods": ["totp"]}))]
pub struct PolicyBody {
    mode: ModeName,
    /// What satisfies the policy: `totp`, and `email` and `sms` where the service has a way to send codes.
    #[schema(min_items = 1, example = json!(["totp"]))]
    methods: Vec<MethodName>,
    /// Days in which a user who must enrol may still skip it.
    #[serde(default)]
    #[schema(maximum = 365, default = 0)]
    grace_period_days: u16,
    /// Days for which a browser may be trusted; 0: never.
    #[serde(default)]
    #[schema(maximum = 365, default = 0)]
    trusted_device_days: u16,
    /// With roles here, only their holders must enrol.
    #[serde(default)]
    #[schema(max_items = 200)]
    required_roles: Vec<String>,
    /// Holders need not enrol, unless they also hold a required role.
    #[serde(default)]
    #[schema(max_items = 200)]
    exempt_roles: Vec<String>,
    /// Whether users may manage their own authenticators.
    #[serde(default = "yes")]
    #[schema(default = true)]
    self_service: bool,
    /// Whether imported secrets that are weak are replaced: a login by one, or of a user with nothing better, ends in a
    /// new enrolment.
    #[serde(default)]
    #[schema(default = false)]
    replace_weak_secrets: bool,
    /// Accepted and ignored, so that what was read can be sent back.
    #[serde(default, skip_serializing)]
    #[allow(dead_code, reason = "accepted and ignored")]
    #[schema(value_type = Option<i64>)]
    version: Option<Value>,
    /// Accepted and ignored.
    #[serde(default, skip_serializing)]
    #[allow(dead_code, reason = "accepted and ignored")]
    #[schema(value_type = Option<String>)]
    updated_at: Option<Value>,
    /// Accepted and ignored.
    #[serde(default, skip_serializing)]
    #[allow(dead_code, reason = "accepted and ignored")]
    #[schema(value_type = Option<String>)]
    updated_by: Option<Value>,
}

const fn yes() -> bool {
    true
}

impl PolicyBody {
    fn parse(self) -> Result<MfaPolicy, ApiError> {
        let mut methods: Vec<Method> = self.methods.into_iter().map(Method::from).collect();
        let count = methods.len();
        methods.sort();
        methods.dedup();
        if methods.is_empty() || methods.len() < count {
            return Err(ApiError::invalid("methods", "at least one, none twice"));
        }
        for (field, days) in
            [("grace_period_days", self.grace_period_days), ("trusted_device_days", self.trusted_device_days)]
        {
            if days > MfaPolicy::MAX_DAYS {
                return Err(ApiError::invalid(field, "at most 365"));
            }
        }
        Ok(MfaPolicy {
            mode: self.mode.into(),
            methods,
            grace_period_days: self.grace_period_days,
            trusted_device_days: self.trusted_device_days,
            required_roles: parse_roles("required_roles", self.required_roles)?,
            exempt_roles: parse_roles("exempt_roles", self.exempt_roles)?,
            self_service: self.self_service,
            replace_weak_secrets: self.replace_weak_secrets,
        })
    }

    fn of(policy: &MfaPolicy) -> Self {
        let names = |roles: &[RoleName]| roles.iter().map(|role| role.as_str().to_owned()).collect();
        Self {
            mode: policy.mode.into(),
            methods: policy.methods.iter().copied().map(MethodName::from).collect(),
            grace_period_days: policy.grace_period_days,
            trusted_device_days: policy.trusted_device_days,
            required_roles: names(&policy.required_roles),
            exempt_roles: names(&policy.exempt_roles),
            self_service: policy.self_service,
            replace_weak_secrets: policy.replace_weak_secrets,
            version: None,
            updated_at: None,
            updated_by: None,
        }
    }
}

/// The policy as it stands.
#[derive(Serialize, ToSchema)]
#[schema(as = Policy, example = json!({
    "mode": "required",
    "methods": ["totp"],
    "grace_period_days": 0,
    "trusted_device_days": 0,
    "required_roles": [],
    "exempt_roles": [],
    "self_service": true,
    "replace_weak_secrets": false,
    "version": 2,
    "updated_at": "2026-01-07T09:12:55Z",
    "updated_by": "1 (key 0198b2a6-2f5c-7000-8000-5d1f0e8c7a11)"
}))]
pub struct StoredPolicyBody {
    mode: ModeName,
    /// What satisfies the policy.
    methods: Vec<MethodName>,
    /// Days in which a user who must enrol may still skip it.
    grace_period_days: u16,
    /// Days for which a browser may be trusted; 0: never.
    trusted_device_days: u16,
    /// With roles here, only their holders must enrol.
    required_roles: Vec<String>,
    /// Holders need not enrol, unless they also hold a required role.
    exempt_roles: Vec<String>,
    /// Whether users may manage their own authenticators.
    self_service: bool,
    /// Whether imported secrets that are weak are replaced: a login by one, or of a user with nothing better, ends in a
    /// new enrolment.
    replace_weak_secrets: bool,
    /// Raised by each change; also the `ETag`.
    version: i64,
    updated_at: Formatted,
    /// For people.
    updated_by: String,
}

impl From<StoredPolicy> for StoredPolicyBody {
    fn from(stored: StoredPolicy) -> Self {
        let policy = PolicyBody::of(&stored.policy);
        Self {
            mode: policy.mode,
            methods: policy.methods,
            grace_period_days: policy.grace_period_days,
            trusted_device_days: policy.trusted_device_days,
            required_roles: policy.required_roles,
            exempt_roles: policy.exempt_roles,
            self_service: policy.self_service,
            replace_weak_secrets: policy.replace_weak_secrets,
            version: stored.version,
            updated_at: rfc3339(stored.updated_at),
            updated_by: stored.updated_by,
        }
    }
}

fn respond(stored: StoredPolicy) -> HttpResponse {
    let etag = format!("\"{}\"", stored.version);
    HttpResponse::Ok().insert_header((ETAG, etag)).json(StoredPolicyBody::from(stored))
}

/// The version that `If-Match` names; `None` for any. One that this service never gave matches nothing.
fn if_match(req: &HttpRequest) -> Result<Option<i64>, ApiError> {
    let Some(header) = req.headers().get(IF_MATCH) else { return Ok(None) };
    let text = header.to_str().map_err(|_| MfaError::PreconditionFailed)?.trim();
    if text == "*" {
        return Ok(None);
    }
    let version =
        text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).and_then(|text| text.parse().ok());
    version.map(Some).ok_or_else(|| MfaError::PreconditionFailed.into())
}

/// Read the policy
///
/// Needs one of the roles `bridge`, `admin`, `auditor`.
#[utoipa::path(
    tag = "Policy",
    operation_id = "read_policy",
    responses(
        (status = 200, description = "The policy as it stands.", body = StoredPolicyBody,
            headers(("ETag" = String, description = "The version, for `If-Match`."))),
        ReadPolicyProblems
    ),
    security(("api_key" = ["bridge"]), ("api_key" = ["admin"]), ("api_key" = ["auditor"]))
)]
#[get("/v1/policy")]
pub async fn read(
    service: web::Data<Service>,
    request: Request<ReaderCaller>,
) -> Result<HttpResponse, ApiError> {
    Ok(respond(service.policy(&request.by).await?))
}

/// Replace the policy
///
/// What is not given takes its default. "TOTP required" is `{"mode":"required","methods":["totp"]}`. Takes effect for
/// logins begun after it. Needs the role `admin`.
#[utoipa::path(
    tag = "Policy",
    operation_id = "replace_policy",
    params(
        ("If-Match" = Option<String>, Header, description = "The `ETag` that was read; a newer policy is then not overwritten."),
        ActorHeader
    ),
    request_body = PolicyBody,
    responses(
        (status = 200, description = "The new policy.", body = StoredPolicyBody,
            headers(("ETag" = String, description = "The version, for `If-Match`."))),
        ChangePolicyProblems
    ),
    security(("api_key" = ["admin"]))
)]
#[put("/v1/policy")]
pub async fn replace(
    req: HttpRequest,
    service: web::Data<Service>,
    request: Request<AdminCaller, Json<PolicyBody>>,
) -> Result<HttpResponse, ApiError> {
    let policy = request.body.0.parse()?;
    let stored = service.change_policy(&request.by, if_match(&req)?, move |_| Ok(policy.clone())).await?;
    Ok(respond(stored))
}

/// The policy's members to change; `null` sets a member back to its default (RFC 7396).
#[derive(ToSchema)]
#[schema(as = PolicyPatch, example = json!({"mode": "required"}))]
#[allow(dead_code, reason = "documents the merge patch, which is applied as JSON")]
pub struct PolicyPatchBody {
    mode: Option<ModeName>,
    #[schema(min_items = 1)]
    methods: Option<Vec<MethodName>>,
    #[schema(maximum = 365)]
    grace_period_days: Option<u16>,
    #[schema(maximum = 365)]
    trusted_device_days: Option<u16>,
    #[schema(max_items = 200)]
    required_roles: Option<Vec<String>>,
    #[schema(max_items = 200)]
    exempt_roles: Option<Vec<String>>,
    self_service: Option<bool>,
}

/// Change members of the policy
///
/// A JSON merge patch (RFC 7396): what is not named stays. What forms use. Needs the role `admin`.
#[utoipa::path(
    tag = "Policy",
    operation_id = "patch_policy",
    params(
        ("If-Match" = Option<String>, Header, description = "The `ETag` that was read; a newer policy is then not overwritten."),
        ActorHeader
    ),
    request_body(content(
        (PolicyPatchBody = "application/merge-patch+json"),
        (PolicyPatchBody = "application/json")
    )),
    responses(
        (status = 200, description = "The new policy.", body = StoredPolicyBody,
            headers(("ETag" = String, description = "The version, for `If-Match`."))),
        ChangePolicyProblems
    ),
    security(("api_key" = ["admin"]))
)]
#[patch("/v1/policy")]
pub async fn change(
    req: HttpRequest,
    service: web::Data<Service>,
    request: Request<AdminCaller, Json<serde_json::Map<String, Value>>>,
) -> Result<HttpResponse, ApiError> {
    let Json(members) = request.body;
    // Checked on its own first, so that a wrong member is refused whatever the present policy is.
    merge(&MfaPolicy::default(), &members)?;
    let apply = move |present: &MfaPolicy| match merge(present, &members) {
        Ok(policy) => Ok(policy),
        Err(ApiError::Mfa(error)) => Err(error),
        Err(_) => Err(MfaError::invalid("body", "not of the documented form")),
    };
    Ok(respond(service.change_policy(&request.by, if_match(&req)?, apply).await?))
}

/// RFC 7396 for a document without nested objects: a null removes the member, which then takes its default.
fn merge(present: &MfaPolicy, members: &serde_json::Map<String, Value>) -> Result<MfaPolicy, ApiError> {
    let mut document = json!(PolicyBody::of(present));
    if let Some(document) = document.as_object_mut() {
        for (name, value) in members {
            if value.is_null() {
                document.remove(name);
            } else {
                document.insert(name.clone(), value.clone());
            }
        }
    }
    parse_json::<PolicyBody>(document.to_string().as_bytes())?.parse()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patched(present: &MfaPolicy, patch: Value) -> Result<MfaPolicy, ApiError> {
        merge(present, patch.as_object().unwrap())
    }

    #[test]
    fn a_patch_changes_what_it_names_and_null_restores_the_default() {
        let present = MfaPolicy { grace_period_days: 7, ..MfaPolicy::default() };
        let required = patched(&present, json!({"mode": "required"})).unwrap();
        assert_eq!(required, MfaPolicy { mode: Mode::Required, ..present.clone() });
        assert_eq!(patched(&present, json!({"grace_period_days": null})).unwrap(), MfaPolicy::default());
        assert!(patched(&present, json!({"mode": null})).is_err(), "mode has no default");
        assert!(patched(&present, json!({"colour": "red"})).is_err());
        assert!(patched(&present, json!({"methods": []})).is_err());
        assert!(patched(&present, json!({"methods": ["totp", "totp"]})).is_err());
        assert!(patched(&present, json!({"grace_period_days": 366})).is_err());
        assert!(patched(&present, json!({"required_roles": [""]})).is_err());
    }
}
