//! Two replicas and a database of their own.

use crate::answer::Answer;
use crate::installation::{Installation, Sidecar};
use diesel::connection::SimpleConnection as _;
use mfa_sidecar::keyring::generate_key_file;
use mfa_sidecar::service::os_random;
use mfa_sidecar::store::AnyConnection;
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tempfile::TempDir;
use tokio::task::JoinSet;

/// An empty database, and the two places that a replica is started from. Gone when it is dropped.
pub struct Place {
    servers: Vec<String>,
    name: String,
    pub installations: [Arc<Installation>; 2],
    _keys: TempDir,
}

impl Place {
    pub fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let servers = servers();
        let name = format!("replicas_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let keys = tempfile::tempdir().unwrap();
        let key_file = keys.path().join("master.key");
        std::fs::write(&key_file, generate_key_file(&mut os_random()).as_bytes()).unwrap();
        let installation = |n: usize| {
            Arc::new(Installation::with(vec![
                ("MFA_SIDECAR_DATABASE_URL", format!("{}/{name}", servers[n % servers.len()])),
                ("MFA_SIDECAR_MASTER_KEY_FILE", key_file.to_str().unwrap().to_owned()),
            ]))
        };
        let installations = [installation(0), installation(1)];
        let place = Self { servers, name, installations, _keys: keys };
        place.administer(&format!("CREATE DATABASE {}", place.name));
        place
    }

    /// A connection to the database, as the replica of that number has.
    pub fn open(&self, replica: usize) -> AnyConnection {
        AnyConnection::open(&format!("{}/{}", self.servers[replica % self.servers.len()], self.name)).unwrap()
    }

    fn is_postgres(&self) -> bool {
        self.servers[0].starts_with("postgres")
    }

    fn administer(&self, statement: &str) {
        let database = if self.is_postgres() { "postgres" } else { "mysql" };
        let mut connection = AnyConnection::open(&format!("{}/{database}", self.servers[0])).unwrap();
        connection.batch_execute(statement).unwrap();
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let force = if self.is_postgres() { " WITH (FORCE)" } else { "" };
        self.administer(&format!("DROP DATABASE {}{force}", self.name));
    }
}

/// Two replicas that serve.
pub struct Pair {
    pub a: Arc<Sidecar>,
    pub b: Arc<Sidecar>,
    pub place: Place,
}

impl Pair {
    /// With the policy "required" for these methods.
    pub fn requiring(methods: &[&str], arguments: &[&str]) -> Self {
        let place = Place::new();
        let mut policy = vec!["policy", "set", "--mode", "required"];
        policy.extend(methods.iter().flat_map(|method| ["--method", method]));
        policy.extend(arguments);
        place.installations[0].say(&policy);
        let [a, b] = [0, 1].map(|n| Arc::new(place.installations[n].serve(arguments)));
        Self { a, b, place }
    }

    pub fn with_totp_required() -> Self {
        Self::requiring(&["totp"], &[])
    }

    /// One replica and the other one in turn.
    pub fn nth(&self, n: usize) -> Arc<Sidecar> {
        Arc::clone(if n.is_multiple_of(2) { &self.a } else { &self.b })
    }

    pub async fn begin_many(&self, user: &str, count: usize) -> Vec<Value> {
        let mut logins = Vec::with_capacity(count);
        for n in 0..count {
            logins.push(self.nth(n).begin(user).await);
        }
        logins
    }

    /// Sends `count` requests at once over both replicas.
    pub async fn together<F>(&self, count: usize, send: impl Fn(Arc<Sidecar>, usize) -> F) -> Vec<Answer>
    where
        F: Future<Output = Answer> + Send + 'static,
    {
        let mut sent = JoinSet::new();
        for n in 0..count {
            sent.spawn(send(self.nth(n), n));
        }
        sent.join_all().await
    }

    /// How often that was recorded of the user.
    pub async fn recorded(&self, user: &str, action: &str) -> usize {
        let path = format!("/v1/audit-events?user={user}&action={action}&limit=200");
        let page = self.b.get(&path).await.status(200);
        page["events"].as_array().unwrap().len()
    }

    /// Conflicts between transactions that the lanes have counted, in both replicas.
    pub async fn conflicts(&self) -> u64 {
        let mut sum = 0;
        for replica in [&self.a, &self.b] {
            let metrics = Answer::to(replica.call(Method::GET, "/metrics", "")).await.text;
            let line = metrics.lines().find(|line| line.starts_with("mfa_lane_conflicts_total "));
            sum += line.map_or(0, |line| line.rsplit(' ').next().unwrap().parse().unwrap());
        }
        sum
    }
}

/// The server that each replica talks to.
fn servers() -> Vec<String> {
    let urls =
        std::env::var("TEST_REPLICA_URLS").expect("TEST_REPLICA_URLS names the servers: see the scripts");
    urls.split_whitespace().map(str::to_owned).collect()
}

/// The answers that won; all others must have been refused with one of these codes. A node of a cluster that undoes a
/// transaction for another node's may close the connection over it, which is no more than a refusal.
pub fn winners(answers: &[Answer], refusals: &[&str]) -> Vec<Answer> {
    let (won, refused): (Vec<_>, Vec<_>) = answers.iter().cloned().partition(|answer| answer.status < 300);
    let is_cluster = servers().len() > 1;
    for answer in refused {
        let code = answer.code();
        assert!(refusals.contains(&code) || is_cluster && code == "unavailable", "{answer:?}");
    }
    let unavailable = count(answers, "unavailable");
    if unavailable > 0 {
        println!("{unavailable} of {} answers: unavailable", answers.len());
    }
    won
}

pub fn count(answers: &[Answer], code: &str) -> usize {
    answers.iter().filter(|answer| answer.code() == code).count()
}

/// What begins a login of this user.
pub fn user(id: &str) -> Value {
    json!({"user": {"id": id, "name": id}})
}
