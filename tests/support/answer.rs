//! What the service answered, with what must hold of every answer checked on arrival.

use reqwest::RequestBuilder;
use reqwest::header::HeaderMap;
use serde_json::Value;

/// The contract's problem codes and their statuses, written down a second time on purpose.
const PROBLEMS: [(&str, u16); 21] = [
    ("invalid-request", 400),
    ("unauthenticated", 401),
    ("forbidden", 403),
    ("step-up-required", 403),
    ("not-found", 404),
    ("login-not-found", 404),
    ("user-not-found", 404),
    ("authenticator-not-found", 404),
    ("method-not-allowed", 405),
    ("login-not-pending", 409),
    ("already-enrolled", 409),
    ("too-many-authenticators", 409),
    ("login-expired", 410),
    ("precondition-failed", 412),
    ("payload-too-large", 413),
    ("code-rejected", 422),
    ("method-not-available", 422),
    ("last-authenticator", 422),
    ("throttled", 429),
    ("delivery-failed", 502),
    ("unavailable", 503),
];

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
    pub text: String,
}

impl Answer {
    /// Sends the request and checks what every answer of the API must have.
    pub async fn to(request: RequestBuilder) -> Self {
        Self::if_any(request).await.expect("the service answers")
    }

    /// The same, where it is no mistake of the service if there is no answer.
    pub async fn if_any(request: RequestBuilder) -> reqwest::Result<Self> {
        let response = request.send().await?;
        let (path, status) = (response.url().path().to_owned(), response.status().as_u16());
        let headers = response.headers().clone();
        let text = response.text().await?;
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        let answer = Self { status, headers, body, text };
        if path.starts_with("/v1/") {
            assert_eq!(answer.header("cache-control"), "no-store", "{path}: {answer:?}");
        }
        if status >= 400 {
            answer.check_problem();
        }
        Ok(answer)
    }

    /// RFC 9457, and the contract's additions to it.
    fn check_problem(&self) {
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        let (_, status) = PROBLEMS
            .iter()
            .find(|(code, _)| self.body["type"] == format!("urn:mfa-sidecar:problem:{code}"))
            .unwrap_or_else(|| panic!("a problem of the contract: {self:?}"));
        assert_eq!(self.status, *status, "{self:?}");
        assert_eq!(self.body["status"], self.status, "{self:?}");
        for member in ["title", "detail"] {
            assert!(self.body[member].as_str().is_some_and(|text| !text.is_empty()), "{member}: {self:?}");
        }
        assert_eq!(self.body["request_id"], self.header("x-request-id"), "{self:?}");
    }

    /// A header's text; empty if there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The problem's code; empty if the answer is none.
    pub fn code(&self) -> &str {
        let code = self.body["type"].as_str().and_then(|text| text.strip_prefix("urn:mfa-sidecar:problem:"));
        code.unwrap_or_default()
    }

    /// The body, if the status is this one.
    #[track_caller]
    pub fn status(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{self:?}");
        self.body
    }

    /// The body, if it is the problem of this code.
    #[track_caller]
    pub fn problem(self, code: &str) -> Value {
        assert_eq!(self.code(), code, "{self:?}");
        self.body
    }
}
