//! Forced enrolment: the policy requires it, the service makes the secret, the first right code passes the login.

use crate::support::{TestApp, id};
use serde_json::{Value, json};

#[tokio::test]
async fn a_user_without_an_authenticator_is_made_to_enrol_and_passes_by_enrolling() {
    let app = TestApp::with_totp_required().await;
    let login = app.begin("42").await;
    assert_eq!(login["status"], "enrollment_required");
    assert_eq!(login["enrollable"], json!(["totp"]));
    assert_eq!(login["methods"], json!([]));
    assert_eq!((login["reason"].clone(), login["amr"].clone()), (Value::Null, json!([])));

    let phone = app.scan(&login).await;
    let passed = app.confirm(id(&login), &app.code(&phone)).await.status(200);
    assert_eq!(passed["status"], "passed");
    assert_eq!(passed["id"], login["id"]);
    assert_eq!(passed["user"], json!({"id": "42", "name": "user 42"}));
    assert_eq!(passed["method"], "totp");
    assert_eq!(passed["amr"], json!(["otp"]));
    assert_eq!(passed["enrolled_now"], true);
    assert_eq!(passed["authenticated_at"], "2026-01-07T09:20:00Z");

    let user = app.user("42").await.status(200);
    assert_eq!(user["enrolled"], true);
    assert_eq!(user["recovery_codes_remaining"], 10);
    let authenticators = user["authenticators"].as_array().unwrap();
    assert_eq!(authenticators.len(), 1);
    assert_eq!(authenticators[0]["method"], "totp");
}

#[tokio::test]
async fn an_enrolment_shows_what_apps_and_people_need() {
    let app = TestApp::with_totp_required().await;
    let login = app.begin(json!({"id": "42", "name": "alice@example.org"})).await;
    let begun = app.enroll(id(&login)).await.status(200);
    let secret = begun["secret"].as_str().unwrap();
    assert_eq!(
        begun["otpauth_uri"],
        format!(
            "otpauth://totp/mfa-sidecar:alice%40example.org?secret={secret}&issuer=mfa-sidecar&algorithm=SHA1&\
             digits=6&period=30"
        )
    );
    assert!(begun["qr_svg"].as_str().unwrap().starts_with("<svg"));
    assert_eq!(begun["method"], "totp");
    assert_eq!(begun["expires_at"], login["expires_at"]);
    assert_eq!(login["expires_at"], "2026-01-07T09:30:00Z", "600 s from the beginning");
}

#[tokio::test]
async fn asked_again_the_same_enrolment_has_the_same_secret_and_another_login_has_another() {
    let app = TestApp::with_totp_required().await;
    let login = app.begin("42").await;
    let first = app.enroll(id(&login)).await.status(200);
    app.advance(200);
    assert_eq!(app.enroll(id(&login)).await.status(200), first, "a page reload voids nothing");
    let other = app.begin("42").await;
    assert_ne!(app.enroll(id(&other)).await.status(200)["secret"], first["secret"]);
}

#[tokio::test]
async fn recovery_codes_are_shown_once_and_are_ten_different_ones() {
    let app = TestApp::with_totp_required().await;
    let login = app.begin("42").await;
    let phone = app.scan(&login).await;
    let passed = app.confirm(id(&login), &app.code(&phone)).await.status(200);
    let mut codes: Vec<_> =
        passed["recovery_codes"].as_array().unwrap().iter().map(Value::to_string).collect();
    codes.sort();
    codes.dedup();
    assert_eq!(codes.len(), 10);
    let again = app.read(id(&login)).await;
    assert_eq!(again.body["recovery_codes"], Value::Null);
    assert!(codes.iter().all(|code| !again.text.contains(code.trim_matches('"'))), "{again:?}");
}

#[tokio::test]
async fn no_call_shows_the_secret_of_a_confirmed_authenticator() {
    let app = TestApp::with_totp_required().await;
    let login = app.begin("42").await;
    let begun = app.enroll(id(&login)).await.status(200);
    let secret = begun["secret"].as_str().unwrap();
    let phone = crate::phone::Phone::with(secret);
    app.confirm(id(&login), &app.code(&phone)).await.status(200);

    app.enroll(id(&login)).await.problem("login-not-pending");
    let later = app.begin("42").await;
    for answer in [
        app.enroll(id(&later)).await,
        app.read(id(&login)).await,
        app.read(id(&later)).await,
        app.user("42").await,
        app.users("").await,
        app.audit("").await,
    ] {
        assert!(!answer.text.contains(secret), "{answer:?}");
    }
}

