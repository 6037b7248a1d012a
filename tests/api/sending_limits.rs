//! How often codes are sent, to whom, and at whose cost.

use crate::support::{Setup, TestApp, id, together};
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
    let app = TestApp::start_with(Setup { senders, sms_limits, ..Setup::default() }).await;
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
async fn a_site_sends_so_many_text_messages_a_day() {
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
async fn of_two_numbers_the_one_that_the_list_still_names_is_sent_to() {
    let app = TestApp::requiring(json!(["sms"])).await;
    let passed = app.enrolled_by("sms", "bob", "+4915112345678").await;
    let begun = app.begin_own("bob", to("sms", "+436641234567"), id(&passed)).await.status(201);
    app.confirm_own("bob", id(&begun), &app.received("sms"), id(&passed)).await.status(200);
    app.next_step();
    let sms = MemorySender::new();
    let senders = Senders { email: None, sms: Some(Arc::new(sms.clone())) };
    let sms_limits = SmsLimits { prefixes: vec!["+49".to_owned()], ..SmsLimits::default() };
    let app = app.replica_with(Setup { senders, sms_limits, ..Setup::default() });
    let login = app.begin("bob").await;
    app.challenge(id(&login), "sms").await.status(202);
    assert_eq!(sms.messages()[0].to.expose(), "+4915112345678", "though the other was used last");
}

#[tokio::test]
async fn a_list_that_was_narrowed_holds_for_who_has_enrolled_before() {
    let app = TestApp::requiring(json!(["sms", "email"])).await;
    app.enrolled_by("sms", "bob", "+4915112345678").await;
    let prefixes = vec!["+43".to_owned()];
    let sms_limits = SmsLimits { prefixes, ..SmsLimits::default() };
    let (mail, sms) = (MemorySender::new(), MemorySender::new());
    let senders = Senders { email: Some(Arc::new(mail)), sms: Some(Arc::new(sms.clone())) };
    let app = app.replica_with(Setup { senders, sms_limits, ..Setup::default() });
    let login = app.begin("bob").await;
    assert_eq!(login["methods"][0]["method"], "sms", "there is nothing else to show but recovery codes");
    app.challenge(id(&login), "sms").await.problem("method-not-available");
    assert!(sms.messages().is_empty());
    assert_eq!(app.read(id(&login)).await.status(200)["attempts_remaining"], 5);
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

#[tokio::test]
async fn another_destination_does_not_wait_and_a_refused_wish_leaves_the_code_on_its_way_good() {
    let app = TestApp::requiring(json!(["email"])).await;
    let login = app.begin("bob").await;
    app.enroll_with(id(&login), to("email", "bob@example.org")).await.status(200);
    app.enroll_with(id(&login), to("email", "bob@example.com")).await.status(200);
    let code = app.received("email");
    app.enroll_with(id(&login), to("email", "bob@example.org")).await.problem("throttled");
    assert_eq!(app.read(id(&login)).await.status(200)["sent_code"]["destination"], "b••••@example.com");
    app.confirm(id(&login), &code).await.status(200);
    let sent = app.audit("?user=bob&action=code.sent").await.status(200);
    assert_eq!(sent["events"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_users_codes_count_whatever_they_are_for() {
    // Abuse list, item 22: neither a step-up nor an enrolment in an open session is a way around the cap.
    let app = TestApp::requiring(json!(["email"])).await;
    let passed = app.enrolled_by("email", "bob", "bob@example.org").await;
    let proof = id(&passed).to_owned();
    for n in 0..3 {
        let (login, step_up) = (app.begin("bob").await, app.step_up("bob").await);
        app.challenge(id(&login), "email").await.status(202);
        app.next_step();
        app.challenge(id(&step_up), "email").await.status(202);
        let own = to("email", &format!("bob{n}@example.org"));
        let begun = app.begin_own("bob", own.clone(), &proof).await.status(201);
        app.next_step();
        if n == 2 {
            // The forced enrolment and three in each round are ten.
            app.resend_own("bob", id(&begun), &proof).await.problem("throttled");
            app.begin_own("bob", own, &proof).await.problem("throttled");
        }
    }
    let login = app.begin("bob").await;
    app.challenge(id(&login), "email").await.problem("throttled");
    assert_eq!(app.mail.messages().len(), 10);
}

#[tokio::test]
async fn a_number_is_one_number_in_every_spelling_and_for_every_user() {
    // Abuse list, item 22.
    let app = TestApp::requiring(json!(["sms"])).await;
    let spellings = [
        to("sms", "+4915112345678"),
        to("sms", "+49 (0151) 123-45678"),
        json!({"method": "sms", "destination": "0151/12345678", "country": "DE"}),
        json!({"method": "sms", "destination": "0049 151 12345678", "country": "DE"}),
    ];
    for n in 0..10 {
        let login = app.begin(format!("user{n}").as_str()).await;
        app.enroll_with(id(&login), spellings[n % 4].clone()).await.status(200);
    }
    for spelling in spellings {
        let login = app.begin("user10").await;
        app.enroll_with(id(&login), spelling).await.problem("throttled");
    }
    let messages = app.sms.messages();
    assert!(messages.len() == 10 && messages.iter().all(|message| message.to == messages[0].to));
}

#[tokio::test]
async fn a_sites_limit_is_for_text_messages_of_that_site_alone_and_mails_go_on() {
    let (mail, sms) = (MemorySender::new(), MemorySender::new());
    let senders = Senders { email: Some(Arc::new(mail.clone())), sms: Some(Arc::new(sms.clone())) };
    let sms_limits = SmsLimits { daily_limit: 1, ..SmsLimits::default() };
    let app = TestApp::start_with(Setup { senders, sms_limits, ..Setup::default() }).await;
    let other = app.with_site("other", "Other").await;
    for site in [&app, &other] {
        site.put_policy(json!({"mode": "required", "methods": ["email", "sms"]})).await.status(200);
        let login = site.begin("bob").await;
        site.enroll_with(id(&login), to("sms", "+4915112345670")).await.status(200);
        site.enroll_with(id(&login), to("sms", "+4915112345671")).await.problem("throttled");
        for n in 0..3 {
            site.enroll_with(id(&login), to("email", &format!("bob{n}@example.org"))).await.status(200);
        }
        assert_eq!(site.causes("bob", "code.withheld").await.len(), 1);
    }
    assert_eq!((mail.messages().len(), sms.messages().len()), (6, 2));
}

#[tokio::test]
async fn a_limit_of_none_a_day_sends_none() {
    let (app, sms) = with_limits(SmsLimits { daily_limit: 0, ..SmsLimits::default() }).await;
    let login = app.begin("bob").await;
    app.enroll_with(id(&login), to("sms", "+4915112345678")).await.problem("throttled");
    assert!(sms.messages().is_empty());
}

#[tokio::test]
async fn a_prefix_may_be_a_part_of_a_country_and_opens_no_number_that_costs() {
    let prefixes = vec!["+1242".to_owned(), "+49".to_owned()];
    let (app, sms) = with_limits(SmsLimits { prefixes, ..SmsLimits::default() }).await;
    let login = app.begin("bob").await;
    for number in ["+12025550100", "+499001234567"] {
        let problem = app.enroll_with(id(&login), to("sms", number)).await.problem("invalid-request");
        assert_eq!(problem["errors"][0]["field"], "destination", "{number}");
    }
    assert!(sms.messages().is_empty());
    app.enroll_with(id(&login), to("sms", "+12423570000")).await.status(200);
    let listed = app.sms_countries().await.status(200)["countries"].clone();
    let listed = listed.as_array().unwrap();
    assert!(listed.contains(&json!({"country": "BS", "calling_code": "+1"})), "{listed:?}");
    assert!(!listed.iter().any(|country| country["country"] == "AT"));
}

#[tokio::test]
async fn without_a_list_every_country_is_there_once_in_order() {
    let app = TestApp::requiring(json!(["sms"])).await;
    let listed = app.sms_countries().await.status(200)["countries"].clone();
    let ids: Vec<_> =
        listed.as_array().unwrap().iter().map(|country| country["country"].as_str().unwrap()).collect();
    assert!(ids.len() > 200 && ids.contains(&"DE") && ids.contains(&"US"));
    assert!(ids.is_sorted_by(|one, next| one < next), "{ids:?}");
}

#[tokio::test]
async fn asked_for_at_once_over_two_replicas_a_users_codes_are_no_more_than_ten() {
    // Abuse list, item 22.
    let app = TestApp::requiring(json!(["email"])).await;
    let replica = app.replica();
    let mut logins = Vec::new();
    for _ in 0..25 {
        logins.push(id(&app.begin("bob").await).to_owned());
    }
    let answers = together(&app, 25, |app, n| {
        let (server, login) = (if n % 2 == 0 { app } else { replica.clone() }, logins[n].clone());
        async move { server.enroll_with(&login, to("email", &format!("bob{n}@example.org"))).await }
    })
    .await;
    let refused = answers.iter().filter(|answer| answer.code() == "throttled").count();
    assert_eq!((app.mail.messages().len(), refused), (10, 15));
}

#[tokio::test]
async fn asked_for_at_once_over_two_replicas_a_sites_text_messages_are_no_more_than_its_limit() {
    // Abuse list, item 22.
    let (app, sms) = with_limits(SmsLimits { daily_limit: 7, ..SmsLimits::default() }).await;
    let replica = app.replica();
    let mut logins = Vec::new();
    for n in 0..25 {
        logins.push(id(&app.begin(format!("user{n}").as_str()).await).to_owned());
    }
    let answers = together(&app, 25, |app, n| {
        let (server, login) = (if n % 2 == 0 { app } else { replica.clone() }, logins[n].clone());
        async move { server.enroll_with(&login, to("sms", &format!("+49151123456{n:02}"))).await }
    })
    .await;
    let refused = answers.iter().filter(|answer| answer.code() == "throttled").count();
    assert_eq!((sms.messages().len(), refused), (7, 18));
}
