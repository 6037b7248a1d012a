//! Notices by a real mail server, which is away when the service is killed.

use crate::installation::{Installation, free_port, now};
use crate::phone::Phone;
use crate::sink::Sink;
use diesel::{Connection as _, RunQueryDsl as _, SqliteConnection, sql_query};
use serde_json::json;

#[tokio::test]
async fn what_was_told_when_the_service_was_killed_is_sent_after_it_is_back() {
    let installation = Installation::new();
    installation.say(&["policy", "set", "--mode", "required", "--method", "totp"]);
    let without = installation.with_mail_server(free_port());
    let sidecar = installation.serve(&["--config", &without]);
    let user = json!({"id": "alice", "name": "Alice", "email": "alice@example.org"});
    let login = sidecar.post("/v1/logins", json!({"user": user})).await.status(201);
    let phone: Phone = sidecar.scan(&login).await;
    let confirm = json!({"code": phone.code_at(now())});
    sidecar.of(&login, "enrollment/confirm", confirm).await.status(200);
    sidecar.kill_9();

    // Whether the service had tried in vain or not yet: the notice is due now.
    let database = installation.data().join("mfa.sqlite3");
    let mut database = SqliteConnection::establish(database.to_str().unwrap()).unwrap();
    let due = sql_query("UPDATE outbox SET next_attempt_at = 0").execute(&mut database).unwrap();
    assert_eq!(due, 1, "it has survived");
    drop(database);

    let mut sink = Sink::start(&[]);
    let with = installation.with_mail_server(sink.port);
    let sidecar = installation.serve(&["--config", &with]);
    let mail = sink.received();
    assert_eq!(mail["to"], json!(["alice@example.org"]));
    assert!(mail["text"].as_str().unwrap().contains("An authenticator app was set up"), "{mail}");
    sidecar.terminate();
}

#[tokio::test]
async fn a_code_reaches_a_real_mail_server_and_signs_in() {
    let installation = Installation::new();
    let mut sink = Sink::start(&[]);
    let config = installation.with_mail_server(sink.port);
    installation.say(&["policy", "set", "--mode", "required", "--method", "email", "--config", &config]);
    let sidecar = installation.serve(&["--config", &config]);
    let user = json!({"user": {"id": "alice", "name": "Alice", "email": "alice@example.org"}});
    let login = sidecar.post("/v1/logins", user).await.status(201);
    sidecar.of(&login, "enrollment", json!({"method": "email"})).await.status(200);
    let text = sink.received()["text"].as_str().unwrap().to_owned();
    let code = text.lines().next().unwrap().to_owned();
    let passed = sidecar.of(&login, "enrollment/confirm", json!({"code": code})).await.status(200);
    assert_eq!(passed["amr"], json!(["urn:mfa-sidecar:email"]));
    // The notice follows by itself.
    assert!(sink.received()["text"].as_str().unwrap().contains("An e-mail address was set up"));
}

#[tokio::test]
async fn a_code_that_was_sent_before_a_kill_is_good_after_it_and_once() {
    let installation = Installation::new();
    let mut sink = Sink::start(&[]);
    let config = installation.with_mail_server(sink.port);
    installation.say(&["policy", "set", "--mode", "required", "--method", "email", "--config", &config]);
    let sidecar = installation.serve(&["--config", &config]);
    let user = json!({"user": {"id": "alice", "name": "Alice", "email": "alice@example.org"}});
    let login = sidecar.post("/v1/logins", user.clone()).await.status(201);
    sidecar.of(&login, "enrollment", json!({"method": "email"})).await.status(200);
    let text = sink.received()["text"].as_str().unwrap().to_owned();
    let code = text.lines().next().unwrap().to_owned();
    sidecar.kill_9();

    let sidecar = installation.serve(&["--config", &config]);
    // The pause between two codes holds as well.
    sidecar.of(&login, "enrollment", json!({"method": "email"})).await.problem("throttled");
    sidecar.of(&login, "enrollment/confirm", json!({"code": code})).await.status(200);
    sidecar.kill_9();

    let sidecar = installation.serve(&["--config", &config]);
    sidecar.of(&login, "enrollment/confirm", json!({"code": code})).await.problem("login-not-pending");
    let next = sidecar.post("/v1/logins", user).await.status(201);
    let body = json!({"method": "email", "code": code});
    sidecar.of(&next, "answer", body).await.problem("code-rejected");
}
