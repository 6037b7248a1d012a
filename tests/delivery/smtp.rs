//! Mail, to a real server.

use crate::certificates::Certificates;
use crate::sink::Sink;
use crate::{SHORT, gone, mute, no_answer, refused};
use mfa_sidecar::delivery::smtp::{Settings, SmtpSender};
use mfa_sidecar::delivery::text::{CodePurpose, code_message};
use mfa_sidecar::delivery::{DeliveryError, Message, Sender as _, Trust};
use mfa_sidecar::domain::destination::Destination;
use mfa_sidecar::domain::factor::Method;
use std::time::Instant;

const FROM: &str = "Example Größe <mfa@example.org>";

fn message() -> Message {
    let to = Destination::stored(Method::Email, b"alice@example.org").unwrap();
    code_message(Some("de"), "Käsehändler & Co", to, "123456", CodePurpose::Login, 10)
}

fn sender(url: &str, trust: &Trust) -> SmtpSender {
    SmtpSender::new(&Settings::parse(url, FROM).unwrap(), trust).unwrap()
}

/// A sender that waits a short time only.
fn impatient(port: u16) -> SmtpSender {
    let mut settings = Settings::parse(&format!("smtp://127.0.0.1:{port}"), FROM).unwrap();
    settings.timeout = SHORT;
    SmtpSender::new(&settings, &Trust::default()).unwrap()
}

#[tokio::test]
async fn a_mail_arrives_with_both_forms_and_its_headers() {
    let mut sink = Sink::start(&[]);
    let sender = sender(&format!("smtp://127.0.0.1:{}", sink.port), &Trust::default());
    sender.send(message()).await.unwrap();
    let (sent, mail) = (message(), sink.received());
    assert_eq!(mail["from"], "mfa@example.org");
    assert_eq!(mail["to"], serde_json::json!(["alice@example.org"]));
    assert_eq!(mail["subject"], sent.subject);
    assert_eq!(mail["text"], sent.text);
    assert_eq!(mail["html"], sent.html.unwrap());
    assert_eq!(mail["tls"], false);
    let headers = &mail["headers"];
    assert_eq!(headers["from"], FROM);
    assert_eq!(headers["to"], "alice@example.org");
    assert_eq!(headers["auto-submitted"], "auto-generated");
    for name in ["date", "message-id", "mime-version"] {
        assert!(headers[name].is_string(), "{name}: {headers}");
    }
}

#[tokio::test]
async fn one_sender_sends_many_at_once() {
    let mut sink = Sink::start(&[]);
    let sender = sender(&format!("smtp://127.0.0.1:{}", sink.port), &Trust::default());
    let sending: Vec<_> = (0..8).map(|_| tokio::spawn(sender.send(message()))).collect();
    let mut ids = std::collections::HashSet::new();
    for sent in sending {
        sent.await.unwrap().unwrap();
    }
    for _ in 0..8 {
        ids.insert(sink.received()["headers"]["message-id"].to_string());
    }
    assert_eq!(ids.len(), 8, "each has an id of its own");
}

#[tokio::test]
async fn with_tls_the_server_is_shown_the_password() {
    let certificates = Certificates::new();
    let trust = Trust::load(Some(&certificates.authority())).unwrap();
    for (tls, url) in [
        ("implicit", "smtps://alice:p%3Aw%2Fd@localhost:PORT"),
        ("implicit", "smtps://alice:p%3Aw%2Fd@127.0.0.1:PORT"),
        ("starttls", "smtp://alice:p%3Aw%2Fd@localhost:PORT?tls=required"),
    ] {
        let mut sink = certificates.sink(tls);
        let sender = sender(&url.replace("PORT", &sink.port.to_string()), &trust);
        sender.check().await.unwrap();
        sender.send(message()).await.unwrap();
        let mail = sink.received();
        assert_eq!((&mail["tls"], &mail["user"]), (&true.into(), &"alice".into()), "{tls}");
    }
}

#[tokio::test]
async fn a_server_on_this_machine_may_ask_for_a_password_without_tls() {
    let mut sink = Sink::start(&["--user", "alice", "--password", "p"]);
    let sender = sender(&format!("smtp://alice:p@127.0.0.1:{}", sink.port), &Trust::default());
    sender.send(message()).await.unwrap();
    assert_eq!(sink.received()["user"], "alice");
}

