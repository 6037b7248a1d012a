//! `doctor`: what an operator wants to know before asking for help.

use super::Failure;
use crate::app;
use crate::config::{Config, Listen};
use crate::service::clock::SystemClock;
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

pub(super) async fn run(config: &Config) -> Result<(), Failure> {
    let mut report = Report::default();
    report.say("ok", "every setting is understood");
    if !config.data_dir.exists() {
        report.say("warn", "the data directory does not exist yet; the first start creates it");
        return Ok(());
    }
    report.mode("data directory", &config.data_dir);
    if config.master_key_file.exists() {
        report.mode("master key file", &config.master_key_file);
    }
    match app::open(config, Arc::new(SystemClock)).await {
        Ok(service) => match service.check_ready().await {
            Ok(()) => report.say("ok", "the database answers, and the master key opens its data"),
            Err(error) => report.say("fail", &error.to_string()),
        },
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
    if report.failed { Err(Failure::ChecksFailed) } else { Ok(()) }
}
