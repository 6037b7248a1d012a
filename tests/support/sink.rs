//! The mail server of `tests/support/smtp-sink.py`.

use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

/// A mail server on a port of its own. Killed when dropped.
pub struct Sink {
    child: Child,
    said: BufReader<ChildStdout>,
    pub port: u16,
}

impl Drop for Sink {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Sink {
    /// Without TLS and password, unless the arguments say otherwise.
    pub fn start(arguments: &[&str]) -> Self {
        // Its input stays open until this process ends in whatever way, and then it ends as well.
        let mut child = Command::new(python())
            .arg(script())
            .args(arguments)
            .arg("--until-eof")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the Python of .venv, which scripts/install-deps.sh test makes");
        let said = BufReader::new(child.stdout.take().unwrap());
        let mut sink = Self { child, said, port: 0 };
        sink.port = sink.line().trim().parse().expect("the port in the first line");
        sink
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.said.read_line(&mut line).unwrap();
        line
    }

    /// Ends it; the messages that arrived and were not asked for.
    #[allow(dead_code, reason = "only some of the test binaries count")]
    pub fn end(mut self) -> Vec<Value> {
        drop(self.child.stdin.take());
        let lines = std::iter::from_fn(|| Some(self.line()).filter(|line| !line.is_empty()));
        lines.map(|line| serde_json::from_str(&line).expect("a message")).collect()
    }

    /// The next message that arrived. It has: it is written down before the sender hears "250 OK".
    pub fn received(&mut self) -> Value {
        serde_json::from_str(&self.line()).expect("a message")
    }
}

fn python() -> &'static str {
    concat!(env!("CARGO_MANIFEST_DIR"), "/.venv/bin/python")
}

fn script() -> &'static str {
    concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/smtp-sink.py")
}
