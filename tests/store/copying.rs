//! All data from one database to another: nothing is lost or changed on the way, and what is not the same is found.
//! On a server's turn the way leads over both servers.

use crate::test_database::TestDatabase;
use crate::{NOW, Place};
use diesel::connection::SimpleConnection as _;
use mfa_sidecar::domain::id::Id;
use mfa_sidecar::domain::time::Timestamp;
use mfa_sidecar::store::copy::{Copied, CopyError, Progress, copy};
use mfa_sidecar::store::replicas::{Replica, announce};
use mfa_sidecar::store::{Db, StoreError};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

fn hex(text: &str) -> String {
    let digits: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    format!("x'{digits}'")
}

/// A source with every table filled, with values that a copy could stumble over, and some pages of users and events.
fn source(directory: &Path) -> String {
    let url = format!("sqlite:{}", directory.join("source.sqlite3").display());
    let mut db = Db::open(&url).unwrap();
    db.migrate().unwrap();
    let longest = "\u{1d11e}".repeat(255);
    let names = ["a", "A", "á", "a\u{301}", "a+b/c,d%2F", "ß", "\u{202e}x", "?", "'\";--", longest.as_str()];
    let users: Vec<_> = names
        .iter()
        .enumerate()
        .map(|(n, name)| {
            let (id, name) = (format!("{n:032x}"), hex(name));
            format!(
                "INSERT INTO users (id, site_id, user_id, name, email, phone, roles, credential_version, epoch, \
                 failures, locks, locked_until, first_seen_at, grace_began_at, preferred_method, enrolled, deleted, \
                 locale) VALUES (x'{id}', x'01', {name}, CAST({name} AS TEXT), '', NULL, '[\"ä\"]', x'', {n}, -1, \
                 2147483647, 9223372036854775807, -9223372036854775807, 0, NULL, {}, {}, '');",
                n % 2,
                n % 3 / 2
            )
        })
        .collect();
    db.for_write().unwrap().batch_execute(&users_first(&users.concat())).unwrap();
    url
}

fn users_first(users: &str) -> String {
    let zeros = "0".repeat(32);
    format!(
        "INSERT INTO master_keys VALUES (x'0001020304050607', x'00', 1);
         INSERT INTO sites VALUES (x'01', {default}, 'É', 0), (x'0100', x'00ff', '', -1), (x'02', x'02', 'x', 1);
         INSERT INTO policies VALUES (x'01', '{{}}', 1, 2, 'default');
         INSERT INTO api_keys VALUES (x'00', x'01', 'n', x'00', 'bridge', 1, NULL, NULL),
             (x'01', x'02', 'n', x'01', '', 1, 2, 3);
         {users}
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
         INSERT INTO users (id, site_id, user_id, name, epoch, failures, locks, first_seen_at, enrolled, deleted)
             SELECT CAST(printf('%016d', i) AS BLOB), x'01', CAST('user' || i AS BLOB), 'u', 0, 0, 0, i, 1, 0 FROM n;
         INSERT INTO authenticators VALUES (x'00', x'{zeros}', 'totp', '', x'00ff', -9223372036854775808, 1, NULL, 1),
             (x'01', x'{zeros}', 'totp', 'é', x'', 9223372036854775807, 1, 0, 0);
         INSERT INTO recovery_code_sets VALUES (x'{zeros}', '$argon2id$', 5);
         INSERT INTO recovery_codes VALUES (x'{zeros}', x'00', NULL), (x'{zeros}', x'01', 7);
         INSERT INTO logins (id, site_id, user_id, purpose, status, wrong_answers, epoch, policy_methods, created_at,
             expires_at, enrolled_now, pending_state, sent_code)
             VALUES (x'00', x'01', x'{zeros}', 'login', 'passed', 0, 0, 'totp', 1, 2, 0, x'00', NULL),
             (x'ff', x'01', x'{zeros}', 'login', 'passed', 0, 0, '', 1, 2, 1, NULL, x'');
         INSERT INTO trusted_devices VALUES (x'00', x'{zeros}', x'00', x'00', NULL, 1, 2, 3, '', 4, NULL, 5);
         INSERT INTO one_time_passes VALUES (x'{zeros}', x'00', 1, NULL);
         INSERT INTO deliveries VALUES (x'00', x'01', x'{zeros}', 'sms', x'00', 1, 'pending');
         INSERT INTO outbox VALUES (x'00', x'{zeros}', x'00', 1, 2, 3);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500)
         INSERT INTO audit_events (site_id, id, at, action, user_id, actor)
             SELECT s.id, CAST(printf('%016d', i) AS BLOB), i, 'login.passed', x'61', 'key' FROM n, sites s
             WHERE s.id <> x'0100';",
        default = hex("default"),
    )
}

