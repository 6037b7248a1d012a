//! A fresh proof before what is enrolled is changed: whose, how fresh, and by what.

use crate::answer::Answer;
use crate::support::{TestApp, edit, id};
use serde_json::json;

const UNKNOWN: &str = "0198b2a6-2f5c-7000-8000-5d1f0e8c7a11";

/// Every call that needs a proof, made with `proof`. None of them succeeds with a wrong one, so nothing is changed.
async fn every_change(app: &TestApp, user: &str, proof: &str) -> Vec<Answer> {
    vec![
        app.begin_own(user, json!({"method": "totp"}), proof).await,
        app.resend_own(user, "x", proof).await,
        app.confirm_own(user, "x", "123456", proof).await,
        app.remove_own(user, UNKNOWN, proof).await,
        app.prefer(user, json!({"method": "totp"}), proof).await,
        app.replace_codes(user, proof).await,
        app.disable(user, proof).await,
    ]
}

async fn proves_nothing(app: &TestApp, user: &str, proof: &str) {
    for answer in every_change(app, user, proof).await {
        answer.problem("step-up-required");
    }
}

/// Whether the proof lets the user begin to enrol.
async fn proves(app: &TestApp, user: &str, proof: &str) {
    app.begin_own(user, json!({"method": "totp"}), proof).await.status(201);
}

#[tokio::test]
async fn without_a_proof_or_with_a_made_up_one_nothing_is_changed() {
    // Abuse list, item 27.
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let pending = app.begin("alice").await;
    for proof in ["", "x", "bGV0IG1lIGluLCBwbGVhc2UsIGl0J3Mg", id(&pending), &app.bridge] {
        proves_nothing(&app, "alice", proof).await;
    }
    app.cancel(id(&pending)).await.status(204);
    proves_nothing(&app, "alice", id(&pending)).await;
    let failed = app.begin("alice").await;
    for _ in 0..5 {
        app.answer(id(&failed), &app.wrong(&alice.phone)).await.problem("code-rejected");
    }
    proves_nothing(&app, "alice", id(&failed)).await;
}

#[tokio::test]
async fn a_login_of_either_purpose_proves_it_for_ten_minutes() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let login = app.begin("alice").await;
    app.answer(id(&login), &app.code(&alice.phone)).await.status(200);
    proves(&app, "alice", id(&login)).await;
    app.advance(599);
    proves(&app, "alice", id(&login)).await;
    app.advance(1);
    proves_nothing(&app, "alice", id(&login)).await;
    let step_up = app.proven(&alice).await;
    proves(&app, "alice", &step_up).await;
    // Reading it for long does not lengthen it.
    app.advance(570);
    app.read(&step_up).await.status(200);
    proves_nothing(&app, "alice", &step_up).await;
}

#[tokio::test]
async fn enrolling_counts_as_a_proof() {
    let app = TestApp::with_totp_required().await;
    let login = app.begin("alice").await;
    let phone = app.scan(&login).await;
    app.confirm(id(&login), &app.code(&phone)).await.status(200);
    app.replace_codes("alice", id(&login)).await.status(200);
}

#[tokio::test]
async fn a_proof_of_another_user_or_site_is_none() {
    // Abuse list, item 27.
    let app = TestApp::with_totp_required().await;
    let (_, bob) = (app.enrolled("alice").await, app.enrolled("bob").await);
    let his = app.proven(&bob).await;
    proves_nothing(&app, "alice", &his).await;
    let other = app.with_site("other", "Other").await;
    other.require_totp().await;
    let theirs = other.enrolled("alice").await;
    let foreign = other.proven(&theirs).await;
    proves_nothing(&app, "alice", &foreign).await;
    proves(&other, "alice", &foreign).await;
}

