//! Codes by e-mail and text message: enrolled with, signed in with, and good for nothing else.

use crate::support::{Setup, TestApp, id};
use mfa_sidecar::delivery::memory::MemorySender;
use mfa_sidecar::delivery::{DeliveryError, Senders};
use mfa_sidecar::domain::time::Timestamp;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

pub const NUMBER: &str = "+4915112345678";

pub fn alice() -> Value {
    json!({"id": "alice", "name": "Alice", "email": "alice@example.org", "phone": NUMBER})
}

impl TestApp {
    /// A server whose policy requires one of these methods.
    pub async fn requiring(methods: Value) -> Self {
        let app = Self::start().await;
        app.put_policy(json!({"mode": "required", "methods": methods})).await.status(200);
        app
    }

    /// Messages with codes, so far, by both ways.
    pub fn sent(&self) -> usize {
        self.mail.messages().len() + self.sms.messages().len()
    }
}

/// Six digits that are not these.
pub fn another(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)
}

#[tokio::test]
async fn an_address_is_enrolled_by_the_code_that_reaches_it() {
    let app = TestApp::requiring(json!(["totp", "email"])).await;
    let login = app.begin(alice()).await;
    assert_eq!(login["enrollable"], json!(["totp", "email"]));
    assert_eq!(login["known_destinations"], json!({"email": "a••••@example.org"}));
    assert_eq!(login["sent_code"], Value::Null);

    let begun = app.enroll_with(id(&login), json!({"method": "email"})).await;
    assert!(!begun.text.contains("alice@example.org"), "masked");
    let begun = begun.status(200);
    assert_eq!(begun["destination"], "a••••@example.org");
    assert_eq!(begun["resend_after"], 30);
    assert_eq!(begun["expires_at"], "2026-01-07T09:30:00Z");
    assert_eq!(begun["secret"], Value::Null);

    let mail = app.mail.messages().remove(0);
    assert_eq!(mail.to.expose(), "alice@example.org");
    let code = app.received("email");
    assert!(!mail.subject.contains(&code), "a subject is shown on locked screens");

    let wrong = app.confirm(id(&login), &another(&code)).await.problem("code-rejected");
    assert_eq!(wrong["attempts_remaining"], 4);
    let passed = app.confirm(id(&login), &code).await.status(200);
    assert_eq!((&passed["status"], &passed["method"]), (&json!("passed"), &json!("email")));
    assert_eq!(passed["amr"], json!(["urn:mfa-sidecar:email"]));
    assert_eq!(passed["enrolled_now"], true);
    assert_eq!(passed["recovery_codes"].as_array().unwrap().len(), 10);
    let user = app.user("alice").await;
    assert!(!user.text.contains("alice@example.org"));
    let user = user.status(200);
    assert_eq!(user["authenticators"][0]["destination"], "a••••@example.org");
    assert_eq!(user["authenticators"][0]["name"], "E-mail");
}

#[tokio::test]
async fn a_number_is_enrolled_in_national_form_and_signs_in() {
    let app = TestApp::requiring(json!(["sms"])).await;
    let login = app.begin("bob").await;
    assert_eq!(login["known_destinations"], json!({}));
    let body = json!({"method": "sms", "destination": "0151 1234-5678", "country": "DE"});
    let begun = app.enroll_with(id(&login), body).await.status(200);
    assert_eq!(begun["destination"], "+49 •••• 78");
    assert_eq!(app.sms.messages()[0].to.expose(), NUMBER);
    let passed = app.confirm(id(&login), &app.received("sms")).await.status(200);
    assert_eq!(passed["amr"], json!(["otp", "sms"]));
    app.next_step();

    let login = app.begin("bob").await;
    assert_eq!(login["methods"][0]["method"], "sms");
    assert_eq!(login["methods"][0]["preferred"], true);
    assert_eq!(login["methods"][0]["destination"], "+49 •••• 78");
    let sent = app.challenge(id(&login), "sms").await;
    assert!(!sent.text.contains("15112345678"));
    let sent = sent.status(202);
    assert_eq!(sent["destination"], "+49 •••• 78");
    assert_eq!(sent["resend_after"], 30);
    assert_eq!(sent["authenticator_id"], login["methods"][0]["authenticator_id"]);
    let passed = app.answer_by("sms", id(&login), &app.received("sms")).await.status(200);
    assert_eq!((&passed["status"], &passed["method"]), (&json!("passed"), &json!("sms")));
    assert_eq!(passed["amr"], json!(["otp", "sms"]));
    assert_eq!(passed["sent_code"], Value::Null);
}