#[tokio::test]
async fn the_code_that_confirmed_is_spent_at_the_first_login() {
    // Abuse list, item 5.
    let app = TestApp::with_totp_required().await;
    let login = app.begin("42").await;
    let phone = app.scan(&login).await;
    let code = app.code(&phone);
    app.confirm(id(&login), &code).await.status(200);
    let first = app.begin("42").await;
    assert_eq!(first["status"], "challenge_required");
    app.answer(id(&first), &code).await.problem("code-rejected");
    app.next_step();
    app.answer(id(&first), &app.code(&phone)).await.status(200);
}

#[tokio::test]
async fn an_abandoned_enrolment_locks_nobody_out() {
    // Abuse list, item 14: a closed window, and a login that the host gave up.
    let app = TestApp::with_totp_required().await;
    for give_up in [false, true] {
        let login = app.begin("42").await;
        app.scan(&login).await;
        if give_up {
            app.cancel(id(&login)).await.status(204);
        }
        assert_eq!(app.user("42").await.status(200)["enrolled"], false);
    }
    app.enrolled("42").await;
}

#[tokio::test]
async fn the_secret_of_an_abandoned_enrolment_opens_nothing() {
    let app = TestApp::with_totp_required().await;
    let abandoned = app.begin("42").await;
    let old = app.scan(&abandoned).await;
    app.cancel(id(&abandoned)).await.status(204);
    let login = app.begin("42").await;
    app.scan(&login).await;
    app.confirm(id(&login), &app.code(&old)).await.problem("code-rejected");
}

#[tokio::test]
async fn a_confirm_before_an_enrolment_was_begun_is_refused_and_costs_nothing() {
    let app = TestApp::with_totp_required().await;
    let login = app.begin("42").await;
    app.confirm(id(&login), "123456").await.problem("login-not-pending");
    assert_eq!(app.read(id(&login)).await.status(200)["attempts_remaining"], 5);
}

#[tokio::test]
async fn wrong_confirms_count_for_their_login_and_the_fifth_ends_it() {
    let app = TestApp::with_totp_required().await;
    let login = app.begin("42").await;
    let phone = app.scan(&login).await;
    for left in (0..5).rev() {
        let problem = app.confirm(id(&login), &app.wrong(&phone)).await.problem("code-rejected");
        assert_eq!(problem["attempts_remaining"], left);
    }
    app.confirm(id(&login), &app.code(&phone)).await.problem("login-not-pending");
    assert_eq!(app.read(id(&login)).await.status(200)["status"], "failed");
    // They count for no lock: the user has proven the password and has nothing yet to guess at.
    let next = app.begin("42").await;
    assert_eq!(next["retry_after"], Value::Null);
    assert_eq!(app.user("42").await.status(200)["locked_until"], Value::Null);
}

#[tokio::test]
async fn a_confirm_is_taken_one_step_early_or_late_and_no_further() {
    let app = TestApp::with_totp_required().await;
    for (steps, passes) in [(-2, false), (-1, true), (1, true), (2, false)] {
        let login = app.begin(format!("user{steps}").as_str()).await;
        let phone = app.scan(&login).await;
        let answer = app.confirm(id(&login), &app.code_in(&phone, steps)).await;
        assert_eq!(answer.status, if passes { 200 } else { 422 }, "{steps}");
    }
}

#[tokio::test]
async fn an_enrolment_lives_ten_minutes_from_its_beginning() {
    let app = TestApp::with_totp_required().await;
    let login = app.begin("42").await;
    let phone = app.scan(&login).await;
    app.advance(599);
    app.enroll(id(&login)).await.status(200);
    app.advance(1);
    app.enroll(id(&login)).await.problem("login-expired");
    app.confirm(id(&login), &app.code(&phone)).await.problem("login-expired");
    assert_eq!(app.user("42").await.status(200)["enrolled"], false);
}

#[tokio::test]
async fn methods_that_are_not_offered_yet_cannot_be_enrolled() {
    let app = TestApp::with_totp_required().await;
    let login = app.begin("42").await;
    for method in ["email", "sms", "webauthn"] {
        app.enroll_with(id(&login), json!({"method": method})).await.problem("method-not-available");
    }
    app.enroll_with(id(&login), json!({"method": "recovery_code"})).await.problem("invalid-request");
}
