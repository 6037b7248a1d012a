//! What an administrator does to a user: removal for a lost phone, unlock, deletion. And the security epoch, by which
//! all that was open before is void.

use crate::phone::Phone;
use crate::support::{TestApp, id};
use serde_json::{Value, json};

#[tokio::test]
async fn after_a_removal_the_next_login_enrols_anew_with_another_secret() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    assert_eq!(app.remove("alice", "").await.status(200), json!({"removed": 1}));
    let user = app.user("alice").await.status(200);
    assert_eq!((user["enrolled"].clone(), user["authenticators"].clone()), (json!(false), json!([])));
    assert_eq!(user["recovery_codes_remaining"], 0);

    let login = app.begin("alice").await;
    assert_eq!(login["status"], "enrollment_required");
    let begun = app.enroll(id(&login)).await.status(200);
    let phone = Phone::with(begun["secret"].as_str().unwrap());
    app.confirm(id(&login), &app.code(&alice.phone)).await.problem("code-rejected");
    let passed = app.confirm(id(&login), &app.code(&phone)).await.status(200);
    let codes = passed["recovery_codes"].as_array().unwrap();
    assert!(codes.len() == 10 && codes.iter().all(|code| !alice.recovery_codes.contains(&code.to_string())));

    app.next_step();
    let next = app.begin("alice").await;
    app.answer(id(&next), &app.code(&alice.phone)).await.problem("code-rejected");
    app.recover(id(&next), &alice.recovery_codes[0]).await.problem("code-rejected");
    app.answer(id(&next), &app.code(&phone)).await.status(200);
}

#[tokio::test]
async fn a_removal_counts_what_it_removed() {
    let app = TestApp::with_totp_required().await;
    app.remove("alice", "").await.problem("user-not-found");
    app.begin("alice").await;
    assert_eq!(app.remove("alice", "").await.status(200), json!({"removed": 0}));
    app.enrolled("alice").await;
    assert_eq!(app.remove("alice", "?method=sms").await.status(200), json!({"removed": 0}));
    assert_eq!(app.user("alice").await.status(200)["enrolled"], true);
    assert_eq!(app.remove("alice", "?method=totp").await.status(200), json!({"removed": 1}));
    assert_eq!(app.user("alice").await.status(200)["enrolled"], false);
    for query in ["?method=pigeon", "?method=totp&method=totp", "?colour=red"] {
        app.remove("alice", query).await.problem("invalid-request");
    }
}

#[tokio::test]
async fn a_removal_voids_logins_enrolments_and_step_ups_that_are_open() {
    // Abuse list, item 28b.
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let (login, step_up) = (app.begin("alice").await, app.step_up("alice").await);
    app.remove("alice", "").await.status(200);
    let enrolling = app.begin("alice").await;
    let phone = app.scan(&enrolling).await;
    app.remove("alice", "").await.status(200);

    for open in [&login, &step_up] {
        app.answer(id(open), &app.code(&alice.phone)).await.problem("login-expired");
        app.recover(id(open), &alice.recovery_codes[0]).await.problem("login-expired");
        app.enroll(id(open)).await.problem("login-expired");
        assert_eq!(app.read(id(open)).await.status(200)["status"], "expired");
    }
    app.confirm(id(&enrolling), &app.code(&phone)).await.problem("login-expired");
    app.enroll(id(&enrolling)).await.problem("login-expired");
    assert_eq!(app.user("alice").await.status(200)["enrolled"], false);
}

#[tokio::test]
async fn a_removal_lifts_the_lock_and_ends_the_count() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    app.fail(&alice, 5).await;
    app.remove("alice", "").await.status(200);
    assert_eq!(app.user("alice").await.status(200)["locked_until"], Value::Null);
    let again = app.enrolled("alice").await;
    app.fail(&again, 4).await;
    assert_eq!(app.lock_of(&again).await, None);
}

#[tokio::test]
async fn a_removal_ends_the_grace_period() {
    let app = TestApp::start().await;
    app.put_policy(json!({"mode": "required", "methods": ["totp"], "grace_period_days": 30}))
        .await
        .status(200);
    assert_eq!(app.begin("alice").await["reason"], "grace_period");
    app.remove("alice", "").await.status(200);
    assert_eq!(app.begin("alice").await["status"], "enrollment_required");
}

#[tokio::test]
async fn under_an_optional_policy_a_removal_leaves_the_user_without_a_factor() {
    let app = TestApp::with_totp_required().await;
    app.enrolled("alice").await;
    app.patch_policy(json!({"mode": "optional"})).await.status(200);
    app.remove("alice", "").await.status(200);
    assert_eq!(app.begin("alice").await["reason"], "not_enrolled");
}

#[tokio::test]
async fn an_unlock_needs_a_known_user_and_is_audited() {
    let app = TestApp::with_totp_required().await;
    app.unlock("alice").await.problem("user-not-found");
    let alice = app.enrolled("alice").await;
    app.fail(&alice, 5).await;
    let locked = app.user("alice").await.status(200);
    assert_eq!(locked["locked_until"], "2026-01-07T09:21:00Z");
    app.unlock("alice").await.status(204);
    assert_eq!(app.user("alice").await.status(200)["locked_until"], Value::Null);
    app.sign_in(&alice).await.status(200);
    assert_eq!(app.causes("alice", "user.unlocked").await.len(), 1);
}

