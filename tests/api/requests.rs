//! Requests of every wrong shape, and what every answer looks like.

use crate::answer::Answer;
use crate::support::{TestApp, id};
use reqwest::Method;
use serde_json::json;
use std::collections::HashSet;

async fn post_text(app: &TestApp, path: &str, body: &str) -> Answer {
    let call = app.call(Method::POST, path, &app.bridge).header("Content-Type", "application/json");
    Answer::to(call.body(body.to_owned())).await
}

#[tokio::test]
async fn bodies_that_are_not_the_documented_object_are_refused() {
    let app = TestApp::start().await;
    for body in [
        "",
        "{",
        "null",
        "[]",
        "42",
        "true",
        "\"text\"",
        "{}",
        "{} {}",
        "{'user': 1}",
        r#"{"user": {"id": "a", "name": "a"},}"#,
        r#"{"user": {"id": "a", "name": "a"}} x"#,
        r#"{"user": {"id": "a", "name": "a"}, "user": {"id": "b", "name": "b"}}"#,
        r#"{"user": {"id": "a", "id": "b", "name": "a"}}"#,
        r#"{"user": ["a", "a"]}"#,
        r#"{"user": {"id": "a"}}"#,
        r#"{"user": {"name": "a"}}"#,
        r#"{"user": {"id": "a", "name": "a", "admin": true}}"#,
        r#"{"user": {"id": "a", "name": ""}}"#,
        r#"{"user": {"id": "a", "name": "a\nb"}}"#,
        r#"{"user": {"id": "a", "name": "a", "email": 1}}"#,
        r#"{"user": {"id": "a", "name": "a", "roles": "editor"}}"#,
        r#"{"user": {"id": "a", "name": "a", "roles": [1]}}"#,
        r#"{"user": {"id": "a", "name": "a"}, "purpose": "fun"}"#,
        r#"{"user": {"id": "a", "name": "a"}, "client": {"ip": "nowhere"}}"#,
        r#"{"user": {"id": "a", "name": "a"}, "client": []}"#,
        r#"{"user": {"id": "a", "name": "a"}, "colour": "red"}"#,
        "{\"user\": {\"id\": \"a\u{0}\", \"name\": \"a\"}}",
        r#"{"user": {"id": "\ud800", "name": "a"}}"#,
    ] {
        let problem = post_text(&app, "/v1/logins", body).await.problem("invalid-request");
        assert!(!problem["errors"].as_array().unwrap().is_empty(), "{body}");
    }
    let deep = format!("{}{}", "[".repeat(20_000), "]".repeat(20_000));
    post_text(&app, "/v1/logins", &deep).await.problem("invalid-request");
    let call = app.call(Method::POST, "/v1/logins", &app.bridge).body(vec![0xff, 0xfe, b'{']);
    Answer::to(call.header("Content-Type", "application/json")).await.problem("invalid-request");
    assert_eq!(app.users("").await.status(200)["users"], json!([]), "none of them made anyone known");
}

#[tokio::test]
async fn a_body_must_say_that_it_is_json() {
    let app = TestApp::start().await;
    let body = r#"{"user": {"id": "a", "name": "a"}}"#;
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""] {
        let call = app.call(Method::POST, "/v1/logins", &app.bridge).header("Content-Type", content_type);
        Answer::to(call.body(body)).await.problem("invalid-request");
    }
    let call = app.call(Method::POST, "/v1/logins", &app.bridge);
    Answer::to(call.header("Content-Type", "Application/JSON; charset=utf-8").body(body)).await.status(201);
}

#[tokio::test]
async fn optional_members_may_be_null() {
    let app = TestApp::start().await;
    let body = json!({
        "user": {"id": "a", "name": "a", "email": null, "phone": null, "roles": null, "credential_version": null},
        "client": {"ip": null, "user_agent": null}, "purpose": null, "trusted_device": null,
    });
    app.begin_with(body).await.status(201);
    app.begin_with(json!({"user": {"id": "a", "name": "a"}, "client": null})).await.status(201);
}

