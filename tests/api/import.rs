//! Users who bring the authenticator app of another system along.

use crate::phone::Phone;
use crate::support::{TestApp, id};
use mfa_sidecar::domain::id::UserId;
use mfa_sidecar::domain::secret::TotpKey;
use mfa_sidecar::service::import::{Imported, ImportedUser};
use mfa_sidecar::store::users::Profile;
use serde_json::{Value, json};

/// 80 bits, as many systems make them.
const WEAK: (&[u8], &str) = (b"1234567890", "GEZDGNBVGY3TQOJQ");
const STRONG: (&[u8], &str) = (b"12345678901234567890", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");

impl TestApp {
    async fn import(&self, user: &str, key: &[u8]) -> Imported {
        let profile = Profile {
            name: "imported".into(),
            email: None,
            phone: None,
            roles: None,
            credential_version: None,
            locale: None,
        };
        let key = TotpKey::imported(key).unwrap();
        let user = ImportedUser { user_id: UserId::parse(user).unwrap(), profile, key };
        self.service.import_totp(&self.cli().await, vec![user], |_| ()).await.unwrap()
    }

    async fn replace_weak(&self, methods: Value) {
        let policy = json!({"mode": "required", "methods": methods, "replace_weak_secrets": true});
        self.put_policy(policy).await.status(200);
    }
}

#[tokio::test]
async fn an_imported_secret_signs_in_and_nobody_enrols_again() {
    let app = TestApp::with_totp_required().await;
    for (user, (key, secret), weak) in [("weak", WEAK, true), ("strong", STRONG, false)] {
        let done = app.import(user, key).await;
        assert_eq!(done, Imported { enrolled: 1, weak: usize::from(weak), skipped: 0 });
        let login = app.begin(user).await;
        assert_eq!(login["status"], "challenge_required");
        let phone = Phone::of_another_system(secret);
        app.answer(id(&login), &app.wrong(&phone)).await.problem("code-rejected");
        assert_eq!(app.answer(id(&login), &app.code(&phone)).await.status(200)["status"], "passed");
        let state = app.user(user).await.status(200);
        assert_eq!((&state["enrolled"], &state["authenticators"][0]["weak"]), (&json!(true), &json!(weak)));
        let page = app.audit(&format!("?user={user}&action=authenticator.imported")).await.status(200);
        assert_eq!(page["events"][0]["actor"]["type"], "cli");
        assert_eq!(page["events"][0]["cause"], if weak { json!("weak") } else { Value::Null });
    }
}

#[tokio::test]
async fn a_code_of_an_imported_secret_is_good_once() {
    let app = TestApp::with_totp_required().await;
    app.import("alice", WEAK.0).await;
    let code = app.code(&Phone::of_another_system(WEAK.1));
    let (first, second) = (app.begin("alice").await, app.begin("alice").await);
    app.answer(id(&first), &code).await.status(200);
    app.answer(id(&second), &code).await.problem("code-rejected");
}

#[tokio::test]
async fn who_is_enrolled_keeps_what_is_enrolled_and_an_import_can_run_again() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    assert_eq!(app.import("alice", WEAK.0).await, Imported { skipped: 1, ..Imported::default() });
    app.import("bob", STRONG.0).await;
    assert_eq!(app.import("bob", WEAK.0).await, Imported { skipped: 1, ..Imported::default() });
    assert_eq!(app.user("bob").await.status(200)["authenticators"].as_array().unwrap().len(), 1);
    assert_eq!(app.user("alice").await.status(200)["name"], "user alice", "as the host says");
    app.sign_in(&alice).await.status(200);
}

#[tokio::test]
async fn what_was_being_enrolled_when_the_import_came_has_lost() {
    let app = TestApp::with_totp_required().await;
    let login = app.begin("alice").await;
    let phone = app.scan(&login).await;
    app.import("alice", STRONG.0).await;
    app.confirm(id(&login), &app.code(&phone)).await.problem("already-enrolled");
}

