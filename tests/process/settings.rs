//! Settings: flags, then variables, then the file. A wrong or unknown one is one clear line and a status that is not 0.

use crate::installation::{Installation, executable, refusal};
use std::fs;

#[test]
fn every_wrong_setting_is_one_line_that_names_it_whatever_it_comes_by() {
    let wrong = [
        ("listen", "nowhere"),
        ("listen", "127.0.0.1"),
        ("listen", "127.0.0.1:99999"),
        ("listen", "unix:relative.sock"),
        ("recovery_code_hash", "strong"),
        ("recovery_code_hash", "m=1,t=1,p=1"),
        ("recovery_code_hash", "m=8,t=1,p=1"), // too cheap without the test's own switch
        ("recovery_code_hash", "m=99999999,t=2,p=1"),
        ("login_seconds", "29"),
        ("login_seconds", "3601"),
        ("login_seconds", "soon"),
        ("login_seconds", "-1"),
        ("enrollment_seconds", "59"),
        ("enrollment_seconds", "3601"),
        ("log", "a=b=c"),
        ("log_format", "yaml"),
        ("database_url", "oracle://user:s3cret@host/db"),
        ("database_url", "mfa.sqlite3"),
        ("database_lanes", "0"),
        ("database_lanes", "65"),
        ("database_batch", "0"),
        ("database_batch", "1025"),
        ("mail_from", "nobody"),
        ("sms_profile", "pigeon"),
        ("sms_prefixes", "49"),
        ("sms_prefixes", "+49;+43"),
        ("sms_daily_limit", "many"),
        ("sms_daily_limit", "-1"),
        ("audit_days", "-1"),
        ("audit_days", "36501"),
        ("delivery_ca_file", "/missing.pem"),
    ];
    let installation = Installation::new();
    let file = installation.path("settings.toml");
    for (setting, value) in wrong {
        let flag = format!("--{}={value}", setting.replace('_', "-"));
        let by_flag = executable().args(["serve", &flag]).output().unwrap();
        let variable = format!("MFA_SIDECAR_{}", setting.to_uppercase());
        let by_variable = executable().arg("serve").env(variable, value).output().unwrap();
        fs::write(&file, format!("{setting} = \"{value}\"\n")).unwrap();
        let by_file = executable().args(["serve", "--config"]).arg(&file).output().unwrap();
        for output in [by_flag, by_variable, by_file] {
            let said = refusal(&output);
            let named = said.contains(setting) || said.contains(&setting.replace('_', "-"));
            assert!(named, "{setting} = {value}: {said}");
            assert!(!said.contains("s3cret"), "a setting may hold a password: {said}");
        }
    }
    assert!(!installation.data().exists(), "nothing was begun");
}

