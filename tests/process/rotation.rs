//! The master key is changed while the service runs: no login fails, a killed rotation goes on, and in the end the old
//! key opens nothing.

use crate::answer::Answer;
use crate::installation::{DEADLINE, Installation, Sidecar, now, poll, refusal};
use crate::phone::Phone;
use diesel::sql_types::{BigInt, Binary};
use diesel::{QueryableByName, RunQueryDsl as _, sql_query};
use mfa_sidecar::keyring::{KeyFile, Keyring, key_of};
use mfa_sidecar::store::AnyConnection;
use reqwest::Method;
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

/// An installation that demands TOTP, with users `0` to `count - 1` who all have the same secret.
fn with_users(count: usize) -> Installation {
    let installation = Installation::new();
    installation.say(&["policy", "set", "--mode", "required", "--method", "totp"]);
    let line = |n| format!(r#"{{"user":{{"id":"{n}","name":"u"}},"secret":"{SECRET}"}}{}"#, '\n');
    let output =
        installation.run_with(&["import", "civicrm", "-"], &(0..count).map(line).collect::<String>());
    assert!(output.status.success());
    installation
}

fn open(installation: &Installation) -> AnyConnection {
    AnyConnection::open(&format!("sqlite:{}", installation.data().join("mfa.sqlite3").display())).unwrap()
}

/// What is sealed in the database, by id of row.
fn blobs(installation: &Installation) -> Vec<(Vec<u8>, Vec<u8>)> {
    #[derive(QueryableByName)]
    struct Blob {
        #[diesel(sql_type = Binary)]
        id: Vec<u8>,
        #[diesel(sql_type = Binary)]
        blob: Vec<u8>,
    }
    let all = "SELECT id, state AS blob FROM authenticators UNION ALL SELECT id, pending_state FROM logins \
               WHERE pending_state IS NOT NULL UNION ALL SELECT id, sealed FROM master_keys";
    let rows: Vec<Blob> = sql_query(all).load(&mut open(installation)).unwrap();
    rows.into_iter().map(|row| (row.id, row.blob)).collect()
}

fn key_ids(installation: &Installation) -> Vec<[u8; 8]> {
    Keyring::load(KeyFile::at(&installation.data().join("master.key"))).unwrap().ids()
}

async fn sign_in(sidecar: &Sidecar, user: &str, code: &str) -> Value {
    let login = sidecar.begin(user).await;
    assert_eq!(login["status"], "challenge_required", "{login}");
    sidecar.answer(&login, code).await.status(200)
}

/// Everything lies under the one key of the file, which is not `old`, and a service that has only that one does not
/// start.
fn only_a_new_key_is_left(installation: &Installation, old: &str) {
    let path = installation.data().join("master.key");
    let ids = key_ids(installation);
    assert_eq!(ids.len(), 1);
    let all = blobs(installation);
    assert!(all.len() > 1 && all.iter().all(|(_, blob)| key_of(blob) == Some(ids[0])));
    let new = fs::read_to_string(&path).unwrap();
    assert!(!new.contains(old.trim()));
    assert!(fs::read_to_string(installation.data().join("master.key.retired")).unwrap().contains(old.trim()));
    fs::write(&path, old).unwrap();
    let said = refusal(&installation.run(&["serve"]));
    assert!(said.contains("master key"), "{said}");
    fs::write(&path, new).unwrap();
}

#[tokio::test]
async fn no_login_fails_while_the_master_key_is_changed_and_the_old_key_opens_nothing_afterwards() {
    const USERS: usize = 4000;
    let installation = with_users(USERS);
    let old = fs::read_to_string(installation.data().join("master.key")).unwrap();
    let sidecar = Arc::new(installation.serve(&[]));
    let pending = sidecar.begin("newcomer").await;
    let newcomer = sidecar.scan(&pending).await;

    let phone = Phone::of_another_system(SECRET);
    let (passed, done) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let next = Arc::new(AtomicUsize::new(0));
    let clients: Vec<_> = (0..4)
        .map(|_| {
            let (sidecar, passed, done) = (Arc::clone(&sidecar), Arc::clone(&passed), Arc::clone(&done));
            let (next, phone) = (Arc::clone(&next), phone.clone());
            tokio::spawn(async move {
                while !done.load(Ordering::SeqCst) {
                    let n = next.fetch_add(1, Ordering::SeqCst);
                    assert!(n < USERS, "enough users for as long as the rotation takes");
                    // An enrolment as well: it seals.
                    sidecar.scan(&sidecar.begin(&format!("fresh-{n}")).await).await;
                    assert_eq!(
                        sign_in(&sidecar, &n.to_string(), &phone.code_at(now())).await["status"],
                        "passed"
                    );
                    passed.fetch_add(1, Ordering::SeqCst);
                }
            })
        })
        .collect();
    let began = Instant::now();
    while passed.load(Ordering::SeqCst) <= 20 {
        assert!(began.elapsed() < DEADLINE, "logins go on");
        tokio::task::yield_now().await;
    }
    let before = passed.load(Ordering::SeqCst);
    let output = {
        let mut command = installation.command(&["master-key", "rotate"]);
        tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
    };
    let during = passed.load(Ordering::SeqCst) - before;
    done.store(true, Ordering::SeqCst);
    for client in clients {
        client.await.unwrap();
    }
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{told}");
    assert!(told.contains("does not seal yet") && told.contains("authenticators: "), "{told}");
    assert!(during > 10, "{during} logins passed meanwhile");

    Answer::to(sidecar.call(Method::GET, "/readyz", "")).await.status(200);
    let confirmed =
        sidecar.of(&pending, "enrollment/confirm", json!({"code": newcomer.code_at(now())})).await;
    assert_eq!(confirmed.status(200)["status"], "passed", "begun before, confirmed after");
    for action in ["master_key.activated", "master_key.retired"] {
        let events = sidecar.get(&format!("/v1/audit-events?action={action}")).await.status(200);
        assert_eq!(events["events"].as_array().unwrap().len(), 1, "{action}");
        assert_eq!(events["events"][0]["actor"]["type"], "cli", "{action}");
    }
    assert!(installation.say(&["doctor"]).contains("everything is sealed under one master key"));
    let sidecar = Arc::into_inner(sidecar).unwrap();
    drop(sidecar);
    only_a_new_key_is_left(&installation, &old);
    let sidecar = installation.serve(&[]);
    sign_in(&sidecar, &(USERS - 1).to_string(), &phone.code_at(now())).await;
}

#[tokio::test]
async fn a_rotation_that_is_killed_at_any_word_goes_on_when_it_is_run_again() {
    let installation = with_users(700);
    let old = fs::read_to_string(installation.data().join("master.key")).unwrap();
    let sidecar = installation.serve(&[]);
    let phone = Phone::of_another_system(SECRET);
    let mut kills = 0;
    let told = loop {
        let mut command = installation.command(&["master-key", "rotate"]);
        let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let words: Vec<_> = BufReader::new(child.stderr.take().unwrap())
            .lines()
            .take(kills + 1)
            .map(Result::unwrap)
            .collect();
        if words.len() <= kills {
            assert!(child.wait().unwrap().success(), "{words:?}");
            break words;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        sign_in(&sidecar, &kills.to_string(), &phone.code_at(now())).await;
        kills += 1;
        assert!(kills < 50);
    };
    assert!(kills > 2, "{kills} kills");
    assert!(told[0].contains("Going on"), "{told:?}");
    sign_in(&sidecar, "600", &phone.code_at(now())).await;
    drop(sidecar);
    only_a_new_key_is_left(&installation, &old);
}

#[tokio::test]
async fn a_rotation_that_is_killed_amid_the_rows_leaves_them_readable_and_does_the_rest_next_time() {
    const USERS: usize = 3000;
    let installation = with_users(USERS);
    let old = fs::read_to_string(installation.data().join("master.key")).unwrap();
    let old_id = key_ids(&installation)[0];
    let sidecar = installation.serve(&[]);
    let phone = Phone::of_another_system(SECRET);
    let left = || {
        let authenticators = blobs(&installation).into_iter().filter(|(id, _)| id.len() == 16);
        authenticators.filter(|(_, blob)| key_of(blob) == Some(old_id)).count()
    };
    let mut lefts = vec![USERS];
    for most in [USERS - 1, 2 * USERS / 3, USERS / 3] {
        let mut command = installation.command(&["master-key", "rotate"]);
        let mut child = command.stderr(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
        poll("some rows are sealed anew", || (left() <= most).then_some(()));
        child.kill().unwrap();
        child.wait().unwrap();
        lefts.push(left());
        sign_in(&sidecar, &most.to_string(), &phone.code_at(now())).await;
        sign_in(&sidecar, &(most - 1).to_string(), &phone.code_at(now())).await;
    }
    assert!(lefts.is_sorted_by(|a, b| a > b) && lefts[3] > 0, "{lefts:?}");
    installation.say(&["master-key", "rotate"]);
    drop(sidecar);
    only_a_new_key_is_left(&installation, &old);
}

#[tokio::test]
async fn a_rotation_killed_between_database_and_file_takes_the_old_key_out_of_the_file_next_time() {
    let installation = with_users(3);
    let path = installation.data().join("master.key");
    let old = fs::read_to_string(&path).unwrap();
    installation.say(&["master-key", "rotate"]);
    let new = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{old}{new}")).unwrap();
    let said = String::from_utf8(installation.run(&["doctor"]).stdout).unwrap();
    assert!(said.contains("not at its end"), "{said}");
    installation.say(&["master-key", "rotate"]);
    assert_eq!(fs::read_to_string(&path).unwrap(), new, "no third key came");
    only_a_new_key_is_left(&installation, &old);
}

#[tokio::test]
async fn what_does_not_open_is_named_and_left_as_it_is_with_the_old_key() {
    let installation = with_users(5);
    let path = installation.data().join("master.key");
    let old = fs::read_to_string(&path).unwrap();
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        n: i64,
    }
    let damage = "UPDATE authenticators SET state = substr(state, 1, 40) || x'ff' || substr(state, 42) \
                  WHERE user_id = (SELECT id FROM users WHERE user_id = CAST('3' AS BLOB))";
    assert_eq!(sql_query(damage).execute(&mut open(&installation)).unwrap(), 1);
    let damaged: Vec<_> = blobs(&installation);
    for _ in 0..2 {
        let output = installation.run(&["master-key", "rotate"]);
        assert!(!output.status.success());
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.contains("does not open, left as it is: authenticators, row "), "{told}");
        assert!(told.contains("1 rows do not open"), "{told}");
        let under_old = blobs(&installation).into_iter().filter(|row| damaged.contains(row)).count();
        assert_eq!(under_old, 1, "the damaged one is as it was, all else is sealed anew");
        assert!(fs::read_to_string(&path).unwrap().contains(old.trim()), "the old key stays");
    }
    let warned = installation.say(&["doctor"]);
    assert!(
        warned.lines().any(|line| line.starts_with("warn") && line.contains("master-key rotate")),
        "{warned}"
    );
    installation.say(&["user", "reset", "3"]);
    installation.say(&["master-key", "rotate"]);
    let count: Count =
        sql_query("SELECT count(*) AS n FROM master_keys").get_result(&mut open(&installation)).unwrap();
    assert_eq!(count.n, 1);
    only_a_new_key_is_left(&installation, &old);
}

#[test]
fn a_service_with_a_copy_of_the_file_is_waited_for_until_the_copy_has_the_key() {
    let installation = with_users(3);
    let (path, copy) = (installation.data().join("master.key"), installation.path("copy.key"));
    fs::copy(&path, &copy).unwrap();
    let sidecar = installation.serve(&["--master-key-file", copy.to_str().unwrap()]);
    let mut command = installation.command(&["master-key", "rotate"]);
    let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let mut words = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    let waits = words.find(|word| word.contains("Waiting for running services")).unwrap();
    assert!(waits.contains("yet: 1.") && waits.contains(path.to_str().unwrap()), "{waits}");
    assert_eq!(key_ids(&installation).len(), 2);
    let second = refusal(&installation.run(&["master-key", "rotate"]));
    assert!(second.contains("another command is changing it"), "{second}");
    assert!(child.try_wait().unwrap().is_none(), "it waits");
    // Put there whole, as the command itself does.
    fs::copy(&path, installation.path("copy.new")).unwrap();
    fs::rename(installation.path("copy.new"), &copy).unwrap();
    let rest: Vec<_> = words.collect();
    assert!(child.wait().unwrap().success(), "{rest:?}");
    assert!(sidecar.log().contains("has other keys now"));
}
