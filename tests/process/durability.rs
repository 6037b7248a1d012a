//! kill -9: what was answered is not lost, and no code is accepted twice.

use crate::answer::Answer;
use crate::installation::{DEADLINE, Installation, now};
use diesel::connection::SimpleConnection as _;
use mfa_sidecar::store::AnyConnection;
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Instant;
use tokio::task::JoinSet;

#[tokio::test]
async fn after_a_kill_an_answered_enrolment_is_there_and_its_code_is_spent() {
    let installation = Installation::new();
    let sidecar = installation.serve_required();
    let (phone, passed, code) = sidecar.enrolled("alice").await;
    sidecar.kill_9();

    let sidecar = installation.serve(&[]);
    assert_eq!(sidecar.read(&passed).await.status(200)["status"], "passed");
    let user = sidecar.get("/v1/users/alice").await.status(200);
    assert_eq!(
        (user["enrolled"].clone(), user["recovery_codes_remaining"].clone()),
        (json!(true), json!(10))
    );
    let login = sidecar.begin("alice").await;
    assert_eq!(login["status"], "challenge_required");
    sidecar.answer(&login, &code).await.problem("code-rejected");
    sidecar.answer(&login, &phone.code_at(now() + 30)).await.status(200);
}

#[tokio::test]
async fn after_a_kill_an_answered_login_has_passed_and_its_code_is_spent() {
    let installation = Installation::new();
    let sidecar = installation.serve_required();
    let (phone, enrolled, _) = sidecar.enrolled("alice").await;
    let codes: Vec<_> =
        enrolled["recovery_codes"].as_array().unwrap().iter().map(|c| c.as_str().unwrap()).collect();
    let (login, open) = (sidecar.begin("alice").await, sidecar.begin("alice").await);
    let code = phone.code_at(now() + 30);
    let passed = sidecar.answer(&login, &code).await.status(200);
    sidecar.kill_9();

    let sidecar = installation.serve(&[]);
    assert_eq!(sidecar.read(&login).await.status(200), passed);
    sidecar.answer(&open, &code).await.problem("code-rejected");
    sidecar.recover(&open, codes[0]).await.status(200);
    sidecar.kill_9();

    let sidecar = installation.serve(&[]);
    assert_eq!(sidecar.read(&open).await.status(200)["status"], "passed");
    let next = sidecar.begin("alice").await;
    sidecar.recover(&next, codes[0]).await.problem("code-rejected");
    sidecar.recover(&next, codes[1]).await.status(200);
    assert_eq!(sidecar.get("/v1/users/alice").await.status(200)["recovery_codes_remaining"], 8);
}

#[tokio::test]
async fn after_a_kill_a_lock_and_a_logins_budget_still_hold() {
    let installation = Installation::new();
    let sidecar = installation.serve_required();
    let (phone, ..) = sidecar.enrolled("alice").await;
    let login = sidecar.begin("alice").await;
    let wrong = phone.wrong_code_at(now());
    for _ in 0..4 {
        sidecar.answer(&login, &wrong).await.problem("code-rejected");
    }
    sidecar.kill_9();
    let sidecar = installation.serve(&[]);
    assert_eq!(sidecar.read(&login).await.status(200)["attempts_remaining"], 1);
    sidecar.answer(&login, &wrong).await.problem("code-rejected");
    sidecar.kill_9();
    let sidecar = installation.serve(&[]);
    sidecar.answer(&login, &phone.code_at(now() + 30)).await.problem("login-not-pending");
    assert!(sidecar.begin("alice").await["retry_after"].as_u64().unwrap() > 0);
}

