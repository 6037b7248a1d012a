//! Abuse list, item 26: every id of every call about a user's own things, swapped with another user's and another
//! site's.

use crate::support::{Enrolled, TestApp, id};
use serde_json::{Value, json};

/// A user with an authenticator, an enrolment that has begun, and a fresh proof.
struct Somebody {
    user: Enrolled,
    authenticator: String,
    enrollment: Value,
    proof: String,
}

async fn somebody(app: &TestApp, name: &str) -> Somebody {
    let user = app.enrolled(name).await;
    let proof = app.proven(&user).await;
    let enrollment = app.begin_own(name, json!({"method": "totp"}), &proof).await.status(201);
    let authenticator = app.authenticators(name).await[0]["id"].as_str().unwrap().to_owned();
    Somebody { user, authenticator, enrollment, proof }
}

/// `mallory` has a proof of her own and tries `victim`'s ids.
async fn tries(app: &TestApp, mallory: &Somebody, victim: &Somebody) {
    let (name, proof) = (mallory.user.id.as_str(), mallory.proof.as_str());
    let phone = crate::phone::Phone::with(victim.enrollment["secret"].as_str().unwrap());
    let code = app.code(&phone);
    let not_found = "authenticator-not-found";
    app.confirm_own(name, id(&victim.enrollment), &code, proof).await.problem(not_found);
    app.resend_own(name, id(&victim.enrollment), proof).await.problem(not_found);
    app.rename_own(name, &victim.authenticator, "mine").await.problem(not_found);
    app.remove_own(name, &victim.authenticator, proof).await.problem(not_found);
}

async fn is_untouched(app: &TestApp, victim: &Somebody) {
    let rows = app.authenticators(&victim.user.id).await;
    assert_eq!(rows.len(), 1);
    assert_eq!(
        (&rows[0]["id"], &rows[0]["name"]),
        (&json!(victim.authenticator), &json!("Authenticator app"))
    );
    let phone = crate::phone::Phone::with(victim.enrollment["secret"].as_str().unwrap());
    let (name, proof) = (victim.user.id.as_str(), victim.proof.as_str());
    app.confirm_own(name, id(&victim.enrollment), &app.code(&phone), proof).await.status(200);
}

#[tokio::test]
async fn another_users_ids_lead_nowhere() {
    let app = TestApp::with_totp_required().await;
    let (victim, mallory) = (somebody(&app, "victim").await, somebody(&app, "mallory").await);
    tries(&app, &mallory, &victim).await;
    is_untouched(&app, &victim).await;
}

#[tokio::test]
async fn another_sites_ids_lead_nowhere_even_for_a_user_of_the_same_id() {
    let app = TestApp::with_totp_required().await;
    let victim = somebody(&app, "alice").await;
    let other = app.with_site("other", "Other").await;
    other.require_totp().await;
    let mallory = somebody(&other, "alice").await;
    tries(&other, &mallory, &victim).await;
    is_untouched(&app, &victim).await;
}

#[tokio::test]
async fn a_user_of_another_site_is_not_found() {
    let app = TestApp::with_totp_required().await;
    let victim = somebody(&app, "victim").await;
    let other = app.with_site("other", "Other").await;
    let not_found = "user-not-found";
    let (name, proof) = ("victim", victim.proof.as_str());
    other.user(name).await.problem(not_found);
    other.begin_own(name, json!({"method": "totp"}), proof).await.problem(not_found);
    other.confirm_own(name, id(&victim.enrollment), "123456", proof).await.problem(not_found);
    other.rename_own(name, &victim.authenticator, "mine").await.problem(not_found);
    other.remove_own(name, &victim.authenticator, proof).await.problem(not_found);
    other.prefer(name, json!({"method": "totp"}), proof).await.problem(not_found);
    other.replace_codes(name, proof).await.problem(not_found);
    other.disable(name, proof).await.problem(not_found);
    other.forget_devices(name, "").await.problem(not_found);
    other.issue_pass(name, json!({})).await.problem(not_found);
    is_untouched(&app, &victim).await;
}
