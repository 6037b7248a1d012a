//! What the first start makes, with which modes, and what a start refuses to go on with.

use crate::installation::{Installation, executable, refusal};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn the_first_start_makes_directory_database_and_master_key_for_the_owner_only() {
    let installation = Installation::new();
    assert_eq!(installation.say(&["migrate"]), "The database is up to date.");
    let data = installation.data();
    assert_eq!(mode(&data), 0o700);
    assert_eq!(mode(&data.join("master.key")), 0o600);
    assert!(data.join("mfa.sqlite3").is_file());
    assert!(fs::read_to_string(data.join("master.key")).unwrap().starts_with("mfa-sidecar-master-key-v1:"));
}

#[test]
fn a_second_start_finds_the_same_key_and_data() {
    let installation = Installation::new();
    installation.say(&["site", "add", "second"]);
    let key = fs::read(installation.data().join("master.key")).unwrap();
    assert!(installation.say(&["site", "list"]).contains("\nsecond\tsecond\t"));
    assert_eq!(fs::read(installation.data().join("master.key")).unwrap(), key);
}

#[test]
fn without_its_master_key_the_service_refuses_to_start_and_makes_no_other() {
    let installation = Installation::new();
    installation.say(&["migrate"]);
    let key = installation.data().join("master.key");
    fs::remove_file(&key).unwrap();
    for command in [&["serve"][..], &["migrate"], &["key", "list"], &["user", "show", "a"]] {
        let said = refusal(&installation.run(command));
        assert!(said.contains("master key") && said.contains("missing"), "{said}");
        assert!(!key.exists());
    }
}

#[test]
fn with_another_master_key_the_service_refuses_to_start() {
    let (installation, other) = (Installation::new(), Installation::new());
    installation.say(&["migrate"]);
    other.say(&["migrate"]);
    let key = installation.data().join("master.key");
    let right = fs::read(&key).unwrap();
    fs::copy(other.data().join("master.key"), &key).unwrap();
    for command in [&["serve"][..], &["migrate"], &["policy", "show"]] {
        let said = refusal(&installation.run(command));
        assert!(said.contains("master key"), "{said}");
    }
    fs::write(&key, right).unwrap();
    installation.say(&["migrate"]);
}

#[test]
fn a_master_key_file_that_is_none_is_refused_without_showing_it() {
    let installation = Installation::new();
    installation.say(&["migrate"]);
    let key = installation.data().join("master.key");
    let truncated = fs::read_to_string(&key).unwrap()[..40].to_owned();
    for text in ["", "not a key but a secret all the same", &truncated] {
        fs::write(&key, text).unwrap();
        let said = refusal(&installation.run(&["serve"]));
        assert!(said.contains("master key") && (text.is_empty() || !said.contains(text)), "{said}");
    }
    fs::remove_file(&key).unwrap();
    fs::create_dir(&key).unwrap();
    refusal(&installation.run(&["serve"]));
}

#[test]
fn a_master_key_elsewhere_is_used_from_there() {
    let installation = Installation::new();
    let key = installation.path("elsewhere.key");
    installation.say(&["migrate", "--master-key-file", key.to_str().unwrap()]);
    assert_eq!(mode(&key), 0o600);
    assert!(!installation.data().join("master.key").exists());
    let said = refusal(&installation.run(&["migrate"]));
    assert!(said.contains("master key"), "{said}");
}

#[test]
fn a_data_directory_that_cannot_be_used_is_one_clear_line() {
    let installation = Installation::new();
    let file = installation.path("file");
    fs::write(&file, "").unwrap();
    let nowhere = installation.path("no/such/parent");
    for directory in [&file, &nowhere] {
        let output = executable().args(["migrate", "--data-dir"]).arg(directory).output().unwrap();
        let said = refusal(&output);
        assert!(said.contains("data directory") && said.contains(directory.to_str().unwrap()), "{said}");
    }
}

#[test]
fn a_database_that_is_none_is_one_clear_line() {
    let installation = Installation::new();
    installation.say(&["migrate"]);
    for name in ["mfa.sqlite3-wal", "mfa.sqlite3-shm"] {
        let _ = fs::remove_file(installation.data().join(name));
    }
    fs::write(
        installation.data().join("mfa.sqlite3"),
        "this is no database, and long enough to be seen as none",
    )
    .unwrap();
    let said = refusal(&installation.run(&["serve"]));
    assert!(said.contains("database"), "{said}");
}

#[test]
fn doctor_finds_what_others_could_read() {
    let installation = Installation::new();
    let before = installation.say(&["doctor"]);
    assert!(before.contains("does not exist yet"), "{before}");
    installation.say(&["migrate"]);
    let fine = installation.say(&["doctor"]);
    assert!(fine.contains("a cost for tests only") && !fine.contains("fail"), "{fine}");
    for (path, loose) in [(installation.data().join("master.key"), 0o644), (installation.data(), 0o755)] {
        let right = mode(&path);
        fs::set_permissions(&path, fs::Permissions::from_mode(loose)).unwrap();
        let output = installation.run(&["doctor"]);
        let report = String::from_utf8(output.stdout.clone()).unwrap();
        refusal(&output);
        assert!(
            report.lines().any(|line| line.starts_with("fail") && line.contains(path.to_str().unwrap())),
            "{report}"
        );
        fs::set_permissions(&path, fs::Permissions::from_mode(right)).unwrap();
    }
}

#[test]
fn doctor_warns_of_a_database_on_another_machine_whose_certificate_is_not_verified() {
    // A name of this machine that the service does not know as such. Nothing listens there.
    let report = |url: &str| {
        let installation = Installation::with(vec![
            ("MFA_SIDECAR_DATABASE_URL", url.to_owned()),
            ("MFA_SIDECAR_MASTER_KEY_FILE", "unused".into()),
        ]);
        fs::create_dir(installation.data()).unwrap();
        let output = installation.run(&["doctor"]);
        refusal(&output);
        String::from_utf8(output.stdout).unwrap()
    };
    let warns =
        |report: &str| report.lines().any(|line| line.starts_with("warn") && line.contains("certificate"));
    for url in ["postgres://ip6-loopback:1/mfa", "mysql://ip6-loopback:1/mfa"] {
        let said = report(url);
        assert!(warns(&said), "{said}");
    }
    for url in [
        "postgres://ip6-loopback:1/mfa?sslmode=verify-full",
        "mysql://ip6-loopback:1/mfa?ssl_mode=verify_identity",
        "postgres://[::1]:1/mfa",
    ] {
        let said = report(url);
        assert!(!warns(&said), "{said}");
    }
}
