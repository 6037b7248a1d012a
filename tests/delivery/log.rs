//! What the log at its most talkative holds of messages: nothing.

use crate::certificates::Certificates;
use crate::gateway::Gateway;
use mfa_sidecar::delivery::sms::{Profile, Settings as Sms, SmsSender, Written};
use mfa_sidecar::delivery::smtp::{Settings as Mail, SmtpSender};
use mfa_sidecar::delivery::text::{CodePurpose, code_message};
use mfa_sidecar::delivery::{Sender as _, Trust};
use mfa_sidecar::domain::destination::Destination;
use mfa_sidecar::domain::factor::Method;
use std::io::Write;
use std::sync::{Arc, Mutex};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn neither_code_nor_address_nor_password_is_logged() {
    let log = Log::default();
    let writer = log.clone();
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .init();
    let certificates = Certificates::new();
    let trust = Trust::load(Some(&certificates.authority())).unwrap();
    for tls in ["implicit", "starttls"] {
        let sink = certificates.sink(tls);
        let (port, url) = (sink.port, "alice:p%3Aw%2Fd@localhost");
        let url = match tls {
            "implicit" => format!("smtps://{url}:{port}"),
            _ => format!("smtp://{url}:{port}?tls=required"),
        };
        let sender = SmtpSender::new(&Mail::parse(&url, "mfa@example.org").unwrap(), &trust).unwrap();
        let to = Destination::stored(Method::Email, b"alice@example.org").unwrap();
        let message = code_message(None, "Example", to, "123456", CodePurpose::Login, 10);
        sender.send(message).await.unwrap();
    }
    for (status, profile) in [("201 Created", Profile::Twilio), ("400 Bad Request", Profile::Json)] {
        let gateway = Gateway::new(status, r#"{"message":"+4915550100 got 123456"}"#);
        let url = format!("http://127.0.0.1:{}/path?key=k3y", gateway.port);
        let written = Written {
            url: Some(&url),
            from: Some("+15550100"),
            user: Some("AC01"),
            secret: Some("s3cret"),
            template: None,
        };
        let sender = SmsSender::new(&Sms::parse(profile, &written).unwrap(), &trust).unwrap();
        let to = Destination::stored(Method::Sms, b"+4915550100").unwrap();
        let message = code_message(None, "Example", to, "123456", CodePurpose::Login, 10);
        let _ = sender.send(message).await;
    }
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("TRACE") && log.contains("rustls"), "the log tells something: {log}");
    // As base64 too: so passwords go over the wire.
    for secret in
        ["123456", "alice@", "15550100", "p:w/d", "s3cret", "k3y", "AGFsaWNlAHA6dy9k", "QUMwMTpzM2NyZXQ="]
    {
        let told: Vec<_> = log.lines().filter(|line| line.contains(secret)).collect();
        assert!(told.is_empty(), "{secret}: {told:#?}");
    }
}
