//! Where codes can be sent: what is no address or number is refused, and no whole one is ever shown.

use crate::out_of_band::{NUMBER, alice, another, with_address_and_number};
use crate::support::{TestApp, id};
use serde_json::{Value, json};

#[tokio::test]
async fn what_is_no_destination_is_refused_and_costs_nothing() {
    let app = TestApp::requiring(json!(["email", "sms"])).await;
    let login = app.begin("bob").await;
    let bodies = [
        json!({"method": "email"}),
        json!({"method": "sms"}),
        json!({"method": "email", "destination": ""}),
        json!({"method": "email", "destination": "bob"}),
        json!({"method": "email", "destination": "bob@example.org\r\nBcc: mallory@example.org"}),
        json!({"method": "email", "destination": "bob@example.org, mallory@example.org"}),
        json!({"method": "email", "destination": "Bob <bob@example.org>"}),
        json!({"method": "email", "destination": format!("{}@example.org", "b".repeat(250))}),
        json!({"method": "email", "destination": "bob@example.org\n"}),
        json!({"method": "email", "destination": "bob@example.org\u{2028}"}),
        json!({"method": "email", "destination": "bob@example.org", "country": "DE"}),
        json!({"method": "totp", "destination": "bob@example.org"}),
        json!({"method": "totp", "country": "DE"}),
        json!({"method": "sms", "country": "DE"}),
        json!({"method": "sms", "destination": "+4915112345678\n"}),
        json!({"method": "sms", "destination": "+447012345678"}),
        json!({"method": "email", "destination": 5}),
        json!({"method": "email", "destination": ["bob@example.org"]}),
        json!({"method": "sms", "destination": "0151 12345678"}),
        json!({"method": "sms", "destination": "0151 12345678", "country": "XX"}),
        json!({"method": "sms", "destination": "0151 12345678", "country": "Germany"}),
        json!({"method": "sms", "destination": "12", "country": "DE"}),
        json!({"method": "sms", "destination": "+49151\n12345678"}),
        json!({"method": "sms", "destination": "+499001234567"}),
        json!({"method": "sms", "destination": "bob@example.org"}),
        json!({"method": "fax", "destination": "+4915112345678"}),
    ];
    for body in bodies {
        app.enroll_with(id(&login), body).await.problem("invalid-request");
    }
    assert_eq!(app.sent(), 0);
    assert_eq!(app.read(id(&login)).await.status(200)["attempts_remaining"], 5);
    app.enroll_with(id(&login), json!({"method": "email", "destination": " bob@example.org "}))
        .await
        .status(200);
}

#[tokio::test]
async fn what_the_host_says_of_an_address_is_checked_before_it_is_used() {
    let app = TestApp::requiring(json!(["email", "sms"])).await;
    let odd = json!({"id": "odd", "name": "odd", "email": "no address", "phone": "call me"});
    let login = app.begin(odd).await;
    assert_eq!(login["known_destinations"], json!({}));
    for method in ["email", "sms"] {
        app.enroll_with(id(&login), json!({"method": method})).await.problem("invalid-request");
    }
    assert_eq!(app.sent(), 0);
}

#[tokio::test]
async fn what_the_host_says_later_of_an_address_moves_no_code() {
    // Abuse list, item 22: the destination swapped during a challenge or an enrolment.
    let app = TestApp::requiring(json!(["email"])).await;
    app.enrolled_by("email", alice(), "alice@example.org").await;
    let moved = json!({"name": "Alice", "email": "mallory@example.org", "phone": NUMBER});
    let (login, fresh) = (app.begin(alice()).await, json!({"name": "bob", "email": "bob@example.org"}));
    app.put_user("bob", fresh).await.status(204);
    let begun = app.begin_own("bob", json!({"method": "email"}), "").await.status(201);
    for user in ["alice", "bob"] {
        app.put_user(user, moved.clone()).await.status(204);
    }
    app.mail.take();
    app.challenge(id(&login), "email").await.status(202);
    app.answer_by("email", id(&login), &app.received("email")).await.status(200);
    app.next_step();
    app.resend_own("bob", id(&begun), "").await.status(202);
    app.confirm_own("bob", id(&begun), &app.received("email"), "").await.status(200);
    let to: Vec<_> = app.mail.messages().into_iter().map(|mail| mail.to.expose().to_owned()).collect();
    assert_eq!(to, ["alice@example.org", "bob@example.org"]);
}

