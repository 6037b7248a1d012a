//! Of any number of uses at once, over both replicas, exactly one wins.

use crate::answer::Answer;
use crate::installation::{Sidecar, now};
use crate::pair::{Pair, count, user, winners};
use crate::sink::Sink;
use diesel::connection::SimpleConnection as _;
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::Arc;

const MANY: usize = 200;

fn recovery_code(enrolled: &Value, n: usize) -> String {
    enrolled["recovery_codes"][n].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn one_code_sent_to_one_login_passes_it_once() {
    let pair = Pair::with_totp_required();
    for round in 0..3 {
        let alice = format!("alice{round}");
        let (phone, ..) = pair.nth(round).enrolled(&alice).await;
        let (login, code) = (pair.nth(round).begin(&alice).await, phone.code_at(now() + 30));
        let answers = pair
            .together(MANY, |replica, _| {
                let (login, code) = (login.clone(), code.clone());
                async move { replica.answer(&login, &code).await }
            })
            .await;
        let won = winners(&answers, &["login-not-pending"]);
        assert_eq!(won.len(), 1);
        assert_eq!(won[0].body["status"], "passed");
        assert_eq!(pair.recorded(&alice, "login.passed").await, 2, "the enrolment's and this one");
    }
}

#[tokio::test]
async fn one_code_sent_to_many_logins_passes_one_of_them() {
    let pair = Pair::with_totp_required();
    for round in 0..2 {
        let alice = format!("alice{round}");
        let (phone, ..) = pair.a.enrolled(&alice).await;
        let logins = pair.begin_many(&alice, MANY).await;
        let code = phone.code_at(now() + 30);
        let answers = pair
            .together(MANY, |replica, n| {
                // Some go to the replica that began the login, and some to the other one.
                let (login, code) = (logins[n / 2 * 2 + n / 2 % 2].clone(), code.clone());
                async move { replica.answer(&login, &code).await }
            })
            .await;
        let won = winners(&answers, &["code-rejected", "throttled", "login-not-pending"]);
        assert_eq!(won.len(), 1);
        assert_eq!(
            count(&answers, "code-rejected"),
            5,
            "the fifth replay locks, and the lock stops the rest"
        );
        assert_eq!(pair.recorded(&alice, "login.passed").await, 2);
        assert_eq!(pair.recorded(&alice, "code.rejected").await, 5);
    }
    println!("{} conflicts between transactions", pair.conflicts().await);
}

#[tokio::test]
async fn one_recovery_code_sent_to_many_logins_passes_one_of_them() {
    let pair = Pair::with_totp_required();
    let (_, enrolled, _) = pair.a.enrolled("alice").await;
    let logins = pair.begin_many("alice", MANY).await;
    let code = recovery_code(&enrolled, 0);
    let answers = pair
        .together(MANY, |replica, n| {
            let (login, code) = (logins[n].clone(), code.clone());
            async move { replica.recover(&login, &code).await }
        })
        .await;
    assert_eq!(winners(&answers, &["code-rejected", "throttled"]).len(), 1);
    let state = pair.b.get("/v1/users/alice").await.status(200);
    assert_eq!(state["recovery_codes_remaining"], 9);
    assert_eq!(pair.recorded("alice", "recovery_code.used").await, 1);
}

#[tokio::test]
async fn a_one_time_pass_opens_one_of_many_logins() {
    let pair = Pair::with_totp_required();
    pair.a.enrolled("alice").await;
    let issue = pair.a.call(Method::POST, "/v1/users/alice/one-time-pass", &pair.a.admin);
    let issued = Answer::to(issue.json(&json!({}))).await.status(201);
    let logins = pair.begin_many("alice", MANY).await;
    let answers = pair
        .together(MANY, |replica, n| {
            let body = json!({"method": "one_time_pass", "code": issued["code"]});
            let login = logins[n].clone();
            async move { replica.of(&login, "answer", body).await }
        })
        .await;
    let won = winners(&answers, &["method-not-available"]);
    assert_eq!(won.len(), 1);
    assert_eq!(won[0].body["status"], "enrollment_required");
}

#[tokio::test]
async fn a_code_that_was_mailed_passes_once() {
    let mut sink = Sink::start(&[]);
    let directory = tempfile::tempdir().unwrap();
    let config = directory.path().join("mail.toml");
    let port = sink.port;
    let text = format!("smtp_url = \"smtp://localhost:{port}\"\nmail_from = \"mfa@example.org\"\n");
    std::fs::write(&config, text).unwrap();
    let pair = Pair::requiring(&["email"], &["--config", config.to_str().unwrap()]);
    let alice = json!({"user": {"id": "alice", "name": "Alice", "email": "alice@example.org"}});
    let first_line = |mail: Value| mail["text"].as_str().unwrap().lines().next().unwrap().to_owned();
    let login = pair.a.post("/v1/logins", alice.clone()).await.status(201);
    let asked = pair
        .together(20, |replica, _| {
            let login = login.clone();
            async move { replica.of(&login, "enrollment", json!({"method": "email"})).await }
        })
        .await;
    // Asked for on both at once, one is sent.
    assert_eq!(winners(&asked, &["throttled"]).len(), 1);
    let confirm = json!({"code": first_line(sink.received())});
    let passed = pair.a.of(&login, "enrollment/confirm", confirm).await.status(200);
    assert_eq!(passed["status"], "passed");
    // The notice of it.
    sink.received();

    // The pause between two codes is over.
    pair.place.open(0).batch_execute("UPDATE deliveries SET sent_at = sent_at - 60000").unwrap();
    let login = pair.b.post("/v1/logins", alice).await.status(201);
    pair.a.of(&login, "challenge", json!({"method": "email"})).await.status(202);
    let code = first_line(sink.received());
    let answers = pair
        .together(MANY, |replica, _| {
            let (login, body) = (login.clone(), json!({"method": "email", "code": code}));
            async move { replica.of(&login, "answer", body).await }
        })
        .await;
    assert_eq!(winners(&answers, &["login-not-pending"]).len(), 1);
    assert_eq!(pair.recorded("alice", "login.passed").await, 2);
}

#[tokio::test]
async fn a_trusted_browsers_token_passes_once_and_stays_trusted_by_its_successor() {
    let pair = Pair::with_totp_required();
    let policy = pair.a.call(Method::PATCH, "/v1/policy", &pair.a.admin);
    Answer::to(policy.json(&json!({"trusted_device_days": 30}))).await.status(200);
    let (phone, ..) = pair.a.enrolled("alice").await;
    let login = pair.b.begin("alice").await;
    let body = json!({"method": "totp", "code": phone.code_at(now() + 30), "trust_device": true});
    let mut token = pair.a.of(&login, "answer", body).await.status(200)["trusted_device"]["token"].clone();
    let with = |token: &Value| {
        let mut body = user("alice");
        body["trusted_device"] = token.clone();
        body
    };
    for _ in 0..3 {
        let begun = pair
            .together(MANY / 4, |replica, _| {
                let body = with(&token);
                async move { replica.post("/v1/logins", body).await }
            })
            .await;
        let (passed, challenged): (Vec<_>, Vec<_>) =
            winners(&begun, &[]).into_iter().partition(|answer| answer.body["reason"] == "trusted_device");
        assert_eq!(passed.len(), 1);
        assert!(challenged.iter().all(|answer| answer.body["status"] == "challenge_required"));
        token = passed[0].body["trusted_device"]["token"].clone();
    }
    let next = pair.b.post("/v1/logins", with(&token)).await.status(201);
    assert_eq!(next["reason"], "trusted_device");
}

async fn confirm(replica: Arc<Sidecar>, login: Value, code: String) -> Answer {
    replica.of(&login, "enrollment/confirm", json!({"code": code})).await
}

#[tokio::test]
async fn one_enrolment_confirmed_many_times_has_one_authenticator_and_one_set_of_recovery_codes() {
    let pair = Pair::with_totp_required();
    for round in 0..3 {
        let alice = format!("alice{round}");
        let login = pair.nth(round).begin(&alice).await;
        let phone = pair.nth(round + 1).scan(&login).await;
        let code = phone.code_at(now());
        let answers = pair.together(MANY, |replica, _| confirm(replica, login.clone(), code.clone())).await;
        let won = winners(&answers, &["login-not-pending", "throttled"]);
        assert_eq!(won.len(), 1);
        let state = pair.nth(round).get(&format!("/v1/users/{alice}")).await.status(200);
        assert_eq!(state["authenticators"].as_array().unwrap().len(), 1);
        assert_eq!(state["recovery_codes_remaining"], 10);
        // The codes that were shown are the codes that are kept.
        let next = pair.nth(round).begin(&alice).await;
        pair.nth(round + 1).recover(&next, &recovery_code(&won[0].body, 9)).await.status(200);
    }
}

#[tokio::test]
async fn many_enrolments_of_one_user_confirmed_at_once_bind_one_authenticator() {
    let pair = Pair::with_totp_required();
    let mut enrolments = Vec::new();
    for login in pair.begin_many("alice", 40).await {
        let phone = pair.nth(enrolments.len() / 2).scan(&login).await;
        enrolments.push((login, phone.code_at(now())));
    }
    let answers = pair
        .together(enrolments.len(), |replica, n| {
            let (login, code) = enrolments[n].clone();
            confirm(replica, login, code)
        })
        .await;
    assert_eq!(winners(&answers, &["already-enrolled", "throttled"]).len(), 1);
    let state = pair.a.get("/v1/users/alice").await.status(200);
    assert_eq!(state["authenticators"].as_array().unwrap().len(), 1);
    assert_eq!(state["recovery_codes_remaining"], 10);
}

async fn remove(replica: &Sidecar, user: &str) -> Answer {
    let path = format!("/v1/users/{user}/authenticators");
    Answer::to(replica.call(Method::DELETE, &path, &replica.admin)).await
}

#[tokio::test]
async fn an_answer_and_a_removal_at_once_leave_no_open_door() {
    let pair = Pair::with_totp_required();
    for round in 0..20 {
        let alice = format!("alice{round}");
        let (phone, ..) = pair.a.enrolled(&alice).await;
        let (login, code) = (pair.b.begin(&alice).await, phone.code_at(now() + 30));
        let (answer, removal) = tokio::join!(pair.a.answer(&login, &code), remove(&pair.b, &alice));
        assert_eq!(removal.status(200), json!({"removed": 1}));
        assert!(answer.status == 200 || answer.code() == "login-expired", "{answer:?}");
        let state = pair.a.get(&format!("/v1/users/{alice}")).await.status(200);
        assert_eq!((&state["enrolled"], &state["authenticators"]), (&json!(false), &json!([])));
        assert_eq!(pair.b.begin(&alice).await["status"], "enrollment_required");
    }
}

#[tokio::test]
async fn a_second_enrolment_and_a_removal_at_once_leave_nothing_or_what_was_enrolled_after() {
    let pair = Pair::with_totp_required();
    for round in 0..30 {
        let alice = format!("alice{round}");
        let (_, passed, _) = pair.a.enrolled(&alice).await;
        let step_up = passed["id"].as_str().unwrap();
        let enrolments = format!("/v1/users/{alice}/enrollments");
        let begin = pair.b.call(Method::POST, &enrolments, &pair.b.bridge).header("Mfa-Step-Up", step_up);
        let begun = Answer::to(begin.json(&json!({"method": "totp"}))).await.status(201);
        let code = crate::phone::Phone::with(begun["secret"].as_str().unwrap()).code_at(now());
        let path = format!("{enrolments}/{}/confirm", begun["id"].as_str().unwrap());
        let confirm = pair.a.call(Method::POST, &path, &pair.a.bridge).header("Mfa-Step-Up", step_up);
        let (confirmed, removal) =
            tokio::join!(Answer::to(confirm.json(&json!({"code": code}))), remove(&pair.b, &alice));
        let removed = removal.status(200)["removed"].clone();
        let state = pair.a.get(&format!("/v1/users/{alice}")).await.status(200);
        // A step-up from before the removal is no proof after it.
        let expected = if confirmed.status == 200 { 2 } else { 1 };
        assert_eq!(removed, expected, "{confirmed:?}");
        assert_eq!(
            (&state["enrolled"], &state["authenticators"]),
            (&json!(false), &json!([])),
            "{confirmed:?}"
        );
    }
}

#[tokio::test]
async fn a_users_two_last_authenticators_removed_at_once_leave_one_of_them() {
    let pair = Pair::with_totp_required();
    for round in 0..30 {
        let alice = format!("alice{round}");
        let (_, passed, _) = pair.a.enrolled(&alice).await;
        let step_up = passed["id"].as_str().unwrap();
        let own = |replica: &Sidecar, method, path: &str| {
            let path = format!("/v1/users/{alice}/{path}");
            replica.call(method, &path, &replica.bridge).header("Mfa-Step-Up", step_up)
        };
        let begin = own(&pair.b, Method::POST, "enrollments").json(&json!({"method": "totp"}));
        let begun = Answer::to(begin).await.status(201);
        let code = crate::phone::Phone::with(begun["secret"].as_str().unwrap()).code_at(now());
        let path = format!("enrollments/{}/confirm", begun["id"].as_str().unwrap());
        Answer::to(own(&pair.a, Method::POST, &path).json(&json!({"code": code}))).await.status(200);
        let state = pair.a.get(&format!("/v1/users/{alice}")).await.status(200);
        let [first, second] =
            [0, 1].map(|n| format!("authenticators/{}", state["authenticators"][n]["id"].as_str().unwrap()));
        let removals = tokio::join!(
            Answer::to(own(&pair.a, Method::DELETE, &first)),
            Answer::to(own(&pair.b, Method::DELETE, &second))
        );
        // The policy requires one.
        assert_eq!(winners(&[removals.0, removals.1], &["last-authenticator"]).len(), 1);
        let state = pair.b.get(&format!("/v1/users/{alice}")).await.status(200);
        assert_eq!(state["authenticators"].as_array().unwrap().len(), 1);
    }
}
