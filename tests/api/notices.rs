//! Notices by mail: written with what they tell of, sent afterwards, kept until a mail server takes them.

use crate::support::{Enrolled, Setup, TestApp, id, open};
use diesel::sql_types::{BigInt, Integer};
use diesel::{QueryableByName, RunQueryDsl as _, sql_query};
use mfa_sidecar::delivery::memory::MemorySender;
use mfa_sidecar::delivery::{DeliveryError, Message, Senders};
use serde_json::{Value, json};
use std::sync::Arc;

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

fn alice() -> Value {
    json!({"id": "alice", "name": "Alice", "email": "alice@example.org"})
}

impl TestApp {
    /// Sends what waits and takes what arrived.
    async fn notices(&self) -> Vec<Message> {
        self.service.send_notices().await.unwrap();
        self.mail.take()
    }

    /// The subjects of what arrived.
    async fn subjects(&self) -> Vec<String> {
        self.notices().await.into_iter().map(|mail| mail.subject).collect()
    }

    /// How many notices wait.
    fn waiting(&self) -> i64 {
        sql_query("SELECT count(*) AS n FROM outbox").get_result::<Count>(&mut open(self)).unwrap().n
    }

    /// A user who has enrolled and whose mailbox is empty.
    async fn alice(&self) -> Enrolled {
        let alice = self.enrolled(alice()).await;
        self.notices().await;
        alice
    }
}

fn down() -> DeliveryError {
    DeliveryError::NoAnswer("connection refused".into())
}

#[tokio::test]
async fn a_new_authenticator_is_told_of_without_its_secret() {
    let app = TestApp::with_totp_required().await;
    let login = app.begin(alice()).await;
    let secret = app.enroll(id(&login)).await.status(200)["secret"].as_str().unwrap().to_owned();
    let phone = crate::phone::Phone::with(&secret);
    let passed = app.confirm(id(&login), &app.code(&phone)).await.status(200);
    assert!(app.mail.messages().is_empty(), "the login does not wait for the mail");
    let mails = app.notices().await;
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].to.expose(), "alice@example.org");
    for part in ["Alice", "mfa-sidecar", "An authenticator app was set up", "2026-01-07 09:20 UTC"] {
        assert!(mails[0].text.contains(part), "{part}: {}", mails[0].text);
    }
    let everything = format!("{}{}{}", mails[0].subject, mails[0].text, mails[0].html.as_deref().unwrap());
    assert!(!everything.contains(&secret) && !everything.contains("otpauth"));
    for code in passed["recovery_codes"].as_array().unwrap() {
        assert!(!everything.contains(code.as_str().unwrap()));
    }
    assert!(app.notices().await.is_empty(), "told once");
}

#[tokio::test]
async fn each_event_of_the_contract_is_told_of() {
    let app = TestApp::with_totp_required().await;
    app.patch_policy(json!({"trusted_device_days": 30, "methods": ["totp", "email"]})).await.status(200);
    let user = app.alice().await;

    let login = app.begin(alice()).await;
    app.recover(id(&login), &user.recovery_codes[0]).await.status(200);
    assert_eq!(app.subjects().await, ["A recovery code was used at mfa-sidecar"]);

    let login = app.begin(alice()).await;
    let body = json!({"method": "totp", "code": app.code(&user.phone), "trust_device": true});
    app.answer_with(id(&login), body).await.status(200);
    app.next_step();
    assert_eq!(app.subjects().await, ["A browser is trusted for your account at mfa-sidecar"]);

    let proof = id(&login).to_owned();
    app.replace_codes("alice", &proof).await.status(200);
    assert_eq!(app.subjects().await, ["New recovery codes for your account at mfa-sidecar"]);

    let begun = app.begin_own("alice", json!({"method": "email"}), &proof).await.status(201);
    let code = app.received("email");
    app.mail.take();
    let enrolled = app.confirm_own("alice", id(&begun), &code, &proof).await.status(200);
    assert_eq!(app.subjects().await, ["New sign-in step for your account at mfa-sidecar"]);
    let added = enrolled["authenticator"]["id"].as_str().unwrap().to_owned();
    app.remove_own("alice", &added, &proof).await.status(204);
    assert_eq!(app.subjects().await, ["Sign-in step removed from your account at mfa-sidecar"]);

    app.issue_pass("alice", json!({})).await.status(201);
    assert_eq!(app.subjects().await, ["A one-time pass was made for your account at mfa-sidecar"]);

    let wrong = app.wrong(&user.phone);
    let login = app.begin(alice()).await;
    for _ in 0..5 {
        app.answer(id(&login), &wrong).await.problem("code-rejected");
    }
    assert_eq!(app.subjects().await, ["Sign-in paused for your account at mfa-sidecar"]);
    app.unlock("alice").await.status(204);

    app.patch_policy(json!({"mode": "optional"})).await.status(200);
    let login = app.begin(alice()).await;
    app.answer(id(&login), &app.code(&user.phone)).await.status(200);
    app.disable("alice", id(&login)).await.status(204);
    assert_eq!(app.subjects().await, ["Second sign-in step turned off at mfa-sidecar"]);
}