#[tokio::test]
async fn a_code_is_good_once() {
    // Abuse list, item 3.
    let app = TestApp::requiring(json!(["email"])).await;
    app.enrolled_by("email", alice(), "alice@example.org").await;
    let login = app.begin(alice()).await;
    app.challenge(id(&login), "email").await.status(202);
    let code = app.received("email");
    app.answer_by("email", id(&login), &code).await.status(200);
    app.answer_by("email", id(&login), &code).await.problem("login-not-pending");
    let next = app.begin(alice()).await;
    app.answer_by("email", id(&next), &code).await.problem("code-rejected");
}

#[tokio::test]
async fn a_code_expires_after_ten_minutes() {
    let app = TestApp::requiring(json!(["email"])).await;
    app.enrolled_by("email", alice(), "alice@example.org").await;
    let login = app.begin(alice()).await;
    let sent = app.challenge(id(&login), "email").await.status(202);
    let read = app.read(id(&login)).await.status(200);
    assert_eq!(read["expires_at"], sent["expires_at"], "the login waits for its code");
    app.advance(599);
    app.answer_by("email", id(&login), &another(&app.received("email"))).await.problem("code-rejected");
    app.advance(1);
    app.answer_by("email", id(&login), &app.received("email")).await.problem("login-expired");
}

/// "E-mail required", where logins and enrolments wait longer than codes are good.
async fn with_an_hour() -> TestApp {
    let mail = MemorySender::new();
    let senders = Senders { email: Some(Arc::new(mail.clone())), sms: None };
    let setup = Setup { senders, lifetime: Some(Duration::from_secs(3600)), ..Setup::default() };
    let mut app = TestApp::start_with(setup).await;
    app.mail = mail;
    app.put_policy(json!({"mode": "required", "methods": ["email"]})).await.status(200);
    app
}

#[tokio::test]
async fn a_code_that_expires_before_its_login_is_rejected_with_that_cause_and_the_next_one_opens_it() {
    let app = with_an_hour().await;
    app.enrolled_by("email", alice(), "alice@example.org").await;
    let login = app.begin(alice()).await;
    let sent = app.challenge(id(&login), "email").await.status(202);
    assert_eq!(sent["expires_at"], "2026-01-07T09:30:30Z");
    let late = app.received("email");
    app.advance(600);
    let read = app.read(id(&login)).await.status(200);
    assert_eq!(
        (&read["status"], &read["expires_at"]),
        (&json!("challenge_required"), &json!("2026-01-07T10:20:30Z"))
    );
    let told = app.answer_by("email", id(&login), &late).await.problem("code-rejected");
    assert_eq!(told["attempts_remaining"], 4);
    app.answer_by("email", id(&login), &another(&late)).await.problem("code-rejected");
    assert_eq!(app.causes("alice", "code.rejected").await, ["wrong", "expired"]);

    app.challenge(id(&login), "email").await.status(202);
    let next = app.received("email");
    if late != next {
        app.answer_by("email", id(&login), &late).await.problem("code-rejected");
    }
    app.advance(599);
    app.answer_by("email", id(&login), &next).await.status(200);
}

#[tokio::test]
async fn a_code_that_expires_before_its_enrolment_enrols_nothing_and_the_next_one_does() {
    let app = with_an_hour().await;
    let to_alice = || json!({"method": "email", "destination": "alice@example.org"});
    app.put_user("alice", json!({"name": "alice"})).await.status(204);
    let (forced, own) = (app.begin("bob").await, app.begin_own("alice", to_alice(), "").await.status(201));
    let for_own = app.received("email");
    let to_bob = json!({"method": "email", "destination": "bob@example.org"});
    app.enroll_with(id(&forced), to_bob.clone()).await.status(200);
    let for_forced = app.received("email");
    app.advance(600);
    let told = app.confirm(id(&forced), &for_forced).await.problem("code-rejected");
    assert_eq!(told["attempts_remaining"], 4);
    app.confirm_own("alice", id(&own), &for_own, "").await.problem("code-rejected");
    for user in ["alice", "bob"] {
        assert_eq!(app.user(user).await.status(200)["enrolled"], false);
    }
    app.enroll_with(id(&forced), to_bob).await.status(200);
    app.confirm(id(&forced), &app.received("email")).await.status(200);
    app.resend_own("alice", id(&own), "").await.status(202);
    app.advance(599);
    app.confirm_own("alice", id(&own), &app.received("email"), "").await.status(200);
}

