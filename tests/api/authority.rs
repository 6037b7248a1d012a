//! Who may call what: keys, roles, expiry, revocation, and sites that do not see each other.

use crate::answer::Answer;
use crate::support::{TestApp, id};
use mfa_sidecar::store::api_keys::Role;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

const BRIDGE: usize = 0;
const ADMIN: usize = 1;
const AUDITOR: usize = 2;

/// Every call of the API, a body that it takes, and the roles that may make it.
fn calls() -> Vec<(Method, &'static str, Value, &'static [usize])> {
    let user = json!({"user": {"id": "a", "name": "a"}});
    let (code, totp) = (json!({"code": "123456"}), json!({"method": "totp"}));
    let answer = json!({"method": "totp", "code": "123456"});
    let policy = json!({"mode": "disabled", "methods": ["totp"]});
    let all: &[usize] = &[BRIDGE, ADMIN, AUDITOR];
    vec![
        (Method::POST, "/v1/logins", user, &[BRIDGE]),
        (Method::GET, "/v1/logins/x", Value::Null, &[BRIDGE]),
        (Method::DELETE, "/v1/logins/x", Value::Null, &[BRIDGE]),
        (Method::POST, "/v1/logins/x/enrollment", totp.clone(), &[BRIDGE]),
        (Method::POST, "/v1/logins/x/enrollment/confirm", code.clone(), &[BRIDGE]),
        (Method::POST, "/v1/logins/x/challenge", totp.clone(), &[BRIDGE]),
        (Method::POST, "/v1/logins/x/answer", answer, &[BRIDGE]),
        (Method::GET, "/v1/sms/countries", Value::Null, &[BRIDGE]),
        (Method::POST, "/v1/users/a/enrollments", totp.clone(), &[BRIDGE]),
        (Method::POST, "/v1/users/a/enrollments/x/resend", Value::Null, &[BRIDGE]),
        (Method::POST, "/v1/users/a/enrollments/x/confirm", code.clone(), &[BRIDGE]),
        (Method::PATCH, "/v1/users/a/authenticators/x", json!({"name": "a"}), &[BRIDGE]),
        (Method::DELETE, "/v1/users/a/authenticators/x", Value::Null, &[BRIDGE]),
        (Method::PUT, "/v1/users/a/preferred-method", totp.clone(), &[BRIDGE]),
        (Method::POST, "/v1/users/a/recovery-codes", Value::Null, &[BRIDGE]),
        (Method::POST, "/v1/users/a/disable", Value::Null, &[BRIDGE]),
        (Method::DELETE, "/v1/users/a/trusted-devices", Value::Null, &[BRIDGE]),
        (Method::DELETE, "/v1/users/a/trusted-devices/x", Value::Null, &[BRIDGE]),
        (Method::POST, "/v1/users/a/one-time-pass", json!({}), &[ADMIN]),
        (Method::PUT, "/v1/users/a", json!({"name": "a"}), &[BRIDGE]),
        (Method::GET, "/v1/users/a", Value::Null, all),
        (Method::GET, "/v1/users", Value::Null, &[ADMIN, AUDITOR]),
        (Method::DELETE, "/v1/users/a/authenticators", Value::Null, &[ADMIN]),
        (Method::POST, "/v1/users/a/unlock", Value::Null, &[ADMIN]),
        (Method::DELETE, "/v1/users/a", Value::Null, &[ADMIN]),
        (Method::GET, "/v1/policy", Value::Null, all),
        (Method::PUT, "/v1/policy", policy, &[ADMIN]),
        (Method::PATCH, "/v1/policy", json!({"mode": "disabled"}), &[ADMIN]),
        (Method::GET, "/v1/audit-events", Value::Null, &[ADMIN, AUDITOR]),
        (Method::POST, "/v1/ping", Value::Null, all),
    ]
}

async fn call(app: &TestApp, method: &Method, path: &str, body: &Value, key: &str) -> Answer {
    let call = app.call(method.clone(), path, key);
    Answer::to(if body.is_null() { call } else { call.json(body) }).await
}

#[tokio::test]
async fn every_call_takes_its_roles_and_no_other() {
    let app = TestApp::start().await;
    for (method, path, body, roles) in calls() {
        for (role, key) in [&app.bridge, &app.admin, &app.auditor].into_iter().enumerate() {
            let answer = call(&app, &method, path, &body, key).await;
            let allowed = roles.contains(&role);
            assert_eq!(answer.code() != "forbidden", allowed, "{method} {path} by role {role}: {answer:?}");
            assert_ne!(answer.code(), "unauthenticated", "{method} {path}");
        }
    }
}

