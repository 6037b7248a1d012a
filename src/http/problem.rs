//! Errors as clients see them: RFC 9457 problem details. The one map from [`MfaError`].

use crate::service::error::MfaError;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, RETRY_AFTER};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use serde_json::json;
use utoipa::openapi::{ContentBuilder, RefOr, Response, ResponseBuilder, ResponsesBuilder};

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $status:ident, $title:literal;)*) => {
        /// Every problem that the API can answer.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Code { $($(#[$doc])* $variant,)* }

        impl Code {
            /// The last part of the problem's `type`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// The HTTP status.
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status,)* }
            }

            /// The same for every occurrence.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }
        }
    };
}

codes! {
    /// Not JSON, a missing, unknown or ill-typed member, an invalid id or cursor.
    InvalidRequest = "invalid-request", BAD_REQUEST, "The request is not of the documented form.";
    /// No valid API key.
    Unauthenticated = "unauthenticated", UNAUTHORIZED, "A valid API key is needed.";
    /// The key lacks the role.
    Forbidden = "forbidden", FORBIDDEN, "This API key may not do that.";
    /// A change of what is enrolled without a fresh proof by a factor.
    StepUpRequired = "step-up-required", FORBIDDEN, "A fresh proof by a factor is needed.";
    /// No such path.
    NotFound = "not-found", NOT_FOUND, "There is nothing at this address.";
    /// No such login.
    LoginNotFound = "login-not-found", NOT_FOUND, "There is no such login.";
    /// No such user.
    UserNotFound = "user-not-found", NOT_FOUND, "There is no such user.";
    /// No such authenticator, enrolment or trusted device.
    AuthenticatorNotFound = "authenticator-not-found", NOT_FOUND, "The user has no such authenticator.";
    /// The path exists, the method on it does not.
    MethodNotAllowed = "method-not-allowed", METHOD_NOT_ALLOWED, "This address does not take that method.";
    /// The login is in another state.
    LoginNotPending = "login-not-pending", CONFLICT, "The login is not in the state that this call needs.";
    /// The login has not proven the user's factor.
    AlreadyEnrolled = "already-enrolled", CONFLICT, "The user has an authenticator that this login has not proven.";
    /// Over 5 of a method or 10 in all.
    TooManyAuthenticators = "too-many-authenticators", CONFLICT, "The user has as many authenticators as allowed.";
    /// The login's time passed, or its user was reset.
    LoginExpired = "login-expired", GONE, "The login has expired.";
    /// `If-Match` names an older version.
    PreconditionFailed = "precondition-failed", PRECONDITION_FAILED, "The policy has changed meanwhile.";
    /// The body is over 64 KiB.
    PayloadTooLarge = "payload-too-large", PAYLOAD_TOO_LARGE, "The body is larger than 64 KiB.";
    /// Wrong, replayed or spent.
    CodeRejected = "code-rejected", UNPROCESSABLE_ENTITY, "The code was not accepted.";
    /// Not enrolled, not allowed by the policy, or not offered.
    MethodNotAvailable = "method-not-available", UNPROCESSABLE_ENTITY, "The method is not available.";
    /// The last one that satisfies a policy that requires one.
    LastAuthenticator = "last-authenticator", UNPROCESSABLE_ENTITY, "The policy requires that authenticator.";
    /// Locked, or still busy with another answer.
    Throttled = "throttled", TOO_MANY_REQUESTS, "Too many attempts in a short time.";
    /// The mail or SMS gateway refused or did not answer.
    DeliveryFailed = "delivery-failed", BAD_GATEWAY, "The code could not be delivered.";
    /// The database does not answer, or a queue is full.
    Unavailable = "unavailable", SERVICE_UNAVAILABLE, "The service cannot answer now.";
}

/// A member that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct InvalidMember {
    /// The member, header or parameter.
    #[schema(example = "user.id")]
    pub field: String,
    /// What is wrong with it.
    #[schema(example = "expected a string")]
    pub message: String,
}

/// RFC 9457 problem details.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// `urn:mfa-sidecar:problem:` and the code.
    #[schema(example = "urn:mfa-sidecar:problem:login-expired")]
    pub r#type: String,
    /// The same for every occurrence of the type.
    #[schema(example = "The login has expired.")]
    pub title: &'static str,
    /// The HTTP status.
    #[schema(example = 410)]
    pub status: u16,
    /// This occurrence, for people.
    #[schema(example = "Begin the login again.")]
    pub detail: String,
    /// With `code-rejected`: answers that are left.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, value_type = i32, example = 4)]
    pub attempts_remaining: Option<i32>,
    /// With `throttled` and `unavailable`: seconds to wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, value_type = u64, example = 30)]
    pub retry_after: Option<u64>,
    /// With `invalid-request`: what is wrong where.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub errors: Vec<InvalidMember>,
    /// Names the request in the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, value_type = String, example = "0198b2a6-2f5c-7000-8000-5d1f0e8c7a11")]
    pub request_id: Option<String>,
}