#[tokio::test]
async fn sending_moves_the_end_of_a_login_once() {
    let app = TestApp::requiring(json!(["email"])).await;
    app.enrolled_by("email", alice(), "alice@example.org").await;
    let login = app.begin(alice()).await;
    let first = app.challenge(id(&login), "email").await.status(202);
    app.advance(300);
    let second = app.challenge(id(&login), "email").await.status(202);
    assert_eq!(second["expires_at"], first["expires_at"]);
    assert_eq!(app.read(id(&login)).await.status(200)["expires_at"], first["expires_at"]);
    app.answer_by("email", id(&login), &app.received("email")).await.status(200);
}

#[tokio::test]
async fn a_code_for_the_old_factor_and_one_for_the_new_move_the_end_once_together() {
    let app = TestApp::requiring(json!(["email"])).await;
    app.enrolled_by("email", alice(), "alice@example.org").await;
    app.put_policy(json!({"mode": "required", "methods": ["sms"]})).await.status(200);
    let login = app.begin(alice()).await;
    app.challenge(id(&login), "email").await.status(202);
    app.advance(300);
    let proven = app.answer_by("email", id(&login), &app.received("email")).await.status(200);
    assert_eq!(proven["status"], "enrollment_required");
    // The enrolment has its 600 s from here; a code sent in the middle of them moves nothing any more.
    app.advance(400);
    let body = json!({"method": "sms", "destination": "+4915112345678"});
    let begun = app.enroll_with(id(&login), body).await.status(200);
    assert_eq!(begun["expires_at"], proven["expires_at"]);
    app.confirm(id(&login), &app.received("sms")).await.status(200);
}

#[tokio::test]
async fn a_clock_set_back_neither_holds_up_codes_nor_spends_them() {
    let app = TestApp::requiring(json!(["email"])).await;
    app.enrolled_by("email", alice(), "alice@example.org").await;
    let login = app.begin(alice()).await;
    app.challenge(id(&login), "email").await.status(202);
    app.answer_by("email", id(&login), &app.received("email")).await.status(200);
    app.clock.set(Timestamp::from_seconds(app.now() - 3600));
    let login = app.begin(alice()).await;
    app.challenge(id(&login), "email").await.status(202);
    let code = app.received("email");
    app.answer_by("email", id(&login), &code).await.status(200);
    let next = app.begin(alice()).await;
    app.answer_by("email", id(&next), &code).await.problem("code-rejected");
}

#[tokio::test]
async fn a_resend_voids_the_older_code() {
    // Abuse list, item 23.
    let app = TestApp::requiring(json!(["email"])).await;
    app.enrolled_by("email", alice(), "alice@example.org").await;
    let login = app.begin(alice()).await;
    app.challenge(id(&login), "email").await.status(202);
    let older = app.received("email");
    app.next_step();
    app.challenge(id(&login), "email").await.status(202);
    let newer = app.received("email");
    // By chance they are the same once in a million times.
    if older != newer {
        app.answer_by("email", id(&login), &older).await.problem("code-rejected");
    }
    app.answer_by("email", id(&login), &newer).await.status(200);
}

#[tokio::test]
async fn a_code_that_was_sent_before_one_that_passed_is_spent_in_every_login() {
    let app = TestApp::requiring(json!(["email"])).await;
    app.enrolled_by("email", alice(), "alice@example.org").await;
    let (one, other) = (app.begin(alice()).await, app.begin(alice()).await);
    app.challenge(id(&one), "email").await.status(202);
    let older = app.received("email");
    app.next_step();
    app.challenge(id(&other), "email").await.status(202);
    app.answer_by("email", id(&other), &app.received("email")).await.status(200);
    app.answer_by("email", id(&one), &older).await.problem("code-rejected");
    assert_eq!(app.causes("alice", "code.rejected").await, ["replayed"]);
}

