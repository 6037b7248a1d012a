//! The command line while the service runs: what it changes holds at once, and is on record as done by `cli`.

use crate::answer::Answer;
use crate::installation::{Installation, executable, now, refusal};
use crate::phone::Phone;
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn a_policy_set_by_the_command_line_holds_from_the_next_login_on() {
    let installation = Installation::new();
    let sidecar = installation.serve(&[]);
    assert_eq!(sidecar.begin("alice").await["reason"], "policy_disabled");
    let set = ["policy", "set", "--mode", "required", "--method", "totp", "--exempt-role", "robot"];
    let printed: Value = serde_json::from_str(&installation.say(&set)).unwrap();
    assert_eq!(sidecar.get("/v1/policy").await.status(200), printed);
    assert_eq!((printed["mode"].clone(), printed["updated_by"].clone()), (json!("required"), json!("cli")));
    assert_eq!(sidecar.begin("alice").await["status"], "enrollment_required");

    installation.say(&["policy", "set", "--grace-period-days", "7"]);
    let shown: Value = serde_json::from_str(&installation.say(&["policy", "show"])).unwrap();
    let kept = (shown["mode"].clone(), shown["exempt_roles"].clone(), shown["grace_period_days"].clone());
    assert_eq!(kept, (json!("required"), json!(["robot"]), json!(7)), "what is not named stays");
    installation.say(&["policy", "set", "--exempt-role", ""]);
    assert_eq!(sidecar.get("/v1/policy").await.status(200)["exempt_roles"], json!([]));
    let events = sidecar.get("/v1/audit-events?action=policy.changed").await.status(200);
    assert_eq!(events["events"].as_array().unwrap().len(), 3);
    assert_eq!(events["events"][0]["actor"]["type"], "cli");
    refusal(&installation.run(&["policy", "set", "--method", "sms"]));
}

#[tokio::test]
async fn a_key_made_by_the_command_line_works_and_is_refused_once_revoked() {
    let installation = Installation::new();
    let sidecar = installation.serve(&[]);
    let make =
        ["key", "create", "--name", "second", "--role", "bridge", "--role", "auditor", "--expires-in", "90d"];
    let key = installation.say(&make);
    assert!(key.starts_with("mfas_bridge_") && !key.contains('\n'), "alone on stdout");
    let ping = || Answer::to(sidecar.call(Method::POST, "/v1/ping", &key));
    assert_eq!(ping().await.status(200)["roles"], json!(["auditor", "bridge"]));

    let list = installation.say(&["key", "list"]);
    assert!(!list.contains(&key), "a key is shown once");
    let row: Vec<_> = list.lines().find(|line| line.contains("\tsecond\t")).unwrap().split('\t').collect();
    assert!(row[2] == "auditor,bridge" && row[4].starts_with("valid until "), "{row:?}");
    ping().await.status(200);
    installation.say(&["key", "revoke", row[0]]);
    ping().await.problem("unauthenticated");
    assert!(installation.say(&["key", "list"]).contains("\trevoked "));
    refusal(&installation.run(&["key", "revoke", row[0]]));
    refusal(&installation.run(&["key", "revoke", "x"]));
}

#[tokio::test]
async fn a_backup_made_while_the_service_runs_opens_with_the_master_key_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let installation = Installation::new();
    let sidecar = installation.serve(&[]);
    installation.say(&["policy", "set", "--mode", "required"]);
    let (phone, ..) = sidecar.enrolled("alice").await;
    let file = installation.path("it's a copy.sqlite3");
    let said = installation.say(&["backup", file.to_str().unwrap()]);
    assert!(said.contains("master.key"), "{said}");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    refusal(&installation.run(&["backup", file.to_str().unwrap()]));
    refusal(&installation.run(&["backup", "/nowhere/copy.sqlite3"]));
    drop(sidecar);

    let restored = Installation::new();
    std::fs::create_dir(restored.data()).unwrap();
    std::fs::copy(&file, restored.data().join("mfa.sqlite3")).unwrap();
    let lost = restored.run(&["user", "show", "alice"]);
    assert!(!lost.status.success(), "without the key nothing opens");
    std::fs::copy(installation.data().join("master.key"), restored.data().join("master.key")).unwrap();
    let sidecar = restored.serve(&[]);
    let login = sidecar.begin("alice").await;
    // The step after the one that enrolled: no waiting for it.
    sidecar.answer(&login, &phone.code_at(now() + 30)).await.status(200);
}