#[test]
fn what_may_hold_a_password_is_never_repeated_by_whatever_it_comes() {
    const MAIL: (&str, &str) = ("mail_from", "mfa@example.org");
    const GATEWAY: (&str, &str) = ("sms_url", "https://gateway.example.org/?key=s3cret");
    const FROM: (&str, &str) = ("sms_from", "+15550100");
    const JSON: (&str, &str) = ("sms_profile", "json");
    const TWILIO: (&str, &str) = ("sms_profile", "twilio");
    let wrong: &[(&str, &[(&str, &str)])] = &[
        ("mail_from", &[("smtp_url", "smtps://u:s3cret@mail.example.org")]),
        ("smtp_url", &[MAIL]),
        ("smtp_url", &[MAIL, ("smtp_url", "imap://u:s3cret@mail.example.org")]),
        ("smtp_url", &[MAIL, ("smtp_url", "smtp://u:s3cret@mail.example.org")]),
        ("smtp_url", &[MAIL, ("smtp_url", "smtp://u:s3cret@mail.example.org?tls=opportunistic")]),
        ("smtp_url", &[MAIL, ("smtp_url", "smtps://s3cret@mail.example.org")]),
        ("mail_from", &[("smtp_url", "smtps://u:s3cret@mail.example.org"), ("mail_from", "nobody")]),
        ("sms_profile", &[GATEWAY, FROM]),
        ("sms_profile", &[("sms_secret", "s3cret")]),
        ("sms_url", &[JSON, FROM]),
        ("sms_url", &[JSON, FROM, ("sms_url", "http://gateway.example.org/"), ("sms_secret", "s3cret")]),
        ("sms_url", &[JSON, FROM, ("sms_url", "https://u:s3cret@gateway.example.org/")]),
        ("sms_from", &[JSON, GATEWAY]),
        ("sms_user", &[TWILIO, GATEWAY, FROM, ("sms_secret", "s3cret")]),
        ("sms_secret", &[TWILIO, GATEWAY, FROM, ("sms_user", "s3cret")]),
        ("sms_template", &[JSON, GATEWAY, FROM, ("sms_template", "s3cret {to} {text}")]),
        ("sms_template", &[JSON, GATEWAY, FROM, ("sms_template", "[\"s3cret\", \"{to}\"]")]),
    ];
    let installation = Installation::new();
    let file = installation.path("settings.toml");
    for (named, settings) in wrong {
        let mut by_variable = executable();
        let mut text = String::new();
        for (setting, value) in *settings {
            by_variable.env(format!("MFA_SIDECAR_{}", setting.to_uppercase()), value);
            text.push_str(&format!("{setting} = '{value}'\n"));
        }
        fs::write(&file, text).unwrap();
        let by_variable = by_variable.arg("serve").output().unwrap();
        let by_file = executable().args(["serve", "--config"]).arg(&file).output().unwrap();
        for output in [by_variable, by_file] {
            let said = refusal(&output);
            assert!(said.contains(named) && !said.contains("s3cret"), "{settings:?}: {said}");
        }
    }
    fs::write(&file, "sms_secret = 5310031\n").unwrap();
    let said = refusal(&executable().args(["serve", "--config"]).arg(&file).output().unwrap());
    assert!(said.contains("sms_secret") && !said.contains("5310031"), "{said}");
}

