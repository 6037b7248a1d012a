//! Enrolled users in bulk: for benchmarks, which need millions of them.
//!
//! # Design
//! A hundred rows a statement: a server takes hardly longer for them than for one.

use super::authenticators::Authenticator;
use super::statement::{Bind, Statement};
use super::users::User;
use super::{Db, StoreError};
use std::sync::LazyLock;

const ROWS: usize = 100;

/// An INSERT of so many rows at most.
struct Insert {
    one: String,
    many: String,
}

impl Insert {
    fn new(head: &str, row: &str) -> Self {
        Self {
            one: format!("{head} VALUES {row}"),
            many: format!("{head} VALUES {}", [row; ROWS].join(", ")),
        }
    }
}

static USERS: LazyLock<Insert> = LazyLock::new(|| {
    Insert::new(
        "INSERT INTO users (id, site_id, user_id, name, epoch, failures, locks, first_seen_at, enrolled, deleted)",
        "(?, ?, ?, ?, 0, 0, 0, ?, TRUE, FALSE)",
    )
});

static AUTHENTICATORS: LazyLock<Insert> = LazyLock::new(|| {
    Insert::new(
        "INSERT INTO authenticators (id, user_id, method, name, state, marker, created_at, weak)",
        "(?, ?, ?, ?, ?, 0, ?, FALSE)",
    )
});

/// Adds users of whom the host has said no more than the name, each with the one authenticator that was never used.
pub fn insert(db: &mut Db, enrolled: &[(User, Authenticator)]) -> Result<(), StoreError> {
    let (hundreds, rest) = enrolled.as_chunks::<ROWS>();
    for hundred in hundreds {
        insert_rows(db, hundred, |insert| &insert.many)?;
    }
    rest.chunks(1).try_for_each(|one| insert_rows(db, one, |insert| &insert.one))
}

fn insert_rows(
    db: &mut Db,
    enrolled: &[(User, Authenticator)],
    sql: fn(&'static Insert) -> &'static str,
) -> Result<(), StoreError> {
    let mut binds = Vec::with_capacity(6 * enrolled.len());
    for (user, _) in enrolled {
        binds.extend([
            Bind::Blob(&user.id.0),
            Bind::Blob(&user.site.0),
            Bind::Blob(user.user_id.as_str().as_bytes()),
            Bind::Text(&user.profile.name),
            Bind::Int(user.first_seen_at.0),
        ]);
    }
    Statement::new(sql(&USERS), &binds).run(db)?;
    binds.clear();
    for (_, authenticator) in enrolled {
        binds.extend([
            Bind::Blob(&authenticator.id.0),
            Bind::Blob(&authenticator.user.0),
            Bind::Text(authenticator.method.as_str()),
            Bind::Text(&authenticator.name),
            Bind::Blob(&authenticator.sealed_state),
            Bind::Int(authenticator.created_at.0),
        ]);
    }
    Statement::new(sql(&AUTHENTICATORS), &binds).run(db)?;
    Ok(())
}