#[tokio::test]
async fn a_reload_shows_what_was_sent_and_sends_nothing() {
    let app = TestApp::requiring(json!(["email"])).await;
    let login = app.begin(alice()).await;
    app.enroll_with(id(&login), json!({"method": "email"})).await.status(200);
    app.advance(10);
    let read = app.read(id(&login)).await.status(200);
    assert_eq!(
        read["sent_code"],
        json!({
            "method": "email", "authenticator_id": null, "destination": "a••••@example.org",
            "expires_at": "2026-01-07T09:30:00Z", "resend_after": 20, "delivery": "accepted",
        })
    );
    app.confirm(id(&login), &app.received("email")).await.status(200);
    app.next_step();

    let login = app.begin(alice()).await;
    let sent = app.challenge(id(&login), "email").await.status(202);
    app.advance(60);
    let read = app.read(id(&login)).await.status(200);
    assert_eq!(read["sent_code"]["authenticator_id"], sent["authenticator_id"]);
    assert_eq!((&read["sent_code"]["resend_after"], app.sent()), (&json!(0), 2));
}

#[tokio::test]
async fn each_of_several_addresses_can_be_chosen() {
    let app = TestApp::requiring(json!(["email"])).await;
    let first = app.enrolled_by("email", alice(), "first@example.org").await;
    let proof = id(&first).to_owned();
    let second = json!({"method": "email", "destination": "second@example.org", "name": "Second"});
    let begun = app.begin_own("alice", second, &proof).await.status(201);
    app.confirm_own("alice", id(&begun), &app.received("email"), &proof).await.status(200);
    app.next_step();

    let login = app.begin(alice()).await;
    let methods = login["methods"].as_array().unwrap();
    let shown: Vec<_> =
        methods[..2].iter().map(|m| (m["destination"].clone(), m["preferred"].clone())).collect();
    assert_eq!(
        shown,
        [(json!("f••••@example.org"), json!(true)), (json!("s••••@example.org"), json!(false))]
    );
    for method in &methods[..2] {
        let body = json!({"method": "email", "authenticator_id": method["authenticator_id"]});
        let sent = app.challenge_with(id(&login), body).await.status(202);
        assert_eq!(sent["destination"], method["destination"]);
        app.next_step();
    }
    app.answer_by("email", id(&login), &app.received("email")).await.status(200);

    // The one that was used last is asked without a choice.
    let login = app.begin(alice()).await;
    assert_eq!(app.challenge(id(&login), "email").await.status(202)["destination"], "s••••@example.org");
    for wrong in [json!("x"), json!("0198b2a6-2f5c-7000-8000-5d1f0e8c7a11")] {
        let answer =
            app.challenge_with(id(&login), json!({"method": "email", "authenticator_id": wrong})).await;
        assert!(["invalid-request", "method-not-available"].contains(&answer.code()), "{answer:?}");
    }
}

#[tokio::test]
async fn wrong_codes_count_for_login_and_user_like_any_others() {
    let app = TestApp::requiring(json!(["email"])).await;
    app.enrolled_by("email", alice(), "alice@example.org").await;
    let login = app.begin(alice()).await;
    // Also without one that was sent.
    app.answer_by("email", id(&login), "123456").await.problem("code-rejected");
    app.challenge(id(&login), "email").await.status(202);
    let code = app.received("email");
    for (left, wrong) in [(3, another(&code)), (2, "12345".into()), (1, String::new())] {
        let problem = app.answer_by("email", id(&login), &wrong).await.problem("code-rejected");
        assert_eq!(problem["attempts_remaining"], left);
    }
    app.answer_by("email", id(&login), "000000x").await.problem("code-rejected");
    app.answer_by("email", id(&login), &code).await.problem("login-not-pending");
    let next = app.begin(alice()).await;
    assert_eq!(next["retry_after"], 30);
    let sent = app.sent();
    app.challenge(id(&next), "email").await.problem("throttled");
    assert_eq!(app.sent(), sent, "a locked user is sent nothing");
    assert_eq!(
        app.causes("alice", "code.rejected").await,
        ["malformed", "malformed", "malformed", "wrong", "wrong"]
    );
}

