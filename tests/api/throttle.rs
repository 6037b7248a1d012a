//! Throttling end to end: five answers a login, then locks that grow; nothing but a success, an unlock or a removal
//! ends the count. NIST SP 800-63B-4 §3.2.2.

use crate::support::{TestApp, id};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn a_login_takes_five_answers() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let login = app.begin("alice").await;
    for left in (0..5).rev() {
        let problem = app.answer(id(&login), &app.wrong(&alice.phone)).await.problem("code-rejected");
        assert_eq!(problem["attempts_remaining"], left);
    }
    app.answer(id(&login), &app.code(&alice.phone)).await.problem("login-not-pending");
    assert_eq!(app.read(id(&login)).await.status(200)["status"], "failed");
}

#[tokio::test]
async fn locks_grow_from_thirty_seconds_to_fifteen_minutes_and_at_a_hundred_stay() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    for expected in [30, 60, 120, 240, 480].into_iter().chain([900; 14]) {
        app.fail(&alice, 4).await;
        assert_eq!(app.lock_of(&alice).await, None, "before {expected}");
        app.fail(&alice, 1).await;
        assert_eq!(app.lock_of(&alice).await, Some(expected));
        app.advance(expected - 1);
        assert_eq!(app.lock_of(&alice).await, Some(1), "until the last second of {expected}");
        app.advance(1);
        assert_eq!(app.lock_of(&alice).await, None, "after {expected}");
    }
    app.fail(&alice, 5).await;
    app.advance(100 * 365 * 86_400);
    assert!(app.lock_of(&alice).await.unwrap() > 365 * 86_400, "only an administrator ends this one");
    let user = app.user("alice").await.status(200);
    assert!(user["locked_until"].as_str().unwrap().starts_with("9999-12-"), "{user}");
    assert_eq!(app.users("?id=alice").await.status(200)["users"], json!([user]));
    app.unlock("alice").await.status(204);
    app.sign_in(&alice).await.status(200);
}

#[tokio::test]
async fn while_locked_right_and_wrong_answers_are_refused_alike_and_count_and_spend_nothing() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    app.fail(&alice, 5).await;
    let login = app.begin("alice").await;
    assert_eq!(
        (login["status"].clone(), login["retry_after"].clone()),
        (json!("challenge_required"), json!(30))
    );
    app.advance(10);
    let (right, wrong) = (app.code(&alice.phone), app.wrong(&alice.phone));
    let mut bodies = Vec::new();
    for _ in 0..6 {
        for code in [&right, &wrong] {
            let answer = app.answer(id(&login), code).await;
            assert_eq!(answer.header("retry-after"), "20");
            let mut body = answer.problem("throttled");
            assert_eq!(body["retry_after"], 20);
            body.as_object_mut().unwrap().remove("request_id");
            bodies.push(body);
        }
    }
    assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]), "right and wrong read alike");
    app.recover(id(&login), &alice.recovery_codes[0]).await.problem("throttled");
    assert_eq!(app.read(id(&login)).await.status(200)["attempts_remaining"], 5);
    app.advance(19);
    app.answer(id(&login), &right).await.problem("throttled");
    app.advance(1);
    app.answer(id(&login), &right).await.status(200);
}

#[tokio::test]
async fn a_success_ends_the_count() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    for by_phone in [true, false] {
        app.fail(&alice, 4).await;
        let login = app.begin("alice").await;
        let answer = if by_phone {
            app.answer(id(&login), &app.code(&alice.phone)).await
        } else {
            app.recover(id(&login), &alice.recovery_codes[0]).await
        };
        answer.status(200);
        app.next_step();
    }
    app.fail(&alice, 4).await;
    assert_eq!(app.lock_of(&alice).await, None);
    app.fail(&alice, 1).await;
    assert_eq!(app.lock_of(&alice).await, Some(30), "the first lock again");
}

#[tokio::test]
async fn an_unlock_ends_lock_and_count() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    app.fail(&alice, 5).await;
    app.unlock("alice").await.status(204);
    assert_eq!(app.lock_of(&alice).await, None);
    app.fail(&alice, 4).await;
    assert_eq!(app.lock_of(&alice).await, None);
    app.fail(&alice, 1).await;
    assert_eq!(app.lock_of(&alice).await, Some(30));
}

