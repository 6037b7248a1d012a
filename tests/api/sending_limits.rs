//! How often codes are sent, to whom, and at whose cost.

use crate::support::{Setup, TestApp, id};
use mfa_sidecar::delivery::Senders;
use mfa_sidecar::delivery::memory::MemorySender;
use mfa_sidecar::domain::sms_limits::SmsLimits;
use serde_json::{Value, json};
use std::sync::Arc;

fn to(method: &str, destination: &str) -> Value {
    json!({"method": method, "destination": destination})
}

/// A server that sends text messages within these limits.
async fn with_limits(sms_limits: SmsLimits) -> (TestApp, MemorySender) {
    let sms = MemorySender::new();
    let senders = Senders { email: None, sms: Some(Arc::new(sms.clone())) };
    let app = TestApp::start_with(Setup { senders, sms_limits }).await;
    app.put_policy(json!({"mode": "required", "methods": ["sms"]})).await.status(200);
    (app, sms)
}

#[tokio::test]
async fn between_two_codes_to_one_destination_there_is_a_pause_whatever_the_login() {
    let app = TestApp::requiring(json!(["email"])).await;
    app.enrolled_by("email", "bob", "bob@example.org").await;
    let login = app.begin("bob").await;
    app.challenge(id(&login), "email").await.status(202);
    app.advance(10);
    let answer = app.challenge(id(&login), "email").await;
    assert_eq!(answer.header("retry-after"), "20");
    assert_eq!(answer.problem("throttled")["retry_after"], 20);
    // Abuse list, item 22: a new login does not help.
    let other = app.begin("bob").await;
    app.challenge(id(&other), "email").await.problem("throttled");
    assert_eq!(app.mail.messages().len(), 2);
    assert_eq!(app.read(id(&login)).await.status(200)["attempts_remaining"], 5);
    // The code that was sent before stays good.
    app.answer_by("email", id(&login), &app.received("email")).await.status(200);
    app.advance(20);
    app.challenge(id(&other), "email").await.status(202);
    assert_eq!(app.causes("bob", "code.withheld").await.len(), 2);
}

#[tokio::test]
async fn a_user_is_sent_ten_codes_an_hour_wherever_they_go() {
    let app = TestApp::requiring(json!(["email"])).await;
    for n in 0..10 {
        let login = app.begin("bob").await;
        let body = to("email", &format!("bob{n}@example.org"));
        app.enroll_with(id(&login), body).await.status(200);
        app.advance(60);
    }
    let login = app.begin("bob").await;
    let problem = app.enroll_with(id(&login), to("email", "bob11@example.org")).await.problem("throttled");
    assert_eq!(problem["retry_after"], 3000, "until the first of them is an hour old");
    // Others are not held back.
    let other = app.begin("carol").await;
    app.enroll_with(id(&other), to("email", "carol@example.org")).await.status(200);
    app.advance(3000);
    let login = app.begin("bob").await;
    app.enroll_with(id(&login), to("email", "bob11@example.org")).await.status(200);
}

#[tokio::test]
async fn a_destination_is_sent_ten_codes_an_hour_whoever_asks() {
    let app = TestApp::requiring(json!(["email"])).await;
    let spellings = ["victim@example.org", "VICTIM@example.org", "victim@EXAMPLE.org"];
    for n in 0..10 {
        let login = app.begin(format!("user{n}").as_str()).await;
        app.enroll_with(id(&login), to("email", spellings[n % 3])).await.status(200);
    }
    for spelling in spellings {
        let login = app.begin("user10").await;
        app.enroll_with(id(&login), to("email", spelling)).await.problem("throttled");
    }
    assert_eq!(app.mail.messages().len(), 10);
    // Another site is not held back by it.
    let other = app.with_site("other", "Other").await;
    other.put_policy(json!({"mode": "required", "methods": ["email"]})).await.status(200);
    let login = other.begin("user1").await;
    other.enroll_with(id(&login), to("email", "victim@example.org")).await.status(200);
}