#[tokio::test]
async fn a_weak_secret_is_replaced_at_the_next_login_when_the_policy_says_so() {
    let app = TestApp::with_totp_required().await;
    app.import("alice", WEAK.0).await;
    app.import("bob", STRONG.0).await;
    app.replace_weak(json!(["totp"])).await;
    let old = Phone::of_another_system(WEAK.1);
    let login = app.begin("alice").await;
    // Never enrolment alone: the old secret is proven first.
    app.enroll(id(&login)).await.problem("already-enrolled");
    let proven = app.answer(id(&login), &app.code(&old)).await.status(200);
    assert_eq!((&proven["status"], &proven["enrollable"]), (&json!("enrollment_required"), &json!(["totp"])));
    let new = app.scan(&proven).await;
    let passed = app.confirm(id(&login), &app.code(&new)).await.status(200);
    assert_eq!(passed["status"], "passed");
    assert_eq!(passed["recovery_codes"].as_array().unwrap().len(), 10, "nobody had shown her any");
    let state = app.user("alice").await.status(200);
    let rows = state["authenticators"].as_array().unwrap();
    assert_eq!((rows.len(), &rows[0]["weak"]), (1, &json!(false)));
    assert_eq!(app.causes("alice", "authenticator.removed").await, ["weak"]);
    app.next_step();
    let login = app.begin("alice").await;
    app.answer(id(&login), &app.code(&old)).await.problem("code-rejected");
    assert_eq!(app.answer(id(&login), &app.code(&new)).await.status(200)["status"], "passed");
    // A secret of full length stays.
    let login = app.begin("bob").await;
    let code = app.code(&Phone::of_another_system(STRONG.1));
    assert_eq!(app.answer(id(&login), &code).await.status(200)["status"], "passed");
}

#[tokio::test]
async fn a_login_begun_before_the_policy_said_so_and_a_step_up_replace_nothing() {
    let app = TestApp::with_totp_required().await;
    app.import("alice", WEAK.0).await;
    let phone = Phone::of_another_system(WEAK.1);
    let login = app.begin("alice").await;
    app.replace_weak(json!(["totp"])).await;
    assert_eq!(app.answer(id(&login), &app.code(&phone)).await.status(200)["status"], "passed");
    app.next_step();
    let step_up = app.step_up("alice").await;
    assert_eq!(app.answer(id(&step_up), &app.code(&phone)).await.status(200)["status"], "passed");
    assert_eq!(app.user("alice").await.status(200)["authenticators"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn beside_a_lasting_authenticator_a_weak_one_is_replaced_once_it_is_used() {
    let app = TestApp::with_totp_required().await;
    app.import("alice", WEAK.0).await;
    let weak = Phone::of_another_system(WEAK.1);
    let step_up = app.step_up("alice").await;
    app.answer(id(&step_up), &app.code(&weak)).await.status(200);
    app.next_step();
    let proof = id(&step_up);
    let begun = app.begin_own("alice", json!({"method": "totp"}), proof).await.status(201);
    let lasting = Phone::with(begun["secret"].as_str().unwrap());
    let enrolled = app.confirm_own("alice", id(&begun), &app.code(&lasting), proof).await.status(200);
    assert_eq!(enrolled["recovery_codes"].as_array().unwrap().len(), 10, "the import brought none");
    app.next_step();
    app.replace_weak(json!(["totp"])).await;
    let login = app.begin("alice").await;
    assert_eq!(app.answer(id(&login), &app.code(&lasting)).await.status(200)["status"], "passed");
    app.next_step();
    let login = app.begin("alice").await;
    let proven = app.answer(id(&login), &app.code(&weak)).await.status(200);
    assert_eq!(proven["status"], "enrollment_required");
}

#[tokio::test]
async fn who_else_has_proven_a_weak_secret_enrols_nothing_by_it_once_it_is_replaced() {
    let app = TestApp::with_totp_required().await;
    app.import("alice", WEAK.0).await;
    app.replace_weak(json!(["totp"])).await;
    let weak = Phone::of_another_system(WEAK.1);
    let thief = app.begin("alice").await;
    app.answer(id(&thief), &app.code(&weak)).await.status(200);
    app.next_step();
    let login = app.begin("alice").await;
    app.answer(id(&login), &app.code(&weak)).await.status(200);
    let new = app.scan(&login).await;
    app.confirm(id(&login), &app.code(&new)).await.status(200);
    app.enroll(id(&thief)).await.problem("login-not-pending");
    assert_eq!(app.user("alice").await.status(200)["authenticators"].as_array().unwrap().len(), 1);
}