/// The servers, on a server's turn.
fn servers() -> Vec<TestDatabase> {
    if std::env::var("TEST_DATABASE_URL").is_err() {
        return vec![];
    }
    let on = |variable| TestDatabase::on(std::env::var(variable).expect("scripts/with-databases.sh says it"));
    vec![on("TEST_POSTGRES_URL"), on("TEST_MYSQL_URL")]
}

fn run(from: &str, to: &str) -> Result<Copied, CopyError> {
    copy(from, to, NOW, &mut |_| {})
}

#[test]
fn a_way_over_every_database_and_back_changes_nothing() {
    let place = Place::new();
    let directory = place.path();
    let mut at = source(directory);
    let servers = servers();
    let back = format!("sqlite:{}", directory.join("back.sqlite3").display());
    let ends = servers.iter().map(|server| server.url()).chain([place.database.url(), &back]);
    let (mut digests, mut rows) = (vec![], vec![]);
    for end in ends {
        let copied = run(&at, end).unwrap();
        assert_eq!(copied.written, copied.rows);
        digests.push(copied.digest);
        rows.push(copied.rows);
        // Once more: there is nothing to do, and it is the same still.
        let again = run(&at, end).unwrap();
        assert_eq!((again.written, again.digest), (0, copied.digest));
        at = end.to_owned();
    }
    assert!(digests.iter().all(|digest| *digest == digests[0]), "{digests:?}");
    assert!(rows[0] > 5500 && rows.iter().all(|n| *n == rows[0]), "{rows:?}");
    // By SQLite itself, apart from what the copy says of itself.
    let mut db = Db::open(&back).unwrap();
    let source = directory.join("source.sqlite3");
    db.for_write().unwrap().batch_execute(&format!("ATTACH '{}' AS source", source.display())).unwrap();
    for table in ["users", "authenticators", "logins", "audit_events", "sites", "recovery_codes", "api_keys"]
    {
        let differs = format!(
            "CREATE TEMP TABLE t_{table} AS SELECT * FROM (SELECT * FROM main.{table} EXCEPT SELECT * FROM \
             source.{table} UNION ALL SELECT * FROM source.{table} EXCEPT SELECT * FROM main.{table}); \
             CREATE TEMP TABLE c_{table} (n CHECK (n = 0)); INSERT INTO c_{table} SELECT count(*) FROM t_{table}"
        );
        db.for_write().unwrap().batch_execute(&differs).unwrap_or_else(|error| panic!("{table}: {error}"));
    }
}

#[test]
fn a_copy_that_was_killed_after_any_page_goes_on_where_it_was() {
    let place = Place::new();
    let from = source(place.path());
    let mut kills = 0;
    let copied = loop {
        // Two pages a run; the connections go with the panic, as with a process that is killed.
        let mut pages = 0;
        let result = catch_unwind(AssertUnwindSafe(|| {
            copy(&from, place.database.url(), NOW, &mut |progress| {
                if let Progress::Copied(_, rows) = progress {
                    pages += 1;
                    assert!(pages < 2, "killed after {rows} rows");
                }
            })
        }));
        match result {
            Ok(copied) => break copied.unwrap(),
            Err(_) => kills += 1,
        }
        assert!(kills < 100, "each run goes on");
    };
    assert!(kills > 7, "{kills}");
    assert!(copied.written < copied.rows / 2, "the last run had only the rest to do");
    let fresh = Place::new();
    assert_eq!(run(&from, fresh.database.url()).unwrap().digest, copied.digest);
}

