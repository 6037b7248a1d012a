//! Rows cut short and with bits turned over, and pages of the file: what cannot be read lets nobody in, and only those
//! whom it concerns are kept out.

use crate::answer::Answer;
use crate::installation::{DEADLINE, poll};
use crate::judge::Judge;
use crate::rounds;
use crate::site::Site;
use crate::users::{code, wrong_code};
use diesel::connection::SimpleConnection as _;
use mfa_sidecar::store::AnyConnection;
use reqwest::Method;
use serde_json::{Value, json};
use std::fs;
use std::time::Instant;

/// Whose row: `{user}` is our id of a user, `{login}` the key of the user's only login.
const DAMAGES: [(&str, &str); 21] = [
    (
        "a secret cut in half",
        "UPDATE authenticators SET state = substr(state, 1, length(state) / 2) WHERE user_id = {user}",
    ),
    ("an empty secret", "UPDATE authenticators SET state = X'' WHERE user_id = {user}"),
    (
        "a secret with another nonce",
        "UPDATE authenticators SET state = {flip:state:20} WHERE user_id = {user}",
    ),
    (
        "a secret with a bit turned over",
        "UPDATE authenticators SET state = {flip:state:45} WHERE user_id = {user}",
    ),
    (
        "a secret under an unknown key",
        "UPDATE authenticators SET state = {flip:state:1} WHERE user_id = {user}",
    ),
    (
        "somebody else's secret",
        "UPDATE authenticators SET state = (SELECT state FROM authenticators WHERE user_id <> {user} LIMIT 1) \
         WHERE user_id = {user}",
    ),
    ("another id of the authenticator", "UPDATE authenticators SET id = {flip:id:16} WHERE user_id = {user}"),
    (
        "an id of the authenticator cut short",
        "UPDATE authenticators SET id = substr(id, 1, 5) WHERE user_id = {user}",
    ),
    ("an unknown method", "UPDATE authenticators SET method = 'tot`' WHERE user_id = {user}"),
    ("a spent step that is no number", "UPDATE authenticators SET marker = 'x' WHERE user_id = {user}"),
    ("a user's name that is no text", "UPDATE users SET name = X'FFFE' WHERE id = {user}"),
    ("a user's id that is no text", "UPDATE users SET user_id = X'FF' WHERE id = {user}"),
    ("a user's id with a bit turned over", "UPDATE users SET user_id = X'FE' WHERE id = {user}"),
    ("an unknown preferred method", "UPDATE users SET preferred_method = 'tot`' WHERE id = {user}"),
    ("another epoch of the user", "UPDATE users SET epoch = epoch + 1 WHERE id = {user}"),
    ("an unknown status", "UPDATE logins SET status = 'challenge_requirec' WHERE user_id = {user}"),
    ("an unknown purpose", "UPDATE logins SET purpose = 'logim' WHERE user_id = {user}"),
    ("unknown methods of a login", "UPDATE logins SET policy_methods = '' WHERE user_id = {user}"),
    ("a login's user cut short", "UPDATE logins SET user_id = substr(user_id, 1, 3) WHERE user_id = {user}"),
    (
        "a login's site with a bit turned over",
        "UPDATE logins SET site_id = {flip:site_id:3} WHERE user_id = {user}",
    ),
    ("another id of a login", "UPDATE logins SET id = {flip:id:30} WHERE user_id = {user}"),
];

/// The statement about a user of the host, with one byte of a column changed where it says so.
fn about(statement: &str, user: u64) -> String {
    let mut sql = statement
        .replace("{user}", &format!("(SELECT id FROM users WHERE user_id = CAST('{user}' AS BLOB))"));
    while let Some((before, rest)) = sql.clone().split_once("{flip:") {
        let (what, after) = rest.split_once('}').unwrap();
        let (column, at) = what.split_once(':').unwrap();
        let at: usize = at.parse().unwrap();
        // SQLite has no exclusive or; another byte is as good.
        let other = format!("CASE substr({column}, {at}, 1) WHEN X'00' THEN X'01' ELSE X'00' END");
        let changed = format!(
            "CAST(substr({column}, 1, {}) || {other} || substr({column}, {}) AS BLOB)",
            at - 1,
            at + 1
        );
        sql = format!("{before}{changed}{after}");
    }
    sql
}

fn damage(site: &Site, statement: &str) {
    let mut db = AnyConnection::open(&site.url()).unwrap();
    // As a fault of the disk would: it asks for no rules.
    db.batch_execute("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON").unwrap();
    poll("the row is damaged", || db.batch_execute(statement).map_err(|error| assert_locked(&error)).ok());
}

fn assert_locked(error: &diesel::result::Error) {
    assert!(error.to_string().contains("locked"), "{error}");
}

async fn begin(site: &Site, user: u64) -> Answer {
    let body = json!({"user": {"id": user.to_string(), "name": "x"}});
    site.caller.call(0, Method::POST, "/v1/logins", Some(body)).await.expect("an answer")
}

async fn answer(site: &Site, login: &Value, code: &str) -> Answer {
    let path = format!("/v1/logins/{}/answer", login["id"].as_str().unwrap());
    let body = json!({"method": "totp", "code": code});
    site.caller.call(0, Method::POST, &path, Some(body)).await.expect("an answer")
}

fn passes(answer: &Answer) -> bool {
    answer.body["status"] == "passed"
}

