//! A database of a test's own: a file, or a database on the server that `TEST_DATABASE_URL` names.

use diesel::connection::SimpleConnection as _;
use diesel::sql_types::BigInt;
use diesel::{QueryableByName, RunQueryDsl as _, sql_query};
use mfa_sidecar::store::AnyConnection;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Gone when it is dropped.
pub struct TestDatabase {
    url: String,
    /// On a server: the server's URL and the database's name.
    on_server: Option<(String, String)>,
}

impl TestDatabase {
    /// An empty database; `directory` is for the file.
    pub fn new(directory: &Path) -> Self {
        Self::named(directory, "mfa.sqlite3")
    }

    /// A second one for the same test.
    #[allow(dead_code, reason = "only some of the test binaries copy")]
    pub fn another(directory: &Path) -> Self {
        Self::named(directory, "another.sqlite3")
    }

    fn named(directory: &Path, file: &str) -> Self {
        match std::env::var("TEST_DATABASE_URL") {
            Ok(server) => Self::on(server),
            Err(_) => Self { url: format!("sqlite:{}", directory.join(file).display()), on_server: None },
        }
    }

    /// An empty database on that server.
    pub fn on(server: String) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        administer(&server, &format!("CREATE DATABASE {name}"));
        Self { url: format!("{server}/{name}"), on_server: Some((server, name)) }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// Closes every connection to it from the server's side, as a restart does. A file has none.
    #[allow(dead_code, reason = "only the store's tests do")]
    pub fn cut_connections(&self) {
        let Some((server, name)) = &self.on_server else { return };
        if server.starts_with("postgres") {
            let all =
                format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
            return administer(server, &all);
        }
        let of_database = format!("SELECT id FROM information_schema.processlist WHERE db = '{name}'");
        let mut connection = AnyConnection::open(&format!("{server}/mysql")).unwrap();
        let rows: Vec<Process> = sql_query(of_database).load(&mut connection).unwrap();
        for row in rows {
            // One that has gone by itself meanwhile is as good.
            let _ = connection.batch_execute(&format!("KILL {}", row.id));
        }
    }
}

#[derive(QueryableByName)]
struct Process {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Some((server, name)) = &self.on_server {
            let force = if server.starts_with("postgres") { " WITH (FORCE)" } else { "" };
            administer(server, &format!("DROP DATABASE {name}{force}"));
        }
    }
}

fn administer(server: &str, statement: &str) {
    let database = if server.starts_with("postgres") { "postgres" } else { "mysql" };
    let mut connection = AnyConnection::open(&format!("{server}/{database}")).unwrap();
    connection.batch_execute(statement).unwrap();
}
