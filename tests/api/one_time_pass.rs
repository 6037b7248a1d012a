//! A pass that an administrator issues: opens one login, in which the user enrols anew.

use crate::support::{TestApp, id};
use serde_json::{Value, json};

impl TestApp {
    async fn pass(&self, user: &str) -> String {
        let issued = self.issue_pass(user, json!({})).await.status(201);
        issued["code"].as_str().unwrap().to_owned()
    }

    async fn answer_by_pass(&self, login: &Value, code: &str) -> crate::answer::Answer {
        self.answer_with(id(login), json!({"method": "one_time_pass", "code": code})).await
    }
}

#[tokio::test]
async fn a_pass_proves_one_login_in_which_the_user_enrols_anew() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let before = app.begin("alice").await;
    assert!(!before["methods"].to_string().contains("one_time_pass"));
    let issued = app.issue_pass("alice", json!({})).await;
    assert_eq!(issued.header("cache-control"), "no-store");
    let issued = issued.status(201);
    assert_eq!(issued["expires_at"], "2026-01-07T09:35:30Z");
    let code = issued["code"].as_str().unwrap();

    let login = app.begin("alice").await;
    assert_eq!(login["methods"][2], json!({"method": "one_time_pass", "preferred": false}));
    app.enroll(id(&login)).await.problem("already-enrolled");
    let proven = app.answer_by_pass(&login, code).await.status(200);
    assert_eq!(proven["status"], "enrollment_required", "although an authenticator would satisfy the policy");
    assert_eq!((&proven["method"], &proven["amr"]), (&Value::Null, &json!([])));
    let phone = app.scan(&login).await;
    let passed = app.confirm(id(&login), &app.code(&phone)).await.status(200);
    assert_eq!((&passed["status"], &passed["method"]), (&json!("passed"), &json!("totp")));
    assert_eq!(passed["enrolled_now"], true);
    app.next_step();

    let next = app.begin("alice").await;
    assert!(!next["methods"].to_string().contains("one_time_pass"));
    app.answer_by_pass(&next, code).await.problem("method-not-available");
    app.answer(id(&next), &app.code(&phone)).await.status(200);
    assert_ne!(app.code(&phone), app.code(&alice.phone));
}

#[tokio::test]
async fn a_pass_is_taken_however_it_is_typed_and_a_wrong_one_counts() {
    let app = TestApp::with_totp_required().await;
    app.enrolled("alice").await;
    let code = app.pass("alice").await;
    let login = app.begin("alice").await;
    for (left, wrong) in [(4, "0000-0000-0000-0000"), (3, "123456"), (2, "")] {
        let problem = app.answer_by_pass(&login, wrong).await.problem("code-rejected");
        assert_eq!(problem["attempts_remaining"], left);
    }
    assert_eq!(app.causes("alice", "code.rejected").await, ["malformed", "malformed", "unknown_or_spent"]);
    let typed = code.to_lowercase().replace('-', " ").replace('0', "o").replace('1', "l");
    assert_eq!(app.answer_by_pass(&login, &typed).await.status(200)["status"], "enrollment_required");
}

#[tokio::test]
async fn a_pass_ends_with_its_time_and_with_the_next_one() {
    let app = TestApp::with_totp_required().await;
    app.enrolled("alice").await;
    let first = app.pass("alice").await;
    let second = app.pass("alice").await;
    let login = app.begin("alice").await;
    app.answer_by_pass(&login, &first).await.problem("code-rejected");
    app.advance(900);
    let login = app.begin("alice").await;
    assert!(!login["methods"].to_string().contains("one_time_pass"));
    app.answer_by_pass(&login, &second).await.problem("method-not-available");

    let day = app.issue_pass("alice", json!({"expires_in": 86_400})).await.status(201);
    app.advance(86_399);
    let login = app.begin("alice").await;
    app.answer_by_pass(&login, day["code"].as_str().unwrap()).await.status(200);
    // A refused wish leaves the pass before as it is.
    let kept = app.pass("alice").await;
    for wrong in [json!(59), json!(86_401), json!(-1), json!("900"), json!(1.5)] {
        app.issue_pass("alice", json!({"expires_in": wrong})).await.problem("invalid-request");
    }
    app.issue_pass("alice", json!({"expires": 900})).await.problem("invalid-request");
    app.issue_pass("nobody", json!({})).await.problem("user-not-found");
    let login = app.begin("alice").await;
    app.answer_by_pass(&login, &kept).await.status(200);
}

#[tokio::test]
async fn a_pass_opens_no_login_of_anybody_else() {
    let app = TestApp::with_totp_required().await;
    app.enrolled("alice").await;
    app.enrolled("bob").await;
    let (hers, _) = (app.pass("alice").await, app.pass("bob").await);
    let login = app.begin("bob").await;
    app.answer_by_pass(&login, &hers).await.problem("code-rejected");
    let login = app.begin("alice").await;
    app.answer_by_pass(&login, &hers).await.status(200);
}

#[tokio::test]
async fn a_pass_outlives_a_new_password_and_not_a_removal_nor_a_deletion() {
    let app = TestApp::with_totp_required().await;
    let with = |version: &str| json!({"id": "alice", "name": "alice", "credential_version": version});
    app.enrolled(with("1")).await;
    let code = app.pass("alice").await;
    let login = app.begin(with("2")).await;
    app.answer_by_pass(&login, &code).await.status(200);

    app.enrolled("bob").await;
    let code = app.pass("bob").await;
    app.remove("bob", "").await.status(200);
    app.enrolled("bob").await;
    let login = app.begin("bob").await;
    app.answer_by_pass(&login, &code).await.problem("method-not-available");

    app.enrolled("carol").await;
    let code = app.pass("carol").await;
    app.delete_user("carol").await.status(204);
    app.enrolled("carol").await;
    let login = app.begin("carol").await;
    app.answer_by_pass(&login, &code).await.problem("method-not-available");
}