#[test]
fn variables_with_text_are_taken_letter_for_letter() {
    let installation = Installation::new();
    let output = installation
        .command(&["migrate"])
        .env("MFA_SIDECAR_SMTP_URL", "smtps://u:p@mail.example.org")
        .env("MFA_SIDECAR_MAIL_FROM", "\"Example, Inc.\" <mfa@example.org>")
        .env("MFA_SIDECAR_SMS_PROFILE", "json")
        .env("MFA_SIDECAR_SMS_URL", "https://gateway.example.org/")
        .env("MFA_SIDECAR_SMS_FROM", "+15550100")
        .env("MFA_SIDECAR_SMS_USER", "42")
        .env("MFA_SIDECAR_SMS_SECRET", "true")
        .env("MFA_SIDECAR_SMS_TEMPLATE", r#"{"to":"{to}","text":"{text}"}"#)
        .env("MFA_SIDECAR_SMS_PREFIXES", "+49")
        .env("MFA_SIDECAR_SMS_DAILY_LIMIT", "20")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn unknown_settings_are_refused() {
    let installation = Installation::new();
    let said = refusal(&executable().args(["serve"]).env("MFA_SIDECAR_COLOUR", "s3cret").output().unwrap());
    assert!(said.to_lowercase().contains("colour") && !said.contains("s3cret"), "{said}");
    let file = installation.path("settings.toml");
    fs::write(&file, "colour = \"s3cret\"\n").unwrap();
    let said = refusal(&executable().args(["serve", "--config"]).arg(&file).output().unwrap());
    assert!(said.contains("colour") && !said.contains("s3cret"), "{said}");
    let said = refusal(&executable().args(["serve", "--colour", "red"]).output().unwrap());
    assert!(said.contains("--colour"), "{said}");
}

#[test]
fn a_file_that_is_missing_or_not_toml_is_refused() {
    let installation = Installation::new();
    let missing = installation.path("missing.toml");
    let said = refusal(&executable().args(["serve", "--config"]).arg(&missing).output().unwrap());
    assert!(said.contains("missing.toml"), "{said}");
    let said = refusal(&executable().args(["serve"]).env("MFA_SIDECAR_CONFIG", &missing).output().unwrap());
    assert!(said.contains("missing.toml"), "{said}");
    let broken = installation.path("broken.toml");
    fs::write(&broken, "listen = \n[").unwrap();
    refusal(&executable().args(["serve", "--config"]).arg(&broken).output().unwrap());
    fs::write(&broken, "listen = 8787\n").unwrap();
    let said = refusal(&executable().args(["serve", "--config"]).arg(&broken).output().unwrap());
    assert!(said.contains("listen"), "{said}");
}

#[test]
fn flags_win_over_variables_and_those_over_the_file() {
    let installation = Installation::new();
    let file = installation.path("settings.toml");
    let directories = ["by-file", "by-variable", "by-flag"].map(|name| installation.path(name));
    let [by_file, by_variable, by_flag] = &directories;
    fs::write(&file, format!("data_dir = \"{}\"\n", by_file.display())).unwrap();
    let run = |variable: bool, flag: bool| {
        let mut command = executable();
        command.args(["migrate", "--config"]).arg(&file);
        if variable {
            command.env("MFA_SIDECAR_DATA_DIR", by_variable);
        }
        if flag {
            command.arg("--data-dir").arg(by_flag);
        }
        assert!(command.output().unwrap().status.success());
        directories.iter().map(|path| path.exists()).collect::<Vec<_>>()
    };
    assert_eq!(run(true, true), [false, false, true]);
    assert_eq!(run(true, false), [false, true, true]);
    assert_eq!(run(false, false), [true, true, true]);
}

#[test]
fn the_bridges_own_variables_do_not_stop_the_service() {
    let installation = Installation::new();
    let mut command = installation.command(&["migrate"]);
    for name in ["URL", "BRIDGE_KEY", "BRIDGE_KEY_FILE", "ADMIN_KEY", "ADMIN_KEY_FILE"] {
        command.env(format!("MFA_SIDECAR_{name}"), "x");
    }
    assert!(command.output().unwrap().status.success());
}

#[test]
fn the_help_names_every_setting_with_its_variable() {
    let help = String::from_utf8(executable().arg("--help").output().unwrap().stdout).unwrap();
    for setting in [
        "config",
        "listen",
        "data-dir",
        "database-url",
        "database-lanes",
        "database-batch",
        "master-key-file",
        "recovery-code-hash",
        "login-seconds",
        "enrollment-seconds",
        "audit-days",
        "mail-from",
        "sms-profile",
        "sms-from",
        "sms-prefixes",
        "sms-daily-limit",
        "delivery-ca-file",
        "log",
        "log-format",
    ] {
        assert!(help.contains(&format!("--{setting} ")), "{setting}");
        let variable = format!("MFA_SIDECAR_{}", setting.replace('-', "_").to_uppercase());
        assert!(help.contains(&format!("[env: {variable}]")), "{variable}");
    }
    // What may hold a password is no flag: a command line can be read by every user of the machine.
    for setting in ["smtp-url", "sms-url", "sms-user", "sms-secret", "sms-template"] {
        assert!(!help.contains(&format!("--{setting}")), "{setting}");
        let variable = format!("MFA_SIDECAR_{}", setting.replace('-', "_").to_uppercase());
        assert!(help.contains(&variable), "{variable}");
    }
}

#[test]
fn an_unknown_command_or_a_missing_argument_fails() {
    for arguments in [
        &["brew"][..],
        &[],
        &["key"],
        &["key", "create"],
        &["user", "show"],
        &["policy", "set", "--mode", "x"],
    ] {
        let output = executable().args(arguments).output().unwrap();
        assert!(!output.status.success() && output.stdout.is_empty(), "{arguments:?}");
        assert!(!output.stderr.is_empty(), "{arguments:?}");
    }
}

#[cfg(feature = "postgres")]
#[test]
fn a_database_server_needs_the_master_key_given() {
    let installation = Installation::new();
    let output = installation.run(&["migrate", "--database-url", "postgres://user:s3cret@host/db"]);
    let said = refusal(&output);
    assert!(said.contains("master_key_file") && !said.contains("s3cret"), "{said}");
    assert!(!installation.data().exists(), "a wrong setting creates nothing");
}