#[tokio::test]
async fn secrets_of_another_system_are_piped_in_while_the_service_runs() {
    let installation = Installation::new();
    let sidecar = installation.serve(&[]);
    installation.say(&["policy", "set", "--mode", "required"]);
    let lines = r#"{"user":{"id":"42","name":"alice","email":"alice@example.org"},"secret":"GEZDGNBVGY3TQOJQ","digits":6,"period":30,"algorithm":"SHA1"}
{"user":{"id":"43","name":"bob"},"secret":"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"}

{"user":{"id":"44","name":"carol"},"secret":"GEZD"}
{"user":{"id":"45","name":"dan"},"secret":"GEZDGNBVGY3TQOJQ","digits":8}
not JSON
"#;
    let output = installation.run_with(&["import", "civicrm", "-"], lines);
    let (said, told) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!(
        said,
        "Imported 2, of which 1 with a weak secret; 0 were enrolled already; 3 lines refused.\n\
         They have no recovery codes yet: those come with the next authenticator, or by self-service.\n"
    );
    assert!(!output.status.success() && !told.contains("GEZD") && !told.contains("carol"), "{told}");
    for line in ["line 4: ", "line 5: ", "line 6: "] {
        assert!(told.lines().any(|told| told.starts_with(line)), "{line}{told}");
    }
    for user in ["42", "43"] {
        let login = sidecar.begin(user).await;
        assert_eq!(login["status"], "challenge_required", "{login}");
    }
    let phone = Phone::of_another_system("GEZDGNBVGY3TQOJQ");
    let login = sidecar.begin("42").await;
    let passed = sidecar.answer(&login, &phone.code_at(now())).await.status(200);
    assert_eq!(passed["status"], "passed");
    assert_eq!(sidecar.begin("44").await["status"], "enrollment_required");

    // From a file as well, and again: who is enrolled is left alone.
    let good = lines.lines().take(2).collect::<Vec<_>>().join("\n");
    let file = installation.path("export.jsonl");
    std::fs::write(&file, good).unwrap();
    let said = installation.say(&["import", "civicrm", file.to_str().unwrap()]);
    assert_eq!(said, "Imported 0, of which 0 with a weak secret; 2 were enrolled already; 0 lines refused.");
    refusal(&installation.run(&["import", "civicrm", "/nowhere/export.jsonl"]));
    let unknown = installation.run(&["import", "elsewhere", "-"]);
    assert_eq!(unknown.status.code(), Some(2));
}

#[test]
fn keys_that_make_no_sense_are_not_made() {
    let installation = Installation::new();
    for arguments in [
        &["--name", "x"][..],
        &["--role", "bridge"],
        &["--name", "x", "--role", "king"],
        &["--name", " ", "--role", "bridge"],
        &["--name", "x", "--role", "bridge", "--expires-in", "soon"],
        &["--name", "x", "--role", "bridge", "--expires-in", "-1d"],
        &["--name", "x", "--role", "bridge", "--expires-in", "0s"],
        &["--name", "x", "--role", "bridge", "--site", "nowhere"],
    ] {
        let output = installation.run(&[&["key", "create"], arguments].concat());
        assert!(!output.status.success() && output.stdout.is_empty(), "{arguments:?}");
    }
    assert_eq!(installation.say(&["key", "list"]).lines().count(), 1, "only the heading");
}

