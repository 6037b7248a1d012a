//! Abuse list, item 28a: a policy narrowed to methods that the user does not have. The old factor is proven, then a
//! wanted one enrolled; never is enrolment offered alone.

use crate::support::{TestApp, id};
use serde_json::{Value, json};

/// A user who has an address only, the recovery codes, and from now on the policy wants an app.
async fn narrowed() -> (TestApp, Vec<String>) {
    let app = TestApp::requiring(json!(["email"])).await;
    let passed = app.enrolled_by("email", "alice", "alice@example.org").await;
    app.require_totp().await;
    (app, serde_json::from_value(passed["recovery_codes"].clone()).unwrap())
}

/// Proves the address; the login then wants an app.
async fn prove(app: &TestApp, login: &Value) {
    app.challenge(id(login), "email").await.status(202);
    let proven = app.answer_by("email", id(login), &app.received("email")).await.status(200);
    assert_eq!(proven["status"], "enrollment_required");
}

#[tokio::test]
async fn a_recovery_code_proves_the_old_factor_as_well_and_leads_to_enrolment() {
    let (app, codes) = narrowed().await;
    let login = app.begin("alice").await;
    let proven = app.recover(id(&login), &codes[0]).await.status(200);
    assert_eq!(proven["status"], "enrollment_required");
    assert_eq!((&proven["method"], &proven["amr"]), (&Value::Null, &json!([])), "it has not passed");
    assert_eq!(proven["authenticated_at"], Value::Null);
    let phone = app.scan(&login).await;
    let passed = app.confirm(id(&login), &app.code(&phone)).await.status(200);
    assert_eq!((&passed["method"], &passed["amr"]), (&json!("totp"), &json!(["otp"])));
    assert_eq!(passed["recovery_codes"], Value::Null, "the set that is there stays");
    assert_eq!(app.user("alice").await.status(200)["recovery_codes_remaining"], 9);
}

