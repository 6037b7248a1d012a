//! Logins by many clients at once that go to the other replica when one is away, and what became of each.

use crate::answer::Answer;
use crate::installation::{DEADLINE, Sidecar, now};
use crate::pair::{Pair, user};
use crate::phone::Phone;
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// Between two looks, or two tries.
const PAUSE: Duration = Duration::from_millis(5);

/// A login that was answered `passed`, and the code that passed it.
struct Passed {
    login: Value,
    user: String,
    code: String,
}

struct Shared {
    replicas: RwLock<[Arc<Sidecar>; 2]>,
    passed: Mutex<Vec<Passed>>,
    stop: AtomicBool,
    /// Calls that one replica did not answer, or answered with 503.
    turned_away: AtomicUsize,
}

/// Clients at work.
pub struct Load {
    shared: Arc<Shared>,
    clients: JoinSet<()>,
}

impl Load {
    pub fn start(pair: &Pair, clients: usize) -> Self {
        let shared = Arc::new(Shared {
            replicas: RwLock::new([Arc::clone(&pair.a), Arc::clone(&pair.b)]),
            passed: Mutex::default(),
            stop: AtomicBool::new(false),
            turned_away: AtomicUsize::new(0),
        });
        let mut running = JoinSet::new();
        for client in 0..clients {
            let shared = Arc::clone(&shared);
            running.spawn(async move {
                let mut n = 0;
                while !shared.stop.load(Ordering::Relaxed) {
                    n += 1;
                    shared.one_user(client + n, &format!("{client}-{n}")).await;
                }
            });
        }
        Self { shared, clients: running }
    }

    /// The clients know from now on that this replica has another address.
    pub fn replace(&self, replica: usize, by: Arc<Sidecar>) {
        self.shared.replicas.write().unwrap()[replica] = by;
    }

    /// Waits until that many more logins have passed.
    pub async fn passes(&self, more: usize) {
        let wanted = self.shared.passed.lock().unwrap().len() + more;
        let began = Instant::now();
        while self.shared.passed.lock().unwrap().len() < wanted {
            assert!(began.elapsed() < DEADLINE, "{more} logins within {DEADLINE:?}");
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Lets the clients come to an end, and checks on both replicas that what was answered is there and what was spent
    /// is spent. How many logins had passed, and how many calls had to be made again.
    pub async fn end(self) -> (usize, usize) {
        self.shared.stop.store(true, Ordering::Relaxed);
        self.clients.join_all().await;
        let passed = std::mem::take(&mut *self.shared.passed.lock().unwrap());
        let replicas = self.shared.replicas.read().unwrap().clone();
        for (n, one) in passed.iter().enumerate() {
            for replica in &replicas {
                assert_eq!(replica.read(&one.login).await.status(200)["status"], "passed", "{}", one.login);
            }
            let replica = &replicas[n % 2];
            replica.answer(&replica.begin(&one.user).await, &one.code).await.problem("code-rejected");
        }
        (passed.len(), self.shared.turned_away.load(Ordering::Relaxed))
    }
}

impl Shared {
    /// Makes a call, by the replica of that number or the other one. Whether it was made more than once.
    async fn call(&self, first: usize, path: &str, body: &Value) -> (Answer, bool) {
        let began = Instant::now();
        for n in first.. {
            let replica = Arc::clone(&self.replicas.read().unwrap()[n % 2]);
            let request = replica.call(Method::POST, path, &replica.bridge).json(body);
            match Answer::if_any(request).await {
                Ok(answer) if answer.status != 503 => return (answer, n > first),
                Ok(_) | Err(_) => {
                    self.turned_away.fetch_add(1, Ordering::Relaxed);
                    assert!(began.elapsed() < DEADLINE, "{path}: an answer within {DEADLINE:?}");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
        unreachable!("it goes on until there is an answer")
    }

    /// Makes a call that passes a login; `None` if it has, or may have, without an answer that says so.
    async fn pass(&self, first: usize, path: &str, body: &Value) -> Option<Value> {
        let (answer, again) = self.call(first, path, body).await;
        if again && ["login-not-pending", "code-rejected", "already-enrolled"].contains(&answer.code()) {
            return None;
        }
        Some(answer.status(200))
    }

    /// A user enrols, and signs in again; then the same codes are tried once more.
    async fn one_user(&self, n: usize, name: &str) {
        let begin = async |n| self.call(n, "/v1/logins", &user(name)).await.0.status(201);
        let of = |login: &Value, call: &str| format!("/v1/logins/{}/{call}", login["id"].as_str().unwrap());
        let login = begin(n).await;
        let scan = self.call(n + 1, &of(&login, "enrollment"), &json!({"method": "totp"})).await.0;
        let phone = Phone::with(scan.status(200)["secret"].as_str().unwrap());
        let code = phone.code_at(now());
        let confirm = of(&login, "enrollment/confirm");
        let Some(passed) = self.pass(n, &confirm, &json!({"code": code})).await else { return };
        self.record(passed, name, &code);

        let (login, other) = (begin(n + 1).await, begin(n).await);
        let code = phone.code_at(now() + 30);
        let body = json!({"method": "totp", "code": code});
        let passed = self.pass(n, &of(&login, "answer"), &body).await;
        let replayed = self.call(n + 1, &of(&other, "answer"), &body).await.0;
        if let Some(passed) = passed {
            replayed.problem("code-rejected");
            self.record(passed, name, &code);
        }
    }

    fn record(&self, login: Value, user: &str, code: &str) {
        assert_eq!(login["status"], "passed");
        let passed = Passed { login, user: user.to_owned(), code: code.to_owned() };
        self.passed.lock().unwrap().push(passed);
    }
}