#[tokio::test]
async fn an_administrators_removal_is_told_of_and_one_of_nothing_is_not() {
    let app = TestApp::with_totp_required().await;
    app.alice().await;
    app.remove("alice", "?method=email").await.status(200);
    assert!(app.notices().await.is_empty());
    app.remove("alice", "").await.status(200);
    assert_eq!(app.subjects().await, ["Your sign-in steps at mfa-sidecar were reset"]);
    app.remove("alice", "").await.status(200);
    assert!(app.notices().await.is_empty());
}

#[tokio::test]
async fn a_copied_token_of_a_browser_is_told_of() {
    let app = TestApp::with_totp_required().await;
    app.patch_policy(json!({"trusted_device_days": 30})).await.status(200);
    let user = app.alice().await;
    let login = app.begin(alice()).await;
    let body = json!({"method": "totp", "code": app.code(&user.phone), "trust_device": true});
    let first = app.answer_with(id(&login), body).await.status(200)["trusted_device"]["token"].clone();
    let next = app.begin_with(json!({"user": alice(), "trusted_device": first})).await.status(201);
    let second = next["trusted_device"]["token"].clone();
    app.begin_with(json!({"user": alice(), "trusted_device": second})).await.status(201);
    app.notices().await;
    app.begin_with(json!({"user": alice(), "trusted_device": first})).await.status(201);
    assert_eq!(app.subjects().await, ["A browser is no longer trusted for your account at mfa-sidecar"]);
}

#[tokio::test]
async fn a_dead_mail_server_holds_up_no_login_and_loses_no_notice() {
    let app = TestApp::with_totp_required().await;
    app.mail.fail_with(Some(down()));
    app.enrolled(alice()).await;
    assert_eq!(app.waiting(), 1);
    assert!(app.notices().await.is_empty());
    assert_eq!(app.waiting(), 1, "kept");

    app.mail.fail_with(None);
    assert!(app.notices().await.is_empty(), "tried again after a minute, not at once");
    app.advance(60);
    assert_eq!(app.subjects().await.len(), 1);
    assert_eq!(app.waiting(), 0);
}

#[tokio::test]
async fn attempts_grow_apart_and_end_after_three_days() {
    let app = TestApp::with_totp_required().await;
    app.mail.fail_with(Some(down()));
    app.enrolled(alice()).await;
    let began = app.now();
    let mut attempts = Vec::new();
    while app.waiting() > 0 {
        let before = failed_attempts(&app);
        app.notices().await;
        if failed_attempts(&app) != before {
            attempts.push((app.now() - began) / 60);
        }
        app.advance(60);
        assert!(app.now() - began < 4 * 86_400, "it is given up");
    }
    assert_eq!(attempts[..8], [0, 1, 3, 7, 15, 31, 63, 123]);
    assert!((app.now() - began) / 3600 >= 72);
}

#[tokio::test]
async fn what_the_server_refuses_for_good_is_given_up_at_once_and_holds_nothing_up() {
    let app = TestApp::with_totp_required().await;
    app.enrolled(alice()).await;
    app.enrolled(json!({"id": "bob", "name": "bob", "email": "bob@example.org"})).await;
    app.mail.fail_with(Some(DeliveryError::Refused("550".into())));
    app.notices().await;
    assert_eq!(app.waiting(), 0);
}

#[tokio::test]
async fn a_deleted_user_hears_of_nothing_more() {
    let app = TestApp::with_totp_required().await;
    app.mail.fail_with(Some(down()));
    app.enrolled(alice()).await;
    assert_eq!(app.waiting(), 1);
    app.delete_user("alice").await.status(204);
    assert_eq!(app.waiting(), 0);
}

