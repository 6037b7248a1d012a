//! Listening, on TCP and on a Unix socket, and ending.

use crate::answer::Answer;
use crate::installation::{Installation, executable, poll, refusal};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};

#[tokio::test]
async fn on_sigterm_the_service_ends_with_status_0() {
    let installation = Installation::new();
    let mut sidecar = installation.serve(&[]);
    sidecar.begin("alice").await;
    sidecar.terminate();
    assert_eq!(sidecar.ended().code(), Some(0));
    assert!(sidecar.log().contains("stopped"));
}

#[tokio::test]
async fn on_sigterm_a_request_that_has_begun_is_answered_first() {
    let installation = Installation::new();
    let mut sidecar = installation.serve(&[]);
    let address = sidecar.base.strip_prefix("http://").unwrap().to_owned();
    let body = r#"{"user": {"id": "alice", "name": "alice"}}"#;
    let mut stream = TcpStream::connect(&address).unwrap();
    write!(
        stream,
        "POST /v1/logins HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\nContent-Length: {}\r\n\
         Content-Type: application/json\r\nConnection: close\r\nExpect: 100-continue\r\n\r\n",
        sidecar.bridge,
        body.len()
    )
    .unwrap();
    // The service has read the head and waits for the body.
    let mut begun = [0; 25];
    stream.read_exact(&mut begun).unwrap();
    assert_eq!(&begun, b"HTTP/1.1 100 Continue\r\n\r\n");
    sidecar.terminate();
    poll("the service takes no new connection", || TcpStream::connect(&address).is_err().then_some(()));
    stream.write_all(body.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    assert_eq!(sidecar.ended().code(), Some(0));
}

#[tokio::test]
async fn the_service_listens_on_a_unix_socket_that_others_cannot_use() {
    let installation = Installation::new();
    let socket = installation.path("mfa.sock");
    let listen = format!("unix:{}", socket.display());
    let mut child = installation.command(&["serve", "--log", "error", "--listen", &listen]).spawn().unwrap();
    let client = crate::client::builder().unix_socket(socket.clone()).build().unwrap();
    poll("the socket is there", || std::os::unix::net::UnixStream::connect(&socket).ok());
    let metadata = std::fs::metadata(&socket).unwrap();
    assert!(metadata.file_type().is_socket());
    assert_eq!(metadata.permissions().mode() & 0o007, 0);
    Answer::to(client.get("http://localhost/readyz")).await.status(200);
    let key = installation.key("admin");
    Answer::to(client.get("http://localhost/v1/policy").bearer_auth(key)).await.status(200);

    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    let status = poll("the service ends", || child.try_wait().unwrap());
    assert_eq!(status.code(), Some(0));
    assert!(!socket.exists());
}

#[tokio::test]
async fn a_socket_left_behind_by_a_kill_does_not_stop_the_next_start() {
    let installation = Installation::new();
    let socket = installation.path("mfa.sock");
    let listen = format!("unix:{}", socket.display());
    for _ in 0..2 {
        let mut child =
            installation.command(&["serve", "--log", "error", "--listen", &listen]).spawn().unwrap();
        poll("the service answers", || {
            assert!(child.try_wait().unwrap().is_none(), "it ended");
            std::os::unix::net::UnixStream::connect(&socket).ok()
        });
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(socket.exists());
    }
}

#[tokio::test]
async fn an_address_that_is_taken_is_one_clear_line() {
    let installation = Installation::new();
    let sidecar = installation.serve(&[]);
    let address = sidecar.base.strip_prefix("http://").unwrap();
    let output = installation.command(&["serve", "--log", "error", "--listen", address]).output().unwrap();
    let said = refusal(&output);
    assert!(said.contains(address), "{said}");
}

#[test]
fn the_version_is_told() {
    let output = executable().arg("--version").output().unwrap();
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        format!("mfa-sidecar {}\n", env!("CARGO_PKG_VERSION"))
    );
}

#[tokio::test]
async fn the_log_is_text_or_json_and_reports_a_cost_for_tests() {
    let installation = Installation::new();
    let text = installation.serve(&["--log-format", "text"]);
    assert!(text.log().lines().any(|line| line.contains("WARN") && line.contains("a cost for tests only")));
    let json = installation.serve(&["--log-format", "json", "--log", "debug"]);
    json.begin("alice").await;
    let log = json.log();
    let lines: Vec<serde_json::Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("JSON: {line}")))
        .collect();
    let answered = lines.iter().find(|line| line["fields"]["message"] == "request answered").unwrap();
    assert_eq!(answered["fields"]["status"], 201);
    assert_eq!(answered["span"]["route"], "/v1/logins");
    assert!(answered["span"]["request_id"].as_str().unwrap().len() == 36);
}
