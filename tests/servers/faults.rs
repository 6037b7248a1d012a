//! A server that is slow, silent, or full: every call is answered within the set time, with 503 and `Retry-After` where
//! it cannot be served, and the service is back by itself.

use crate::answer::Answer;
use crate::installation::{DEADLINE, Installation, Sidecar, poll};
use crate::proxy::Proxy;
use crate::test_database::TestDatabase;
use crate::{address, is_postgres, server};
use diesel::connection::SimpleConnection as _;
use mfa_sidecar::keyring::generate_key_file;
use mfa_sidecar::service::os_random;
use mfa_sidecar::store::AnyConnection;
use serde_json::json;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// In which every call is answered: 8 s, and something for a busy machine.
const SET_TIME: Duration = Duration::from_secs(10);

/// A service on a database of its own.
struct Place {
    database: TestDatabase,
    sidecar: Arc<Sidecar>,
    _installation: Installation,
}

impl Place {
    /// `way` makes the service's URL of the database's.
    fn new(way: impl FnOnce(&str) -> String) -> Self {
        assert!(!server().is_empty());
        let database = TestDatabase::new("".as_ref());
        let keys = tempfile::NamedTempFile::new().unwrap().into_temp_path();
        std::fs::write(&keys, generate_key_file(&mut os_random()).as_bytes()).unwrap();
        let installation = Installation::with(vec![
            ("MFA_SIDECAR_DATABASE_URL", way(database.url())),
            ("MFA_SIDECAR_MASTER_KEY_FILE", keys.to_str().unwrap().to_owned()),
        ]);
        let sidecar = Arc::new(installation.serve(&[]));
        Self { database, sidecar, _installation: installation }
    }

    fn open(&self) -> AnyConnection {
        AnyConnection::open(self.database.url()).unwrap()
    }

    /// Logins of so many users begin at once; the answers.
    async fn begin(&self, users: usize) -> Vec<Answer> {
        let mut calls = JoinSet::new();
        for user in 0..users {
            let sidecar = Arc::clone(&self.sidecar);
            calls.spawn(async move {
                let began = Instant::now();
                let name = format!("user-{user}");
                let answer = sidecar.post("/v1/logins", json!({"user": {"id": name, "name": name}})).await;
                assert!(began.elapsed() < SET_TIME, "{:?}: {answer:?}", began.elapsed());
                answer
            });
        }
        calls.join_all().await
    }

    /// Until everybody's login begins again, and what is read is read.
    async fn is_back(&self) {
        let began = Instant::now();
        while !self.begin(16).await.iter().all(|answer| answer.status == 201) {
            assert!(began.elapsed() < DEADLINE, "it is back by itself");
        }
        self.sidecar.get("/v1/users").await.status(200);
        Answer::to(self.sidecar.client.get(format!("{}/readyz", self.sidecar.base))).await.status(200);
    }
}

/// 503, and when to come again.
#[track_caller]
fn is_unavailable(answer: &Answer) {
    assert_eq!((answer.status, answer.code()), (503, "unavailable"), "{answer:?}");
    assert!(answer.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 0), "{answer:?}");
}

#[tokio::test]
async fn a_connection_that_swallows_everything_is_answered_for_in_time_and_left_behind() {
    let proxy = Proxy::to(address());
    let place = Place::new(|url| url.replace(&address(), &proxy.address));
    place.is_back().await;
    let threads = || std::fs::read_dir(format!("/proc/{}/task", place.sidecar.id())).unwrap().count();
    let before = threads();

    proxy.swallow();
    // Three rounds: to be told, to have the threads replaced, and to find that those cannot connect.
    for _ in 0..3 {
        let read = async {
            let began = Instant::now();
            let answer = place.sidecar.get("/v1/users").await;
            assert!(began.elapsed() < SET_TIME, "{:?}", began.elapsed());
            answer
        };
        let (written, read) = tokio::join!(place.begin(64), read);
        written.iter().chain([&read]).for_each(is_unavailable);
    }
    // Each of four lanes and two readers has left one behind.
    let during = threads();
    assert!((before + 1..=before + 6).contains(&during), "{before} threads, then {during}");

    proxy.heal();
    place.is_back().await;
    let metrics = place.sidecar.client.get(format!("{}/metrics", place.sidecar.base)).send().await.unwrap();
    let metrics = metrics.text().await.unwrap();
    for name in ["mfa_store_late_total", "mfa_store_threads_replaced_total"] {
        assert!(metrics.lines().any(|line| line.starts_with(&format!("{name} "))), "{name}: {metrics}");
    }
}

