//! The database behind the service's back, through a connection of the test's own.

use super::TestApp;
use diesel::connection::SimpleConnection as _;
use diesel::{RunQueryDsl as _, sql_query};
use mfa_sidecar::store::AnyConnection;

pub fn open(app: &TestApp) -> AnyConnection {
    AnyConnection::open(app.database_url()).unwrap()
}

/// Runs statements, written for SQLite, that must change at least one row each. MySQL itself reads the table that a
/// statement changes only as `(SELECT * FROM …)`.
pub fn edit(app: &TestApp, statements: &[&str]) {
    let mut database = open(app);
    for statement in statements {
        let statement = in_dialect(app, statement);
        assert!(sql_query(&statement).execute(&mut database).unwrap() > 0, "{statement}");
    }
}

/// Runs statements, written for SQLite, of which nothing is asked.
pub fn run(app: &TestApp, database: &mut AnyConnection, statements: &str) {
    database.batch_execute(&in_dialect(app, statements)).unwrap();
}

/// The few things that the databases write differently.
fn in_dialect(app: &TestApp, statement: &str) -> String {
    let pairs: &[(&str, &str)] = match app.database_url().split(':').next().unwrap() {
        "sqlite" => &[],
        "postgres" => &[
            (" AS BLOB)", " AS BYTEA)"),
            ("zeroblob(length(state))", "decode(repeat('00', length(state)), 'HEX')"),
            ("zeroblob(length(sealed))", "decode(repeat('00', length(sealed)), 'HEX')"),
            ("PRAGMA legacy_alter_table = ON;", ""),
        ],
        _ => &[
            (
                "CAST(x'0000000000000000' || substr(state, 9) AS BLOB)",
                "concat(x'0000000000000000', substr(state, 9))",
            ),
            (" AS BLOB)", " AS BINARY)"),
            ("zeroblob(length(state))", "repeat(x'00', length(state))"),
            ("zeroblob(length(sealed))", "repeat(x'00', length(sealed))"),
            ("PRAGMA legacy_alter_table = ON;", ""),
        ],
    };
    let text = pairs.iter().fold(statement.to_owned(), |text, (from, to)| text.replace(from, to));
    if app.database_url().starts_with("postgres") { with_bytes(&text) } else { text }
}

/// PostgreSQL takes `x'00'` for bits.
fn with_bytes(statement: &str) -> String {
    let mut parts = statement.split("x'");
    let mut text = parts.next().unwrap().to_owned();
    for part in parts {
        let (bytes, rest) = part.split_once('\'').unwrap();
        text.push_str(&format!("'\\x{bytes}'::bytea{rest}"));
    }
    text
}