#[tokio::test]
async fn after_a_kill_a_trusted_browser_has_the_token_that_was_answered_last() {
    let installation = Installation::new();
    let sidecar = installation.serve_required();
    let policy = sidecar.call(Method::PATCH, "/v1/policy", &sidecar.admin);
    Answer::to(policy.json(&json!({"trusted_device_days": 30}))).await.status(200);
    let (phone, ..) = sidecar.enrolled("alice").await;
    let login = sidecar.begin("alice").await;
    let body = json!({"method": "totp", "code": phone.code_at(now() + 30), "trust_device": true});
    let first = sidecar.of(&login, "answer", body).await.status(200)["trusted_device"]["token"].clone();
    let with = |token: &Value| json!({"user": {"id": "alice", "name": "alice"}, "trusted_device": token});
    sidecar.kill_9();

    let sidecar = installation.serve(&[]);
    let passed = sidecar.post("/v1/logins", with(&first)).await.status(201);
    assert_eq!(passed["reason"], "trusted_device");
    sidecar.kill_9();

    let sidecar = installation.serve(&[]);
    let replaced = sidecar.post("/v1/logins", with(&first)).await.status(201);
    assert_eq!(replaced["status"], "challenge_required");
    let next = sidecar.post("/v1/logins", with(&passed["trusted_device"]["token"])).await.status(201);
    assert_eq!(next["reason"], "trusted_device");
}

#[tokio::test]
async fn after_a_kill_under_load_nothing_that_was_answered_is_lost() {
    let installation = Installation::new();
    let sidecar = installation.serve_required();
    let answered = Arc::new(Mutex::new(Vec::new()));
    let mut load = JoinSet::new();
    for client in 0..16 {
        let answered = Arc::clone(&answered);
        let (http, url, key) =
            (sidecar.client.clone(), format!("{}/v1/logins", sidecar.base), sidecar.bridge.clone());
        load.spawn(async move {
            for n in 0.. {
                let body = json!({"user": {"id": format!("{client}-{n}"), "name": "x"}});
                // An answer that did not arrive is none.
                let Ok(response) = http.post(&url).bearer_auth(&key).json(&body).send().await else { return };
                let Ok(login) = response.json::<serde_json::Value>().await else { return };
                answered.lock().unwrap().push(login);
            }
        });
    }
    let began = Instant::now();
    while answered.lock().unwrap().len() < 300 {
        assert!(began.elapsed() < DEADLINE, "300 answers within {DEADLINE:?}");
        tokio::task::yield_now().await;
    }
    sidecar.kill_9();
    load.join_all().await;

    let sidecar = installation.serve(&[]);
    let answered = std::mem::take(&mut *answered.lock().unwrap());
    assert!(answered.len() >= 300);
    for login in &answered {
        assert_eq!(&sidecar.read(login).await.status(200), login);
    }
    Answer::to(sidecar.call(Method::GET, "/readyz", "")).await.status(200);
}

#[tokio::test]
async fn while_another_process_locks_the_file_everybody_is_told_to_come_again_and_is_served_afterwards() {
    let installation = Installation::new();
    let sidecar = Arc::new(installation.serve_required());
    sidecar.begin("before").await;
    let mut other =
        AnyConnection::open(&format!("sqlite:{}", installation.data().join("mfa.sqlite3").display()))
            .unwrap();
    other.batch_execute("BEGIN IMMEDIATE").unwrap();
    let mut calls = JoinSet::new();
    for user in 0..64 {
        let sidecar = Arc::clone(&sidecar);
        calls.spawn(async move {
            let (began, name) = (Instant::now(), format!("user-{user}"));
            let answer = sidecar.post("/v1/logins", json!({"user": {"id": name, "name": name}})).await;
            assert!(began.elapsed().as_secs() < 10, "{:?}", began.elapsed());
            answer
        });
    }
    for answer in calls.join_all().await {
        assert!(!answer.header("retry-after").is_empty(), "{answer:?}");
        answer.problem("unavailable");
    }
    other.batch_execute("ROLLBACK").unwrap();
    let body = json!({"user": {"id": "after", "name": "after"}});
    let began = Instant::now();
    while sidecar.post("/v1/logins", body.clone()).await.status != 201 {
        assert!(began.elapsed() < DEADLINE, "it serves again");
    }
}