#[tokio::test]
async fn a_table_that_another_session_locks_is_waited_for_within_the_set_time() {
    let place = Place::new(str::to_owned);
    place.is_back().await;
    let mut other = place.open();
    other
        .batch_execute(if is_postgres() {
            "BEGIN; LOCK TABLE logins IN ACCESS EXCLUSIVE MODE"
        } else {
            "LOCK TABLES logins WRITE"
        })
        .unwrap();
    // So many that one lane cannot try them one after the other in time.
    for answer in place.begin(64).await {
        is_unavailable(&answer);
    }
    drop(other);
    place.is_back().await;
}

#[tokio::test]
async fn a_statement_that_takes_too_long_is_ended_and_nothing_of_it_stays() {
    let place = Place::new(str::to_owned);
    place.is_back().await;
    let mut other = place.open();
    other
        .batch_execute(if is_postgres() {
            "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(60); RETURN NEW; END $$; \
             CREATE TRIGGER slow BEFORE INSERT ON logins FOR EACH ROW EXECUTE FUNCTION slow()"
        } else {
            "CREATE TRIGGER slow BEFORE INSERT ON logins FOR EACH ROW DO SLEEP(60)"
        })
        .unwrap();
    for answer in place.begin(2).await {
        is_unavailable(&answer);
    }
    // Those that were under way still wait for the trigger's end.
    poll("the trigger goes", || {
        let drop = if is_postgres() { "DROP TRIGGER slow ON logins" } else { "DROP TRIGGER slow" };
        other.batch_execute(drop).ok()
    });
    place.is_back().await;
}

#[tokio::test]
async fn a_server_that_has_no_connection_left_is_answered_for_at_once_and_used_again() {
    // The service has four lanes and two readers, and so has a command while it makes a key.
    const LIMIT: usize = 14;
    let name = format!("few_{}", std::process::id());
    let host = server().split_once('@').unwrap().1.to_owned();
    let (create, drop_user) = if is_postgres() {
        (
            format!(
                "CREATE ROLE {name} LOGIN CONNECTION LIMIT {LIMIT} IN ROLE pg_write_all_data, pg_read_all_data"
            ),
            format!("DROP ROLE {name}"),
        )
    } else {
        (
            format!(
                "CREATE USER '{name}'@'%' WITH MAX_USER_CONNECTIONS {LIMIT}; GRANT ALL ON *.* TO '{name}'@'%'"
            ),
            format!("DROP USER '{name}'@'%'"),
        )
    };
    let mut administrator =
        AnyConnection::open(&format!("{}/{}", server(), if is_postgres() { "postgres" } else { "mysql" }))
            .unwrap();
    administrator.batch_execute(&create).unwrap();
    {
        let as_user = |url: &str| url.replace(&format!("//mfa@{host}"), &format!("//{name}@{host}"));
        let place = Place::new(|url| {
            let mut db = AnyConnection::open(url).unwrap();
            if is_postgres() {
                db.batch_execute(&format!("GRANT ALL ON SCHEMA public TO {name}")).unwrap();
            }
            as_user(url)
        });
        place.is_back().await;
        let url = as_user(place.database.url());
        // Others take what is free, and more than that once the service's own are closed.
        let mut others = Vec::new();
        poll("the server has no connection left", || {
            place.database.cut_connections();
            others.retain_mut(|db: &mut AnyConnection| db.batch_execute("SELECT 1").is_ok());
            others.extend((others.len()..LIMIT).map_while(|_| AnyConnection::open(&url).ok()));
            (others.len() == LIMIT).then_some(())
        });
        for answer in place.begin(16).await {
            is_unavailable(&answer);
        }
        drop(others);
        place.is_back().await;
    }
    // PostgreSQL keeps a role that owns something; its tables have gone with the database.
    poll("the user goes", || administrator.batch_execute(&drop_user).ok());
}
