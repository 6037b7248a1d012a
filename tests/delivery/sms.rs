//! Text messages, to a gateway.

use crate::gateway::Gateway;
use crate::{SHORT, gone, mute, no_answer, refused};
use mfa_sidecar::delivery::sms::{Profile, Settings, SmsSender, Written};
use mfa_sidecar::delivery::{Message, Sender as _, Trust};
use mfa_sidecar::domain::destination::Destination;
use mfa_sidecar::domain::factor::Method;
use serde_json::json;
use std::time::Instant;

const TEXT: &str = "123456 ist Ihr Code für \"A & B\".";

fn message() -> Message {
    let to = Destination::stored(Method::Sms, b"+4915550100").unwrap();
    Message { to, subject: String::new(), text: TEXT.into(), html: None }
}

fn sender(profile: Profile, written: Written<'_>) -> SmsSender {
    let mut settings = Settings::parse(profile, &written).unwrap();
    settings.timeout = SHORT * 10;
    SmsSender::new(&settings, &Trust::default()).unwrap()
}

fn twilio(port: u16) -> SmsSender {
    let url = format!("http://127.0.0.1:{port}/2010-04-01/Accounts/AC01/Messages.json");
    let (user, secret) = (Some("AC01"), Some("s3cret"));
    sender(
        Profile::Twilio,
        Written { url: Some(&url), from: Some("+15550100"), user, secret, template: None },
    )
}

fn json(port: u16, template: Option<&str>) -> SmsSender {
    let url = format!("http://127.0.0.1:{port}/sms?account=7");
    let written = Written {
        url: Some(&url),
        from: Some("Example"),
        secret: Some("t0ken"),
        template,
        ..Written::default()
    };
    sender(Profile::Json, written)
}

#[tokio::test]
async fn twilio_is_asked_by_a_form_with_user_and_password() {
    let gateway = Gateway::new("201 Created", r#"{"sid":"SM01","status":"queued"}"#);
    twilio(gateway.port).send(message()).await.unwrap();
    let asked = gateway.asked();
    assert_eq!(asked.line, "POST /2010-04-01/Accounts/AC01/Messages.json HTTP/1.1");
    assert_eq!(asked.header("authorization"), "Basic QUMwMTpzM2NyZXQ=");
    assert_eq!(asked.header("content-type"), "application/x-www-form-urlencoded");
    let form: Vec<_> = url::form_urlencoded::parse(asked.body.as_bytes()).collect();
    let expected = [("To", "+4915550100"), ("From", "+15550100"), ("Body", TEXT)];
    assert_eq!(form, expected.map(|(name, value)| (name.into(), value.into())));
}

#[tokio::test]
async fn another_gateway_is_asked_by_json_with_a_token() {
    let gateway = Gateway::new("202 Accepted", "");
    json(gateway.port, None).send(message()).await.unwrap();
    let asked = gateway.asked();
    assert_eq!(asked.line, "POST /sms?account=7 HTTP/1.1");
    assert_eq!(asked.header("authorization"), "Bearer t0ken");
    assert_eq!(asked.header("content-type"), "application/json");
    let body: serde_json::Value = serde_json::from_str(&asked.body).unwrap();
    assert_eq!(body, json!({"from": "Example", "to": "+4915550100", "text": TEXT}));

    let template = r#"{"recipients":[{"msisdn":"{to}"}],"body":"{text}","flash":false}"#;
    json(gateway.port, Some(template)).send(message()).await.unwrap();
    let body: serde_json::Value = serde_json::from_str(&gateway.asked().body).unwrap();
    assert_eq!(body, json!({"recipients": [{"msisdn": "+4915550100"}], "body": TEXT, "flash": false}));
}

#[tokio::test]
async fn a_refusal_carries_twilios_number_and_none_of_its_words() {
    let body = r#"{"code":21211,"message":"The 'To' number +4915550100 is not valid.","status":400}"#;
    let gateway = Gateway::new("400 Bad Request", body);
    let said = refused(twilio(gateway.port).send(message()).await);
    assert_eq!(said, "the SMS gateway answered 400, code 21211");
    let said = refused(json(gateway.port, None).send(message()).await);
    assert_eq!(said, "the SMS gateway answered 400");
    for body in ["", "{", "[]", r#"{"code":"+4915550100"}"#, &"x".repeat(100_000)] {
        let gateway = Gateway::new("401 Unauthorized", body);
        let said = refused(twilio(gateway.port).send(message()).await);
        assert_eq!(said, "the SMS gateway answered 401");
    }
}

#[tokio::test]
async fn a_gateway_in_trouble_is_no_answer() {
    for status in ["500 Internal Server Error", "503 Service Unavailable", "429 Too Many Requests"] {
        let gateway = Gateway::new(status, "");
        for sender in [twilio(gateway.port), json(gateway.port, None)] {
            let said = no_answer(sender.send(message()).await);
            assert_eq!(said, format!("the SMS gateway answered {}", &status[..3]));
        }
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Gateway::new("200 OK", "");
    let location = format!("307 Temporary Redirect\r\nLocation: http://127.0.0.1:{}/", elsewhere.port);
    let gateway = Gateway::new(&location, "");
    refused(twilio(gateway.port).send(message()).await);
    gateway.asked();
    assert!(gateway.is_at_rest() && elsewhere.is_at_rest(), "asked once");
}

#[tokio::test]
async fn a_gateway_that_is_gone_is_no_answer_and_its_url_is_not_told() {
    let said = no_answer(json(gone(), None).send(message()).await);
    assert!(!said.contains("account=7"), "{said}");
}

#[tokio::test]
async fn a_gateway_that_says_nothing_is_no_answer_in_bounded_time() {
    let (_listener, port) = mute();
    let url = format!("http://127.0.0.1:{port}/");
    let written = Written { url: Some(&url), from: Some("Example"), ..Written::default() };
    let mut settings = Settings::parse(Profile::Json, &written).unwrap();
    settings.timeout = SHORT;
    let sender = SmsSender::new(&settings, &Trust::default()).unwrap();
    let began = Instant::now();
    no_answer(sender.send(message()).await);
    let took = began.elapsed();
    assert!(took >= SHORT && took < 20 * SHORT, "{took:?}");
}

#[tokio::test]
async fn a_gateway_that_ends_in_the_middle_is_no_answer() {
    let gateway = Gateway::answering("HTTP/1.1 2");
    no_answer(json(gateway.port, None).send(message()).await);
}
