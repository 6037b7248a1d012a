//! The database locked by somebody else: every call is answered all the same, and soon.

use crate::installation::{DEADLINE, poll};
use crate::judge::Judge;
use crate::rounds;
use crate::servers::{Engine, Server};
use crate::site::Site;
use diesel::connection::SimpleConnection as _;
use mfa_sidecar::store::AnyConnection;
use std::time::{Duration, Instant};

/// By then a call on a server's database is answered, whoever holds what in it: less than the 10 s that gateways
/// commonly give.
const LIMIT: Duration = Duration::from_secs(9);

/// Two waits for the file's lock of 2 s each, the one under way and one's own, and time to be heard on a busy machine.
const LIMIT_OF_FILE: Duration = Duration::from_secs(6);

/// The other program keeps its transaction open, whatever a server thinks of that.
const KEEPS: &str = "SET idle_in_transaction_session_timeout = 0; BEGIN; ";

/// What some other program does with the database, and how it lets go of it.
fn locked(mut site: Site, fault: &'static str, database: &'static str, locks: &str, unlocks: &str) {
    let mut judge = Judge::new(fault, database);
    site.start_all();
    for _ in 0..rounds(1, 10) {
        judge.round(&mut site, DEADLINE, |site, load| {
            let mut other = AnyConnection::open(&site.url()).unwrap();
            // With so many logins under way, the first tries may end in a deadlock, which the server breaks.
            poll("the other program has its locks", || {
                other.batch_execute(locks).map_err(|_| other.batch_execute("ROLLBACK")).ok()
            });
            load.goes_on(24);
            other.batch_execute(unlocks).unwrap();
            Instant::now()
        });
    }
    judge.within(if site.database.is_some() { LIMIT } else { LIMIT_OF_FILE });
    judge.report();
}

#[test]
fn a_database_locked_by_another_process_delays_and_loses_nothing() {
    locked(Site::embedded(), "locked by another process", "SQLite", "BEGIN EXCLUSIVE", "ROLLBACK");
}

#[test]
fn tables_locked_on_postgresql_delay_and_lose_nothing() {
    let server = Server::start(Engine::Postgres);
    let locks = format!("{KEEPS}LOCK TABLE logins, users, authenticators IN ACCESS EXCLUSIVE MODE");
    locked(Site::on(&server.url()), "tables locked", "PostgreSQL", &locks, "ROLLBACK");
}

#[test]
fn rows_locked_on_postgresql_delay_and_lose_nothing() {
    let server = Server::start(Engine::Postgres);
    let locks = format!("{KEEPS}SELECT count(*) FROM (SELECT id FROM users FOR UPDATE) AS held");
    locked(Site::on(&server.url()), "rows locked", "PostgreSQL", &locks, "ROLLBACK");
}

#[test]
fn tables_locked_on_mariadb_delay_and_lose_nothing() {
    let server = Server::start(Engine::Mariadb);
    let locks = "LOCK TABLES logins WRITE, users WRITE, authenticators WRITE";
    locked(Site::on(&server.url()), "tables locked", "MariaDB", locks, "UNLOCK TABLES");
}

#[test]
fn rows_locked_on_mariadb_delay_and_lose_nothing() {
    let server = Server::start(Engine::Mariadb);
    let locks =
        "SET SESSION idle_transaction_timeout = 0; START TRANSACTION; UPDATE users SET failures = failures";
    locked(Site::on(&server.url()), "rows locked", "MariaDB", locks, "ROLLBACK");
}
