//! `copy` as an operator runs it.

use crate::installation::{Installation, executable, now, refusal};
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};

fn url(installation: &Installation, name: &str) -> String {
    format!("sqlite:{}", installation.path(name).display())
}

fn source(installation: &Installation) -> String {
    format!("sqlite:{}", installation.data().join("mfa.sqlite3").display())
}

fn copy(from: &str, to: &str) -> Command {
    let mut command = executable();
    command.args(["copy", "--from", from, "--to", to]);
    command
}

#[tokio::test]
async fn users_sign_in_on_a_copy_which_is_refused_while_the_service_runs() {
    let installation = Installation::new();
    let mut sidecar = installation.serve_required();
    let (phone, ..) = sidecar.enrolled("alice").await;
    let moved = Installation::new();
    fs::create_dir(moved.data()).unwrap();
    fs::copy(installation.data().join("master.key"), moved.data().join("master.key")).unwrap();
    let (from, to) = (source(&installation), source(&moved));
    let said = refusal(&copy(&from, &to).output().unwrap());
    assert!(said.contains("a service runs on the source"), "{said}");
    sidecar.terminate();
    assert!(sidecar.ended().success());

    let output = copy(&from, &to).output().unwrap();
    let (said, told) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(output.status.success() && said.starts_with("Copied and verified: "), "{said}{told}");
    assert!(told.contains("users: 1 rows copied\n") && told.contains("users: 1 rows verified\n"), "{told}");
    assert_eq!(fs::metadata(moved.data().join("mfa.sqlite3")).unwrap().permissions().mode() & 0o777, 0o600);
    let sidecar = moved.serve(&[]);
    let login = sidecar.begin("alice").await;
    sidecar.answer(&login, &phone.code_at(now() + 30)).await.status(200);
    drop(sidecar);
    let used = refusal(&copy(&from, &to).output().unwrap());
    assert!(used.contains("a service runs on the target"), "killed within the last minute: {used}");
}

#[test]
fn a_copy_that_is_killed_goes_on_when_it_is_run_again() {
    let installation = Installation::new();
    installation.say(&["migrate"]);
    let line = |n| {
        format!(
            "{{\"user\":{{\"id\":\"{n}\",\"name\":\"u\"}},\"secret\":\"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\"}}\n"
        )
    };
    let users = (0..4000).map(line).collect::<String>();
    assert!(installation.run_with(&["import", "civicrm", "-"], &users).status.success());
    let (from, to) = (source(&installation), url(&installation, "copy.sqlite3"));
    let mut child = copy(&from, &to).stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let mut words = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    words.find(|word| word.starts_with("users: ")).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let said = String::from_utf8(copy(&from, &to).output().unwrap().stdout).unwrap();
    let figures: Vec<u64> =
        said.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse().ok()).collect();
    let (rows, written) = (figures[0], figures[1]);
    assert!(rows > 12_000 && written > 0 && written < rows - 900, "{said}");
}

#[test]
fn what_it_cannot_use_is_said_in_one_line_without_a_password() {
    let installation = Installation::new();
    installation.say(&["migrate"]);
    let (from, to) = (source(&installation), url(&installation, "copy.sqlite3"));
    let missing = url(&installation, "missing.sqlite3");
    assert!(refusal(&copy(&missing, &to).output().unwrap()).contains("there is no file"));
    assert!(!installation.path("missing.sqlite3").exists() && !installation.path("copy.sqlite3").exists());
    assert!(refusal(&copy(&from, &from).output().unwrap()).contains("the same database"));
    let nowhere = copy(&from, "oracle://user:hunter2@127.0.0.1/x").output().unwrap();
    let said = refusal(&nowhere);
    assert!(said.contains("copy_to") && !said.contains("hunter2"), "{said}");
    let mut flags_missing = executable();
    assert!(refusal(&flags_missing.arg("copy").output().unwrap()).contains("MFA_SIDECAR_COPY_FROM"));

    // As variables, which other commands do not mind.
    let mut by_variables = executable();
    by_variables.arg("copy").env("MFA_SIDECAR_COPY_FROM", &from).env("MFA_SIDECAR_COPY_TO", &to);
    assert!(by_variables.output().unwrap().status.success());
    let mut other = installation.command(&["site", "list"]);
    assert!(other.env("MFA_SIDECAR_COPY_FROM", &from).output().unwrap().status.success());

    let other = Installation::new();
    other.say(&["migrate"]);
    let foreign = refusal(&copy(&from, &source(&other)).output().unwrap());
    assert!(foreign.contains("the target holds other data"), "{foreign}");
}
