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

#[tokio::test]
async fn the_own_id_with_the_victims_proof_changes_neither() {
    // Abuse list, item 27: a proof of another user, and of a user of the same id in another site.
    let app = TestApp::with_totp_required().await;
    let other = app.with_site("other", "Other").await;
    other.require_totp().await;
    let mallory = somebody(&app, "mallory").await;
    let victims =
        [(app.clone(), somebody(&app, "victim").await), (other.clone(), somebody(&other, "mallory").await)];
    let phone = crate::phone::Phone::with(mallory.enrollment["secret"].as_str().unwrap());
    for (_, victim) in &victims {
        let (name, proof, unproven) = ("mallory", victim.proof.as_str(), "step-up-required");
        app.begin_own(name, json!({"method": "totp"}), proof).await.problem(unproven);
        app.resend_own(name, id(&mallory.enrollment), proof).await.problem(unproven);
        app.confirm_own(name, id(&mallory.enrollment), &app.code(&phone), proof).await.problem(unproven);
        app.remove_own(name, &mallory.authenticator, proof).await.problem(unproven);
        app.prefer(name, json!({"method": "totp"}), proof).await.problem(unproven);
        app.replace_codes(name, proof).await.problem(unproven);
        app.disable(name, proof).await.problem(unproven);
    }
    for (site, victim) in &victims {
        is_untouched(site, victim).await;
    }
    is_untouched(&app, &mallory).await;
}

#[tokio::test]
async fn who_has_nothing_cannot_take_over_what_another_has_begun() {
    // Without an authenticator no proof is asked for, and still each has the own enrolments only.
    let app = TestApp::requiring(json!(["totp", "email"])).await;
    for user in ["alice", "mallory"] {
        app.put_user(user, json!({"name": user})).await.status(204);
    }
    let begun = app.begin_own("alice", json!({"method": "totp"}), "").await.status(201);
    let address = json!({"method": "email", "destination": "alice@example.org"});
    let sent = app.begin_own("alice", address, "").await.status(201);
    let code = app.code(&crate::phone::Phone::with(begun["secret"].as_str().unwrap()));
    app.next_step();
    for (enrollment, code) in [(&begun, &code), (&sent, &app.received("email"))] {
        app.confirm_own("mallory", id(enrollment), code, "").await.problem("authenticator-not-found");
        app.confirm_own("Alice", id(enrollment), code, "").await.problem("user-not-found");
        app.resend_own("mallory", id(enrollment), "").await.problem("authenticator-not-found");
    }
    assert_eq!(app.user("mallory").await.status(200)["enrolled"], false);
    app.confirm_own("alice", id(&begun), &code, "").await.status(200);
    assert_eq!(app.mail.messages().len(), 1, "no other code was sent");
}