#[tokio::test]
async fn a_body_over_64_kib_is_too_large_and_one_of_64_kib_is_read() {
    let app = TestApp::start().await;
    let body = |length: usize| {
        let frame = r#"{"user": {"id": "a", "name": "a"}}"#;
        format!("{frame}{}", " ".repeat(length - frame.len()))
    };
    post_text(&app, "/v1/logins", &body(65_536)).await.status(201);
    post_text(&app, "/v1/logins", &body(65_537)).await.problem("payload-too-large");
    // The same without a Content-Length that tells beforehand.
    let chunks = |length: usize| {
        let text = body(length);
        let chunks: String = text
            .as_bytes()
            .chunks(8192)
            .map(|chunk| format!("{:x}\r\n{}\r\n", chunk.len(), std::str::from_utf8(chunk).unwrap()))
            .collect();
        format!(
            "POST /v1/logins HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}0\r\n\r\n",
            app.bridge
        )
    };
    assert_eq!(app.raw(&chunks(65_536)).0, 201);
    assert_eq!(app.raw(&chunks(65_537)).0, 413);
}

#[tokio::test]
async fn codes_of_the_wrong_type_are_refused_and_of_the_wrong_form_rejected() {
    // Abuse list, item 7.
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let login = app.begin("alice").await;
    for code in [
        json!(null),
        json!([]),
        json!(["1", "2"]),
        json!({"a": "b"}),
        json!(true),
        json!(123_456),
        json!(1.5),
    ] {
        let body = json!({"method": "totp", "code": code});
        app.answer_with(id(&login), body).await.problem("invalid-request");
        app.answer_with(id(&login), json!({"method": "recovery_code", "code": code}))
            .await
            .problem("invalid-request");
    }
    let big = json!({"method": "totp", "code": "1".repeat(1 << 20)});
    app.answer_with(id(&login), big).await.problem("payload-too-large");
    assert_eq!(app.read(id(&login)).await.status(200)["attempts_remaining"], 5, "nothing was judged");
    app.answer(id(&login), "").await.problem("code-rejected");
    app.answer(id(&login), &"1".repeat(60_000)).await.problem("code-rejected");
    app.recover(id(&login), &"A".repeat(60_000)).await.problem("code-rejected");
    app.answer(id(&login), &app.code(&alice.phone)).await.status(200);
}

#[tokio::test]
async fn a_client_cannot_send_a_secret() {
    // Abuse list, item 13.
    let app = TestApp::with_totp_required().await;
    let login = app.begin("alice").await;
    let chosen = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    app.enroll_with(id(&login), json!({"method": "totp", "secret": chosen})).await.problem("invalid-request");
    let phone = app.scan(&login).await;
    let code = crate::phone::Phone::with(chosen).code_at(app.now());
    app.confirm_with(id(&login), json!({"code": code, "secret": chosen})).await.problem("invalid-request");
    app.confirm(id(&login), &code).await.problem("code-rejected");
    app.confirm(id(&login), &app.code(&phone)).await.status(200);
}

#[tokio::test]
async fn a_refusal_repeats_nothing_that_was_sent() {
    let app = TestApp::with_totp_required().await;
    let login = app.begin("alice").await;
    let secret = "s3cr3t-by-mistake";
    for body in [
        json!({"code": {secret: secret}}),
        json!({"code": "1", secret: 1}),
        json!({secret: secret}),
        json!(secret),
        json!({"code": [secret]}),
    ] {
        let answer = app.confirm_with(id(&login), body).await;
        assert!(!answer.text.contains(secret), "{answer:?}");
        answer.problem("invalid-request");
    }
    let query = app.users(&format!("?{secret}={secret}")).await;
    assert!(!query.text.contains(secret), "{query:?}");
    let path = app.user(&format!("{secret}\n")).await;
    assert!(!path.text.contains(secret), "{path:?}");
}

#[tokio::test]
async fn addresses_that_do_not_exist_are_not_found_with_or_without_a_key() {
    let app = TestApp::start().await;
    for path in
        ["/", "/v1", "/v1/", "/v1/nothing", "/v2/policy", "/v1/policy/", "/v1/users/a/b", "/v1/users/"]
    {
        Answer::to(app.call(Method::GET, path, &app.admin)).await.problem("not-found");
        Answer::to(app.client.get(format!("http://{}{path}", app.address()))).await.problem("not-found");
    }
}

