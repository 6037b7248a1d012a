//! Every state of a login against every call, in the contract's order: 404; 410; 409; 429; then the code.

use crate::answer::Answer;
use crate::support::{Enrolled, TestApp, id};
use serde_json::Value;

/// The calls about one login, by name.
const CALLS: [&str; 6] = ["read", "enroll", "confirm", "challenge", "answer", "cancel"];

async fn make(app: &TestApp, call: &str, login: &str, code: &str) -> Answer {
    match call {
        "read" => app.read(login).await,
        "enroll" => app.enroll(login).await,
        "confirm" => app.confirm(login, code).await,
        "challenge" => app.challenge(login, "totp").await,
        "answer" => app.answer(login, code).await,
        "cancel" => app.cancel(login).await,
        other => panic!("no call {other}"),
    }
}

/// What each of [`CALLS`] answers for this login; `""` is a success. `cancel` comes last since it may change it.
async fn outcomes(app: &TestApp, login: &str, code: &str) -> Vec<String> {
    let mut outcomes = Vec::new();
    for call in CALLS {
        outcomes.push(make(app, call, login, code).await.code().to_owned());
    }
    outcomes
}

async fn ended_by_wrong_answers(app: &TestApp, user: &Enrolled) -> Value {
    let login = app.begin(user.id.as_str()).await;
    for _ in 0..5 {
        app.answer(id(&login), &app.wrong(&user.phone)).await.problem("code-rejected");
    }
    app.unlock(&user.id).await.status(204);
    login
}

#[tokio::test]
async fn every_state_answers_every_call_as_the_contract_says() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let wrong = app.wrong(&alice.phone);

    let to_enrol = app.begin("new").await;
    app.scan(&to_enrol).await;
    let expected = ["", "", "code-rejected", "login-not-pending", "login-not-pending", ""];
    assert_eq!(outcomes(&app, id(&to_enrol), &wrong).await, expected, "enrollment_required");

    let challenged = app.begin("alice").await;
    let expected = ["", "already-enrolled", "already-enrolled", "method-not-available", "code-rejected", ""];
    assert_eq!(outcomes(&app, id(&challenged), &wrong).await, expected, "challenge_required");

    let ended = [
        "",
        "login-not-pending",
        "login-not-pending",
        "login-not-pending",
        "login-not-pending",
        "login-not-pending",
    ];
    let passed = app.sign_in(&alice).await.status(200);
    let failed = ended_by_wrong_answers(&app, &alice).await;
    app.next_step();
    let right = app.code(&alice.phone);
    for (status, login) in [("passed", &passed), ("failed", &failed), ("canceled", &challenged)] {
        assert_eq!(app.read(id(login)).await.status(200)["status"], status);
        assert_eq!(outcomes(&app, id(login), &right).await, ended, "{status}, with a right code");
    }

    let expired = app.begin("alice").await;
    app.advance(120);
    let gone = ["", "login-expired", "login-expired", "login-expired", "login-expired", "login-expired"];
    assert_eq!(app.read(id(&expired)).await.status(200)["status"], "expired");
    assert_eq!(outcomes(&app, id(&expired), &app.code(&alice.phone)).await, gone, "expired");

    let unknown = ["login-not-found"; 6];
    assert_eq!(outcomes(&app, &"x".repeat(32), &right).await, unknown);
}

#[tokio::test]
async fn expired_is_told_before_locked_and_ended_before_locked() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let (old, ended) = (app.begin("alice").await, app.begin("alice").await);
    app.cancel(id(&ended)).await.status(204);
    app.advance(100);
    app.fail(&alice, 5).await;
    let right = app.code(&alice.phone);
    app.answer(id(&old), &right).await.problem("throttled");
    app.answer(id(&ended), &right).await.problem("login-not-pending");
    app.advance(20);
    let right = app.code(&alice.phone);
    app.answer(id(&old), &right).await.problem("login-expired");
    let fresh = app.begin("alice").await;
    // 429 is told before the method is looked at, and 409 before 429.
    app.challenge(id(&fresh), "email").await.problem("throttled");
    app.recover(id(&fresh), "x").await.problem("throttled");
    app.enroll(id(&fresh)).await.problem("already-enrolled");
    app.read(id(&fresh)).await.status(200);
    app.cancel(id(&fresh)).await.status(204);
}

