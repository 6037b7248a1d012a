//! Database servers of the harness's own, on a disk and with fsync, as they come: to be killed and started again.

use crate::installation::{free_port, poll};
use diesel::connection::SimpleConnection as _;
use mfa_sidecar::store::AnyConnection;
use std::fs::Permissions;
use std::fs::{File, OpenOptions};
use std::os::unix::fs::PermissionsExt as _;

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Postgres,
    Mariadb,
}

impl Engine {
    pub fn name(self) -> &'static str {
        match self {
            Self::Postgres => "PostgreSQL",
            Self::Mariadb => "MariaDB",
        }
    }

    /// The system's user whom the server runs as, since neither lets itself be run by root.
    fn user(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Mariadb => "mysql",
        }
    }
}

/// Runs until it is dropped.
pub struct Server {
    engine: Engine,
    directory: TempDir,
    pub port: u16,
    child: Option<Child>,
}

impl Server {
    /// Starts one with an empty database.
    pub fn start(engine: Engine) -> Self {
        // Not below /tmp, which may be in memory.
        let directory = tempfile::tempdir_in("/var/tmp").unwrap();
        std::fs::set_permissions(directory.path(), Permissions::from_mode(0o755)).unwrap();
        let mut server = Self { engine, directory, port: free_port(), child: None };
        server.initialise();
        server.restart();
        let administration = match engine {
            Engine::Postgres => "postgres",
            Engine::Mariadb => "mysql",
        };
        AnyConnection::open(&server.url_of(server.port, administration))
            .unwrap()
            .batch_execute("CREATE DATABASE mfa")
            .unwrap();
        server
    }

    /// The database's URL.
    pub fn url(&self) -> String {
        self.url_by(self.port)
    }

    /// The same by way of another port.
    pub fn url_by(&self, port: u16) -> String {
        self.url_of(port, "mfa")
    }

    fn url_of(&self, port: u16, database: &str) -> String {
        let scheme = match self.engine {
            Engine::Postgres => "postgres",
            Engine::Mariadb => "mysql",
        };
        format!("{scheme}://mfa@127.0.0.1:{port}/{database}")
    }

    fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    fn initialise(&self) {
        std::fs::create_dir(self.data()).unwrap();
        std::fs::set_permissions(self.data(), Permissions::from_mode(0o700)).unwrap();
        if rustix::process::geteuid().is_root() {
            let owner = format!("{0}:{0}", self.engine.user());
            assert!(Command::new("chown").arg(owner).arg(self.data()).status().unwrap().success());
        }
        let data = self.data();
        let mut command = match self.engine {
            Engine::Postgres => {
                let mut command = self.program(&postgres("initdb"));
                command.args(["-U", "mfa", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "-D"]).arg(data);
                command
            }
            Engine::Mariadb => {
                let mut command = self.program("mariadb-install-db");
                command.args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"]);
                command.arg(format!("--datadir={}", data.display()));
                let grants = "CREATE USER IF NOT EXISTS 'mfa'@'%';\nGRANT ALL ON *.* TO 'mfa'@'%';\n";
                std::fs::write(self.directory.path().join("grants.sql"), grants).unwrap();
                command
            }
        };
        let output =
            command.output().expect("the database server is installed: scripts/install-deps.sh test");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// A program of the server's, as its user; it ends with the thread that starts it.
    fn program(&self, program: &str) -> Command {
        if !rustix::process::geteuid().is_root() {
            return Command::new(program);
        }
        let mut command = Command::new("setpriv");
        let user = self.engine.user();
        command.args([
            &format!("--reuid={user}"),
            &format!("--regid={user}"),
            "--clear-groups",
            "--pdeathsig=KILL",
        ]);
        command.arg(program);
        command
    }

    /// Starts it, and waits until it answers.
    pub fn restart(&mut self) {
        assert!(self.child.is_none());
        let log = self.directory.path().join("log");
        let file: File = OpenOptions::new().create(true).append(true).open(&log).unwrap();
        let data = self.data();
        let mut command = match self.engine {
            Engine::Postgres => {
                let mut command = self.program(&postgres("postgres"));
                command.args(["-p", &self.port.to_string(), "-c", "listen_addresses=127.0.0.1"]);
                command.args(["-c", "unix_socket_directories=", "-D"]).arg(&data);
                command
            }
            Engine::Mariadb => {
                let mut command = self.program("mariadbd");
                let of_data = |name: &str, file: &str| format!("--{name}={}", data.join(file).display());
                command.args(["--no-defaults", "--bind-address=127.0.0.1", "--skip-name-resolve"]);
                command.arg(format!("--port={}", self.port)).arg(of_data("datadir", ""));
                command.arg(of_data("socket", "socket")).arg(of_data("pid-file", "pid"));
                command.arg(format!("--init-file={}", self.directory.path().join("grants.sql").display()));
                command
            }
        };
        self.child = Some(command.stdout(Stdio::null()).stderr(file).spawn().unwrap());
        let database = if self.engine == Engine::Postgres { "postgres" } else { "mysql" };
        let url = self.url_of(self.port, database);
        poll("the database server answers", || {
            let ended = self.child.as_mut().unwrap().try_wait().unwrap();
            assert!(ended.is_none(), "it ended: {}", std::fs::read_to_string(&log).unwrap());
            AnyConnection::open(&url).ok()
        });
    }

    /// Ends it, and the processes that it has started, as a power cut would.
    pub fn kill(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        let id = child.id();
        let children = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
        child.kill().unwrap();
        child.wait().unwrap();
        for id in
            children.split_whitespace().filter_map(|text| rustix::process::Pid::from_raw(text.parse().ok()?))
        {
            // One that has noticed and gone by itself is as good.
            let _ = rustix::process::kill_process(id, rustix::process::Signal::KILL);
            poll("it has ended", || rustix::process::test_kill_process(id).is_err().then_some(()));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The path of a program of PostgreSQL's newest version.
fn postgres(program: &str) -> String {
    let mut versions: Vec<_> = std::fs::read_dir("/usr/lib/postgresql")
        .expect("PostgreSQL is installed: scripts/install-deps.sh test")
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok())
        .collect();
    versions.sort_unstable();
    format!("/usr/lib/postgresql/{}/bin/{program}", versions.last().expect("a version"))
}
