//! What the items of a batch write alike, written for all of them at once.
//!
//! # Design
//! On a database server a statement costs a round trip, whatever it writes. The writes that every login makes are noted
//! and made before the transaction's next other statement, at the latest before it commits. A conditional write stays
//! one: its item goes on as if it were made, and if the statement then changes fewer rows than were noted, nothing of the
//! batch is committed and each item runs alone, where it is told the truth at once.
//!
//! Order among the noted writes does not matter: an item that depends on another one's write reads it first.

use super::StoreError;
use super::connection::AnyConnection;
use super::set_statement::Kind::{BigInt, Blob, Bool, Integer, Text};
use super::set_statement::{Row, SetStatement, insert, update};
use crate::domain::id::Id;
use crate::domain::throttle::Throttle;
use crate::domain::time::Timestamp;
use std::sync::LazyLock;

/// Writes that are noted and not made yet.
#[derive(Default)]
pub(super) struct Behind {
    throttles: Vec<Row>,
    accepted: Vec<Row>,
    advanced: Vec<Row>,
    begun: Vec<Row>,
    audited: Vec<Row>,
}

impl Behind {
    pub fn set_throttle(&mut self, user: Id, throttle: Throttle) {
        let row = Row::default()
            .blob("id", &user.0)
            .int("failures", throttle.failures)
            .int("locks", throttle.locks);
        self.throttles.push(row.maybe_int("locked_until", throttle.locked_until.map(|at| at.0)));
    }

    pub fn accept(&mut self, authenticator: Id, marker: i64, now: Timestamp) {
        let row =
            Row::default().blob("id", &authenticator.0).int("marker", marker).int("last_used_at", now.0);
        self.accepted.push(row);
    }

    /// A login's changes, and as `seen` the status that it must still be in.
    pub fn advance(&mut self, row: Row) {
        self.advanced.push(row);
    }

    pub fn begin(&mut self, row: Row) {
        self.begun.push(row);
    }

    pub fn audit(&mut self, row: Row) {
        self.audited.push(row);
    }

    /// Makes the writes that were noted.
    pub fn flush(&mut self, connection: &mut AnyConnection) -> Result<(), StoreError> {
        let all: [(&mut Vec<Row>, &'static SetStatement); 5] = [
            (&mut self.throttles, &SET_THROTTLE),
            (&mut self.accepted, &ACCEPT),
            (&mut self.advanced, &ADVANCE),
            (&mut self.begun, &BEGIN),
            (&mut self.audited, &AUDIT),
        ];
        for (rows, statement) in all {
            let noted = rows.len();
            if statement.run(connection, std::mem::take(rows))? != noted {
                return Err(StoreError::Undone);
            }
        }
        Ok(())
    }
}

static SET_THROTTLE: LazyLock<SetStatement> = LazyLock::new(|| {
    update(
        "users",
        &[("id", Blob), ("failures", Integer), ("locks", Integer), ("locked_until", BigInt)],
        &[],
        None,
    )
});

static ACCEPT: LazyLock<SetStatement> = LazyLock::new(|| {
    let columns = [("id", Blob), ("marker", BigInt), ("last_used_at", BigInt)];
    update("authenticators", &columns, &[], Some("t.marker < v.marker"))
});

static ADVANCE: LazyLock<SetStatement> = LazyLock::new(|| {
    let columns = [
        ("id", Blob),
        ("status", Text),
        ("wrong_answers", Integer),
        ("expires_at", BigInt),
        ("ended_at", BigInt),
        ("factor", Text),
        ("enrolled_now", Bool),
        ("pending_state", Blob),
        ("sent_code", Blob),
        ("extended", Bool),
    ];
    update("logins", &columns, &[("seen", Text)], Some("t.status = v.seen"))
});

static BEGIN: LazyLock<SetStatement> = LazyLock::new(|| {
    insert(
        "logins",
        &[
            ("id", Blob),
            ("site_id", Blob),
            ("user_id", Blob),
            ("purpose", Text),
            ("status", Text),
            ("reason", Text),
            ("wrong_answers", Integer),
            ("epoch", BigInt),
            ("policy_methods", Text),
            ("created_at", BigInt),
            ("expires_at", BigInt),
            ("ended_at", BigInt),
            ("grace_ends_at", BigInt),
            ("client_ip", Text),
            ("factor", Text),
            ("enrolled_now", Bool),
            ("pending_state", Blob),
            ("sent_code", Blob),
            ("extended", Bool),
            ("trusted_device_days", Integer),
            ("trust_generation", BigInt),
            ("authenticator_name", Text),
            ("browser", Text),
            ("replaces_weak", Bool),
        ],
    )
});

static AUDIT: LazyLock<SetStatement> = LazyLock::new(|| {
    insert(
        "audit_events",
        &[
            ("site_id", Blob),
            ("id", Blob),
            ("at", BigInt),
            ("action", Text),
            ("user_id", Blob),
            ("actor", Text),
            ("actor_key", Blob),
            ("claimed_actor", Text),
            ("method", Text),
            ("cause", Text),
            ("number", BigInt),
            ("client_ip", Text),
        ],
    )
});
