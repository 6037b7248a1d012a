//! The running service.

use crate::Failure;
use crate::database::Database;
use crate::machine;
use std::fs::{self, File};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Where it listens.
#[derive(Clone)]
pub enum Address {
    Tcp(SocketAddr),
    Unix(PathBuf),
}

/// A process of the service; killed when dropped.
pub struct Sidecar {
    child: Child,
    address: Address,
    /// From its start until it was ready.
    pub ready_after: Duration,
}

impl Sidecar {
    /// Starts it on a free port, with the settings of its default.
    pub fn start(executable: &Path, database: &Database, arguments: &[String]) -> Result<Self, Failure> {
        Self::listen(executable, database, "127.0.0.1:0", arguments)
    }

    /// Starts it on a Unix socket in the database's directory.
    pub fn start_on_socket(executable: &Path, database: &Database) -> Result<Self, Failure> {
        let socket = database.directory().canonicalize()?.join("socket");
        Self::listen(executable, database, &format!("unix:{}", socket.display()), &[])
    }

    fn listen(
        executable: &Path,
        database: &Database,
        listen: &str,
        arguments: &[String],
    ) -> Result<Self, Failure> {
        let log = database.directory().join("service.log");
        let began = Instant::now();
        let mut child = command(executable, database)
            .args(["serve", "--listen", listen])
            .args(arguments)
            .stderr(File::create(&log)?)
            .spawn()?;
        loop {
            if let Some(address) = address(listen, &log)
                && is_ready(&address)
            {
                return Ok(Self { child, address, ready_after: began.elapsed() });
            }
            let has_ended = child.try_wait()?.is_some();
            if has_ended || began.elapsed() > Duration::from_secs(30) {
                let (_, _) = (child.kill(), child.wait());
                return Err(format!("the service did not become ready: {}", fs::read_to_string(log)?).into());
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Where to send load.
    pub fn address(&self) -> Result<SocketAddr, Failure> {
        match &self.address {
            Address::Tcp(address) => Ok(*address),
            Address::Unix(_) => Err("the load goes by TCP".into()),
        }
    }

    /// As the PHP client takes it.
    pub fn url(&self) -> String {
        match &self.address {
            Address::Tcp(address) => format!("http://{address}"),
            Address::Unix(path) => format!("unix:{}", path.display()),
        }
    }

    pub fn resident_mib(&self) -> Result<f64, Failure> {
        machine::resident_mib(self.pid())
    }
}

impl Drop for Sidecar {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The executable on this database, without settings of the person who runs the benchmark.
fn command(executable: &Path, database: &Database) -> Command {
    let mut command = Command::new(executable);
    for (name, _) in
        std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("MFA_SIDECAR_"))
    {
        command.env_remove(name);
    }
    let flags = database.flags();
    command
        .env("MFA_SIDECAR_DATA_DIR", flags.data_dir.unwrap_or_default())
        .env("MFA_SIDECAR_DATABASE_URL", flags.database_url.unwrap_or_default())
        .env("MFA_SIDECAR_MASTER_KEY_FILE", flags.master_key_file.unwrap_or_default())
        .stdin(Stdio::null());
    command
}

/// Requires TOTP of everybody, and makes an API key.
pub fn prepare(executable: &Path, database: &Database) -> Result<String, Failure> {
    let run = |arguments: &[&str]| -> Result<String, Failure> {
        let output = command(executable, database).args(arguments).output()?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
        }
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    };
    run(&["policy", "set", "--mode", "required", "--method", "totp"])?;
    run(&["key", "create", "--name", "bench", "--role", "bridge"])
}

/// The address, once it is known; a port is in the log.
fn address(listen: &str, log: &Path) -> Option<Address> {
    if let Some(path) = listen.strip_prefix("unix:") {
        return Some(Address::Unix(path.into()));
    }
    let text = fs::read_to_string(log).ok()?;
    let (_, rest) = text.split_once("127.0.0.1:")?;
    let (port, _) = rest.split_once(|c: char| !c.is_ascii_digit())?;
    Some(Address::Tcp(SocketAddr::from(([127, 0, 0, 1], port.parse().ok()?))))
}

fn is_ready(address: &Address) -> bool {
    fn ask(mut stream: impl std::io::Read + std::io::Write) -> bool {
        let request = "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        let mut answer = String::new();
        stream.write_all(request.as_bytes()).is_ok()
            && stream.read_to_string(&mut answer).is_ok()
            && answer.starts_with("HTTP/1.1 200")
    }
    match address {
        Address::Tcp(address) => TcpStream::connect(address).is_ok_and(ask),
        Address::Unix(path) => UnixStream::connect(path).is_ok_and(ask),
    }
}