#[tokio::test]
async fn others_who_enrol_an_address_do_not_lock_out_whose_it_is() {
    let app = TestApp::requiring(json!(["email"])).await;
    app.enrolled_by("email", "carol", "carol@example.org").await;
    for n in 0..9 {
        let login = app.begin(format!("user{n}").as_str()).await;
        app.enroll_with(id(&login), to("email", "carol@example.org")).await.status(200);
    }
    let login = app.begin("user9").await;
    app.enroll_with(id(&login), to("email", "carol@example.org")).await.problem("throttled");
    let login = app.begin("carol").await;
    app.challenge(id(&login), "email").await.status(202);
}

#[tokio::test]
async fn a_site_sends_so_many_text_messages_a_day_and_mails_without_end() {
    let (app, sms) = with_limits(SmsLimits { daily_limit: 3, ..SmsLimits::default() }).await;
    for n in 0..3 {
        let login = app.begin(format!("user{n}").as_str()).await;
        app.enroll_with(id(&login), to("sms", &format!("+491511234567{n}"))).await.status(200);
        app.advance(3600);
    }
    let login = app.begin("user3").await;
    let problem = app.enroll_with(id(&login), to("sms", "+4915112345673")).await.problem("throttled");
    assert_eq!(problem["retry_after"], 21 * 3600);
    assert_eq!(sms.messages().len(), 3);
    app.advance(21 * 3600);
    let login = app.begin("user3").await;
    app.enroll_with(id(&login), to("sms", "+4915112345673")).await.status(200);
}

#[tokio::test]
async fn text_messages_go_to_the_countries_on_the_list_only() {
    let prefixes = vec!["+49".to_owned(), "+43".to_owned()];
    let (app, sms) = with_limits(SmsLimits { prefixes, ..SmsLimits::default() }).await;
    let countries = app.sms_countries().await.status(200);
    assert_eq!(
        countries["countries"],
        json!([{"country": "AT", "calling_code": "+43"}, {"country": "DE", "calling_code": "+49"}])
    );
    let abroad = json!({"id": "bob", "name": "bob", "phone": "+12025550100"});
    let login = app.begin(abroad).await;
    assert_eq!(login["known_destinations"], json!({}));
    for number in ["+12025550100", "+390612345678", "+8821612345678"] {
        let problem = app.enroll_with(id(&login), to("sms", number)).await.problem("invalid-request");
        assert_eq!(problem["errors"][0]["field"], "destination", "{number}");
    }
    assert!(sms.messages().is_empty());
    app.enroll_with(id(&login), to("sms", "+436641234567")).await.status(200);
}

#[tokio::test]
async fn what_failed_counts_for_the_caps_but_makes_nobody_wait() {
    use mfa_sidecar::delivery::DeliveryError;
    let app = TestApp::requiring(json!(["email"])).await;
    app.mail.fail_with(Some(DeliveryError::NoAnswer("down".into())));
    let login = app.begin("bob").await;
    for _ in 0..10 {
        app.enroll_with(id(&login), to("email", "bob@example.org")).await.problem("delivery-failed");
    }
    app.enroll_with(id(&login), to("email", "bob@example.org")).await.problem("throttled");
}

#[tokio::test]
async fn the_counts_hold_across_a_restart_and_over_replicas() {
    let app = TestApp::requiring(json!(["email"])).await;
    let login = app.begin("bob").await;
    app.enroll_with(id(&login), to("email", "bob@example.org")).await.status(200);
    let replica = app.replica();
    replica.enroll_with(id(&login), to("email", "bob@example.org")).await.problem("throttled");
    drop(replica);
    let app = app.restart();
    app.enroll_with(id(&login), to("email", "bob@example.org")).await.problem("throttled");
    app.confirm(id(&login), &app.received("email")).await.status(200);
}