#[tokio::test]
async fn a_user_is_shown_reset_and_unlocked_from_a_shell() {
    let installation = Installation::new();
    let sidecar = installation.serve_required();
    refusal(&installation.run(&["user", "show", "alice"]));
    let (phone, ..) = sidecar.enrolled("alice").await;
    let shown: Value = serde_json::from_str(&installation.say(&["user", "show", "alice"])).unwrap();
    assert_eq!(sidecar.get("/v1/users/alice").await.status(200), shown);

    let login = sidecar.begin("alice").await;
    for _ in 0..5 {
        sidecar.answer(&login, &phone.wrong_code_at(now())).await.problem("code-rejected");
    }
    let locked = sidecar.begin("alice").await;
    sidecar.answer(&locked, &phone.code_at(now() + 30)).await.problem("throttled");
    installation.say(&["user", "unlock", "alice"]);
    sidecar.answer(&locked, &phone.code_at(now() + 30)).await.status(200);

    let pass = installation.say(&["user", "one-time-pass", "alice", "--expires-in", "1h"]);
    assert!(pass.len() == 19 && !pass.contains('\n'), "alone on stdout");
    let login = sidecar.begin("alice").await;
    let body = json!({"method": "one_time_pass", "code": pass});
    assert_eq!(sidecar.of(&login, "answer", body).await.status(200)["status"], "enrollment_required");
    for wrong in ["59s", "25h", "soon"] {
        refusal(&installation.run(&["user", "one-time-pass", "alice", "--expires-in", wrong]));
    }

    let open = sidecar.begin("alice").await;
    assert_eq!(installation.say(&["user", "reset", "alice"]), "Removed 1.");
    sidecar.answer(&open, "123456").await.problem("login-expired");
    assert_eq!(sidecar.begin("alice").await["status"], "enrollment_required");
    for action in ["user.unlocked", "authenticator.removed", "one_time_pass.issued"] {
        let events = sidecar.get(&format!("/v1/audit-events?action={action}")).await.status(200);
        assert_eq!(events["events"][0]["actor"]["type"], "cli", "{action}");
    }
    for id in ["", "..", " a"] {
        refusal(&installation.run(&["user", "show", id]));
    }
}

#[tokio::test]
async fn a_site_added_by_the_command_line_is_served_at_once() {
    let installation = Installation::new();
    let sidecar = installation.serve(&[]);
    installation.say(&["site", "add", "zweite", "--issuer", "Zweite Site"]);
    let list = installation.say(&["site", "list"]);
    assert!(list.contains("default\tmfa-sidecar\t") && list.contains("zweite\tZweite Site\t"), "{list}");
    let key = installation.say(&["key", "create", "--name", "x", "--role", "admin", "--site", "zweite"]);
    let pong = Answer::to(sidecar.call(Method::POST, "/v1/ping", &key)).await.status(200);
    assert_eq!(pong["site"], "zweite");
    installation.say(&["policy", "set", "--mode", "required", "--site", "zweite"]);
    let policy = Answer::to(sidecar.call(Method::GET, "/v1/policy", &key)).await.status(200);
    assert_eq!(policy["mode"], "required");
    assert_eq!(sidecar.get("/v1/policy").await.status(200)["mode"], "disabled");
    for arguments in
        [&["site", "add", "zweite"][..], &["site", "add", ".."], &["site", "add", "x", "--issuer", ""]]
    {
        refusal(&installation.run(arguments));
    }
    refusal(&installation.run(&["policy", "show", "--site", "dritte"]));
}

#[tokio::test]
async fn migrate_and_doctor_do_not_disturb_a_running_service() {
    let installation = Installation::new();
    let sidecar = installation.serve(&[]);
    installation.say(&["migrate"]);
    let report = installation.say(&["doctor"]);
    assert!(report.contains("the database answers, and the master key opens its data"), "{report}");
    sidecar.begin("alice").await;
}

#[test]
fn the_document_is_the_committed_one_byte_for_byte() {
    let output = executable().arg("openapi").output().unwrap();
    let committed = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/openapi.json");
    assert!(output.stdout == std::fs::read(committed).unwrap(), "run `make openapi` and commit the result");
}
