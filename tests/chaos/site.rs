//! What is broken: a service or two on a database, with enrolled users, a policy and keys.

use crate::caller::{Caller, client};
use crate::installation::{DEADLINE, executable, free_port, refusal};
use crate::users::{Clock, KEY, Users};
use mfa_sidecar::app;
use mfa_sidecar::config::{Config, Flags};
use mfa_sidecar::domain::id::SiteName;
use mfa_sidecar::domain::secret::TotpKey;
use mfa_sidecar::service::clock::SystemClock;
use reqwest::Method;
use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Enough that nobody's turn comes again before the next step has begun.
const USERS: u32 = 2_000;

pub struct Site {
    directory: TempDir,
    /// Where the services find database and master key.
    pub data: PathBuf,
    /// What the services find their database by; their own file if there is none.
    pub database: Option<String>,
    /// Variables of the services beside those that name data and database.
    pub environment: Vec<(String, String)>,
    services: Vec<Option<Child>>,
    pub caller: Caller,
    runtime: tokio::runtime::Runtime,
}

impl Site {
    /// On an embedded database.
    pub fn embedded() -> Self {
        Self::new(None, 1)
    }

    /// On a server's database.
    pub fn on(database: &str) -> Self {
        Self::new(Some(database.to_owned()), 1)
    }

    /// With so many services on one database; none of them runs yet.
    pub fn new(database: Option<String>, services: usize) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let caller = Caller {
            client: client(),
            ports: (0..services).map(|_| AtomicU16::new(free_port())).collect(),
            bridge: "".into(),
            admin: "".into(),
            users: Arc::new(Users::new(USERS.into())),
            clock: Arc::new(Clock::default()),
            records: Arc::default(),
        };
        let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let data = directory.path().join("data");
        let mut site = Self {
            directory,
            data,
            database,
            environment: Vec::new(),
            services: Vec::new(),
            caller,
            runtime,
        };
        site.services.resize_with(services, || None);
        if site.database.is_some() {
            // A server's database needs its key given: that of an embedded one that is not used.
            let mut embedded = site.command(&["migrate"]);
            embedded.env_remove("MFA_SIDECAR_DATABASE_URL").env_remove("MFA_SIDECAR_MASTER_KEY_FILE");
            assert!(embedded.status().unwrap().success());
        }
        site.runtime.block_on(seed(&site.data, site.database.clone(), &site.master_key()));
        site.caller.bridge = site.say(&["key", "create", "--name", "host", "--role", "bridge"]).into();
        site.caller.admin = site.say(&["key", "create", "--name", "office", "--role", "admin"]).into();
        site.say(&["policy", "set", "--mode", "required", "--method", "totp"]);
        site
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub fn master_key(&self) -> PathBuf {
        self.data.join("master.key")
    }

    /// The database's URL, for who damages or locks it.
    pub fn url(&self) -> String {
        self.database.clone().unwrap_or_else(|| format!("sqlite:{}", self.database_file().display()))
    }

    pub fn database_file(&self) -> PathBuf {
        self.data.join("mfa.sqlite3")
    }

    /// Puts this in place of the embedded database, with no service on it.
    pub fn replace_database(&self, bytes: &[u8]) {
        for end in ["-wal", "-shm"] {
            let _ = std::fs::remove_file(self.data.join(format!("mfa.sqlite3{end}")));
        }
        std::fs::write(self.database_file(), bytes).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = executable();
        command.args(arguments).env("MFA_SIDECAR_DATA_DIR", &self.data);
        command
            .env("MFA_SIDECAR_RECOVERY_CODE_HASH", "m=8,t=1,p=1")
            .env("MFA_SIDECAR_INSECURE_TEST_COST", "1");
        if let Some(url) = &self.database {
            command
                .env("MFA_SIDECAR_DATABASE_URL", url)
                .env("MFA_SIDECAR_MASTER_KEY_FILE", self.master_key());
        }
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// What a command that must succeed prints.
    #[track_caller]
    pub fn say(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim_end_matches('\n').to_owned()
    }

    /// The command that starts a service.
    fn serving(&self, number: usize) -> Command {
        let port = self.caller.ports[number].load(Ordering::SeqCst);
        let listen = format!("127.0.0.1:{port}");
        let mut command = self.command(&["serve", "--log", "warn", "--listen", &listen]);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// What a service says that must not start. It is started as somebody whom a file's mode holds for, which it does
    /// not for root.
    #[track_caller]
    pub fn refused(&self) -> String {
        let serving = self.serving(0);
        let mut command = Command::new("timeout");
        command.args(["--signal=KILL", &DEADLINE.as_secs().to_string()]);
        if rustix::process::geteuid().is_root() {
            command.args(["setpriv", "--bounding-set=-dac_override,-dac_read_search"]);
        }
        command.arg(serving.get_program()).args(serving.get_args());
        for (name, value) in serving.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        refusal(&command.output().unwrap())
    }

    /// Starts a service, without waiting for it.
    pub fn start(&mut self, number: usize) {
        let log = OpenOptions::new().create(true).append(true).open(self.path("log")).unwrap();
        self.services[number] = Some(self.serving(number).stderr(log).spawn().unwrap());
    }

    /// Starts every service and waits until logins pass.
    pub fn start_all(&mut self) {
        (0..self.services.len()).for_each(|number| self.start(number));
        self.back_after(Instant::now(), DEADLINE);
        // Calls that came before it listened are no part of a fault.
        self.caller.records.lock().unwrap().broken = 0;
    }

    /// Ends a service as a power cut would.
    pub fn kill(&mut self, number: usize) {
        let mut child = self.services[number].take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Forgets a service that has ended by itself.
    pub fn reap(&mut self, number: usize) {
        self.services[number] = None;
    }

    /// Whether every service that was started still runs.
    pub fn all_run(&mut self) -> bool {
        self.services.iter_mut().flatten().all(|child| child.try_wait().unwrap().is_none())
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.path("log")).unwrap_or_default()
    }

    pub fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// Waits until every service is ready and a login passes on it, and says how long after `since` that was.
    pub fn back_after(&self, since: Instant, limit: Duration) -> Duration {
        self.wait(async {
            loop {
                let caller = &self.caller;
                let ready = caller.call(0, Method::GET, "/readyz", None).await;
                if ready.is_some_and(|answer| answer.status == 200) && caller.log_in().await {
                    return since.elapsed();
                }
                assert!(
                    since.elapsed() < limit,
                    "back within {limit:?}; the log ends with {}",
                    tail(&self.log())
                );
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        for child in self.services.iter_mut().flatten() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn tail(text: &str) -> String {
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(5)..].join("\n")
}

async fn seed(data: &Path, database: Option<String>, key: &Path) {
    let flags = Flags {
        data_dir: Some(data.into()),
        master_key_file: database.is_some().then(|| key.into()),
        database_url: database,
        ..Flags::default()
    };
    let service = app::open(&Config::load(&flags).unwrap(), Arc::new(SystemClock)).await.unwrap();
    let site = service.find_site(SiteName::parse("default").unwrap()).await.unwrap().unwrap();
    for first in (0..USERS).step_by(200) {
        service.seed(&site, first, 200, TotpKey::from_bytes(KEY).unwrap()).await.unwrap();
    }
}
