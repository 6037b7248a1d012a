//! The database's file behind the service's back, through a connection of the test's own.

use super::TestApp;
use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, RunQueryDsl as _, SqliteConnection, sql_query};

pub fn open(app: &TestApp) -> SqliteConnection {
    let mut database = SqliteConnection::establish(app.database().to_str().unwrap()).unwrap();
    database.batch_execute("PRAGMA busy_timeout = 5000").unwrap();
    database
}

/// Runs statements that must change at least one row each.
pub fn edit(app: &TestApp, statements: &[&str]) {
    let mut database = open(app);
    for statement in statements {
        assert!(sql_query(*statement).execute(&mut database).unwrap() > 0, "{statement}");
    }
}
