//! `make bench`: drives the running service over HTTP and prints what it does.
//!
//! A *check* is one right TOTP answer: the login is looked up, the code verified, spent by a conditional write, the
//! login passed and audited, all durable before the answer. Beside it, in the same run and on the same server, the
//! beginning of those logins, and a POST that reads its key and body and writes nothing (`/v1/ping`).
//! The load comes from one thread of this process, which takes its share of the machine.

use mfa_sidecar::app;
use mfa_sidecar::config::{Config, Flags};
use mfa_sidecar::domain::id::SiteName;
use mfa_sidecar::domain::secret::TotpKey;
use mfa_sidecar::service::clock::SystemClock;
use std::cell::RefCell;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const BINARY: &str = env!("CARGO_BIN_EXE_mfa-sidecar");
const KEY: &[u8; 20] = b"12345678901234567890";

/// Concurrency, and checks at it.
const LEVELS: [(usize, usize); 4] = [(1, 4_000), (16, 30_000), (64, 60_000), (256, 60_000)];
const NO_OPS: usize = 100_000;

type Failure = Box<dyn std::error::Error>;

struct Server {
    child: Child,
    address: SocketAddr,
    ready_after: Duration,
}

impl Server {
    fn start(directory: &Path) -> Result<Self, Failure> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let began = Instant::now();
        let child = Command::new(BINARY)
            .args(["serve", "--log", "warn", "--listen", &address.to_string(), "--data-dir"])
            .arg(directory)
            .stdin(Stdio::null())
            .spawn()?;
        let mut server = Self { child, address, ready_after: Duration::ZERO };
        while !is_ready(address) {
            if let Some(status) = server.child.try_wait()? {
                return Err(format!("the service ended: {status}").into());
            }
            if began.elapsed() > Duration::from_secs(10) {
                return Err("the service did not become ready within 10 s".into());
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        server.ready_after = began.elapsed();
        Ok(server)
    }

    fn resident_mebibytes(&self) -> Result<f64, Failure> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).ok_or("no VmRSS")?;
        let kibibytes: f64 = line.split_whitespace().nth(1).ok_or("no VmRSS")?.parse()?;
        Ok(kibibytes / 1024.0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn is_ready(address: SocketAddr) -> bool {
    use std::io::{Read as _, Write as _};
    let Ok(mut stream) = std::net::TcpStream::connect(address) else { return false };
    let request = "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let mut answer = String::new();
    stream.write_all(request.as_bytes()).is_ok()
        && stream.read_to_string(&mut answer).is_ok()
        && answer.starts_with("HTTP/1.1 200")
}

fn post(path: &str, key: &str, body: &str) -> Vec<u8> {
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// One request over a connection that stays open; the body, if the status is the expected one.
async fn exchange(
    stream: &mut TcpStream,
    request: &[u8],
    expected: &str,
    buffer: &mut Vec<u8>,
) -> Result<String, Failure> {
    stream.write_all(request).await?;
    buffer.clear();
    let head = loop {
        if stream.read_buf(buffer).await? == 0 {
            return Err("the service closed the connection".into());
        }
        if let Some(end) = buffer.windows(4).position(|w| w == b"\r\n\r\n") {
            break end + 4;
        }
    };
    let text = std::str::from_utf8(&buffer[..head])?;
    let length = text.lines().find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length.ok_or("no content-length")?.parse()?;
    let status_ok = text.starts_with(expected);
    while buffer.len() < head + length {
        stream.read_buf(buffer).await?;
    }
    let body = String::from_utf8_lossy(&buffer[head..]).into_owned();
    if status_ok { Ok(body) } else { Err(format!("not {expected}: {body}").into()) }
}

struct Measured {
    rate: f64,
    p50: Duration,
    p99: Duration,
    bodies: Vec<String>,
}

/// Sends `total` requests over `concurrency` connections, each made when it is sent, and waits for every answer.
async fn drive(
    address: SocketAddr,
    concurrency: usize,
    total: usize,
    request: impl Fn(usize) -> Vec<u8> + 'static,
    expected: &'static str,
) -> Result<Measured, Failure> {
    let (queue, request) = (Rc::new(RefCell::new(0..total)), Rc::new(request));
    let results = Rc::new(RefCell::new((Vec::with_capacity(total), Vec::with_capacity(total))));
    let began = Instant::now();
    let workers: Vec<_> = (0..concurrency)
        .map(|_| {
            let (queue, request, results) = (Rc::clone(&queue), Rc::clone(&request), Rc::clone(&results));
            tokio::task::spawn_local(async move {
                let mut stream = TcpStream::connect(address).await.map_err(|e| e.to_string())?;
                stream.set_nodelay(true).map_err(|e| e.to_string())?;
                let mut buffer = Vec::with_capacity(4096);
                loop {
                    let next = queue.borrow_mut().next();
                    let Some(n) = next else { return Ok::<_, String>(()) };
                    let request = request(n);
                    let sent = Instant::now();
                    let body = exchange(&mut stream, &request, expected, &mut buffer)
                        .await
                        .map_err(|e| e.to_string())?;
                    let mut results = results.borrow_mut();
                    results.0.push(sent.elapsed());
                    results.1.push(body);
                }
            })
        })
        .collect();
    for worker in workers {
        worker.await??;
    }
    let elapsed = began.elapsed();
    let (mut latencies, bodies) = results.take();
    latencies.sort();
    #[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
    let rate = total as f64 / elapsed.as_secs_f64();
    let percentile = |p: usize| latencies[(latencies.len() * p / 100).min(latencies.len() - 1)];
    Ok(Measured { rate, p50: percentile(50), p99: percentile(99), bodies })
}

fn login_id(login: &str) -> String {
    login.strip_prefix(r#"{"id":""#).and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned()
}

fn now_seconds() -> u64 {
    #[allow(clippy::disallowed_methods, reason = "the load plays phones, whose clock is the machine's")]
    let now = std::time::SystemTime::now();
    now.duration_since(std::time::UNIX_EPOCH).map_or(0, |d| d.as_secs())
}

fn code_now() -> String {
    totp_rs::Builder::new().with_secret(KEY.to_vec()).build_noncompliant().generate(now_seconds()).to_string()
}

fn row(name: &str, concurrency: usize, measured: &Measured) {
    let milliseconds = |d: Duration| d.as_secs_f64() * 1000.0;
    println!(
        "{name:<28} {concurrency:>5} {:>10.0} {:>9.2} {:>9.2}",
        measured.rate,
        milliseconds(measured.p50),
        milliseconds(measured.p99)
    );
}

fn create_key(directory: &Path) -> Result<String, Failure> {
    let output = Command::new(BINARY)
        .args(["key", "create", "--name", "bench", "--role", "bridge", "--role", "admin", "--data-dir"])
        .arg(directory)
        .output()?;
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

async fn seed(directory: &Path, users: usize) -> Result<(), Failure> {
    let flags = Flags { data_dir: Some(directory.into()), ..Flags::default() };
    let service = app::open(&Config::load(&flags)?, Arc::new(SystemClock)).await?;
    let site = service.find_site(SiteName::parse("default")?).await?.ok_or("no site")?;
    let (began, users) = (Instant::now(), users as u64);
    for first in (0..users).step_by(1000) {
        let key = TotpKey::from_bytes(KEY).ok_or("key too short")?;
        service.seed(&site, first, 1000.min(users - first), key).await?;
    }
    println!("{users} enrolled users seeded in {:.1} s", began.elapsed().as_secs_f64());
    Ok(())
}

async fn run() -> Result<(), Failure> {
    let cores = std::thread::available_parallelism()?;
    println!("{cores} cores, binary {:.1} MiB", mebibytes(std::fs::metadata(BINARY)?.len()));
    let directory = tempfile::tempdir()?;

    let first = Server::start(directory.path())?;
    println!("first start to ready {} ms", first.ready_after.as_millis());
    drop(first);
    let mut starts = Vec::new();
    for _ in 0..5 {
        starts.push(Server::start(directory.path())?.ready_after);
    }
    starts.sort();
    println!("cold start to ready {} ms (median of 5)", starts[2].as_millis());

    let key = create_key(directory.path())?;
    seed(directory.path(), LEVELS.iter().map(|(_, checks)| checks).sum()).await?;
    let server = Server::start(directory.path())?;
    println!("resident {:.1} MiB idle", server.resident_mebibytes()?);

    let address = server.address;
    let policy = r#"{"mode":"required","methods":["totp"]}"#;
    let put = String::from_utf8(post("/v1/policy", &key, policy))?.replacen("POST", "PUT", 1);
    drive(address, 1, 1, move |_| put.clone().into_bytes(), "HTTP/1.1 200").await?;

    println!("\n{:<28} {:>5} {:>10} {:>9} {:>9}", "", "conc.", "a second", "p50 ms", "p99 ms");
    let mut first_user = 0;
    for (concurrency, checks) in LEVELS {
        let no_op = post("/v1/ping", &key, r#"{"method":"totp","code":"123456"}"#);
        let count = if concurrency == 1 { NO_OPS / 10 } else { NO_OPS };
        let no_ops = drive(address, concurrency, count, move |_| no_op.clone(), "HTTP/1.1 200").await?;
        row("no-op POST", concurrency, &no_ops);

        let bearer = key.clone();
        let begin = move |n: usize| {
            let id = first_user + n;
            post("/v1/logins", &bearer, &format!(r#"{{"user":{{"id":"{id}","name":"user{id}"}}}}"#))
        };
        let begun = drive(address, concurrency, checks, begin, "HTTP/1.1 201").await?;
        row("login begun", concurrency, &begun);
        first_user += checks;

        let ids: Vec<String> = begun.bodies.iter().map(|login| login_id(login)).collect();
        let bearer = key.clone();
        let answer = move |n: usize| {
            let body = format!(r#"{{"method":"totp","code":"{}"}}"#, code_now());
            post(&format!("/v1/logins/{}/answer", ids[n]), &bearer, &body)
        };
        let answered = drive(address, concurrency, checks, answer, "HTTP/1.1 200").await?;
        row("durable TOTP check", concurrency, &answered);
        println!("{:<34} {:>10.1} %", "  checks to no-ops", 100.0 * answered.rate / no_ops.rate);
    }
    println!("\nresident {:.1} MiB after the load", server.resident_mebibytes()?);
    Ok(())
}

#[allow(clippy::cast_precision_loss, reason = "a file's size")]
fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / 1024.0 / 1024.0
}

fn main() -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    tokio::task::LocalSet::new().block_on(&runtime, run())
}