#[tokio::test]
async fn a_gateway_that_is_down_is_told_of_and_holds_up_no_other_way() {
    let app = TestApp::requiring(json!(["email", "totp"])).await;
    let login = app.begin(alice()).await;
    app.mail.fail_with(Some(DeliveryError::NoAnswer("down".into())));
    app.enroll_with(id(&login), json!({"method": "email"})).await.problem("delivery-failed");
    let read = app.read(id(&login)).await.status(200);
    assert_eq!(read["sent_code"]["delivery"], "failed");
    assert_eq!((&read["sent_code"]["resend_after"], &read["attempts_remaining"]), (&json!(0), &json!(5)));
    // Another try at once, another way, and the mail again once it works.
    app.enroll_with(id(&login), json!({"method": "email"})).await.problem("delivery-failed");
    app.scan(&login).await;
    app.mail.fail_with(None);
    app.enroll_with(id(&login), json!({"method": "email"})).await.status(200);
    app.confirm(id(&login), &app.received("email")).await.status(200);
    app.next_step();

    app.mail.fail_with(Some(DeliveryError::Refused("550".into())));
    let login = app.begin(alice()).await;
    app.challenge(id(&login), "email").await.problem("delivery-failed");
    assert_eq!(app.read(id(&login)).await.status(200)["sent_code"]["delivery"], "failed");
    let failed = app.audit("?user=alice&action=code.not_delivered").await.status(200);
    assert_eq!(failed["events"].as_array().unwrap().len(), 3);
    assert_eq!(failed["events"][0]["method"], "email");
}

#[tokio::test]
async fn without_a_way_to_send_nothing_that_is_sent_is_offered() {
    let app = TestApp::start_with(Setup::default()).await;
    app.require_totp().await;
    let login = app.begin(alice()).await;
    assert_eq!(login["enrollable"], json!(["totp"]));
    for method in ["email", "sms", "webauthn"] {
        app.enroll_with(id(&login), json!({"method": method})).await.problem("method-not-available");
    }
    assert_eq!(app.sms_countries().await.status(200), json!({"countries": []}));
}

#[tokio::test]
async fn an_app_is_sent_no_code() {
    let app = TestApp::requiring(json!(["totp", "email"])).await;
    app.enrolled("bob").await;
    let login = app.begin("bob").await;
    for method in ["totp", "email", "sms"] {
        app.challenge(id(&login), method).await.problem("method-not-available");
    }
    app.challenge_with(id(&login), json!({"method": "recovery_code"})).await.problem("invalid-request");
    assert_eq!((app.sent(), &app.read(id(&login)).await.status(200)["attempts_remaining"]), (0, &json!(5)));
}

#[tokio::test]
async fn e_mail_never_satisfies_a_policy_that_names_only_totp() {
    // Abuse list, item 28a: the old factor is proven first, then a wanted one enrolled, never enrolled alone.
    let app = TestApp::requiring(json!(["email"])).await;
    app.enrolled_by("email", alice(), "alice@example.org").await;
    let open = app.begin(alice()).await;
    app.require_totp().await;

    let login = app.begin(alice()).await;
    assert_eq!(login["status"], "challenge_required");
    assert_eq!(login["methods"][0]["method"], "email", "still accepted, for this only");
    app.enroll(id(&login)).await.problem("already-enrolled");
    app.confirm(id(&login), "123456").await.problem("already-enrolled");
    app.challenge(id(&login), "email").await.status(202);
    let proven = app.answer_by("email", id(&login), &app.received("email")).await.status(200);
    assert_eq!(proven["status"], "enrollment_required");
    assert_eq!((&proven["enrollable"], &proven["amr"]), (&json!(["totp"]), &json!([])));
    assert_eq!(proven["sent_code"], Value::Null);
    app.enroll_with(id(&login), json!({"method": "email"})).await.problem("method-not-available");
    let phone = app.scan(&login).await;
    let passed = app.confirm(id(&login), &app.code(&phone)).await.status(200);
    assert_eq!((&passed["method"], passed["recovery_codes"].is_null()), (&json!("totp"), true));
    app.next_step();

    // From now on the policy's method alone is asked for.
    let login = app.begin(alice()).await;
    assert_eq!(login["methods"][0], json!({"method": "totp", "preferred": true}));
    assert_eq!(login["methods"][1]["method"], "recovery_code");
    app.challenge(id(&login), "email").await.problem("method-not-available");
    app.answer_by("email", id(&login), "123456").await.problem("method-not-available");
    // A login from before the change goes by the policy that it began under.
    assert_eq!(app.read(id(&open)).await.status(200)["status"], "challenge_required");
    app.challenge(id(&open), "email").await.status(202);
    let passed = app.answer_by("email", id(&open), &app.received("email")).await.status(200);
    assert_eq!(passed["status"], "passed");
}