#[tokio::test]
async fn a_wrong_proof_leads_nowhere_and_the_fifth_ends_the_login() {
    let (app, _) = narrowed().await;
    let login = app.begin("alice").await;
    for _ in 0..5 {
        app.enroll(id(&login)).await.problem("already-enrolled");
        app.confirm(id(&login), "123456").await.problem("already-enrolled");
        app.answer_by("email", id(&login), "12345").await.problem("code-rejected");
    }
    app.enroll(id(&login)).await.problem("login-not-pending");
    assert_eq!(app.user("alice").await.status(200)["authenticators"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_proof_is_good_for_its_login_only_and_for_as_long_as_an_enrolment() {
    let (app, _) = narrowed().await;
    let login = app.begin("alice").await;
    prove(&app, &login).await;
    let other = app.begin("alice").await;
    assert_eq!(other["status"], "challenge_required", "the next login proves it anew");
    app.enroll(id(&other)).await.problem("already-enrolled");

    app.advance(599);
    let phone = app.scan(&login).await;
    app.advance(1);
    app.confirm(id(&login), &app.code(&phone)).await.problem("login-expired");
    let last = app.begin("alice").await;
    assert_eq!(last["status"], "challenge_required");
    prove(&app, &last).await;
    app.cancel(id(&last)).await.status(204);
    assert_eq!(app.begin("alice").await["status"], "challenge_required");
}

#[tokio::test]
async fn wrong_codes_of_the_new_app_use_up_what_the_proof_has_left() {
    let (app, _) = narrowed().await;
    let login = app.begin("alice").await;
    app.answer_by("email", id(&login), "12345").await.problem("code-rejected");
    app.answer_by("email", id(&login), "12345").await.problem("code-rejected");
    prove(&app, &login).await;
    let phone = app.scan(&login).await;
    for left in [2, 1, 0] {
        let problem = app.confirm(id(&login), &app.wrong(&phone)).await.problem("code-rejected");
        assert_eq!(problem["attempts_remaining"], left, "five answers a login");
    }
    app.confirm(id(&login), &app.code(&phone)).await.problem("login-not-pending");
    assert_eq!(app.read(id(&login)).await.status(200)["status"], "failed");
}

#[tokio::test]
async fn a_reset_between_proof_and_enrolment_voids_both() {
    // Abuse list, item 28b.
    let (app, _) = narrowed().await;
    let login = app.begin("alice").await;
    prove(&app, &login).await;
    let phone = app.scan(&login).await;
    app.remove("alice", "").await.status(200);
    app.confirm(id(&login), &app.code(&phone)).await.problem("login-expired");
    assert_eq!(app.user("alice").await.status(200)["enrolled"], false);
}

#[tokio::test]
async fn of_two_that_have_proven_it_each_may_enrol() {
    let (app, _) = narrowed().await;
    let (one, other) = (app.begin("alice").await, app.begin("alice").await);
    prove(&app, &one).await;
    app.next_step();
    prove(&app, &other).await;
    for login in [&one, &other] {
        let phone = app.scan(login).await;
        app.confirm(id(login), &app.code(&phone)).await.status(200);
    }
    assert_eq!(app.user("alice").await.status(200)["authenticators"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_step_up_takes_the_old_factor_and_never_forces_enrolment() {
    let (app, _) = narrowed().await;
    let step_up = app.step_up("alice").await;
    app.challenge(id(&step_up), "email").await.status(202);
    let passed = app.answer_by("email", id(&step_up), &app.received("email")).await.status(200);
    assert_eq!((&passed["status"], &passed["method"]), (&json!("passed"), &json!("email")));
    assert_eq!(passed["amr"], json!(["urn:mfa-sidecar:email"]));
}

#[tokio::test]
async fn before_the_wanted_factor_is_enrolled_no_browser_is_trusted() {
    // Abuse list, item 30.
    let (app, _) = narrowed().await;
    app.patch_policy(json!({"trusted_device_days": 30})).await.status(200);
    let login = app.begin("alice").await;
    app.challenge(id(&login), "email").await.status(202);
    let body = json!({"method": "email", "code": app.received("email"), "trust_device": true});
    let proven = app.answer_with(id(&login), body).await.status(200);
    assert_eq!((&proven["status"], &proven["trusted_device"]), (&json!("enrollment_required"), &Value::Null));
    assert_eq!(app.user("alice").await.status(200)["trusted_devices"], json!([]));
}

#[tokio::test]
async fn who_has_one_of_the_wanted_methods_is_asked_for_that_one_alone() {
    let app = TestApp::requiring(json!(["totp", "email"])).await;
    let alice = app.enrolled("alice").await;
    let proof = app.proven(&alice).await;
    let address = json!({"method": "email", "destination": "alice@example.org"});
    let begun = app.begin_own("alice", address, &proof).await.status(201);
    app.confirm_own("alice", id(&begun), &app.received("email"), &proof).await.status(200);
    app.prefer("alice", json!({"method": "email"}), &proof).await.status(204);
    app.require_totp().await;
    let login = app.begin("alice").await;
    assert_eq!(login["methods"][0], json!({"method": "totp", "preferred": true}), "whatever is preferred");
    assert_eq!(login["methods"].as_array().unwrap().len(), 2);
    app.challenge(id(&login), "email").await.problem("method-not-available");
    app.answer_by("email", id(&login), "123456").await.problem("method-not-available");
    app.next_step();
    assert_eq!(app.answer(id(&login), &app.code(&alice.phone)).await.status(200)["status"], "passed");
}

#[tokio::test]
async fn under_an_optional_policy_the_old_factor_is_followed_by_enrolment_as_well() {
    let (app, _) = narrowed().await;
    app.patch_policy(json!({"mode": "optional"})).await.status(200);
    let login = app.begin("alice").await;
    assert_eq!(login["status"], "challenge_required");
    app.enroll(id(&login)).await.problem("already-enrolled");
    prove(&app, &login).await;
    let phone = app.scan(&login).await;
    app.confirm(id(&login), &app.code(&phone)).await.status(200);
}