#[tokio::test]
async fn a_locked_user_answers_with_a_pass_once_the_lock_is_lifted() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    app.fail(&alice, 5).await;
    let code = app.pass("alice").await;
    let login = app.begin("alice").await;
    app.answer_by_pass(&login, &code).await.problem("throttled");
    app.unlock("alice").await.status(204);
    app.answer_by_pass(&login, &code).await.status(200);
}

#[tokio::test]
async fn issuing_and_using_is_audited_without_the_pass() {
    let app = TestApp::with_totp_required().await;
    app.enrolled("alice").await;
    let code = app.pass("alice").await;
    let login = app.begin("alice").await;
    app.answer_by_pass(&login, "0000-0000-0000-0000").await.problem("code-rejected");
    app.answer_by_pass(&login, &code).await.status(200);
    let page = app.audit("?user=alice&limit=200").await;
    assert!(!page.text.contains(&code) && !page.text.contains(&code.replace('-', "")));
    let page = app.audit("?user=alice&action=one_time_pass.issued").await.status(200);
    assert_eq!(page["events"][0]["number"], 900);
    assert_eq!(page["events"][0]["actor"]["type"], "key");
    assert_eq!(app.causes("alice", "code.rejected").await, ["unknown_or_spent"]);
}

#[tokio::test]
async fn who_has_as_many_authenticators_as_allowed_still_enrols_after_a_pass() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    for _ in 0..4 {
        app.add_app("alice", &app.proven(&alice).await).await;
    }
    let login = app.begin("alice").await;
    app.answer_by_pass(&login, &app.pass("alice").await).await.status(200);
    let phone = app.scan(&login).await;
    assert_eq!(app.confirm(id(&login), &app.code(&phone)).await.status(200)["status"], "passed");
    app.begin_own("alice", json!({"method": "totp"}), id(&login)).await.problem("too-many-authenticators");
}

#[tokio::test]
async fn a_pass_is_no_code_of_another_method() {
    // Abuse list, item 23.
    let app = TestApp::requiring(json!(["totp", "email"])).await;
    let alice = app.enrolled("alice").await;
    app.add_destination("alice", "email", "alice@example.org", &app.proven(&alice).await).await;
    let code = app.pass("alice").await;
    let login = app.begin("alice").await;
    app.answer(id(&login), &code).await.problem("code-rejected");
    app.answer_by("email", id(&login), &code).await.problem("code-rejected");
    app.recover(id(&login), &code).await.problem("code-rejected");
    app.recover(id(&login), &code[..14]).await.problem("code-rejected");
    app.challenge(id(&login), "one_time_pass").await.problem("invalid-request");
    app.answer_by_pass(&login, &code).await.status(200);
    // Nor is a recovery code a pass.
    app.pass("alice").await;
    let login = app.begin("alice").await;
    app.answer_by_pass(&login, &alice.recovery_codes[0]).await.problem("code-rejected");
}

#[tokio::test]
async fn a_pass_of_the_same_id_in_another_site_opens_nothing() {
    // Abuse list, item 26.
    let app = TestApp::with_totp_required().await;
    let other = app.with_site("other", "Other").await;
    other.require_totp().await;
    app.enrolled("alice").await;
    other.enrolled("alice").await;
    let (code, namesakes) = (app.pass("alice").await, other.pass("alice").await);
    let login = app.begin("alice").await;
    app.answer_by_pass(&login, &namesakes).await.problem("code-rejected");
    app.answer_by_pass(&login, &code).await.status(200);
    let theirs = other.begin("alice").await;
    other.answer_by_pass(&theirs, &namesakes).await.status(200);
}

#[tokio::test]
async fn wrong_passes_lock_like_any_wrong_answer() {
    // Abuse list, item 17.
    let app = TestApp::with_totp_required().await;
    app.enrolled("alice").await;
    let code = app.pass("alice").await;
    let login = app.begin("alice").await;
    for _ in 0..5 {
        app.answer_by_pass(&login, "0000-0000-0000-0000").await.problem("code-rejected");
    }
    app.answer_by_pass(&login, &code).await.problem("login-not-pending");
    let next = app.begin("alice").await;
    assert_eq!(next["retry_after"], 30);
    app.answer_by_pass(&next, &code).await.problem("throttled");
    app.advance(30);
    app.answer_by_pass(&next, &code).await.status(200);
}

#[tokio::test]
async fn an_enrolment_after_a_pass_that_is_abandoned_costs_the_pass_and_nothing_else() {
    // Abuse list, items 12 and 14.
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let code = app.pass("alice").await;
    let login = app.begin("alice").await;
    app.answer_by_pass(&login, &code).await.status(200);
    app.answer(id(&login), &app.code(&alice.phone)).await.problem("login-not-pending");
    app.scan(&login).await;
    app.cancel(id(&login)).await.status(204);
    app.enroll(id(&login)).await.problem("login-not-pending");
    let next = app.begin("alice").await;
    app.answer_by_pass(&next, &code).await.problem("method-not-available");
    app.enroll(id(&next)).await.problem("already-enrolled");
    app.answer(id(&next), &app.code(&alice.phone)).await.status(200);
}
