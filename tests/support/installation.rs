//! A data directory, the command line on it, and the running service with a client.

use crate::answer::Answer;
use crate::phone::Phone;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const BINARY: &str = env!("CARGO_BIN_EXE_mfa-sidecar");

/// How long anything may take on a busy machine.
pub const DEADLINE: Duration = Duration::from_secs(30);

/// The executable in an environment that holds no setting of the person who runs the tests.
pub fn executable() -> Command {
    let mut command = Command::new(BINARY);
    for (name, _) in
        std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("MFA_SIDECAR_"))
    {
        command.env_remove(name);
    }
    command.stdin(Stdio::null());
    command
}

/// A port that was free a moment ago. It is below those that the system gives to outgoing connections, one of which
/// could otherwise have it by the time a service starts on it, or starts again.
pub fn free_port() -> u16 {
    let port = rand::random_range(20_000..32_000);
    TcpListener::bind(("127.0.0.1", port)).map_or_else(|_| free_port(), |_| port)
}

/// Asks again and again, until there is an answer.
pub fn poll<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(began.elapsed() < DEADLINE, "{what} within {DEADLINE:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The machine's time in Unix seconds: what the phone and the service go by here.
pub fn now() -> i64 {
    #[allow(clippy::disallowed_methods, reason = "the process under test goes by the machine's clock")]
    let now = jiff::Timestamp::now();
    now.as_second()
}

/// A data directory of its own.
pub struct Installation {
    root: TempDir,
    starts: AtomicUsize,
    settings: Vec<(&'static str, String)>,
}

impl Installation {
    pub fn new() -> Self {
        Self::with(Vec::new())
    }

    /// One whose executable finds these variables in its environment.
    pub fn with(settings: Vec<(&'static str, String)>) -> Self {
        Self { root: tempfile::tempdir().unwrap(), starts: AtomicUsize::new(0), settings }
    }

    pub fn data(&self) -> PathBuf {
        self.root.path().join("data")
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// The executable on this directory, with a cost of hashing that is for tests only.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = executable();
        command
            .args(arguments)
            .env("MFA_SIDECAR_DATA_DIR", self.data())
            .env("MFA_SIDECAR_RECOVERY_CODE_HASH", "m=8,t=1,p=1")
            .env("MFA_SIDECAR_INSECURE_TEST_COST", "1")
            .envs(self.settings.iter().cloned());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs a command that reads `input`, as another program would pipe it in.
    pub fn run_with(&self, arguments: &[&str], input: &str) -> Output {
        use std::io::Write as _;
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    }

    /// What a command that must succeed prints, without the line break at its end.
    #[track_caller]
    pub fn say(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim_end_matches('\n').to_owned()
    }

    pub fn key(&self, role: &str) -> String {
        self.say(&["key", "create", "--name", role, "--role", role])
    }

    /// Starts the service on a free port, with a log file of its own.
    pub fn serve(&self, arguments: &[&str]) -> Sidecar {
        self.begin_to_serve(arguments).listening(self)
    }

    /// The same, without waiting for it to listen.
    pub fn begin_to_serve(&self, arguments: &[&str]) -> Starting {
        let log = self.path(&format!("log-{}", self.starts.fetch_add(1, Ordering::Relaxed)));
        let child = self
            .command(&["serve", "--listen", "127.0.0.1:0"])
            .args(arguments)
            .stderr(File::create(&log).unwrap())
            .spawn()
            .unwrap();
        Starting { child, log }
    }

    /// A configuration file with a mail server on this machine.
    pub fn with_mail_server(&self, port: u16) -> String {
        let file = self.path("mail.toml");
        let text = format!("smtp_url = \"smtp://localhost:{port}\"\nmail_from = \"mfa@example.org\"\n");
        std::fs::write(&file, text).unwrap();
        file.to_str().unwrap().to_owned()
    }

    /// Starts the service with the policy "TOTP required".
    pub fn serve_required(&self) -> Sidecar {
        self.say(&["policy", "set", "--mode", "required", "--method", "totp"]);
        self.serve(&[])
    }
}

/// A service that may not listen yet.
pub struct Starting {
    child: Child,
    log: PathBuf,
}

impl Starting {
    /// Waits for it to listen, and makes keys for its client.
    pub fn listening(mut self, installation: &Installation) -> Sidecar {
        let base = listening(&mut self.child, &self.log);
        let client = crate::client::builder().build().unwrap();
        let (bridge, admin) = (installation.key("bridge"), installation.key("admin"));
        Sidecar { child: self.child, base, client, log: self.log, bridge, admin }
    }
}

/// Waits for the process to listen, as its log says, and takes the address from there.
fn listening(child: &mut Child, log: &Path) -> String {
    poll("the service listens", || {
        let text = read(log);
        assert!(child.try_wait().unwrap().is_none(), "it ended: {text}");
        let (_, rest) = text.split_once("127.0.0.1:")?;
        let port: String = rest.chars().take_while(char::is_ascii_digit).collect();
        std::net::TcpStream::connect(format!("127.0.0.1:{port}")).ok()?;
        Some(format!("http://127.0.0.1:{port}"))
    })
}

/// A running service and a client of it. Killed when dropped.
pub struct Sidecar {
    child: Child,
    pub base: String,
    pub client: reqwest::Client,
    log: PathBuf,
    pub bridge: String,
    pub admin: String,
}

impl Drop for Sidecar {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Sidecar {
    pub fn log(&self) -> String {
        read(&self.log)
    }

    /// Ends the process as a power cut would.
    pub fn kill_9(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    #[allow(dead_code, reason = "only the tests with a server count threads")]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Asks the process to end.
    pub fn terminate(&self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    }

    /// Waits for the process to end by itself.
    pub fn ended(&mut self) -> ExitStatus {
        poll("the service ends", || self.child.try_wait().unwrap())
    }

    pub fn call(&self, method: Method, path: &str, key: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base)).bearer_auth(key)
    }

    pub async fn get(&self, path: &str) -> Answer {
        Answer::to(self.call(Method::GET, path, &self.admin)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        Answer::to(self.call(Method::POST, path, &self.bridge).json(&body)).await
    }

    pub async fn begin(&self, user: &str) -> Value {
        self.post("/v1/logins", json!({"user": {"id": user, "name": user}})).await.status(201)
    }

    pub async fn read(&self, login: &Value) -> Answer {
        let path = format!("/v1/logins/{}", login["id"].as_str().unwrap());
        Answer::to(self.call(Method::GET, &path, &self.bridge)).await
    }

    /// A call about a login.
    pub async fn of(&self, login: &Value, call: &str, body: Value) -> Answer {
        self.post(&format!("/v1/logins/{}/{call}", login["id"].as_str().unwrap()), body).await
    }

    pub async fn answer(&self, login: &Value, code: &str) -> Answer {
        self.of(login, "answer", json!({"method": "totp", "code": code})).await
    }

    pub async fn recover(&self, login: &Value, code: &str) -> Answer {
        self.of(login, "answer", json!({"method": "recovery_code", "code": code})).await
    }

    pub async fn scan(&self, login: &Value) -> Phone {
        let begun = self.of(login, "enrollment", json!({"method": "totp"})).await.status(200);
        Phone::with(begun["secret"].as_str().unwrap())
    }

    /// Lets a user enrol; the phone, the passed login, and the code that is spent now.
    pub async fn enrolled(&self, user: &str) -> (Phone, Value, String) {
        let login = self.begin(user).await;
        let phone = self.scan(&login).await;
        let code = phone.code_at(now());
        let passed = self.of(&login, "enrollment/confirm", json!({"code": code})).await.status(200);
        (phone, passed, code)
    }
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

/// What a command said that must fail: one line on stderr, and a status that is not 0.
#[track_caller]
pub fn refusal(output: &Output) -> String {
    let said = String::from_utf8(output.stderr.clone()).unwrap();
    assert!(!output.status.success(), "it should have failed: {said}");
    assert_eq!(said.trim_end().lines().count(), 1, "one line: {said}");
    said.trim_end().to_owned()
}