#[tokio::test]
async fn the_list_of_calls_in_these_tests_is_the_documents() {
    let document: Value = serde_json::from_str(mfa_sidecar::http::document_json()).unwrap();
    let mut documented = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let methods = item.as_object().unwrap().keys().filter(|name| *name != "parameters");
        documented.extend(methods.map(|method| format!("{} {path}", method.to_uppercase())));
    }
    documented.retain(|call| call.contains(" /v1/"));
    documented.sort();
    let named = |path: &str| {
        path.replace("/logins/x", "/logins/{login_id}")
            .replace("/users/a", "/users/{user_id}")
            .replace("/enrollments/x", "/enrollments/{enrollment_id}")
            .replace("/authenticators/x", "/authenticators/{authenticator_id}")
            .replace("/trusted-devices/x", "/trusted-devices/{device_id}")
    };
    let mut tested: Vec<_> =
        calls().iter().map(|(method, path, ..)| format!("{method} {}", named(path))).collect();
    tested.sort();
    assert_eq!(tested, documented);
}

#[tokio::test]
async fn without_a_valid_key_every_call_is_refused_before_anything_else_is_looked_at() {
    let app = TestApp::start().await;
    let (expired, _) = app.key(&Role::ALL, Some(Duration::from_secs(60))).await;
    let (revoked, key) = app.key(&Role::ALL, None).await;
    app.service.revoke_key(&app.cli().await, key.id).await.unwrap();
    app.advance(60);
    for (method, path, body, _) in calls() {
        for key in
            ["", "x", "mfas_admin_AAAA", &expired, &revoked, &app.admin[1..], &app.admin.to_uppercase()]
        {
            let answer = call(&app, &method, path, &body, key).await;
            assert_eq!(answer.header("www-authenticate"), "Bearer");
            answer.problem("unauthenticated");
        }
        let url = format!("http://{}{path}", app.address());
        let without = app.client.request(method.clone(), &url).body("not JSON");
        Answer::to(without).await.problem("unauthenticated");
        let basic = app.client.request(method, &url).basic_auth(&app.admin, Some(&app.admin));
        Answer::to(basic).await.problem("unauthenticated");
    }
}

#[tokio::test]
async fn the_scheme_is_read_in_any_case_and_the_role_before_the_body() {
    let app = TestApp::start().await;
    let url = format!("http://{}/v1/policy", app.address());
    let lower = app.client.get(&url).header("Authorization", format!("bearer {}", app.admin));
    Answer::to(lower).await.status(200);
    Answer::to(app.client.put(&url).bearer_auth(&app.bridge).body("not JSON")).await.problem("forbidden");
    Answer::to(app.client.put(&url).bearer_auth(&app.admin).body("not JSON"))
        .await
        .problem("invalid-request");
}

#[tokio::test]
async fn a_key_opens_until_the_second_in_which_it_expires() {
    let app = TestApp::start().await;
    let (key, _) = app.key(&[Role::Bridge], Some(Duration::from_secs(3600))).await;
    app.advance(3599);
    call(&app, &Method::POST, "/v1/ping", &Value::Null, &key).await.status(200);
    app.advance(1);
    call(&app, &Method::POST, "/v1/ping", &Value::Null, &key).await.problem("unauthenticated");
}

#[tokio::test]
async fn a_revoked_key_opens_nothing_from_the_next_request_on() {
    let app = TestApp::start().await;
    let (key, row) = app.key(&[Role::Bridge], None).await;
    call(&app, &Method::POST, "/v1/ping", &Value::Null, &key).await.status(200);
    assert!(app.service.revoke_key(&app.cli().await, row.id).await.unwrap());
    call(&app, &Method::POST, "/v1/ping", &Value::Null, &key).await.problem("unauthenticated");
    assert!(!app.service.revoke_key(&app.cli().await, row.id).await.unwrap(), "once");
}

#[tokio::test]
async fn a_key_with_several_roles_may_what_each_of_them_may() {
    let app = TestApp::start().await;
    let (key, _) = app.key(&[Role::Bridge, Role::Auditor], None).await;
    let pong = call(&app, &Method::POST, "/v1/ping", &Value::Null, &key).await.status(200);
    assert_eq!(pong["site"], "default");
    for (method, path, body, roles) in calls() {
        let allowed = roles.contains(&BRIDGE) || roles.contains(&AUDITOR);
        let answer = call(&app, &method, path, &body, &key).await;
        assert_eq!(answer.code() != "forbidden", allowed, "{method} {path}");
    }
}