#[tokio::test]
async fn a_proof_from_before_a_reset_or_another_password_is_none() {
    // Abuse list, items 27 and 28b.
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let old = app.proven(&alice).await;
    app.remove("alice", "").await.status(200);
    let again = app.enrolled("alice").await;
    proves_nothing(&app, "alice", &old).await;

    let with = |version: &str| json!({"name": "alice", "credential_version": version});
    app.put_user("alice", with("1")).await.status(204);
    let user = json!({"id": "alice", "name": "alice", "credential_version": "1"});
    let login = app.begin(user).await;
    app.answer(id(&login), &app.code(&again.phone)).await.status(200);
    proves(&app, "alice", id(&login)).await;
    app.put_user("alice", with("2")).await.status(204);
    proves_nothing(&app, "alice", id(&login)).await;
    // Back to the version before is another change.
    app.put_user("alice", with("1")).await.status(204);
    proves_nothing(&app, "alice", id(&login)).await;
}

#[tokio::test]
async fn a_proof_holds_on_every_replica_and_after_a_restart() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let proof = app.proven(&alice).await;
    let replica = app.replica();
    proves(&replica, "alice", &proof).await;
    drop(replica);
    let app = app.restart();
    proves(&app, "alice", &proof).await;
    app.advance(570);
    proves_nothing(&app, "alice", &proof).await;
    proves_nothing(&app.replica(), "alice", &proof).await;
}

#[tokio::test]
async fn a_proof_that_is_not_written_exactly_so_is_none() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let proof = app.proven(&alice).await;
    let swapped: String = proof
        .chars()
        .map(|c| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() })
        .collect();
    let long = "a".repeat(4096);
    for other in [
        &swapped,
        &proof[1..],
        &format!("{proof}a"),
        &format!("{proof},{proof}"),
        "null",
        "' OR 1=1 --",
        &long,
    ] {
        proves_nothing(&app, "alice", other).await;
    }
    // An empty header is none at all.
    let call = app.call(reqwest::Method::POST, "/v1/users/alice/recovery-codes", &app.bridge);
    Answer::to(call.header("Mfa-Step-Up", "")).await.problem("step-up-required");
    proves(&app, "alice", &proof).await;
}

#[tokio::test]
async fn a_code_that_was_sent_proves_as_much_as_the_app() {
    let app = TestApp::requiring(json!(["totp", "email"])).await;
    let alice = app.enrolled("alice").await;
    app.add_destination("alice", "email", "alice@example.org", &app.proven(&alice).await).await;
    let step_up = app.step_up("alice").await;
    app.challenge(id(&step_up), "email").await.status(202);
    let passed = app.answer_by("email", id(&step_up), &app.received("email")).await.status(200);
    assert_eq!(passed["amr"], json!(["urn:mfa-sidecar:email"]));
    app.replace_codes("alice", id(&step_up)).await.status(200);
    app.patch_policy(json!({"mode": "optional"})).await.status(200);
    app.disable("alice", id(&step_up)).await.status(204);
}

#[tokio::test]
async fn what_passed_without_a_factor_proves_nothing() {
    let app = TestApp::with_totp_required().await;
    let early = app.begin("early").await;
    let phone = app.scan(&early).await;
    app.confirm(id(&early), &app.code(&phone)).await.status(200);
    app.next_step();

    // Grace.
    app.patch_policy(json!({"grace_period_days": 7, "trusted_device_days": 7})).await.status(200);
    let grace = app.begin("alice").await;
    assert_eq!(grace["reason"], "grace_period");
    let begun = app.begin_own("alice", json!({"method": "totp"}), "").await.status(201);
    let own = crate::phone::Phone::with(begun["secret"].as_str().unwrap());
    app.confirm_own("alice", id(&begun), &app.code(&own), "").await.status(200);
    app.next_step();
    proves_nothing(&app, "alice", id(&grace)).await;

    // A trusted browser.
    let login = app.begin("alice").await;
    let body = json!({"method": "totp", "code": app.code(&own), "trust_device": true});
    let passed = app.answer_with(id(&login), body).await.status(200);
    let token = &passed["trusted_device"]["token"];
    let user = json!({"id": "alice", "name": "user alice"});
    let trusted = app.begin_with(json!({"user": user, "trusted_device": token})).await.status(201);
    assert_eq!(trusted["reason"], "trusted_device");
    proves_nothing(&app, "alice", id(&trusted)).await;

    // A policy that is switched off.
    app.patch_policy(json!({"mode": "disabled"})).await.status(200);
    let disabled = app.begin("alice").await;
    assert_eq!(disabled["reason"], "policy_disabled");
    proves_nothing(&app, "alice", id(&disabled)).await;
}