#[test]
fn a_target_with_other_data_is_refused_and_left_as_it_is() {
    let (place, other) = (Place::new(), Place::new());
    let from = source(place.path());
    let mut target = Db::open(other.database.url()).unwrap();
    target.migrate().unwrap();
    // A row among those of the source, between them, and behind the last one.
    for id in ["00", "0101", "ff"] {
        let literal = if other.database.url().starts_with("postgres") {
            format!("'\\x{id}'::bytea")
        } else {
            format!("x'{id}'")
        };
        target
            .for_write()
            .unwrap()
            .batch_execute(&format!(
                "INSERT INTO sites (id, name, issuer, created_at) VALUES ({literal}, {literal}, 'x', 1)"
            ))
            .unwrap();
        let refused = run(&from, other.database.url());
        assert!(matches!(refused, Err(CopyError::OtherData("sites"))), "{id}: {refused:?}");
        target.for_write().unwrap().batch_execute("DELETE FROM sites").unwrap();
    }
    run(&from, other.database.url()).unwrap();
}

#[test]
fn a_row_that_was_tampered_with_is_found() {
    let place = Place::new();
    let from = source(place.path());
    for (change, table) in [
        ("UPDATE users SET name = 'U' WHERE first_seen_at = 2499", "users"),
        ("UPDATE users SET email = NULL WHERE failures = -1", "users"),
        ("UPDATE authenticators SET marker = marker + 1 WHERE marker < 0", "authenticators"),
        ("UPDATE audit_events SET at = 0 WHERE at = 1500", "audit_events"),
        ("DELETE FROM recovery_codes WHERE used_at IS NULL", "recovery_codes"),
    ] {
        let other = Place::new();
        run(&from, other.database.url()).unwrap();
        Db::open(other.database.url()).unwrap().for_write().unwrap().batch_execute(change).unwrap();
        let found = run(&from, other.database.url());
        assert!(matches!(found, Err(CopyError::OtherData(t)) if t == table), "{change}: {found:?}");
    }
}

#[test]
fn what_is_written_meanwhile_on_either_side_is_found_out() {
    let place = Place::new();
    let from = source(place.path());
    for (side, change) in
        [("source", "UPDATE users SET name = 'x' WHERE first_seen_at = 3"), ("target", "DELETE FROM outbox")]
    {
        let other = Place::new();
        let mut writer = Db::open(if side == "source" { &from } else { other.database.url() }).unwrap();
        let mut pending = Some(change);
        let copied = copy(&from, other.database.url(), NOW, &mut |progress| {
            if matches!(progress, Progress::Copied("audit_events", _))
                && let Some(change) = pending.take()
            {
                writer.for_write().unwrap().batch_execute(change).unwrap();
            }
        });
        assert!(matches!(copied, Err(CopyError::Differs("users" | "outbox"))), "{side}: {copied:?}");
    }
}

#[test]
fn while_a_service_runs_on_either_side_nothing_is_copied() {
    let (place, other) = (Place::new(), Place::new());
    let from = source(place.path());
    let mut target = Db::open(other.database.url()).unwrap();
    target.migrate().unwrap();
    let replica = Replica { id: Id([1; 16]), key_ids: vec![0; 8] };
    announce(&mut Db::open(&from).unwrap(), &replica, Timestamp(NOW.0 - 59_000)).unwrap();
    assert!(matches!(run(&from, other.database.url()), Err(CopyError::InUse("source"))));
    announce(&mut target, &replica, Timestamp(NOW.0 - 59_000)).unwrap();
    announce(&mut Db::open(&from).unwrap(), &replica, Timestamp(NOW.0 - 60_000)).unwrap();
    assert!(matches!(run(&from, other.database.url()), Err(CopyError::InUse("target"))));
    announce(&mut target, &replica, Timestamp(NOW.0 - 60_000)).unwrap();
    run(&from, other.database.url()).unwrap();
}

#[test]
fn a_source_of_an_older_version_or_of_none_is_refused() {
    let (place, other) = (Place::new(), Place::new());
    let empty = format!("sqlite:{}", place.path().join("empty.sqlite3").display());
    assert!(matches!(run(&empty, other.database.url()), Err(CopyError::OldSource)));
    assert!(matches!(run(&empty, &empty), Err(CopyError::Same)));
    let nowhere = run("sqlite:/nowhere/at/all.sqlite3", other.database.url());
    assert!(matches!(nowhere, Err(CopyError::Store(StoreError::Connection(_)))), "{nowhere:?}");
}
