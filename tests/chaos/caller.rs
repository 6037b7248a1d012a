//! A host: begins logins and sends codes, and writes down what it is answered.

use crate::answer::Answer;
use crate::records::{Records, Said};
use crate::users::{Clock, Users, code};
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// No call may take longer, whatever happens to the service.
const PATIENCE: Duration = Duration::from_secs(10);

pub fn client() -> reqwest::Client {
    crate::client::builder().timeout(PATIENCE).build().unwrap()
}

#[derive(Clone)]
pub struct Caller {
    pub client: reqwest::Client,
    /// The ports of the services, each of which must answer everything.
    pub ports: Arc<[AtomicU16]>,
    pub bridge: Arc<str>,
    pub admin: Arc<str>,
    pub users: Arc<Users>,
    pub clock: Arc<Clock>,
    pub records: Arc<Mutex<Records>>,
}

impl Caller {
    /// Another one with a sheet of paper of its own; and with connections of its own, which another runtime drives.
    pub fn afresh(&self) -> Self {
        Self { client: client(), records: Arc::default(), ..self.clone() }
    }

    /// An answer, or nothing if none arrived. Every one must be of the contract, and in time.
    pub async fn call(&self, at: usize, method: Method, path: &str, body: Option<Value>) -> Option<Answer> {
        let port = self.ports[at % self.ports.len()].load(Ordering::SeqCst);
        let reads = path.starts_with("/v1/users") || path.starts_with("/v1/audit-events");
        let key = if reads { &self.admin } else { &self.bridge };
        let request = self.client.request(method, format!("http://127.0.0.1:{port}{path}")).bearer_auth(key);
        let request = if let Some(body) = body { request.json(&body) } else { request };
        let began = Instant::now();
        let answer = Answer::if_any(request).await;
        let took = began.elapsed();
        let mut records = self.records.lock().unwrap();
        records.slowest = records.slowest.max(took);
        match &answer {
            Ok(answer) => {
                records.answers += 1;
                if answer.status == 503 {
                    records.unavailable += 1;
                    if answer.header("retry-after").parse::<u32>().is_err() {
                        records.wrong.push(format!("503 without Retry-After: {answer:?}"));
                    }
                }
            }
            Err(error) if error.is_timeout() => records.wrong.push(format!("{path} hung for {took:?}")),
            Err(_) => records.broken += 1,
        }
        answer.ok()
    }

    /// Begins a login of an enrolled user; its id, if the answer arrived.
    pub async fn begin(&self, at: usize, user: u64) -> Option<String> {
        let body = json!({"user": {"id": user.to_string(), "name": format!("user{user}")}});
        let answer = self.call(at, Method::POST, "/v1/logins", Some(body)).await?;
        let mut records = self.records.lock().unwrap();
        if answer.status == 503 {
            return None;
        }
        if (answer.status, &answer.body["status"]) != (201, &json!("challenge_required")) {
            records.wrong.push(format!("a login of an enrolled user began with {answer:?}"));
            return None;
        }
        let id = answer.body["id"].as_str().unwrap();
        records.begun(id, user);
        Some(id.to_owned())
    }

    /// Sends the code of `step` for a login that was begun.
    pub async fn answer(&self, at: usize, login: &str, step: i64) -> Said {
        self.send(at, login, &code(step), Some(step)).await
    }

    /// Sends a wrong code.
    pub async fn guess(&self, at: usize, login: &str) -> Said {
        let wrong = crate::users::wrong_code(self.clock.step());
        self.send(at, login, &wrong, None).await
    }

    async fn send(&self, at: usize, login: &str, code: &str, step: Option<i64>) -> Said {
        let body = json!({"method": "totp", "code": code});
        let answer = self.call(at, Method::POST, &format!("/v1/logins/{login}/answer"), Some(body)).await;
        let mut records = self.records.lock().unwrap();
        let said = match &answer {
            None => Said::Unknown,
            Some(answer) => match (answer.status, answer.code()) {
                (200, _) if answer.body["status"] == "passed" && answer.body["amr"] == json!(["otp"]) => {
                    Said::Passed
                }
                (_, "unavailable") => Said::Unknown,
                (_, "code-rejected") => {
                    Said::Rejected { remaining: answer.body["attempts_remaining"].as_i64().unwrap() }
                }
                (_, "throttled" | "login-not-pending" | "login-expired") => Said::Refused,
                (_, "login-not-found") if self.clock.has_jumped() => Said::Refused,
                _ => {
                    records.wrong.push(format!("a code was answered by {answer:?}"));
                    Said::Refused
                }
            },
        };
        records.answered(login, step, said);
        said
    }

    /// One whole login of whoever is next; whether it passed.
    pub async fn log_in(&self) -> bool {
        for at in 0..self.ports.len() {
            let Some((user, step)) = self.users.take(self.clock.step()) else { return false };
            let Some(login) = self.begin(at, user).await else {
                self.users.give_back(user, step - 1);
                return false;
            };
            let said = self.answer(at, &login, step).await;
            self.users.give_back(user, step);
            if said != Said::Passed {
                return false;
            }
        }
        true
    }
}