#[tokio::test]
async fn sending_moves_the_end_of_an_enrolment_once() {
    let app = TestApp::requiring(json!(["email"])).await;
    let login = app.begin("bob").await;
    assert_eq!(login["expires_at"], "2026-01-07T09:30:00Z");
    let to = |address: &str| json!({"method": "email", "destination": address});
    app.advance(500);
    let sent = app.enroll_with(id(&login), to("bob@example.org")).await.status(200);
    assert_eq!(sent["expires_at"], "2026-01-07T09:38:20Z", "ten minutes from the sending");
    app.advance(500);
    let again = app.enroll_with(id(&login), to("bob@example.com")).await.status(200);
    assert_eq!(again["expires_at"], sent["expires_at"]);
    assert_eq!(app.read(id(&login)).await.status(200)["expires_at"], sent["expires_at"]);
    app.advance(99);
    app.confirm(id(&login), &another(&app.received("email"))).await.problem("code-rejected");
    app.advance(1);
    app.confirm(id(&login), &app.received("email")).await.problem("login-expired");
}

/// "E-mail or text message required", and a user who has both.
pub async fn with_address_and_number(address: &str, number: &str) -> TestApp {
    let app = TestApp::requiring(json!(["email", "sms"])).await;
    let passed = app.enrolled_by("email", alice(), address).await;
    let number = json!({"method": "sms", "destination": number});
    let begun = app.begin_own("alice", number, id(&passed)).await.status(201);
    app.confirm_own("alice", id(&begun), &app.received("sms"), id(&passed)).await.status(200);
    app.next_step();
    app
}

#[tokio::test]
async fn a_sent_code_is_taken_however_it_is_typed() {
    // Abuse list, item 6.
    let app = TestApp::requiring(json!(["email"])).await;
    app.enrolled_by("email", alice(), "alice@example.org").await;
    let full_width = |code: &str| -> String {
        code.bytes().map(|digit| char::from_u32(0xff10 + u32::from(digit - b'0')).unwrap()).collect()
    };
    for n in 0..3 {
        let login = app.begin(alice()).await;
        app.challenge(id(&login), "email").await.status(202);
        let code = app.received("email");
        let (left, right) = code.split_at(3);
        let spellings = [format!("{left} {right}"), format!("\u{a0}{left}-{right}\t"), full_width(&code)];
        app.answer_by("email", id(&login), &format!("+{code}")).await.problem("code-rejected");
        app.answer_by("email", id(&login), &spellings[n]).await.status(200);
        app.next_step();
    }
}

#[tokio::test]
async fn a_right_code_ends_the_count_of_failures() {
    let app = TestApp::requiring(json!(["email"])).await;
    app.enrolled_by("email", alice(), "alice@example.org").await;
    for _ in 0..2 {
        let login = app.begin(alice()).await;
        app.challenge(id(&login), "email").await.status(202);
        let code = app.received("email");
        for _ in 0..4 {
            app.answer_by("email", id(&login), &another(&code)).await.problem("code-rejected");
        }
        assert_eq!(app.begin(alice()).await["retry_after"], Value::Null);
        app.answer_by("email", id(&login), &code).await.status(200);
        app.next_step();
    }
}

#[tokio::test]
async fn while_locked_a_right_code_counts_and_spends_nothing() {
    let app = TestApp::requiring(json!(["email"])).await;
    app.enrolled_by("email", alice(), "alice@example.org").await;
    let login = app.begin(alice()).await;
    app.challenge(id(&login), "email").await.status(202);
    let code = app.received("email");
    let other = app.begin(alice()).await;
    for _ in 0..5 {
        app.answer_by("email", id(&other), "12345").await.problem("code-rejected");
    }
    app.answer_by("email", id(&login), &code).await.problem("throttled");
    app.answer_by("email", id(&login), &another(&code)).await.problem("throttled");
    assert_eq!(app.read(id(&login)).await.status(200)["attempts_remaining"], 5);
    app.advance(30);
    app.answer_by("email", id(&login), &code).await.status(200);
}