#[tokio::test]
async fn a_login_ends_at_its_last_millisecond() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let login = app.begin("alice").await;
    app.clock.advance(std::time::Duration::from_millis(119_999));
    app.answer(id(&login), &app.wrong(&alice.phone)).await.problem("code-rejected");
    assert_eq!(app.read(id(&login)).await.status(200)["status"], "challenge_required");
    app.clock.advance(std::time::Duration::from_millis(1));
    app.answer(id(&login), &app.code(&alice.phone)).await.problem("login-expired");
}

#[tokio::test]
async fn an_ended_login_can_be_read_for_fifteen_minutes_and_then_never_existed() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let failed = ended_by_wrong_answers(&app, &alice).await;
    let canceled = app.begin("alice").await;
    app.cancel(id(&canceled)).await.status(204);
    let passed = app.sign_in(&alice).await.status(200);
    let expired = app.begin("alice").await;
    app.advance(15 * 60 - 1);
    for (status, login) in [("passed", &passed), ("failed", &failed), ("canceled", &canceled)] {
        assert_eq!(app.read(id(login)).await.status(200)["status"], status);
    }
    app.advance(1);
    let right = app.code(&alice.phone);
    for login in [&passed, &failed, &canceled] {
        assert_eq!(outcomes(&app, id(login), &right).await, ["login-not-found"; 6]);
    }
    // The one that nobody ended ended by itself, 120 s after it began.
    app.advance(119);
    assert_eq!(app.read(id(&expired)).await.status(200)["status"], "expired");
    app.advance(1);
    assert_eq!(outcomes(&app, id(&expired), &right).await, ["login-not-found"; 6]);
}

#[tokio::test]
async fn reading_a_passed_login_says_the_same_again_and_opens_nothing_new() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let passed = app.sign_in(&alice).await.status(200);
    app.advance(60);
    assert_eq!(app.read(id(&passed)).await.status(200), passed);
    let events = app.audit("?user=alice&action=login.passed").await.status(200);
    assert_eq!(events["events"].as_array().unwrap().len(), 2, "the enrolment's and this one");
}

#[tokio::test]
async fn an_abandoned_login_is_audited_and_takes_no_code() {
    // Abuse list, item 11: answered after it was abandoned, after its end, and twice.
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let login = app.begin("alice").await;
    app.cancel(id(&login)).await.status(204);
    let code = app.code(&alice.phone);
    app.answer(id(&login), &code).await.problem("login-not-pending");
    app.cancel(id(&login)).await.problem("login-not-pending");
    assert_eq!(app.causes("alice", "login.canceled").await, ["by_host"]);

    let passed = app.sign_in(&alice).await.status(200);
    app.next_step();
    app.answer(id(&passed), &app.code(&alice.phone)).await.problem("login-not-pending");
    // Nothing was spent by the refused answers.
    app.sign_in(&alice).await.status(200);
}

#[tokio::test]
async fn over_two_hundred_pending_logins_the_oldest_is_canceled() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let mut logins = Vec::new();
    for _ in 0..200 {
        logins.push(app.begin("alice").await);
        app.clock.advance(std::time::Duration::from_millis(10));
    }
    assert_eq!(app.read(id(&logins[0])).await.status(200)["status"], "challenge_required");
    let newest = app.begin("alice").await;
    assert_eq!(app.read(id(&logins[0])).await.status(200)["status"], "canceled");
    assert_eq!(app.read(id(&logins[1])).await.status(200)["status"], "challenge_required");
    app.answer(id(&logins[0]), &app.code(&alice.phone)).await.problem("login-not-pending");
    assert_eq!(app.causes("alice", "login.canceled").await, ["too_many_pending"]);
    app.answer(id(&newest), &app.code(&alice.phone)).await.status(200);
}