#[tokio::test]
async fn methods_that_an_address_does_not_take_are_told_with_those_it_does() {
    let app = TestApp::start().await;
    for (method, path, allowed) in [
        (Method::DELETE, "/v1/policy", "GET, PUT, PATCH"),
        (Method::GET, "/v1/logins", "POST"),
        (Method::PUT, "/v1/logins/x", "GET, DELETE"),
        (Method::GET, "/v1/logins/x/answer", "POST"),
        (Method::POST, "/v1/users", "GET"),
        (Method::PATCH, "/v1/users/a%2Fb", "GET, PUT, DELETE"),
        (Method::GET, "/v1/users/a/authenticators", "DELETE"),
        (Method::DELETE, "/v1/audit-events", "GET"),
        (Method::POST, "/healthz", "GET"),
    ] {
        let answer = Answer::to(app.call(method.clone(), path, &app.admin)).await;
        let told: HashSet<_> = answer.header("allow").split(", ").collect();
        let expected: HashSet<_> = allowed.split(", ").collect();
        assert_eq!(told, expected, "{method} {path}");
        answer.problem("method-not-allowed");
    }
}

#[tokio::test]
async fn every_answer_has_a_request_id_of_its_own_and_is_not_sniffed() {
    let app = TestApp::start().await;
    let answers = [app.policy().await, app.policy().await, app.user("nobody").await];
    let ids: HashSet<_> = answers.iter().map(|answer| answer.header("x-request-id")).collect();
    assert_eq!(ids.len(), 3);
    assert!(ids.iter().all(|id| !id.is_empty()));
    assert!(answers.iter().all(|answer| answer.header("x-content-type-options") == "nosniff"));
}

#[tokio::test]
async fn times_are_rfc_3339_in_utc() {
    let app = TestApp::start().await;
    app.clock.advance(std::time::Duration::from_millis(1500));
    let login = app.begin("a").await;
    let at: jiff::Timestamp = login["created_at"].as_str().unwrap().parse().unwrap();
    assert_eq!(at.as_millisecond(), crate::support::START * 1000 + 1500);
    assert!(login["created_at"].as_str().unwrap().ends_with('Z'));
}

#[tokio::test]
async fn operators_need_no_key_and_are_told_no_user() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled(json!({"id": "user-id-of-alice", "name": "name-of-alice"})).await;
    app.fail(&alice, 5).await;
    let get = |path: &str| Answer::to(app.client.get(format!("http://{}{path}", app.address())));
    assert_eq!(get("/healthz").await.status(200)["status"], "ok");
    assert_eq!(get("/readyz").await.status(200)["status"], "ready");
    let metrics = get("/metrics").await;
    for name in
        ["mfa_logins_begun_total", "mfa_answers_total", "mfa_locks_total", "http_request_duration_seconds"]
    {
        assert!(metrics.text.contains(name), "{name}");
    }
    assert!(!metrics.text.contains("alice") && !metrics.text.contains("default"), "no user, no site");
    let document = get("/openapi.json").await;
    assert_eq!(document.text, mfa_sidecar::http::document_json());
    let docs = get("/docs/").await;
    assert!(docs.status == 200 && docs.text.contains("swagger"), "{docs:?}");
    assert!(!docs.text.contains("https://"), "works without internet");
}

#[tokio::test]
async fn a_made_up_method_makes_no_label_of_its_own() {
    let app = TestApp::start().await;
    let (status, _) = app.raw("INVENTED /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert_eq!(status, 405);
    let metrics = Answer::to(app.client.get(format!("http://{}/metrics", app.address()))).await.text;
    assert!(metrics.contains("method=\"other\"") && !metrics.contains("INVENTED"));
}

#[tokio::test]
async fn a_ping_tells_what_a_key_opens() {
    let app = TestApp::start().await;
    let pong = Answer::to(app.call(Method::POST, "/v1/ping", &app.auditor)).await.status(200);
    assert_eq!(pong, json!({"site": "default", "roles": ["auditor"], "version": env!("CARGO_PKG_VERSION")}));
}
