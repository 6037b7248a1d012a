//! `mfa-sidecar doctor` on mail and text messages.

use crate::certificates::Certificates;
use crate::gone;
use crate::sink::Sink;
use std::process::Command;

/// What it says, and whether all is well.
fn doctor(variables: &[(&str, &str)]) -> (String, bool) {
    let directory = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_mfa-sidecar"));
    for (name, _) in
        std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("MFA_SIDECAR_"))
    {
        command.env_remove(name);
    }
    command.env("MFA_SIDECAR_DATA_DIR", directory.path().join("data"));
    for (name, value) in variables {
        command.env(format!("MFA_SIDECAR_{name}"), value);
    }
    let output = command.arg("doctor").output().unwrap();
    let said = [output.stdout, output.stderr].map(|said| String::from_utf8(said).unwrap()).join("");
    assert!(!said.contains("s3cret"), "{said}");
    (said, output.status.success())
}

#[test]
fn it_says_that_nothing_is_set() {
    let (said, well) = doctor(&[]);
    assert!(
        well && said.contains("no mail server is set") && said.contains("no SMS gateway is set"),
        "{said}"
    );
}

#[test]
fn it_asks_the_mail_server() {
    let from = ("MAIL_FROM", "mfa@example.org");
    let sink = Sink::start(&[]);
    let (said, well) = doctor(&[("SMTP_URL", &format!("smtp://127.0.0.1:{}", sink.port)), from]);
    assert!(well && said.contains(&format!("127.0.0.1:{} without TLS answers", sink.port)), "{said}");

    let certificates = Certificates::new();
    let sink = certificates.sink("implicit");
    let authority = certificates.authority();
    let trusted = ("DELIVERY_CA_FILE", authority.to_str().unwrap());
    let url = format!("smtps://alice:p%3Aw%2Fd@localhost:{}", sink.port);
    let (said, well) = doctor(&[("SMTP_URL", &url), from, trusted]);
    assert!(well && said.contains("with TLS answers"), "{said}");
    let (said, well) = doctor(&[("SMTP_URL", &url), from]);
    assert!(!well && said.contains("certificate"), "{said}");
    let url = format!("smtps://alice:s3cret@localhost:{}", sink.port);
    let (said, well) = doctor(&[("SMTP_URL", &url), from, trusted]);
    assert!(!well && said.contains("535"), "{said}");

    let (said, well) = doctor(&[("SMTP_URL", &format!("smtp://127.0.0.1:{}", gone())), from]);
    assert!(!well && said.contains("no answer"), "{said}");
    let (said, well) = doctor(&[("DELIVERY_CA_FILE", "/missing.pem")]);
    assert!(!well && said.contains("delivery_ca_file"), "{said}");
}

#[test]
fn it_warns_of_text_messages_to_everywhere() {
    let gateway = [
        ("SMS_PROFILE", "twilio"),
        ("SMS_URL", "https://gateway.example.org/Messages.json?key=s3cret"),
        ("SMS_FROM", "+15550100"),
        ("SMS_USER", "AC01"),
        ("SMS_SECRET", "s3cret"),
    ];
    let (said, well) = doctor(&gateway);
    assert!(well && said.contains("go to gateway.example.org (profile twilio), at most 1000"), "{said}");
    assert!(said.contains("warn  text messages may go to every country"), "{said}");
    let limited = [&gateway[..], &[("SMS_PREFIXES", "+49"), ("SMS_DAILY_LIMIT", "20")]].concat();
    let (said, well) = doctor(&limited);
    assert!(well && said.contains("at most 20") && !said.contains("every country"), "{said}");
}