impl Problem {
    /// A problem of that code with a sentence about this occurrence.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            r#type: format!("urn:mfa-sidecar:problem:{}", code.as_str()),
            title: code.title(),
            status: code.status().as_u16(),
            detail: detail.into(),
            attempts_remaining: None,
            retry_after: None,
            errors: Vec::new(),
            request_id: None,
        }
    }

    /// The problem as a response, naming the request.
    pub fn respond(mut self, request_id: Option<String>) -> HttpResponse {
        self.request_id = request_id;
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = HttpResponse::build(status);
        response.insert_header((CONTENT_TYPE, "application/problem+json"));
        if let Some(seconds) = self.retry_after {
            response.insert_header((RETRY_AFTER, seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            response.insert_header(("WWW-Authenticate", "Bearer")); // RFC 9110 §11.6.1
        }
        response.body(serde_json::to_vec(&self).unwrap_or_default())
    }
}

/// What a handler answers instead of a result.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// A story ended otherwise.
    #[error(transparent)]
    Mfa(#[from] MfaError),
    /// A wrong code: an outcome of the story, a problem to the client.
    #[error("code rejected")]
    CodeRejected {
        /// Answers left.
        attempts_remaining: i32,
    },
    /// The body is over 64 KiB.
    #[error("body too large")]
    PayloadTooLarge,
    /// No such path.
    #[error("no such path")]
    NotFound,
    /// The path exists, the method on it does not.
    #[error("method not allowed")]
    MethodNotAllowed {
        /// What is, for `Allow`.
        allow: String,
    },
}

impl ApiError {
    /// A refused member of the request.
    pub fn invalid(field: &'static str, message: impl Into<String>) -> Self {
        Self::Mfa(MfaError::invalid(field, message))
    }

    fn problem(&self) -> Problem {
        match self {
            Self::Mfa(error) => problem_of(error),
            Self::CodeRejected { attempts_remaining } => Problem {
                attempts_remaining: Some(*attempts_remaining),
                ..Problem::new(Code::CodeRejected, "Check the code and try again.")
            },
            Self::PayloadTooLarge => Problem::new(Code::PayloadTooLarge, "Send at most 65536 bytes."),
            Self::NotFound => Problem::new(Code::NotFound, "See /docs for the addresses of this service."),
            Self::MethodNotAllowed { allow } => {
                Problem::new(Code::MethodNotAllowed, format!("Allowed: {allow}."))
            }
        }
    }
}

fn problem_of(error: &MfaError) -> Problem {
    match error {
        MfaError::InvalidRequest(fields) => Problem {
            errors: fields
                .iter()
                .map(|e| InvalidMember { field: e.field.into(), message: e.message.clone() })
                .collect(),
            ..Problem::new(Code::InvalidRequest, "Correct the members named in 'errors'.")
        },
        MfaError::Unauthenticated => Problem::new(
            Code::Unauthenticated,
            "Send 'Authorization: Bearer' with a key that is not expired or revoked.",
        ),
        MfaError::Forbidden => Problem::new(
            Code::Forbidden,
            "The key lacks the role that this call needs, or the policy leaves no self-service to users.",
        ),
        MfaError::LoginNotFound => {
            Problem::new(Code::LoginNotFound, "It never existed in this site, or ended too long ago.")
        }
        MfaError::UserNotFound => Problem::new(Code::UserNotFound, "The user was never seen in this site."),
        MfaError::AuthenticatorNotFound => Problem::new(
            Code::AuthenticatorNotFound,
            "Read the user to see the authenticators and trusted devices; an enrolment is found by its user only.",
        ),
        MfaError::StepUpRequired => Problem::new(
            Code::StepUpRequired,
            "Send 'Mfa-Step-Up' with the id of a login that a factor of this user passed within the last 10 minutes.",
        ),
        MfaError::LastAuthenticator => {
            Problem::new(Code::LastAuthenticator, "Enrol another one first, then remove this one.")
        }
        MfaError::DeliveryFailed => Problem::new(Code::DeliveryFailed, "Try again, or use another method."),
        MfaError::LoginNotPending => Problem::new(
            Code::LoginNotPending,
            "It has ended, or waits for something else. Read it to see where it stands.",
        ),
        MfaError::LoginExpired => Problem::new(Code::LoginExpired, "Begin the login again."),
        MfaError::AlreadyEnrolled => Problem::new(
            Code::AlreadyEnrolled,
            "Begin the login again and answer with the present authenticator.",
        ),
        MfaError::TooManyAuthenticators => {
            Problem::new(Code::TooManyAuthenticators, "Remove one before enrolling another.")
        }
        MfaError::PreconditionFailed => {
            Problem::new(Code::PreconditionFailed, "Read the policy again, then change it.")
        }
        MfaError::MethodNotAvailable => Problem::new(
            Code::MethodNotAvailable,
            "The user has not enrolled it, the policy does not allow it, or this service does not offer it.",
        ),
        MfaError::Throttled { retry_after, .. } => Problem {
            retry_after: Some(*retry_after),
            ..Problem::new(
                Code::Throttled,
                "Wait before the next attempt. A user who is locked can be unlocked by an administrator.",
            )
        },
        // A commit whose answer was lost, or came late, may have happened.
        MfaError::Store(_) => Problem {
            retry_after: Some(1),
            ..Problem::new(
                Code::Unavailable,
                "The database did not serve the call, and what came of it is not known. Try again in a moment.",
            )
        },
        // What is broken is for the log only.
        MfaError::HasherBusy | MfaError::WorkerGone | MfaError::Keyring(_) => Problem {
            retry_after: Some(1),
            ..Problem::new(Code::Unavailable, "Nothing was accepted. Try again in a moment.")
        },
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.problem().status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The problem travels in the response's extensions; [`super::observe`] writes it out with the request's id.
    fn error_response(&self) -> HttpResponse {
        let problem = self.problem();
        let mut response = problem.clone().respond(None);
        if let Self::MethodNotAllowed { allow } = self
            && let Ok(value) = allow.parse()
        {
            response.headers_mut().insert(actix_web::http::header::ALLOW, value);
        }
        response.extensions_mut().insert(problem);
        response
    }
}

/// Problem responses for the OpenAPI document: one response a status, an example a code.
pub fn responses(codes: &[Code]) -> utoipa::openapi::Responses {
    let mut statuses: Vec<_> = codes.iter().map(|code| code.status()).collect();
    statuses.sort();
    statuses.dedup();
    let of_status = |status: StatusCode| codes.iter().copied().filter(move |code| code.status() == status);
    let one = |status: StatusCode| -> RefOr<Response> {
        let names: Vec<_> =
            of_status(status).map(|code| format!("`{}`: {}", code.as_str(), code.title())).collect();
        let examples = of_status(status).map(|code| {
            let example = utoipa::openapi::example::ExampleBuilder::new()
                .summary(code.title())
                .value(Some(example(code)))
                .build();
            (code.as_str(), RefOr::T(example))
        });
        let content = ContentBuilder::new()
            .schema(Some(utoipa::openapi::Ref::from_schema_name("Problem")))
            .examples_from_iter(examples)
            .build();
        ResponseBuilder::new()
            .description(names.join(" "))
            .content("application/problem+json", content)
            .build()
            .into()
    };
    let all = statuses.into_iter().map(|status| (status.as_str().to_owned(), one(status)));
    ResponsesBuilder::new().responses_from_iter(all).build()
}

fn example(code: Code) -> serde_json::Value {
    let mut value = json!(Problem::new(code, "What to do about it, for people."));
    match code {
        Code::CodeRejected => value["attempts_remaining"] = json!(4),
        Code::Throttled => value["retry_after"] = json!(30),
        Code::Unavailable => value["retry_after"] = json!(1),
        Code::InvalidRequest => value["errors"] = json!([{"field": "code", "message": "missing"}]),
        _ => {}
    }
    value
}

/// Declares a type that documents a set of problems: `responses((status = 200, …), TheType)`.
macro_rules! problems {
    ($name:ident: $($code:ident),+ $(,)?) => {
        /// Documents what can go wrong.
        pub struct $name;

        impl utoipa::IntoResponses for $name {
            fn responses() -> std::collections::BTreeMap<
                String,
                utoipa::openapi::RefOr<utoipa::openapi::response::Response>,
            > {
                $crate::http::problem::responses(&[$($crate::http::problem::Code::$code),+]).responses
            }
        }
    };
}
pub(super) use problems;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StoreError;

    #[test]
    fn internal_detail_never_reaches_the_client() {
        let inner = StoreError::Connection("/var/lib/secret.sqlite3: near SELECT".into());
        let shown = serde_json::to_string(&ApiError::Mfa(inner.into()).problem()).unwrap();
        assert!(!shown.contains("secret") && !shown.contains("SELECT"), "{shown}");
        assert!(shown.contains("urn:mfa-sidecar:problem:unavailable") && shown.contains("503"));
    }
}
