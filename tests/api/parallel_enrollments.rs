//! Abuse list, items 28b and 28c: enrolments side by side, and what happens to the user while one is open.

use crate::phone::Phone;
use crate::support::{TestApp, id, open};
use diesel::sql_types::BigInt;
use diesel::{QueryableByName, RunQueryDsl as _, sql_query};
use serde_json::{Value, json};

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

fn phone(begun: &Value) -> Phone {
    Phone::with(begun["secret"].as_str().unwrap())
}

/// Secrets that wait to be proven.
fn pending_secrets(app: &TestApp) -> i64 {
    let query = sql_query("SELECT count(*) AS n FROM logins WHERE pending_state IS NOT NULL");
    query.get_result::<Count>(&mut open(app)).unwrap().n
}

#[tokio::test]
async fn of_two_forced_ones_the_first_wins_and_the_losers_secret_is_wiped() {
    let app = TestApp::with_totp_required().await;
    let (one, other) = (app.begin("alice").await, app.begin("alice").await);
    let (first, second) = (app.scan(&one).await, app.scan(&other).await);
    app.confirm(id(&one), &app.code(&first)).await.status(200);
    assert_eq!(pending_secrets(&app), 0);
    app.confirm(id(&other), &app.code(&second)).await.problem("already-enrolled");
    assert_eq!(app.authenticators("alice").await.len(), 1);
}

#[tokio::test]
async fn a_forced_one_loses_to_self_service_and_the_other_way_round() {
    let app = TestApp::with_totp_required().await;
    let forced = app.begin("alice").await;
    let lost = app.scan(&forced).await;
    app.add_app("alice", "").await;
    app.confirm(id(&forced), &app.code(&lost)).await.problem("already-enrolled");

    let forced = app.begin("bob").await;
    let own = app.begin_own("bob", json!({"method": "totp"}), "").await.status(201);
    let won = app.scan(&forced).await;
    app.confirm(id(&forced), &app.code(&won)).await.status(200);
    let code = app.code(&phone(&own));
    app.confirm_own("bob", id(&own), &code, "").await.problem("step-up-required");
    // With a proof it is a new enrolment that is needed: the secret is gone.
    app.confirm_own("bob", id(&own), &code, id(&forced)).await.problem("login-not-pending");
    assert_eq!(app.authenticators("bob").await.len(), 1);
}

#[tokio::test]
async fn of_two_in_self_service_the_second_needs_a_proof_by_the_first() {
    let app = TestApp::start().await;
    app.put_user("alice", json!({"name": "alice"})).await.status(204);
    let one = app.begin_own("alice", json!({"method": "totp"}), "").await.status(201);
    let other = app.begin_own("alice", json!({"method": "totp"}), "").await.status(201);
    assert_ne!(one["secret"], other["secret"]);
    let first = app.confirm_own("alice", id(&one), &app.code(&phone(&one)), "").await.status(200);
    assert_eq!(first["recovery_codes"].as_array().unwrap().len(), 10);
    app.confirm_own("alice", id(&other), &app.code(&phone(&other)), "").await.problem("step-up-required");
    assert_eq!((app.authenticators("alice").await.len(), pending_secrets(&app)), (1, 0));
}

#[tokio::test]
async fn who_is_enrolled_may_have_two_in_the_works() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let proof = app.proven(&alice).await;
    let one = app.begin_own("alice", json!({"method": "totp"}), &proof).await.status(201);
    let other = app.begin_own("alice", json!({"method": "totp"}), &proof).await.status(201);
    for begun in [&other, &one] {
        app.confirm_own("alice", id(begun), &app.code(&phone(begun)), &proof).await.status(200);
    }
    assert_eq!(app.authenticators("alice").await.len(), 3);
}

#[tokio::test]
async fn a_reset_a_deletion_or_another_password_ends_an_open_enrolment() {
    let app = TestApp::with_totp_required().await;
    for change in ["reset", "deletion", "password"] {
        let user = json!({"id": change, "name": change, "credential_version": "1"});
        let alice = app.enrolled(user.clone()).await;
        let login = app.begin(user).await;
        app.answer(id(&login), &app.code(&alice.phone)).await.status(200);
        app.next_step();
        let begun = app.begin_own(change, json!({"method": "totp"}), id(&login)).await.status(201);
        match change {
            "reset" => drop(app.remove(change, "").await.status(200)),
            "deletion" => {
                app.delete_user(change).await.status(204);
                app.put_user(change, json!({"name": "another"})).await.status(204);
            }
            _ => drop(
                app.put_user(change, json!({"name": change, "credential_version": "2"})).await.status(204),
            ),
        }
        let code = app.code(&phone(&begun));
        let answer = app.confirm_own(change, id(&begun), &code, id(&login)).await;
        assert!(["login-expired", "step-up-required"].contains(&answer.code()), "{change}: {answer:?}");
        if change != "password" {
            assert!(app.authenticators(change).await.is_empty(), "{change}");
        }
    }
    assert_eq!(pending_secrets(&app), 1, "that of the changed password waits, and opens nothing");
}

#[tokio::test]
async fn a_code_that_was_sent_before_a_reset_opens_nothing_after_it() {
    let app = TestApp::requiring(json!(["email"])).await;
    app.enrolled_by("email", "alice", "alice@example.org").await;
    let login = app.begin("alice").await;
    app.challenge(id(&login), "email").await.status(202);
    app.remove("alice", "").await.status(200);
    app.answer_by("email", id(&login), &app.received("email")).await.problem("login-expired");
}
