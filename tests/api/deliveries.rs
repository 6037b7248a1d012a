//! What becomes of a code between the service and whoever carries it: slow, down, gone.

use crate::support::{Setup, TestApp, id};
use mfa_sidecar::delivery::memory::MemorySender;
use mfa_sidecar::delivery::{DeliveryError, Message, Sender, Senders, Sending};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// A mail server that delivers at once and says what it thinks of it only when it is let.
#[derive(Clone)]
struct SlowServer {
    delivered: MemorySender,
    says: Arc<Semaphore>,
    verdict: Result<(), DeliveryError>,
}

impl Sender for SlowServer {
    fn send(&self, message: Message) -> Sending {
        let Self { delivered, says, verdict } = self.clone();
        Box::pin(async move {
            delivered.send(message).await?;
            says.acquire().await.expect("open").forget();
            verdict
        })
    }
}

/// "E-mail required", with such a server; it speaks for each permit that the semaphore is given.
async fn with_slow_server(verdict: Result<(), DeliveryError>) -> (TestApp, Arc<Semaphore>) {
    let (delivered, says) = (MemorySender::new(), Arc::new(Semaphore::new(0)));
    let server = SlowServer { delivered: delivered.clone(), says: Arc::clone(&says), verdict };
    let senders = Senders { email: Some(Arc::new(server)), sms: None };
    let mut app = TestApp::start_with(Setup { senders, ..Setup::default() }).await;
    app.mail = delivered;
    app.put_policy(json!({"mode": "required", "methods": ["email"]})).await.status(200);
    (app, says)
}

fn to_alice() -> Value {
    json!({"method": "email", "destination": "alice@example.org"})
}

/// Asks for a code in the background, until the server has the message and thinks about it.
async fn asked(app: &TestApp, login: &Value) -> tokio::task::JoinHandle<crate::answer::Answer> {
    let (calling, login) = (app.clone(), id(login).to_owned());
    let asking = tokio::spawn(async move { calling.enroll_with(&login, to_alice()).await });
    while app.mail.messages().is_empty() {
        assert!(!asking.is_finished());
        tokio::task::yield_now().await;
    }
    asking
}

async fn sent_code(app: &TestApp, login: &Value) -> Value {
    app.read(id(login)).await.status(200)["sent_code"].clone()
}

#[tokio::test]
async fn while_the_mail_server_thinks_the_code_is_pending_and_good() {
    let (app, says) = with_slow_server(Ok(())).await;
    let login = app.begin("alice").await;
    let asking = asked(&app, &login).await;
    let sent = sent_code(&app, &login).await;
    assert_eq!((&sent["delivery"], &sent["resend_after"]), (&json!("pending"), &json!(30)));
    app.enroll_with(id(&login), to_alice()).await.problem("throttled");

    let passed = app.confirm(id(&login), &app.received("email")).await.status(200);
    assert_eq!(passed["status"], "passed");
    says.add_permits(1);
    assert_eq!(asking.await.unwrap().status(200)["destination"], "a••••@example.org");
}

#[tokio::test]
async fn who_hangs_up_while_the_mail_server_thinks_finds_the_code_accepted_later() {
    let (app, says) = with_slow_server(Ok(())).await;
    let login = app.begin("alice").await;
    let asking = asked(&app, &login).await;
    asking.abort();
    assert!(asking.await.unwrap_err().is_cancelled());
    assert_eq!(sent_code(&app, &login).await["delivery"], "pending");
    says.add_permits(1);
    // Nobody waits for it any more, so it is asked until it is written down.
    for _ in 0..10_000 {
        if sent_code(&app, &login).await["delivery"] != "pending" {
            break;
        }
        tokio::task::yield_now().await;
    }
    assert_eq!(sent_code(&app, &login).await["delivery"], "accepted");
    app.confirm(id(&login), &app.received("email")).await.status(200);
}

