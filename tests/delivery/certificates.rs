//! A certificate authority and a server's certificate by it, made anew by `openssl`.

use crate::sink::Sink;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use tempfile::TempDir;

pub struct Certificates(TempDir);

impl Certificates {
    /// For `localhost` and 127.0.0.1, good for a day.
    pub fn new() -> Self {
        let made = Self(tempfile::tempdir().unwrap());
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
        let names = made.0.path().join("names");
        std::fs::write(&names, "subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\n")
            .unwrap();
        made.openssl(&["req", "-x509"], &key, "-subj /CN=Test-CA -days 1 -keyout ca.key -out ca.pem");
        made.openssl(&["req"], &key, "-subj /CN=localhost -keyout key.pem -out request.pem");
        let sign = "-in request.pem -CA ca.pem -CAkey ca.key -CAcreateserial -days 1 -extfile names -out certificate.pem";
        made.openssl(&["x509", "-req"], &[], sign);
        made
    }

    fn openssl(&self, command: &[&str], options: &[&str], rest: &str) {
        let status = Command::new("openssl")
            .current_dir(self.0.path())
            .args(command)
            .args(options)
            .args(rest.split(' '))
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .expect("openssl, which scripts/install-deps.sh test installs");
        assert!(status.success(), "openssl {command:?} {rest}");
    }

    /// The authority's certificate, for those who trust it.
    pub fn authority(&self) -> PathBuf {
        self.0.path().join("ca.pem")
    }

    /// A mail server with TLS by this certificate, and the user "alice" with the password "p:w/d".
    pub fn sink(&self, tls: &str) -> Sink {
        let path = |name: &str| self.0.path().join(name).to_str().unwrap().to_owned();
        let (certificate, key) = (path("certificate.pem"), path("key.pem"));
        let login = ["--user", "alice", "--password", "p:w/d"];
        Sink::start(&[&login[..], &["--tls", tls, "--certificate", &certificate, "--key", &key]].concat())
    }
}
