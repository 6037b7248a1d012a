//! `doctor`: what an operator wants to know before asking for help.

use super::Failure;
use crate::app;
use crate::config::{Config, EXPOSED_DATABASE, Listen};
use crate::delivery::smtp::{self, SmtpSender};
use crate::delivery::{self, Trust, sms};
use crate::domain::sms_limits::SmsLimits;
use crate::keyring::KeyFile;
use crate::service::Service;
use crate::service::clock::SystemClock;
use crate::service::rotation::Keys;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;

#[derive(Default)]
struct Report {
    failed: bool,
}

impl Report {
    fn say(&mut self, word: &str, what: &str) {
        self.failed |= word == "fail";
        println!("{word:<5} {what}");
    }

    fn verdict(&self) -> Result<(), Failure> {
        if self.failed { Err(Failure::ChecksFailed) } else { Ok(()) }
    }

    /// Warns if others than the owner can use a file.
    fn mode(&mut self, what: &str, path: &Path) {
        match std::fs::metadata(path) {
            Ok(metadata) => {
                let mode = metadata.permissions().mode() & 0o777;
                if mode & 0o077 == 0 {
                    self.say("ok", &format!("{what} {} has mode {mode:04o}", path.display()));
                } else {
                    self.say(
                        "fail",
                        &format!("{what} {} has mode {mode:04o}: others can use it", path.display()),
                    );
                }
            }
            Err(error) => self.say("fail", &format!("{what} {}: {error}", path.display())),
        }
    }
}

/// Whether messages can be sent. Mail servers say so for nothing; a text message would cost money, so none is sent.
async fn check_delivery(report: &mut Report, settings: &delivery::Settings, limits: &SmsLimits) {
    let trust = match Trust::load(settings.ca_file.as_deref()) {
        Ok(trust) => trust,
        Err(error) => return report.say("fail", &error.to_string()),
    };
    match &settings.mail {
        None => report.say("ok", "no mail server is set: no codes and no notices by mail"),
        Some(mail) => check_mail(report, mail, &trust).await,
    }
    match &settings.sms {
        None => report.say("ok", "no SMS gateway is set: no codes by text message"),
        Some(sms) => check_sms(report, sms, limits, &trust),
    }
}

async fn check_mail(report: &mut Report, mail: &smtp::Settings, trust: &Trust) {
    let server = mail.server();
    if mail.is_exposed() {
        report.say("warn", &format!("mail goes to {server}: whoever is on the way can read the codes"));
    }
    match SmtpSender::new(mail, trust) {
        Ok(sender) => match sender.check().await {
            Ok(()) => report.say("ok", &format!("the mail server {server} answers")),
            Err(error) => report.say("fail", &format!("mail by {server}: {error}")),
        },
        Err(error) => report.say("fail", &error.to_string()),
    }
}

fn check_sms(report: &mut Report, sms: &sms::Settings, limits: &SmsLimits, trust: &Trust) {
    match sms::SmsSender::new(sms, trust) {
        Ok(_) => report.say(
            "ok",
            &format!("text messages go to {}, at most {} a site and day", sms.gateway(), limits.daily_limit),
        ),
        Err(error) => report.say("fail", &error.to_string()),
    }
    if sms.is_exposed() {
        report
            .say("warn", "the SMS gateway is reached without TLS: whoever is on the way can read the codes");
    }
    if limits.prefixes.is_empty() {
        report.say(
            "warn",
            "text messages may go to every country: set sms_prefixes, or somebody earns money by expensive numbers",
        );
    }
}

/// Whether the master key is being changed.
async fn check_rotation(report: &mut Report, service: &Service) {
    match service.keys().await {
        Ok(Keys::One) => report.say("ok", "everything is sealed under one master key"),
        Ok(Keys::Prepared(_) | Keys::UnderWay | Keys::LeftOver) => report.say(
            "warn",
            "a change of the master key is not at its end, and rows may lie under the old one: run master-key rotate",
        ),
        Err(error) => report.say("fail", &error.to_string()),
    }
}

pub(super) async fn run(config: &Config) -> Result<(), Failure> {
    let mut report = Report::default();
    report.say("ok", "every setting is understood");
    check_delivery(&mut report, &config.delivery, &config.service.sms_limits).await;
    if !config.data_dir.exists() {
        report.say("warn", "the data directory does not exist yet; the first start creates it");
        return report.verdict();
    }
    report.mode("data directory", &config.data_dir);
    if config.master_key_file.exists() {
        report.mode("master key file", &config.master_key_file);
    }
    let retired = KeyFile::at(&config.master_key_file).retired();
    if retired.exists() {
        report.mode("retired master keys", &retired);
        report.say(
            "warn",
            "remove the retired master keys when no backup of before their end is needed any more",
        );
    }
    if config.database.is_exposed() {
        report.say("warn", EXPOSED_DATABASE);
    }
    match app::open(config, Arc::new(SystemClock)).await {
        Ok(service) => {
            match service.check_ready().await {
                Ok(()) => report.say("ok", "the database answers, and the master key opens its data"),
                Err(error) => report.say("fail", &error.to_string()),
            }
            check_rotation(&mut report, &service).await;
        }
        Err(error) => report.say("fail", &error.to_string()),
    }
    if config.insecure_cost {
        let cost = config.service.hash_cost;
        report.say("warn", &format!("recovery codes are hashed at {cost}, a cost for tests only"));
    } else {
        report.say("ok", &format!("recovery codes are hashed at argon2id {}", config.service.hash_cost));
    }
    match &config.listen {
        Listen::Tcp(address) if !address.ip().is_loopback() => {
            report.say("warn", &format!("{address} is not a loopback address: put TLS in front of it"));
        }
        Listen::Tcp(address) => report.say("ok", &format!("{address} is reached from this machine only")),
        Listen::Unix(path) => {
            report.say("ok", &format!("{} is reached from this machine only", path.display()))
        }
    }
    report.verdict()
}
