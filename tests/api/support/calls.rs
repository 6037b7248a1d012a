//! One method for each call of the API. Bridge calls are made with the bridge's key, the rest with the
//! administrator's.

use super::TestApp;
use crate::answer::Answer;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

/// What the host says of a user; the name is made from the id.
pub struct User(pub Value);

impl From<&str> for User {
    fn from(id: &str) -> Self {
        Self(json!({"id": id, "name": format!("user {}", id.chars().take(20).collect::<String>())}))
    }
}

impl From<Value> for User {
    fn from(user: Value) -> Self {
        Self(user)
    }
}

/// A login's id.
pub fn id(login: &Value) -> &str {
    login["id"].as_str().expect("an id")
}

fn encoded(segment: &str) -> String {
    utf8_percent_encode(segment, NON_ALPHANUMERIC).to_string()
}

impl TestApp {
    /// Any call.
    pub fn call(&self, method: Method, path: &str, key: &str) -> RequestBuilder {
        self.client.request(method, format!("http://{}{path}", self.address())).bearer_auth(key)
    }

    async fn as_bridge(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let call = self.call(method, path, &self.bridge);
        Answer::to(body.into_iter().fold(call, |call, body| call.json(&body))).await
    }

    async fn as_admin(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let call = self.call(method, path, &self.admin);
        Answer::to(body.into_iter().fold(call, |call, body| call.json(&body))).await
    }

    pub async fn begin_with(&self, body: Value) -> Answer {
        self.as_bridge(Method::POST, "/v1/logins", Some(body)).await
    }

    /// Begins a login; the host has proven the password.
    pub async fn begin(&self, user: impl Into<User>) -> Value {
        self.begin_with(json!({"user": user.into().0})).await.status(201)
    }

    /// Begins a step-up.
    pub async fn step_up(&self, user: impl Into<User>) -> Value {
        self.begin_with(json!({"user": user.into().0, "purpose": "step_up"})).await.status(201)
    }

    pub async fn read(&self, login: &str) -> Answer {
        self.as_bridge(Method::GET, &format!("/v1/logins/{login}"), None).await
    }

    pub async fn cancel(&self, login: &str) -> Answer {
        self.as_bridge(Method::DELETE, &format!("/v1/logins/{login}"), None).await
    }

    pub async fn enroll(&self, login: &str) -> Answer {
        self.enroll_with(login, json!({"method": "totp"})).await
    }

    pub async fn enroll_with(&self, login: &str, body: Value) -> Answer {
        self.as_bridge(Method::POST, &format!("/v1/logins/{login}/enrollment"), Some(body)).await
    }

    pub async fn confirm(&self, login: &str, code: &str) -> Answer {
        self.confirm_with(login, json!({"code": code})).await
    }

    pub async fn confirm_with(&self, login: &str, body: Value) -> Answer {
        self.as_bridge(Method::POST, &format!("/v1/logins/{login}/enrollment/confirm"), Some(body)).await
    }

    pub async fn challenge(&self, login: &str, method: &str) -> Answer {
        self.challenge_with(login, json!({"method": method})).await
    }

    pub async fn challenge_with(&self, login: &str, body: Value) -> Answer {
        self.as_bridge(Method::POST, &format!("/v1/logins/{login}/challenge"), Some(body)).await
    }

    /// Answers with a code of the authenticator app.
    pub async fn answer(&self, login: &str, code: &str) -> Answer {
        self.answer_with(login, json!({"method": "totp", "code": code})).await
    }

    /// Answers with a code that was sent.
    pub async fn answer_by(&self, method: &str, login: &str, code: &str) -> Answer {
        self.answer_with(login, json!({"method": method, "code": code})).await
    }

    /// Answers with a recovery code.
    pub async fn recover(&self, login: &str, code: &str) -> Answer {
        self.answer_with(login, json!({"method": "recovery_code", "code": code})).await
    }

    pub async fn answer_with(&self, login: &str, body: Value) -> Answer {
        self.as_bridge(Method::POST, &format!("/v1/logins/{login}/answer"), Some(body)).await
    }

    /// Calls about a user's own authenticators; `proof` is the id of a login, or empty.
    async fn as_user(&self, method: Method, path: &str, body: Option<Value>, proof: &str) -> Answer {
        let mut call = self.call(method, path, &self.bridge);
        if !proof.is_empty() {
            call = call.header("Mfa-Step-Up", proof);
        }
        Answer::to(body.into_iter().fold(call, |call, body| call.json(&body))).await
    }

    pub async fn begin_own(&self, user: &str, body: Value, proof: &str) -> Answer {
        let path = format!("/v1/users/{}/enrollments", encoded(user));
        self.as_user(Method::POST, &path, Some(body), proof).await
    }

