//! Steps that many stories begin with.

use super::{TestApp, User, id};
use crate::answer::Answer;
use crate::phone::Phone;
use serde_json::{Value, json};
use tokio::task::JoinSet;

/// A user who has enrolled, and what only that person has.
#[derive(Debug, Clone)]
pub struct Enrolled {
    pub id: String,
    pub phone: Phone,
    pub recovery_codes: Vec<String>,
}

impl TestApp {
    /// A server whose policy is "TOTP required".
    pub async fn with_totp_required() -> Self {
        let app = Self::start().await;
        app.require_totp().await;
        app
    }

    pub async fn require_totp(&self) {
        self.put_policy(json!({"mode": "required", "methods": ["totp"]})).await.status(200);
    }

    /// The code that the phone shows now.
    pub fn code(&self, phone: &Phone) -> String {
        phone.code_at(self.now())
    }

    /// The code that the phone shows `steps` later, or earlier.
    pub fn code_in(&self, phone: &Phone, steps: i64) -> String {
        phone.code_at(self.now() + 30 * steps)
    }

    /// A code that the phone shows at no time near now.
    pub fn wrong(&self, phone: &Phone) -> String {
        phone.wrong_code_at(self.now())
    }

    /// Scans the secret of a login that wants an enrolment.
    pub async fn scan(&self, login: &Value) -> Phone {
        Phone::with(self.enroll(id(login)).await.status(200)["secret"].as_str().unwrap())
    }

    /// Lets a user enrol at login. Ends in a new step, in which the phone shows a code that is not spent.
    pub async fn enrolled(&self, user: impl Into<User>) -> Enrolled {
        let login = self.begin(user).await;
        let phone = self.scan(&login).await;
        let passed = self.confirm(id(&login), &self.code(&phone)).await.status(200);
        let codes = passed["recovery_codes"].as_array().unwrap().iter();
        let recovery_codes = codes.map(|code| code.as_str().unwrap().to_owned()).collect();
        self.next_step();
        Enrolled { id: login["user"]["id"].as_str().unwrap().to_owned(), phone, recovery_codes }
    }

    /// Begins a login and answers it with the phone's present code.
    pub async fn sign_in(&self, user: &Enrolled) -> Answer {
        let login = self.begin(user.id.as_str()).await;
        self.answer(id(&login), &self.code(&user.phone)).await
    }

    /// Lets a user enrol at login by a code that is sent to a destination, under a policy that wants that.
    pub async fn enrolled_by(&self, method: &str, user: impl Into<User>, destination: &str) -> Value {
        let login = self.begin(user).await;
        let body = json!({"method": method, "destination": destination});
        self.enroll_with(id(&login), body).await.status(200);
        let code = self.received(method);
        let passed = self.confirm(id(&login), &code).await.status(200);
        // Past the pause between two codes.
        self.next_step();
        passed
    }

    /// The code in the message that was sent last by this method.
    pub fn received(&self, method: &str) -> String {
        let sender = if method == "sms" { &self.sms } else { &self.mail };
        let text = sender.messages().pop().expect("a message").text;
        let is_code = |word: &&str| word.len() == 6 && word.bytes().all(|b| b.is_ascii_digit());
        let mut words = text.split(|c: char| !c.is_alphanumeric());
        words.find(is_code).unwrap_or_else(|| panic!("a code in {text:?}")).to_owned()
    }

    /// A fresh proof by the phone: the id of a step-up that has passed. Ends in a new step.
    pub async fn proven(&self, user: &Enrolled) -> String {
        let login = self.step_up(user.id.as_str()).await;
        self.answer(id(&login), &self.code(&user.phone)).await.status(200);
        self.next_step();
        id(&login).to_owned()
    }

    /// Answers wrongly `times` times, in as many logins as that takes.
    pub async fn fail(&self, user: &Enrolled, times: usize) {
        let wrong = self.wrong(&user.phone);
        let mut left = times;
        while left > 0 {
            let login = self.begin(user.id.as_str()).await;
            for _ in 0..left.min(5) {
                self.answer(id(&login), &wrong).await.problem("code-rejected");
                left -= 1;
            }
        }
    }

    /// The seconds for which the user is locked, as a new login says.
    pub async fn lock_of(&self, user: &Enrolled) -> Option<u64> {
        let login = self.begin(user.id.as_str()).await;
        login["retry_after"].as_u64()
    }

    /// The causes in the user's audit events of this action, newest first.
    pub async fn causes(&self, user: &str, action: &str) -> Vec<String> {
        let page = self.audit(&format!("?user={user}&action={action}&limit=200")).await.status(200);
        let events = page["events"].as_array().unwrap().iter();
        events.map(|event| event["cause"].as_str().unwrap_or_default().to_owned()).collect()
    }
}

/// Makes `count` calls at once and gathers the answers. `call` is given a server handle and a number.
pub async fn together<F>(app: &TestApp, count: usize, call: impl Fn(TestApp, usize) -> F) -> Vec<Answer>
where
    F: Future<Output = Answer> + Send + 'static,
{
    let mut calls = JoinSet::new();
    for n in 0..count {
        calls.spawn(call(app.clone(), n));
    }
    calls.join_all().await
}

/// Makes two calls at once; on odd rounds the other one is begun first.
pub async fn both<A, B>(
    round: usize,
    one: impl Future<Output = A>,
    other: impl Future<Output = B>,
) -> (A, B) {
    if round.is_multiple_of(2) {
        tokio::join!(one, other)
    } else {
        let (other, one) = tokio::join!(other, one);
        (one, other)
    }
}
