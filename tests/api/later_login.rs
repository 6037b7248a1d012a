//! Every later login of an enrolled user: a code of the authenticator app, in its window, once.

use crate::support::{START, TestApp, id};
use mfa_sidecar::domain::time::Timestamp;
use serde_json::{Value, json};

#[tokio::test]
async fn an_enrolled_user_is_challenged_and_passes_with_the_code_of_the_phone() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("42").await;
    let login = app.begin("42").await;
    assert_eq!(login["status"], "challenge_required");
    let offered = json!([
        {"method": "totp", "preferred": true},
        {"method": "recovery_code", "preferred": false, "remaining": 10},
    ]);
    assert_eq!(login["methods"], offered);
    assert_eq!((login["enrollable"].clone(), login["attempts_remaining"].clone()), (json!([]), json!(5)));
    assert_eq!(login["expires_at"], "2026-01-07T09:22:30Z", "120 s");

    let passed = app.answer(id(&login), &app.code(&alice.phone)).await.status(200);
    assert_eq!(passed["status"], "passed");
    assert_eq!(passed["method"], "totp");
    assert_eq!(passed["amr"], json!(["otp"]));
    assert_eq!(passed["authenticated_at"], "2026-01-07T09:20:30Z");
    assert_eq!(
        (passed["enrolled_now"].clone(), passed["trusted_device"].clone()),
        (json!(false), Value::Null)
    );
    assert_eq!((passed["purpose"].clone(), passed["user"]["id"].clone()), (json!("login"), json!("42")));
}

#[tokio::test]
async fn a_code_is_taken_from_one_step_before_its_own_to_one_step_after() {
    let app = TestApp::with_totp_required().await;
    // A new user each time, since a code that passed is spent.
    for (n, offset, passes) in
        [(1, -30_001, false), (2, -30_000, true), (3, 59_999, true), (4, 60_000, false)]
    {
        app.clock.set(Timestamp::from_seconds(START));
        let user = app.enrolled(format!("user{n}").as_str()).await;
        let own = START + 300;
        app.clock.set(Timestamp(own * 1000 + offset));
        let login = app.begin(user.id.as_str()).await;
        let answer = app.answer(id(&login), &user.phone.code_at(own)).await;
        assert_eq!(answer.status, if passes { 200 } else { 422 }, "{offset} ms from the step's beginning");
    }
}

#[tokio::test]
async fn the_same_code_does_not_pass_twice() {
    // Abuse list, item 1.
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("42").await;
    let code = app.code(&alice.phone);
    app.sign_in(&alice).await.status(200);
    for seconds in [0, 29, 1] {
        app.advance(seconds);
        let again = app.begin("42").await;
        app.answer(id(&again), &code).await.problem("code-rejected");
    }
    assert_eq!(app.causes("42", "code.rejected").await, ["replayed"; 3]);
    app.sign_in(&alice).await.status(200);
}

#[tokio::test]
async fn an_older_code_in_the_window_does_not_pass_after_a_newer_one() {
    // Abuse list, item 4.
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("42").await;
    app.next_step();
    let login = app.begin("42").await;
    app.answer(id(&login), &app.code_in(&alice.phone, 1)).await.status(200);
    let next = app.begin("42").await;
    for steps in [1, 0, -1] {
        app.answer(id(&next), &app.code_in(&alice.phone, steps)).await.problem("code-rejected");
    }
    app.next_step();
    app.next_step();
    let later = app.begin("42").await;
    app.answer(id(&later), &app.code(&alice.phone)).await.status(200);
}

#[tokio::test]
async fn a_code_that_was_not_used_is_still_good_after_an_older_one() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("42").await;
    app.next_step();
    for steps in [-1, 0, 1] {
        let login = app.begin("42").await;
        app.answer(id(&login), &app.code_in(&alice.phone, steps)).await.status(200);
    }
}

#[tokio::test]
async fn answers_that_cannot_be_judged_cost_no_attempt() {
    // Abuse list, item 8, and the contract: invalid-request and method-not-available use up no answer.
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("42").await;
    let login = app.begin("42").await;
    for method in ["email", "sms", "webauthn", "one_time_pass"] {
        app.answer_with(id(&login), json!({"method": method, "code": "123456"}))
            .await
            .problem("method-not-available");
    }
    app.answer_with(id(&login), json!({"method": "totp"})).await.problem("invalid-request");
    app.answer_with(id(&login), json!({"method": "totp", "code": 123_456})).await.problem("invalid-request");
    for method in ["totp", "email", "sms", "webauthn"] {
        app.challenge(id(&login), method).await.problem("method-not-available");
    }
    assert_eq!(app.read(id(&login)).await.status(200)["attempts_remaining"], 5);
    app.answer(id(&login), &app.code(&alice.phone)).await.status(200);
}

#[tokio::test]
async fn a_code_of_another_users_phone_is_wrong() {
    // Abuse list, item 10.
    let app = TestApp::with_totp_required().await;
    let (alice, bob) = (app.enrolled("alice").await, app.enrolled("bob").await);
    let login = app.begin("alice").await;
    app.answer(id(&login), &app.code(&bob.phone)).await.problem("code-rejected");
    app.recover(id(&login), &bob.recovery_codes[0]).await.problem("code-rejected");
    app.answer(id(&login), &app.code(&alice.phone)).await.status(200);
    app.sign_in(&bob).await.status(200);
}

#[tokio::test]
async fn what_the_user_last_used_is_on_record() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("42").await;
    app.advance(3600);
    app.sign_in(&alice).await.status(200);
    let user = app.user("42").await.status(200);
    assert_eq!(user["authenticators"][0]["created_at"], "2026-01-07T09:20:00Z");
    assert_eq!(user["authenticators"][0]["last_used_at"], "2026-01-07T10:20:30Z");
}