    pub async fn resend_own(&self, user: &str, enrollment: &str, proof: &str) -> Answer {
        let path = format!("/v1/users/{}/enrollments/{enrollment}/resend", encoded(user));
        self.as_user(Method::POST, &path, None, proof).await
    }

    pub async fn confirm_own(&self, user: &str, enrollment: &str, code: &str, proof: &str) -> Answer {
        let path = format!("/v1/users/{}/enrollments/{enrollment}/confirm", encoded(user));
        self.as_user(Method::POST, &path, Some(json!({"code": code})), proof).await
    }

    pub async fn rename_own(&self, user: &str, authenticator: &str, name: &str) -> Answer {
        let path = format!("/v1/users/{}/authenticators/{authenticator}", encoded(user));
        self.as_user(Method::PATCH, &path, Some(json!({"name": name})), "").await
    }

    pub async fn remove_own(&self, user: &str, authenticator: &str, proof: &str) -> Answer {
        let path = format!("/v1/users/{}/authenticators/{authenticator}", encoded(user));
        self.as_user(Method::DELETE, &path, None, proof).await
    }

    pub async fn prefer(&self, user: &str, body: Value, proof: &str) -> Answer {
        let path = format!("/v1/users/{}/preferred-method", encoded(user));
        self.as_user(Method::PUT, &path, Some(body), proof).await
    }

    pub async fn replace_codes(&self, user: &str, proof: &str) -> Answer {
        let path = format!("/v1/users/{}/recovery-codes", encoded(user));
        self.as_user(Method::POST, &path, None, proof).await
    }

    pub async fn disable(&self, user: &str, proof: &str) -> Answer {
        self.as_user(Method::POST, &format!("/v1/users/{}/disable", encoded(user)), None, proof).await
    }

    /// Forgets all trusted devices; `device` begins with `/` or is empty.
    pub async fn forget_devices(&self, user: &str, device: &str) -> Answer {
        let path = format!("/v1/users/{}/trusted-devices{device}", encoded(user));
        self.as_user(Method::DELETE, &path, None, "").await
    }

    pub async fn issue_pass(&self, user: &str, body: Value) -> Answer {
        self.as_admin(Method::POST, &format!("/v1/users/{}/one-time-pass", encoded(user)), Some(body)).await
    }

    pub async fn sms_countries(&self) -> Answer {
        self.as_bridge(Method::GET, "/v1/sms/countries", None).await
    }

    pub async fn put_user(&self, user: &str, body: Value) -> Answer {
        self.as_bridge(Method::PUT, &format!("/v1/users/{}", encoded(user)), Some(body)).await
    }

    pub async fn user(&self, user: &str) -> Answer {
        self.as_bridge(Method::GET, &format!("/v1/users/{}", encoded(user)), None).await
    }

    /// The roster; `query` begins with `?` or is empty.
    pub async fn users(&self, query: &str) -> Answer {
        self.as_admin(Method::GET, &format!("/v1/users{query}"), None).await
    }

    /// The administrator's removal; `query` begins with `?` or is empty.
    pub async fn remove(&self, user: &str, query: &str) -> Answer {
        let path = format!("/v1/users/{}/authenticators{query}", encoded(user));
        self.as_admin(Method::DELETE, &path, None).await
    }

    pub async fn unlock(&self, user: &str) -> Answer {
        self.as_admin(Method::POST, &format!("/v1/users/{}/unlock", encoded(user)), None).await
    }

    pub async fn delete_user(&self, user: &str) -> Answer {
        self.as_admin(Method::DELETE, &format!("/v1/users/{}", encoded(user)), None).await
    }

    pub async fn policy(&self) -> Answer {
        self.as_admin(Method::GET, "/v1/policy", None).await
    }

    pub async fn put_policy(&self, policy: Value) -> Answer {
        self.as_admin(Method::PUT, "/v1/policy", Some(policy)).await
    }

    pub async fn patch_policy(&self, patch: Value) -> Answer {
        self.as_admin(Method::PATCH, "/v1/policy", Some(patch)).await
    }

    /// The audit log; `query` begins with `?` or is empty.
    pub async fn audit(&self, query: &str) -> Answer {
        self.as_admin(Method::GET, &format!("/v1/audit-events{query}"), None).await
    }

    /// The answer to exactly these bytes, for what a client library would tidy up on the way: the status and the rest.
    pub fn raw(&self, request: &str) -> (u16, String) {
        use std::io::{Read as _, Write as _};
        let mut stream = std::net::TcpStream::connect(self.address()).unwrap();
        stream.set_read_timeout(Some(std::time::Duration::from_secs(20))).unwrap();
        // The server may answer and hang up before it has read everything.
        let _ = stream.write_all(request.as_bytes());
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8(answer).unwrap();
        let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
        (status.unwrap_or_else(|| panic!("no answer to {request:.100}")), answer)
    }
}