#[tokio::test]
async fn no_answer_of_any_call_shows_a_whole_destination() {
    // Not those that refusals give as examples.
    let (address, number) = ("anna.berg@example.net", "+4915198765432");
    let app = with_address_and_number(address, number).await;
    let user = json!({"id": "alice", "name": "Alice", "email": address, "phone": number});
    let login = app.begin_with(json!({"user": user})).await;
    let pending = login.body.clone();
    let mut heard = vec![login];
    for method in ["email", "email", "sms"] {
        heard.push(app.challenge(id(&pending), method).await);
    }
    heard.push(app.read(id(&pending)).await);
    let code = app.received("sms");
    heard.push(app.answer_by("sms", id(&pending), &another(&code)).await);
    heard.push(app.answer_by("sms", id(&pending), &code).await);
    let proof = id(&pending).to_owned();
    for body in [
        json!({"method": "email"}),
        json!({"method": "sms", "destination": format!("{number}9999")}),
        json!({"method": "email", "destination": format!("{address}>")}),
        json!({"method": "email", "destination": address, "colour": "red"}),
    ] {
        heard.push(app.begin_own("alice", body, &proof).await);
    }
    app.next_step();
    let one_more = json!({"method": "email", "destination": format!("x.{address}")});
    let begun = app.begin_own("alice", one_more, &proof).await;
    app.next_step();
    heard.push(app.resend_own("alice", id(&begun.body), &proof).await);
    heard.push(app.confirm_own("alice", id(&begun.body), &app.received("email"), &proof).await);
    heard.extend([begun, app.user("alice").await, app.users("").await, app.audit("?limit=200").await]);
    let told: Vec<_> = heard.iter().map(|answer| answer.status).collect();
    let expected = [201, 202, 429, 202, 200, 422, 200, 400, 400, 400, 400, 202, 200, 201, 200, 200, 200];
    assert_eq!(told, expected);
    for answer in &heard {
        assert!(!answer.text.contains("anna.berg") && !answer.text.contains("15198765432"), "{answer:?}");
    }
}

#[tokio::test]
async fn a_refused_destination_is_named_as_the_member_that_is_wrong() {
    let app = TestApp::requiring(json!(["email", "sms"])).await;
    let login = app.begin("bob").await;
    for (method, destination, country) in [
        ("email", "bob@localhost", None),
        ("email", "bob@example.org\u{0}", None),
        ("email", "bob@[127.0.0.1]", None),
        ("email", "\"bob\"@example.org", None),
        ("sms", "+49 151 12345678 ext. 9", None),
        ("sms", "+999 123 4567", None),
        ("sms", "0900 1234567", Some("DE")),
        ("sms", "0151 12345678", None),
        ("sms", "١٢٣٤٥٦٧٨", Some("DE")),
    ] {
        let mut body = json!({"method": method, "destination": destination});
        if let Some(country) = country {
            body["country"] = json!(country);
        }
        let problem = app.enroll_with(id(&login), body).await.problem("invalid-request");
        assert_eq!(problem["errors"][0]["field"], "destination", "{destination}: {problem}");
    }
    for country in [json!("XX"), json!("germany"), json!("")] {
        let body = json!({"method": "sms", "destination": "0151 12345678", "country": country});
        app.enroll_with(id(&login), body).await.problem("invalid-request");
    }
    assert_eq!(app.sent(), 0);
    assert_eq!(app.read(id(&login)).await.status(200)["attempts_remaining"], 5);
}