#[tokio::test]
async fn a_wrong_password_is_a_matter_of_the_settings_and_not_repeated_in_the_error() {
    let certificates = Certificates::new();
    let trust = Trust::load(Some(&certificates.authority())).unwrap();
    for (tls, url) in [
        ("implicit", "smtps://alice:s3cret@localhost:PORT"),
        ("starttls", "smtp://alice:s3cret@localhost:PORT?tls=required"),
    ] {
        let sink = certificates.sink(tls);
        let sender = sender(&url.replace("PORT", &sink.port.to_string()), &trust);
        for said in [no_answer(sender.send(message()).await), no_answer(sender.check().await)] {
            assert_eq!(said, "the mail server answered 535");
        }
    }
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_gets_nothing() {
    let certificates = Certificates::new();
    let others = Certificates::new();
    let stranger = Trust::load(Some(&others.authority())).unwrap();
    for (tls, url) in [
        ("implicit", "smtps://alice:p%3Aw%2Fd@localhost:PORT"),
        ("starttls", "smtp://alice:p%3Aw%2Fd@localhost:PORT?tls=required"),
    ] {
        let sink = certificates.sink(tls);
        for trust in [&Trust::default(), &stranger] {
            let sender = sender(&url.replace("PORT", &sink.port.to_string()), trust);
            let said = sender.send(message()).await.unwrap_err().to_string();
            assert!(said.contains("certificate"), "{said}");
        }
    }
}

#[tokio::test]
async fn a_server_that_does_not_offer_tls_gets_neither_password_nor_mail() {
    let sink = Sink::start(&["--user", "alice", "--password", "p"]);
    let sender = sender(&format!("smtp://alice:p@localhost:{}?tls=required", sink.port), &Trust::default());
    let said = no_answer(sender.send(message()).await);
    assert!(said.contains("STARTTLS"), "{said}");
}

#[tokio::test]
async fn a_server_without_passwords_is_shown_none() {
    let sink = Sink::start(&[]);
    let sender = sender(&format!("smtp://alice:s3cret@127.0.0.1:{}", sink.port), &Trust::default());
    let said = no_answer(sender.send(message()).await);
    assert!(said.contains("authentication") && !said.contains("s3cret"), "{said}");
}

#[tokio::test]
async fn what_the_server_says_of_an_address_stays_out_of_the_error() {
    let refusing = |status| {
        let sink = Sink::start(&["--refuse", status]);
        let sender = sender(&format!("smtp://127.0.0.1:{}", sink.port), &Trust::default());
        async move {
            let result = sender.send(message()).await;
            drop(sink);
            result
        }
    };
    assert_eq!(refused(refusing("550").await), "the mail server answered 550");
    // RFC 5321 §4.2.1: a "not now", as of a server that greylists.
    assert_eq!(no_answer(refusing("451").await), "the mail server answered 451");
}

#[tokio::test]
async fn an_address_that_is_none_never_reaches_the_server() {
    let mut sink = Sink::start(&[]);
    let sender = sender(&format!("smtp://127.0.0.1:{}", sink.port), &Trust::default());
    for address in ["alice@", "@example.org", "alice@exa mple.org", "alice@example.org> SIZE=1"] {
        let to = Destination::stored(Method::Email, address.as_bytes()).unwrap();
        refused(sender.send(Message { to, ..message() }).await);
    }
    sender.send(message()).await.unwrap();
    assert_eq!(sink.received()["to"], serde_json::json!(["alice@example.org"]), "the first that arrived");
}

#[tokio::test]
async fn a_server_that_is_gone_is_no_answer() {
    let sender = impatient(gone());
    for result in [sender.send(message()).await, sender.check().await] {
        let said = no_answer(result);
        assert!(said.contains("refused"), "{said}");
    }
}

#[tokio::test]
async fn a_server_that_says_nothing_is_no_answer_in_bounded_time() {
    let (_listener, port) = mute();
    let began = Instant::now();
    no_answer(impatient(port).send(message()).await);
    no_answer(impatient(port).check().await);
    let took = began.elapsed();
    assert!(took >= 2 * SHORT && took < 20 * SHORT, "{took:?}");
}

#[tokio::test]
async fn a_server_that_speaks_something_else_is_no_answer() {
    let gateway = crate::gateway::Gateway::answering("220 \u{fffd}\u{0}\r\nnot SMTP at all\r\n");
    let result = impatient(gateway.port).send(message()).await;
    assert!(matches!(result, Err(DeliveryError::NoAnswer(_))), "{result:?}");
}