#[tokio::test]
async fn a_key_shows_what_it_is_so_that_scanners_find_it() {
    let app = TestApp::start().await;
    assert!(app.bridge.starts_with("mfas_bridge_"));
    assert!(app.admin.starts_with("mfas_admin_"));
    assert!(app.auditor.starts_with("mfas_auditor_"));
}

#[tokio::test]
async fn sites_see_nothing_of_each_other() {
    // Abuse list, item 26.
    let app = TestApp::with_totp_required().await;
    let other = app.with_site("Zweite / Site", "Zweite").await;
    let alice = app.enrolled("alice").await;
    let login = app.begin("alice").await;

    assert_eq!(other.policy().await.status(200)["mode"], "disabled");
    for call in [
        other.user("alice").await,
        other.unlock("alice").await,
        other.remove("alice", "").await,
        other.delete_user("alice").await,
    ] {
        call.problem("user-not-found");
    }
    for call in [
        other.read(id(&login)).await,
        other.answer(id(&login), &app.code(&alice.phone)).await,
        other.recover(id(&login), &alice.recovery_codes[0]).await,
        other.enroll(id(&login)).await,
        other.confirm(id(&login), "123456").await,
        other.challenge(id(&login), "totp").await,
        other.cancel(id(&login)).await,
    ] {
        call.problem("login-not-found");
    }
    assert_eq!(other.users("").await.status(200)["users"], json!([]));
    assert_eq!(other.users("?id=alice").await.status(200)["users"], json!([]));
    assert_eq!(other.audit("?user=alice").await.status(200)["events"], json!([]));
    app.answer(id(&login), &app.code(&alice.phone)).await.status(200);
}

#[tokio::test]
async fn one_user_id_in_two_sites_is_two_people() {
    let app = TestApp::with_totp_required().await;
    let other = app.with_site("second", "Second").await;
    other.require_totp().await;
    let (here, there) = (app.enrolled("alice").await, other.enrolled("alice").await);
    let login = app.begin("alice").await;
    app.answer(id(&login), &app.code(&there.phone)).await.problem("code-rejected");
    app.recover(id(&login), &there.recovery_codes[0]).await.problem("code-rejected");
    app.fail(&here, 3).await;
    assert!(app.lock_of(&here).await.is_some());
    other.sign_in(&there).await.status(200);
    other.delete_user("alice").await.status(204);
    assert_eq!(app.user("alice").await.status(200)["enrolled"], true);
}

#[tokio::test]
async fn a_sites_issuer_is_what_its_users_apps_show() {
    let app = TestApp::start().await;
    let other = app.with_site("second", "Zweite & Söhne").await;
    other.require_totp().await;
    let login = other.begin("alice").await;
    let begun = other.enroll(id(&login)).await.status(200);
    let uri = begun["otpauth_uri"].as_str().unwrap();
    assert!(uri.starts_with("otpauth://totp/Zweite%20%26%20S%C3%B6hne:user%20alice?"), "{uri}");
}

#[tokio::test]
async fn a_key_cannot_revoke_or_be_listed_by_another_site() {
    let app = TestApp::start().await;
    let other = app.with_site("second", "Second").await;
    let (key, row) = app.key(&[Role::Bridge], None).await;
    assert!(!app.service.revoke_key(&other.cli().await, row.id).await.unwrap());
    call(&app, &Method::POST, "/v1/ping", &Value::Null, &key).await.status(200);
    let listed = app.service.list_keys(&other.cli().await).await.unwrap();
    assert!(listed.iter().all(|key| key.id != row.id));
}

#[tokio::test]
async fn a_key_revoked_while_requests_run_refuses_all_that_come_later_and_breaks_none() {
    // Abuse list, item 27.
    let app = TestApp::start().await;
    let (key, row) = app.key(&[Role::Bridge], None).await;
    let running = tokio::spawn({
        let (app, key) = (app.clone(), key.clone());
        async move {
            let ping = |app: TestApp, _| {
                let call = app.call(Method::POST, "/v1/ping", &key);
                Answer::to(call)
            };
            crate::support::together(&app, 200, ping).await
        }
    });
    assert!(app.service.revoke_key(&app.cli().await, row.id).await.unwrap());
    call(&app, &Method::POST, "/v1/ping", &Value::Null, &key).await.problem("unauthenticated");
    let answers = running.await.unwrap();
    assert!(answers.iter().all(|answer| [200, 401].contains(&answer.status)));
    call(&app, &Method::POST, "/v1/ping", &Value::Null, &key).await.problem("unauthenticated");
}