#[derive(QueryableByName)]
struct Attempts {
    #[diesel(sql_type = Integer)]
    attempts: i32,
}

/// What the first notice that waits says of its attempts; the last attempt leaves none.
fn failed_attempts(app: &TestApp) -> Option<i32> {
    let query = sql_query("SELECT attempts FROM outbox");
    query.load::<Attempts>(&mut open(app)).unwrap().first().map(|row| row.attempts)
}

#[tokio::test]
async fn what_waits_is_sent_after_a_restart() {
    let (mail, senders) = one_mail_server();
    let app = TestApp::start_with(Setup { senders, ..Setup::default() }).await;
    app.require_totp().await;
    mail.fail_with(Some(down()));
    for n in 0..3 {
        app.enrolled(json!({"id": format!("user{n}"), "name": "x", "email": "x@example.org"})).await;
    }
    app.service.send_notices().await.unwrap();
    let app = app.restart();
    mail.fail_with(None);
    app.advance(60);
    assert_eq!(app.service.send_notices().await.unwrap(), 3);
    assert_eq!((mail.take().len(), app.waiting()), (3, 0));
}

#[tokio::test]
async fn of_two_replicas_one_sends_it() {
    let (mail, senders) = one_mail_server();
    let app = TestApp::start_with(Setup { senders, ..Setup::default() }).await;
    app.require_totp().await;
    for n in 0..20 {
        app.enrolled(json!({"id": format!("user{n}"), "name": "x", "email": "x@example.org"})).await;
    }
    let replica = app.replica();
    let (one, other) = tokio::join!(app.service.send_notices(), replica.service.send_notices());
    assert_eq!(one.unwrap() + other.unwrap(), 20);
    assert_eq!(mail.take().len(), 20);
}

fn one_mail_server() -> (MemorySender, Senders) {
    let mail = MemorySender::new();
    (mail.clone(), Senders { email: Some(Arc::new(mail)), sms: None })
}

#[tokio::test]
async fn what_a_user_reads_is_in_the_users_language() {
    let app = TestApp::with_totp_required().await;
    app.enrolled(json!({"id": "a", "name": "Änne", "email": "a@example.org", "locale": "de-AT"})).await;
    let mails = app.notices().await;
    assert!(mails[0].text.starts_with("Guten Tag Änne,"), "{}", mails[0].text);
    assert!(mails[0].html.as_deref().unwrap().contains("<html lang=\"de\">"));
    let user = app.user("a").await.status(200);
    assert_eq!(user["authenticators"][0]["name"], "Authenticator-App");
}

#[tokio::test]
async fn without_an_address_nobody_is_told_and_an_enrolled_one_serves() {
    let app = TestApp::start().await;
    app.put_policy(json!({"mode": "required", "methods": ["totp", "email"]})).await.status(200);
    app.enrolled("nobody").await;
    assert_eq!(app.waiting(), 0);
    app.enrolled_by("email", "bob", "bob@example.org").await;
    app.mail.take();
    let mails = app.notices().await;
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].to.expose(), "bob@example.org");
}

#[tokio::test]
async fn names_from_outside_stay_text_in_a_notice() {
    // Abuse list, item 36.
    let app = TestApp::with_totp_required().await;
    let name = "<img src=x> \u{202e}&amp; \"Bob\"";
    app.enrolled(json!({"id": "a", "name": name, "email": "a@example.org"})).await;
    let mail = app.notices().await.remove(0);
    assert!(!mail.html.as_deref().unwrap().contains("<img"));
    assert!(!mail.text.contains('\u{202e}') && !mail.subject.contains(['\n', '\r']));
}

#[tokio::test]
async fn without_a_mail_server_no_notice_is_written() {
    let app = TestApp::start_with(Setup::default()).await;
    app.require_totp().await;
    app.enrolled(alice()).await;
    assert_eq!((app.waiting(), app.service.send_notices().await.unwrap()), (0, 0));
}

#[tokio::test]
async fn a_notice_that_does_not_open_holds_up_no_other() {
    let app = TestApp::with_totp_required().await;
    app.enrolled(alice()).await;
    crate::support::edit(&app, &["UPDATE outbox SET sealed = x'00'"]);
    app.enrolled(json!({"id": "bob", "name": "Bob", "email": "bob@example.org"})).await;
    let mails = app.notices().await;
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].to.expose(), "bob@example.org");
}
