//! The site's policy: read, replaced, patched, guarded by versions.

use crate::answer::Answer;
use crate::support::{Setup, TestApp};
use reqwest::Method;
use serde_json::{Value, json};

/// The policy without what changes by itself.
fn settings(policy: Value) -> Value {
    let mut policy = policy;
    for member in ["version", "updated_at", "updated_by"] {
        policy.as_object_mut().unwrap().remove(member).unwrap_or_else(|| panic!("{member} is there"));
    }
    policy
}

async fn put_if(app: &TestApp, method: Method, etag: &str, body: Value) -> Answer {
    Answer::to(app.call(method, "/v1/policy", &app.admin).header("If-Match", etag).json(&body)).await
}

#[tokio::test]
async fn a_new_site_asks_for_nothing() {
    let app = TestApp::start().await;
    let policy = app.policy().await.status(200);
    let expected = json!({
        "mode": "disabled", "methods": ["totp"], "grace_period_days": 0, "trusted_device_days": 0,
        "required_roles": [], "exempt_roles": [], "self_service": true, "replace_weak_secrets": false,
    });
    assert_eq!(settings(policy.clone()), expected);
    assert_eq!(policy["version"], 1);
}

#[tokio::test]
async fn put_replaces_the_whole_and_what_is_not_given_takes_its_default() {
    let app = TestApp::start().await;
    let full = json!({
        "mode": "optional", "methods": ["totp"], "grace_period_days": 7, "trusted_device_days": 30,
        "required_roles": ["admin"], "exempt_roles": ["robot"], "self_service": false,
        "replace_weak_secrets": true,
    });
    assert_eq!(settings(app.put_policy(full.clone()).await.status(200)), full);
    let required = app.put_policy(json!({"mode": "required", "methods": ["totp"]})).await.status(200);
    let expected = json!({
        "mode": "required", "methods": ["totp"], "grace_period_days": 0, "trusted_device_days": 0,
        "required_roles": [], "exempt_roles": [], "self_service": true, "replace_weak_secrets": false,
    });
    assert_eq!(settings(required), expected);
    for missing in [json!({"mode": "required"}), json!({"methods": ["totp"]}), json!({})] {
        app.put_policy(missing).await.problem("invalid-request");
    }
}

