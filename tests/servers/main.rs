//! What only a database server has: TLS, and the ways in which a server or the way to it fails. `TEST_DATABASE_URL` names
//! the server; without it the tests fail.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

#[path = "../support/answer.rs"]
#[allow(dead_code, reason = "the tests of the API use more of it")]
mod answer;
#[path = "../support/client.rs"]
mod client;
mod faults;
#[path = "../support/installation.rs"]
#[allow(dead_code, reason = "the tests of the process use more of it")]
mod installation;
#[path = "../support/phone.rs"]
#[allow(dead_code, reason = "the tests of the API use more of it")]
mod phone;
mod proxy;
#[path = "../support/test_database.rs"]
mod test_database;
mod tls;

/// The server, without a database's name.
fn server() -> String {
    std::env::var("TEST_DATABASE_URL").expect("TEST_DATABASE_URL, as scripts/test-on.sh sets it")
}

fn is_postgres() -> bool {
    server().starts_with("postgres")
}

/// The server's address.
fn address() -> String {
    server().split_once('@').unwrap().1.to_owned()
}