#[test]
fn a_damaged_row_keeps_out_whom_it_concerns_and_nobody_else() {
    let mut site = Site::embedded();
    let mut judge = Judge::new("rows damaged", "SQLite");
    site.start_all();
    judge.round(&mut site, DEADLINE, |site, load| {
        for (what, statement) in DAMAGES {
            let (user, step) = site.caller.users.take(site.caller.clock.step()).unwrap();
            let begun = site.wait(begin(site, user)).status(201);
            damage(site, &about(statement, user));
            site.wait(async {
                let said = answer(site, &begun, &code(step)).await;
                assert!(said.status >= 400 && !passes(&said), "{what}: {said:?}");
                let again = begin(site, user).await;
                assert!(!passes(&again), "{what}: {again:?}");
                if again.status == 201 && !statement.contains("logins") && !statement.contains("users SET") {
                    let said = answer(site, &again.body, &code(step + 1)).await;
                    assert!(said.status >= 400 && !passes(&said), "{what}: {said:?}");
                }
            });
        }
        load.goes_on(50);
        Instant::now()
    });
    judge.report();
}

/// What a whole site or service rests on, with what puts it right.
const SITEWIDE: [(&str, &str, &str); 4] = [
    ("policies", "document", "CAST(substr(document, 1, length(document) / 2) AS TEXT)"),
    ("policies", "document", "replace(document, 'required', 'requirec')"),
    ("sites", "id", "CAST(substr(id, 1, 15) || X'00' AS BLOB)"),
    ("api_keys", "roles", "'bridgf'"),
];

#[test]
fn a_damaged_policy_site_or_key_lets_nobody_in_until_it_is_mended() {
    let mut site = Site::embedded();
    let mut judge = Judge::new("policy, site or key damaged", "SQLite");
    site.start_all();
    for (table, column, damaged) in SITEWIDE {
        let kept = format!("CREATE TABLE kept AS SELECT * FROM {table}");
        let mended = format!("DELETE FROM {table}; INSERT INTO {table} SELECT * FROM kept; DROP TABLE kept");
        let (user, step) = site.caller.users.take(site.caller.clock.step()).unwrap();
        let begun = site.wait(begin(&site, user)).status(201);
        damage(&site, &format!("BEGIN IMMEDIATE; {kept}; UPDATE {table} SET {column} = {damaged}; COMMIT"));
        // Keys are believed for a second at most.
        let began = Instant::now();
        poll("nobody is let in", || {
            let said = site.wait(begin(&site, user));
            assert!(!passes(&said), "{table}: {said:?}");
            assert!(began.elapsed() < std::time::Duration::from_secs(5), "{table}: {said:?}");
            (said.status >= 400).then_some(())
        });
        if table != "policies" {
            let said = site.wait(answer(&site, &begun, &code(step)));
            assert!(said.status >= 400, "{table}: {said:?}");
        }
        damage(&site, &format!("BEGIN IMMEDIATE; {mended}; COMMIT"));
        site.back_after(Instant::now(), DEADLINE);
        judge.round(&mut site, DEADLINE, |_, _| Instant::now());
    }
    judge.report();
}

/// Overwrites parts of the file, the same ones each time.
fn damage_file(bytes: &mut Vec<u8>, round: usize) {
    const PAGE: usize = 4096;
    let length = bytes.len();
    match round % 4 {
        // The tables are in the order in which they were made: what is enrolled comes late.
        3 => bytes[length / PAGE / 2 * PAGE..].fill(0xaa),
        0 => bytes.truncate(length / 2),
        1 => (PAGE * 2..length).step_by(PAGE * 3).for_each(|page| bytes[page..page + PAGE].fill(0xaa)),
        _ => {
            // Knuth's generator: anywhere, and repeatable.
            let mut at = round;
            for _ in 0..400 {
                at = at.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let place = (at >> 16) % (length - 100) + 100;
                bytes[place] ^= 1 << (at & 7);
            }
        }
    }
}

#[test]
fn a_damaged_file_passes_no_wrong_code_and_is_told_of_plainly() {
    let mut site = Site::embedded();
    let mut judge = Judge::new("pages of the file damaged", "SQLite");
    site.start_all();
    for round in 0..rounds(4, 40) {
        let copy = site.path(&format!("copy-{round}"));
        site.say(&["backup", copy.to_str().unwrap()]);
        site.kill(0);
        let pristine = fs::read(copy).unwrap();
        let mut bytes = pristine.clone();
        damage_file(&mut bytes, round);
        site.replace_database(&bytes);
        let output = site.run(&["policy", "show"]);
        site.start(0);
        let began = Instant::now();
        let (mut ended, mut denied) = (false, 0);
        poll("the service answers or ends", || {
            ended = !site.all_run();
            let ready = site.wait(site.caller.call(0, Method::GET, "/healthz", None));
            (ended || ready.is_some()).then_some(())
        });
        if ended {
            assert!(!output.status.success(), "{round}: nor do commands work");
            site.reap(0);
            println!("round {round}: {}", site.refused());
        } else {
            for user in 0..40 {
                let said = site.wait(begin(&site, user * 7));
                assert!(!passes(&said), "{round}: {said:?}");
                if said.status == 201 && said.body["status"] == "challenge_required" {
                    let said = site.wait(answer(&site, &said.body, &wrong_code(site.caller.clock.step())));
                    assert!(said.status >= 400, "{round}: {said:?}");
                } else {
                    denied += 1;
                }
            }
            assert!(site.all_run(), "{round}: it ended after {:?}: {}", began.elapsed(), site.log());
            site.kill(0);
            println!("round {round}: {denied} of 40 denied");
        }
        site.replace_database(&pristine);
        site.start(0);
        judge.round(&mut site, DEADLINE, |_, _| Instant::now());
    }
    judge.report();
}