#[tokio::test]
async fn nothing_that_an_attacker_can_do_resets_the_count() {
    // Abuse list, items 17 and 19: another login, another method, another address, another spelling of the name, a
    // step-up, an abandoned login, the end of a lock.
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let wrong = app.wrong(&alice.phone);

    let first = app.begin("alice").await;
    app.answer(id(&first), &wrong).await.problem("code-rejected");
    app.cancel(id(&first)).await.status(204);
    let elsewhere = json!({
        "user": {"id": "alice", "name": "ALICE", "email": "a@example.org", "roles": ["x"]},
        "client": {"ip": "198.51.100.7", "user_agent": "another"},
    });
    let second = app.begin_with(elsewhere).await.status(201);
    let path = format!("/v1/logins/{}/answer", id(&second));
    let call = app.call(Method::POST, &path, &app.bridge).header("X-Forwarded-For", "192.0.2.99");
    let body = json!({"method": "totp", "code": wrong});
    crate::answer::Answer::to(call.json(&body)).await.problem("code-rejected");
    app.recover(id(&second), "0000-0000-0000").await.problem("code-rejected");
    let step_up = app.step_up("alice").await;
    app.answer(id(&step_up), &wrong).await.problem("code-rejected");
    app.put_user("alice", json!({"name": "alice"})).await.status(204);
    app.patch_policy(json!({"mode": "optional"})).await.status(200);
    assert_eq!(app.lock_of(&alice).await, None);
    app.fail(&alice, 1).await;
    assert_eq!(app.lock_of(&alice).await, Some(30), "five in all");
    app.advance(30);
    app.fail(&alice, 5).await;
    assert_eq!(app.lock_of(&alice).await, Some(60), "the end of a lock is not the end of the count");
}

#[tokio::test]
async fn replayed_spent_and_malformed_codes_count_as_wrong_ones() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let code = app.code(&alice.phone);
    app.sign_in(&alice).await.status(200);
    let login = app.begin("alice").await;
    for wrong in [code.as_str(), "12345", "", "abcdef", "1234567"] {
        app.answer(id(&login), wrong).await.problem("code-rejected");
    }
    assert_eq!(app.lock_of(&alice).await, Some(30));
    assert_eq!(
        app.causes("alice", "code.rejected").await,
        ["malformed", "malformed", "malformed", "malformed", "replayed"]
    );
}

#[tokio::test]
async fn a_policy_pass_goes_on_while_locked_and_does_not_end_the_count() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    app.fail(&alice, 4).await;
    app.patch_policy(json!({"mode": "disabled"})).await.status(200);
    assert_eq!(app.begin("alice").await["status"], "passed");
    app.require_totp().await;
    app.fail(&alice, 1).await;
    assert_eq!(app.lock_of(&alice).await, Some(30));
    app.patch_policy(json!({"mode": "disabled"})).await.status(200);
    assert_eq!(app.begin("alice").await["status"], "passed");
}

#[tokio::test]
async fn who_has_not_proven_the_password_can_lock_nobody() {
    // Abuse list, item 21. Without a login there is nothing to answer, and only the host begins one, after the
    // password; logins that are begun, read, guessed at by id or abandoned count nothing.
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    for n in 0..30 {
        let login = app.begin("alice").await;
        app.read(id(&login)).await.status(200);
        app.enroll(id(&login)).await.problem("already-enrolled");
        app.confirm(id(&login), "123456").await.problem("already-enrolled");
        app.answer(&format!("guess{n}"), "123456").await.problem("login-not-found");
        let path = format!("/v1/logins/{}/answer", id(&login));
        let stranger = app.call(Method::POST, &path, "mfas_bridge_guessed");
        crate::answer::Answer::to(stranger.json(&json!({"method": "totp", "code": "123456"})))
            .await
            .problem("unauthenticated");
        app.cancel(id(&login)).await.status(204);
    }
    assert_eq!(app.user("alice").await.status(200)["locked_until"], Value::Null);
    app.sign_in(&alice).await.status(200);
}

#[tokio::test]
async fn one_users_lock_is_no_other_users() {
    let app = TestApp::with_totp_required().await;
    let (alice, bob) = (app.enrolled("alice").await, app.enrolled("bob").await);
    app.fail(&alice, 5).await;
    app.sign_in(&alice).await.problem("throttled");
    app.sign_in(&bob).await.status(200);
}

#[tokio::test]
async fn the_beginning_of_a_lock_is_audited() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    app.fail(&alice, 5).await;
    app.advance(30);
    app.fail(&alice, 5).await;
    let page = app.audit("?user=alice&action=user.locked").await.status(200);
    let seconds: Vec<_> = page["events"].as_array().unwrap().iter().map(|e| e["number"].clone()).collect();
    assert_eq!(seconds, [60, 30]);
}