#[tokio::test]
async fn who_passed_by_role_or_because_nothing_is_required_has_proven_nothing_after_enrolling() {
    for (roles, reason) in [(json!(["robot"]), "exempt"), (json!(["reader"]), "not_enrolled")] {
        let app = TestApp::start().await;
        let policy = json!({
            "mode": "required", "methods": ["totp"], "required_roles": ["editor"], "exempt_roles": ["robot"],
        });
        app.put_policy(policy).await.status(200);
        let login = app.begin(json!({"id": "alice", "name": "alice", "roles": roles})).await;
        assert_eq!((&login["status"], &login["reason"]), (&json!("passed"), &json!(reason)));
        // Enrolling in the open session needs no proof, and makes none of the login that opened it.
        app.add_app("alice", id(&login)).await;
        proves_nothing(&app, "alice", id(&login)).await;
    }
}

#[tokio::test]
async fn a_recovery_code_lets_enrol_and_remove_and_no_more() {
    // Abuse list, item 28.
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let login = app.begin("alice").await;
    app.recover(id(&login), &alice.recovery_codes[0]).await.status(200);
    let proof = id(&login);
    let lost = app.authenticators("alice").await[0]["id"].as_str().unwrap().to_owned();
    app.add_app("alice", proof).await;
    app.prefer("alice", json!({"method": "totp"}), proof).await.status(204);
    app.remove_own("alice", &lost, proof).await.status(204);
    app.replace_codes("alice", proof).await.problem("step-up-required");
    app.patch_policy(json!({"mode": "optional"})).await.status(200);
    app.disable("alice", proof).await.problem("step-up-required");
    let last = app.authenticators("alice").await[0]["id"].as_str().unwrap().to_owned();
    app.remove_own("alice", &last, proof).await.problem("step-up-required");
    assert_eq!(app.user("alice").await.status(200)["recovery_codes_remaining"], 9);
}

#[tokio::test]
async fn a_step_up_by_a_one_time_pass_is_worth_what_a_recovery_code_is() {
    let app = TestApp::with_totp_required().await;
    app.enrolled("alice").await;
    let pass = app.issue_pass("alice", json!({})).await.status(201);
    let login = app.step_up("alice").await;
    let body = json!({"method": "one_time_pass", "code": pass["code"]});
    let passed = app.answer_with(id(&login), body).await.status(200);
    assert_eq!(passed["status"], "passed", "a step-up never forces enrolment");
    assert_eq!(passed["amr"], json!(["urn:mfa-sidecar:one_time_pass"]));
    proves(&app, "alice", id(&login)).await;
    app.replace_codes("alice", id(&login)).await.problem("step-up-required");
    app.patch_policy(json!({"mode": "optional"})).await.status(200);
    app.disable("alice", id(&login)).await.problem("step-up-required");
}

#[tokio::test]
async fn a_login_that_has_proven_the_old_factor_and_not_enrolled_yet_proves_nothing() {
    let app = TestApp::requiring(json!(["email"])).await;
    app.enrolled_by("email", "alice", "alice@example.org").await;
    app.require_totp().await;
    let login = app.begin("alice").await;
    app.challenge(id(&login), "email").await.status(202);
    let proven = app.answer_by("email", id(&login), &app.received("email")).await.status(200);
    assert_eq!(proven["status"], "enrollment_required");
    proves_nothing(&app, "alice", id(&login)).await;
}

#[tokio::test]
async fn a_step_up_of_who_has_nothing_enrolled_passes_with_nothing_proven() {
    let app = TestApp::with_totp_required().await;
    let login = app.step_up("alice").await;
    assert_eq!((&login["status"], &login["reason"]), (&json!("passed"), &json!("not_enrolled")));
    assert_eq!(login["amr"], json!([]));
    app.enrolled("alice").await;
    proves_nothing(&app, "alice", id(&login)).await;
}

#[tokio::test]
async fn a_row_that_says_it_passed_in_the_future_proves_nothing_of_another_epoch() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let proof = app.proven(&alice).await;
    edit(&app, &["UPDATE users SET epoch = epoch + 1"]);
    proves_nothing(&app, "alice", &proof).await;
}