#[tokio::test]
async fn patch_changes_what_it_names_and_null_sets_back_to_the_default() {
    let app = TestApp::start().await;
    app.put_policy(json!({"mode": "optional", "methods": ["totp"], "grace_period_days": 7}))
        .await
        .status(200);
    let patched = app.patch_policy(json!({"mode": "required", "exempt_roles": ["robot"]})).await.status(200);
    assert_eq!(
        (patched["mode"].clone(), patched["grace_period_days"].clone()),
        (json!("required"), json!(7))
    );
    let reset = app.patch_policy(json!({"grace_period_days": null})).await.status(200);
    assert_eq!(
        (reset["grace_period_days"].clone(), reset["exempt_roles"].clone()),
        (json!(0), json!(["robot"]))
    );
    app.patch_policy(json!({"mode": null})).await.problem("invalid-request");
    let call = app.call(Method::PATCH, "/v1/policy", &app.admin);
    let merge = call.header("Content-Type", "application/merge-patch+json").body(r#"{"mode":"disabled"}"#);
    assert_eq!(Answer::to(merge).await.status(200)["mode"], "disabled");
}

#[tokio::test]
async fn what_was_read_can_be_sent_back() {
    let app = TestApp::start().await;
    let read = app.patch_policy(json!({"mode": "required", "grace_period_days": 3})).await.status(200);
    let put = app.put_policy(read.clone()).await.status(200);
    assert_eq!(settings(put.clone()), settings(read.clone()));
    assert_eq!(put["version"].as_i64().unwrap(), read["version"].as_i64().unwrap() + 1, "read-only, ignored");
    let patched = app.patch_policy(read.clone()).await.status(200);
    assert_eq!(settings(patched), settings(read));
}

#[tokio::test]
async fn members_that_are_unknown_or_ill_typed_are_refused_and_change_nothing() {
    let app = TestApp::start().await;
    let before = app.policy().await.status(200);
    for wrong in [
        json!({"colour": "red"}),
        json!({"mode": "sometimes"}),
        json!({"mode": 1}),
        json!({"methods": []}),
        json!({"methods": ["totp", "totp"]}),
        json!({"methods": ["carrier-pigeon"]}),
        json!({"methods": "totp"}),
        json!({"grace_period_days": -1}),
        json!({"grace_period_days": 366}),
        json!({"trusted_device_days": "30"}),
        json!({"required_roles": [""]}),
        json!({"exempt_roles": "admin"}),
        json!({"self_service": "yes"}),
    ] {
        app.patch_policy(wrong.clone()).await.problem("invalid-request");
        let mut whole = json!({"mode": "required", "methods": ["totp"]});
        whole.as_object_mut().unwrap().extend(wrong.as_object().unwrap().clone());
        app.put_policy(whole).await.problem("invalid-request");
    }
    assert_eq!(app.policy().await.status(200), before);
}

#[tokio::test]
async fn methods_that_nobody_could_enrol_are_not_available() {
    let app = TestApp::start_with(Setup::default()).await;
    for methods in [json!(["email"]), json!(["totp", "sms"]), json!(["webauthn"])] {
        let put = app.put_policy(json!({"mode": "required", "methods": methods})).await;
        put.problem("method-not-available");
        app.patch_policy(json!({"methods": methods})).await.problem("method-not-available");
    }
    assert_eq!(app.policy().await.status(200)["version"], 1);
}

#[tokio::test]
async fn an_older_version_overwrites_nothing() {
    let app = TestApp::start().await;
    let read = app.policy().await;
    let etag = read.header("etag").to_owned();
    assert_eq!(etag, "\"1\"");
    for (n, method) in [Method::PUT, Method::PATCH].into_iter().enumerate() {
        let current = app.policy().await.header("etag").to_owned();
        let body = json!({"mode": "required", "methods": ["totp"]});
        let changed = put_if(&app, method.clone(), &current, body.clone()).await;
        assert_eq!(changed.header("etag"), format!("\"{}\"", n + 2));
        changed.status(200);
        for stale in [current.as_str(), "\"0\"", "\"x\"", "x", "W/\"2\""] {
            put_if(&app, method.clone(), stale, body.clone()).await.problem("precondition-failed");
        }
        assert_eq!(app.policy().await.status(200)["version"], n + 2);
    }
    let any = put_if(&app, Method::PATCH, "*", json!({"mode": "disabled"})).await.status(200);
    assert_eq!(any["version"], 4);
}

#[tokio::test]
async fn of_two_changes_from_one_version_only_one_is_made() {
    let app = TestApp::start().await;
    let answers = crate::support::together(&app, 20, |app, n| async move {
        put_if(&app, Method::PATCH, "\"1\"", json!({"grace_period_days": n})).await
    })
    .await;
    let made: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
    assert_eq!(made.len(), 1);
    assert!(answers.iter().all(|answer| [200, 412].contains(&answer.status)));
    assert_eq!(app.policy().await.status(200), made[0].body);
}

#[tokio::test]
async fn every_role_reads_the_policy_and_it_says_who_changed_it() {
    let app = TestApp::start().await;
    app.advance(5);
    let call = app.call(Method::PATCH, "/v1/policy", &app.admin).header("Mfa-Actor", "7");
    let changed = Answer::to(call.json(&json!({"mode": "required"}))).await.status(200);
    assert_eq!(changed["updated_at"], "2026-01-07T09:20:05Z");
    let by = changed["updated_by"].as_str().unwrap();
    assert!(by.starts_with("7 (key "), "{by}");
    for key in [&app.bridge, &app.admin, &app.auditor] {
        assert_eq!(Answer::to(app.call(Method::GET, "/v1/policy", key)).await.status(200), changed);
    }
}