#[tokio::test]
async fn a_code_that_came_although_the_mail_server_never_said_so_is_good() {
    let (app, says) = with_slow_server(Err(DeliveryError::NoAnswer("timed out".into()))).await;
    says.add_permits(1);
    let login = app.begin("alice").await;
    app.enroll_with(id(&login), to_alice()).await.problem("delivery-failed");
    assert_eq!(sent_code(&app, &login).await["delivery"], "failed");
    app.confirm(id(&login), &app.received("email")).await.status(200);
}

/// "E-mail or text message required", and a user who has both.
async fn with_both() -> TestApp {
    let app = TestApp::requiring(json!(["email", "sms"])).await;
    let passed = app.enrolled_by("email", "alice", "alice@example.org").await;
    let number = json!({"method": "sms", "destination": "+4915112345678"});
    let begun = app.begin_own("alice", number, id(&passed)).await.status(201);
    app.confirm_own("alice", id(&begun), &app.received("sms"), id(&passed)).await.status(200);
    app.next_step();
    app
}

#[tokio::test]
async fn at_a_login_one_gateway_that_is_down_leaves_the_other_way_open_and_itself_for_a_new_try() {
    let app = with_both().await;
    for error in [DeliveryError::NoAnswer("down".into()), DeliveryError::Refused("no credit".into())] {
        app.sms.fail_with(Some(error));
        let login = app.begin("alice").await;
        let problem = app.challenge(id(&login), "sms").await.problem("delivery-failed");
        assert!(!problem.to_string().contains("15112345678") && !problem.to_string().contains("credit"));
        let read = app.read(id(&login)).await.status(200);
        assert_eq!((&read["status"], &read["attempts_remaining"]), (&json!("challenge_required"), &json!(5)));
        assert_eq!(read["methods"].as_array().unwrap().len(), 3, "sms, e-mail and recovery codes, as before");
        app.challenge(id(&login), "email").await.status(202);
        assert_eq!(sent_code(&app, &login).await["delivery"], "accepted");
        app.answer_by("email", id(&login), &app.received("email")).await.status(200);

        let login = app.begin("alice").await;
        app.challenge(id(&login), "sms").await.problem("delivery-failed");
        app.sms.fail_with(None);
        app.challenge(id(&login), "sms").await.status(202);
        app.answer_by("sms", id(&login), &app.received("sms")).await.status(200);
        app.next_step();
    }
    let causes = app.audit("?user=alice&action=code.not_delivered").await.status(200);
    assert_eq!(causes["events"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn in_an_open_session_a_gateway_that_is_down_costs_nothing_but_the_try() {
    let app = TestApp::requiring(json!(["totp", "email"])).await;
    let alice = app.enrolled("alice").await;
    let proof = app.proven(&alice).await;
    app.mail.fail_with(Some(DeliveryError::NoAnswer("down".into())));
    app.begin_own("alice", to_alice(), &proof).await.problem("delivery-failed");
    app.mail.fail_with(None);
    let begun = app.begin_own("alice", to_alice(), &proof).await.status(201);
    app.next_step();
    app.mail.fail_with(Some(DeliveryError::Refused("550".into())));
    app.resend_own("alice", id(&begun), &proof).await.problem("delivery-failed");
    app.mail.fail_with(None);
    app.resend_own("alice", id(&begun), &proof).await.status(202);
    app.confirm_own("alice", id(&begun), &app.received("email"), &proof).await.status(200);
    assert_eq!(app.authenticators("alice").await.len(), 2);
}

#[tokio::test]
async fn a_service_that_has_lost_its_mail_server_sends_nothing_and_takes_what_was_sent_before() {
    let app = TestApp::requiring(json!(["totp", "email"])).await;
    let passed = app.enrolled_by("email", "alice", "alice@example.org").await;
    let (sent_for, other) = (app.begin("alice").await, app.begin("alice").await);
    app.challenge(id(&sent_for), "email").await.status(202);

    let without = app.replica_with(Setup::default());
    without.challenge(id(&other), "email").await.problem("method-not-available");
    let new = without.begin("bob").await;
    assert_eq!(new["enrollable"], json!(["totp"]));
    assert_eq!(without.user("alice").await.status(200)["enrollable"], json!(["totp"]));
    without.answer_by("email", id(&sent_for), &app.received("email")).await.status(200);
    // Who has nothing but the address is shown it all the same, is not let in without it, and not asked to enrol alone.
    let stuck = without.begin("alice").await;
    assert_eq!(stuck["status"], "challenge_required");
    let shown: Vec<_> = stuck["methods"].as_array().unwrap().iter().map(|m| &m["method"]).collect();
    assert_eq!(shown, ["email", "recovery_code"]);
    assert_eq!(stuck["methods"][0]["destination"], "a••••@example.org");
    without.challenge(id(&stuck), "email").await.problem("method-not-available");
    without.enroll(id(&stuck)).await.problem("already-enrolled");
    assert_eq!(without.read(id(&stuck)).await.status(200)["attempts_remaining"], 5);
    let code = passed["recovery_codes"][0].as_str().unwrap();
    assert_eq!(without.recover(id(&stuck), code).await.status(200)["status"], "passed");
}

#[tokio::test]
async fn where_the_only_wanted_method_cannot_be_sent_nobody_passes_and_nobody_is_promised_a_code() {
    let app = TestApp::requiring(json!(["email"])).await;
    app.enrolled_by("email", "alice", "alice@example.org").await;
    let without = app.replica_with(Setup::default());
    let new = without.begin("bob").await;
    assert_eq!((&new["status"], &new["enrollable"]), (&json!("enrollment_required"), &json!([])));
    let to_bob = json!({"method": "email", "destination": "bob@example.org"});
    without.enroll_with(id(&new), to_bob.clone()).await.problem("method-not-available");
    without.enroll(id(&new)).await.problem("method-not-available");
    let stuck = without.begin("alice").await;
    without.challenge(id(&stuck), "email").await.problem("method-not-available");
    without.answer_by("email", id(&stuck), "123456").await.problem("code-rejected");
    // Once there is a mail server again, the same logins go on.
    app.enroll_with(id(&new), to_bob).await.status(200);
    app.confirm(id(&new), &app.received("email")).await.status(200);
    app.challenge(id(&stuck), "email").await.status(202);
    app.answer_by("email", id(&stuck), &app.received("email")).await.status(200);
}

#[tokio::test]
async fn what_cannot_be_sent_now_is_not_offered_beside_what_can_be_answered() {
    let app = TestApp::requiring(json!(["totp", "email"])).await;
    let alice = app.enrolled("alice").await;
    let proof = app.proven(&alice).await;
    let begun = app.begin_own("alice", to_alice(), &proof).await.status(201);
    app.confirm_own("alice", id(&begun), &app.received("email"), &proof).await.status(200);
    app.prefer("alice", json!({"method": "email"}), &proof).await.status(204);
    assert_eq!(app.begin("alice").await["methods"][0]["method"], "email");

    let without = app.replica_with(Setup::default());
    let login = without.begin("alice").await;
    assert_eq!(login["methods"][0], json!({"method": "totp", "preferred": true}));
    assert!(!login["methods"].to_string().contains("email"), "{login}");
    app.next_step();
    without.answer(id(&login), &app.code(&alice.phone)).await.status(200);
}

#[tokio::test]
async fn a_resend_that_is_refused_since_the_sender_is_gone_leaves_the_code_on_its_way_good() {
    let app = TestApp::requiring(json!(["totp", "email"])).await;
    let alice = app.enrolled("alice").await;
    let proof = app.proven(&alice).await;
    let begun = app.begin_own("alice", to_alice(), &proof).await.status(201);
    app.next_step();
    let without = app.replica_with(Setup::default());
    without.resend_own("alice", id(&begun), &proof).await.problem("method-not-available");
    let sent = app.audit("?user=alice&action=code.sent").await.status(200);
    assert_eq!(sent["events"].as_array().unwrap().len(), 1, "what was not sent is not on record as sent");
    app.confirm_own("alice", id(&begun), &app.received("email"), &proof).await.status(200);
}