#[tokio::test]
async fn a_deleted_user_is_gone_and_the_audit_keeps_the_id() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let open = app.begin("alice").await;
    app.delete_user("alice").await.status(204);
    app.user("alice").await.problem("user-not-found");
    app.unlock("alice").await.problem("user-not-found");
    app.remove("alice", "").await.problem("user-not-found");
    app.delete_user("alice").await.problem("user-not-found");
    assert_eq!(app.users("").await.status(200)["users"], json!([]));
    assert_eq!(app.users("?id=alice").await.status(200)["users"], json!([]));
    app.answer(id(&open), &app.code(&alice.phone)).await.problem("login-expired");
    let events = app.audit("?user=alice").await.status(200);
    assert_eq!(events["events"][0]["action"], "user.deleted");
    assert!(events["events"].as_array().unwrap().len() > 1, "the history stays");
}

#[tokio::test]
async fn a_user_created_anew_with_the_same_id_inherits_nothing() {
    // Abuse list, item 39.
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    app.fail(&alice, 5).await;
    let before = app.begin("alice").await;
    app.delete_user("alice").await.status(204);

    app.put_user("alice", json!({"name": "another Alice"})).await.status(204);
    let fresh = json!({
        "id": "alice", "name": "another Alice", "enrolled": false, "preferred_method": null, "authenticators": [],
        "recovery_codes_remaining": 0, "locked_until": null, "trusted_devices": [], "required": true, "enrollable": ["totp"],
        "known_destinations": {},
    });
    assert_eq!(app.user("alice").await.status(200), fresh);
    app.answer(id(&before), &app.code(&alice.phone)).await.problem("login-expired");
    let login = app.begin("alice").await;
    assert_eq!(
        (login["status"].clone(), login["retry_after"].clone()),
        (json!("enrollment_required"), Value::Null)
    );
    let phone = app.scan(&login).await;
    app.confirm(id(&login), &app.code(&alice.phone)).await.problem("code-rejected");
    app.confirm(id(&login), &app.code(&phone)).await.status(200);
    let next = app.begin("alice").await;
    app.recover(id(&next), &alice.recovery_codes[0]).await.problem("code-rejected");
}

#[tokio::test]
async fn a_login_passed_before_a_deletion_stays_no_proof_for_the_next_holder_of_the_id() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let passed = app.sign_in(&alice).await.status(200);
    app.delete_user("alice").await.status(204);
    app.begin("alice").await;
    app.cancel(id(&passed)).await.problem("login-expired");
    app.answer(id(&passed), "123456").await.problem("login-expired");
}

#[tokio::test]
async fn a_changed_password_voids_what_is_open_and_keeps_what_is_enrolled() {
    // Abuse list, item 28b.
    let app = TestApp::with_totp_required().await;
    let with = |version: Value| json!({"id": "alice", "name": "alice", "credential_version": version});
    let alice = app.enrolled("alice").await;
    let open = app.begin("alice").await;
    // The first version that the host tells of is no change.
    let versioned = app.begin(with(json!("1"))).await;
    app.answer(id(&open), &app.code(&alice.phone)).await.status(200);
    app.next_step();

    let step_up = app.step_up(with(json!("1"))).await;
    let changed = app.begin(with(json!("2"))).await;
    app.answer(id(&versioned), &app.code(&alice.phone)).await.problem("login-expired");
    app.answer(id(&step_up), &app.code(&alice.phone)).await.problem("login-expired");
    assert_eq!(app.read(id(&versioned)).await.status(200)["status"], "expired");

    let missing = app.begin("alice").await;
    app.answer(id(&changed), &app.code(&alice.phone)).await.problem("login-expired");
    app.put_user("alice", with_name("alice", "3")).await.status(204);
    app.answer(id(&missing), &app.code(&alice.phone)).await.status(200);
    app.next_step();
    let last = app.begin(with(json!("3"))).await;
    app.put_user("alice", with_name("renamed", "4")).await.status(204);
    app.answer(id(&last), &app.code(&alice.phone)).await.problem("login-expired");
    let user = app.user("alice").await.status(200);
    assert_eq!((user["name"].clone(), user["enrolled"].clone()), (json!("renamed"), json!(true)));
    assert_eq!(app.causes("alice", "user.credential_changed").await.len(), 3);
}

fn with_name(name: &str, version: &str) -> Value {
    json!({"name": name, "credential_version": version})
}

#[tokio::test]
async fn a_changed_password_does_not_lift_a_lock() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    app.put_user("alice", with_name("alice", "1")).await.status(204);
    app.fail(&alice, 5).await;
    app.put_user("alice", with_name("alice", "2")).await.status(204);
    assert_eq!(app.user("alice").await.status(200)["locked_until"], "2026-01-07T09:21:00Z");
}

#[tokio::test]
async fn making_a_user_known_enrols_nothing() {
    let app = TestApp::with_totp_required().await;
    let profile =
        json!({"name": "alice", "email": "a@example.org", "phone": "+15550100", "roles": ["editor"]});
    app.put_user("alice", profile).await.status(204);
    assert_eq!(app.user("alice").await.status(200)["enrolled"], false);
    let alice = app.enrolled("alice").await;
    app.put_user("alice", json!({"name": "Alice"})).await.status(204);
    let user = app.user("alice").await.status(200);
    assert_eq!(
        (user["enrolled"].clone(), user["recovery_codes_remaining"].clone()),
        (json!(true), json!(10))
    );
    app.sign_in(&alice).await.status(200);
}
