//! Recovery codes: for the day when the phone is gone. Each opens one login.

use crate::support::{TestApp, id};
use serde_json::json;

#[tokio::test]
async fn a_recovery_code_passes_a_login_once_and_the_count_goes_down() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("42").await;
    let login = app.begin("42").await;
    let passed = app.recover(id(&login), &alice.recovery_codes[3]).await.status(200);
    assert_eq!(passed["status"], "passed");
    assert_eq!(passed["method"], "recovery_code");
    assert_eq!(passed["amr"], json!(["urn:mfa-sidecar:recovery_code"]));
    assert_eq!(passed["enrolled_now"], false);
    assert_eq!(app.user("42").await.status(200)["recovery_codes_remaining"], 9);

    let next = app.begin("42").await;
    assert_eq!(next["methods"][1], json!({"method": "recovery_code", "preferred": false, "remaining": 9}));
    app.recover(id(&next), &alice.recovery_codes[3]).await.problem("code-rejected");
    app.recover(id(&next), &alice.recovery_codes[4]).await.status(200);
    assert_eq!(app.causes("42", "code.rejected").await, ["unknown_or_spent"]);
}

#[tokio::test]
async fn a_recovery_code_passes_however_it_is_typed() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("42").await;
    let codes = &alice.recovery_codes;
    let typed = [
        codes[0].to_lowercase(),
        codes[1].replace('-', ""),
        codes[2].replace('-', " "),
        format!("  {}\t", codes[3]),
        codes[4].replace('0', "O").replace('1', "l"),
        codes[5].replace('0', "o").replace('1', "I"),
        codes[6].replace('-', "\u{a0}"),
    ];
    for code in typed {
        let login = app.begin("42").await;
        app.recover(id(&login), &code).await.status(200);
    }
    assert_eq!(app.user("42").await.status(200)["recovery_codes_remaining"], 3);
}

#[tokio::test]
async fn typed_otherwise_a_spent_code_stays_spent() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("42").await;
    let login = app.begin("42").await;
    app.recover(id(&login), &alice.recovery_codes[0]).await.status(200);
    let next = app.begin("42").await;
    app.recover(id(&next), &alice.recovery_codes[0].to_lowercase()).await.problem("code-rejected");
    app.recover(id(&next), &alice.recovery_codes[0].replace('-', "")).await.problem("code-rejected");
}

#[tokio::test]
async fn when_all_are_spent_the_method_is_no_longer_offered() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("42").await;
    for code in &alice.recovery_codes {
        let login = app.begin("42").await;
        app.recover(id(&login), code).await.status(200);
    }
    let login = app.begin("42").await;
    assert_eq!(login["methods"], json!([{"method": "totp", "preferred": true}]));
    app.recover(id(&login), &alice.recovery_codes[0]).await.problem("method-not-available");
    assert_eq!(app.read(id(&login)).await.status(200)["attempts_remaining"], 5);
    app.answer(id(&login), &app.code(&alice.phone)).await.status(200);
}

#[tokio::test]
async fn wrong_recovery_codes_count_like_wrong_codes_of_the_phone() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("42").await;
    let login = app.begin("42").await;
    for (left, wrong) in [(4, "0000-0000-0000"), (3, "123456"), (2, "")] {
        let problem = app.recover(id(&login), wrong).await.problem("code-rejected");
        assert_eq!(problem["attempts_remaining"], left);
    }
    let wrong = app.wrong(&alice.phone);
    app.answer(id(&login), &wrong).await.problem("code-rejected");
    let last = app.recover(id(&login), "0000-0000-0000").await.problem("code-rejected");
    assert_eq!(last["attempts_remaining"], 0);
    app.recover(id(&login), &alice.recovery_codes[0]).await.problem("login-not-pending");
    let next = app.begin("42").await;
    app.recover(id(&next), &alice.recovery_codes[0]).await.problem("throttled");
    app.advance(30);
    app.recover(id(&next), &alice.recovery_codes[0]).await.status(200);
    let causes = app.causes("42", "code.rejected").await;
    assert_eq!(causes, ["unknown_or_spent", "wrong", "malformed", "malformed", "unknown_or_spent"]);
}

#[tokio::test]
async fn a_recovery_code_is_no_code_of_the_phone_nor_the_other_way_round() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("42").await;
    let login = app.begin("42").await;
    app.answer(id(&login), &alice.recovery_codes[0]).await.problem("code-rejected");
    app.recover(id(&login), &app.code(&alice.phone)).await.problem("code-rejected");
    app.answer(id(&login), &app.code(&alice.phone)).await.status(200);
    assert_eq!(app.user("42").await.status(200)["recovery_codes_remaining"], 10);
}

#[tokio::test]
async fn using_one_is_audited_with_what_is_left() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("42").await;
    let login = app.begin("42").await;
    app.recover(id(&login), &alice.recovery_codes[0]).await.status(200);
    let page = app.audit("?user=42&action=recovery_code.used").await.status(200);
    assert_eq!(page["events"][0]["number"], 9);
    assert_eq!(page["events"][0]["method"], "recovery_code");
}