#[tokio::test]
async fn a_destination_or_country_that_is_no_text_is_refused_and_costs_nothing() {
    // Abuse list, item 7.
    let app = TestApp::requiring(json!(["email", "sms"])).await;
    let passed = app.enrolled_by("email", "alice", "alice@example.org").await;
    let (forced, challenged) = (app.begin("bob").await, app.begin("alice").await);
    let sent = app.sent();
    let odd = [
        json!(4915112345678_u64),
        json!(-1.5),
        json!(true),
        json!([]),
        json!(["bob@example.org"]),
        json!({}),
        json!({"to": "bob@example.org"}),
    ];
    for value in odd {
        let mut bodies = Vec::new();
        for method in ["email", "sms"] {
            bodies.push(json!({"method": method, "destination": value}));
            bodies.push(json!({"method": method, "destination": "bob@example.org", "country": value}));
            bodies.push(json!({"method": method, "destination": "0151 12345678", "country": value}));
        }
        bodies.push(json!({"method": value, "destination": "bob@example.org"}));
        for body in bodies {
            let problem = app.enroll_with(id(&forced), body.clone()).await.problem("invalid-request");
            assert!(!problem["errors"].as_array().unwrap().is_empty(), "{body}: {problem}");
            app.begin_own("alice", body, id(&passed)).await.problem("invalid-request");
        }
        for body in [json!({"method": value}), json!({"method": "email", "authenticator_id": value})] {
            app.challenge_with(id(&challenged), body).await.problem("invalid-request");
        }
    }
    assert_eq!(app.sent(), sent);
    for login in [&forced, &challenged] {
        let read = app.read(id(login)).await.status(200);
        assert_eq!((&read["attempts_remaining"], &read["sent_code"]), (&json!(5), &Value::Null));
    }
    app.challenge(id(&challenged), "email").await.status(202);
    app.answer_by("email", id(&challenged), &app.received("email")).await.status(200);
}

#[tokio::test]
async fn an_address_with_marks_that_nobody_sees_or_with_markup_is_refused() {
    // Abuse list, item 36: a masked address still shows its first letter and its domain.
    let app = TestApp::requiring(json!(["email"])).await;
    let login = app.begin("bob").await;
    for odd in [
        "\u{202e}bob@example.org",
        "bob@exam\u{202e}ple.org",
        "bob@example.org\u{202e}",
        "bob\u{200b}@example.org",
        "\u{feff}bob@example.org",
        "bob@ex\u{ad}ample.org",
        "<b>@example.org",
        "bob@exa<b>mple.org",
    ] {
        let body = json!({"method": "email", "destination": odd});
        let problem = app.enroll_with(id(&login), body).await.problem("invalid-request");
        assert_eq!(problem["errors"][0]["field"], "destination", "{odd:?}: {problem}");
    }
    assert_eq!(app.sent(), 0);
}

#[tokio::test]
async fn a_destination_or_country_that_is_null_counts_as_not_given() {
    let app = TestApp::requiring(json!(["email", "sms"])).await;
    let (stranger, known) = (app.begin("bob").await, app.begin(alice()).await);
    for body in [
        json!({"method": "email", "destination": null}),
        json!({"method": "sms", "destination": null, "country": "DE"}),
        json!({"method": "sms", "destination": "0151 12345678", "country": null}),
        json!({"method": null, "destination": "bob@example.org"}),
        json!(null),
    ] {
        app.enroll_with(id(&stranger), body).await.problem("invalid-request");
    }
    assert_eq!(app.sent(), 0);
    assert_eq!(app.read(id(&stranger)).await.status(200)["attempts_remaining"], 5);
    // To what the host knows, and in international form.
    let begun =
        app.enroll_with(id(&known), json!({"method": "email", "destination": null})).await.status(200);
    assert_eq!(begun["destination"], "a••••@example.org");
    let international = json!({"method": "sms", "destination": NUMBER, "country": null});
    app.enroll_with(id(&stranger), international).await.status(200);
    app.confirm(id(&stranger), &app.received("sms")).await.status(200);
}
