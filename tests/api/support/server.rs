//! Starting and stopping the server.

use crate::test_database::TestDatabase;
use actix_web::dev::ServerHandle;
use actix_web::rt::System;
use mfa_sidecar::app;
use mfa_sidecar::config::{Config, Flags, Listen};
use mfa_sidecar::delivery::Senders;
use mfa_sidecar::delivery::memory::MemorySender;
use mfa_sidecar::domain::id::SiteName;
use mfa_sidecar::domain::recovery_code::HashCost;
use mfa_sidecar::domain::sms_limits::SmsLimits;
use mfa_sidecar::domain::time::Timestamp;
use mfa_sidecar::keyring::generate_key_file;
use mfa_sidecar::service::caller::AdminCaller;
use mfa_sidecar::service::clock::{Clock as _, ManualClock};
use mfa_sidecar::service::{Service, os_random};
use mfa_sidecar::store::api_keys::{ApiKey, Role};
use mfa_sidecar::store::copy::copy;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;
use tempfile::TempDir;

/// When every test begins, in Unix seconds: the first second of a step.
pub const START: i64 = 1_767_777_600;

/// A running server and the keys of one of its sites. Clones share the server.
#[derive(Clone)]
pub struct TestApp {
    pub clock: Arc<ManualClock>,
    pub service: Service,
    pub bridge: String,
    pub admin: String,
    pub auditor: String,
    pub client: reqwest::Client,
    /// What the service has sent by e-mail.
    pub mail: MemorySender,
    /// What the service has sent by text message.
    pub sms: MemorySender,
    setup: Arc<Setup>,
    site: String,
    server: Arc<Running>,
    // Dropped after the server, which uses them.
    database: Arc<TestDatabase>,
    directory: Arc<TempDir>,
}

/// What a test sets of its server.
#[derive(Clone, Default)]
pub struct Setup {
    pub senders: Senders,
    pub sms_limits: SmsLimits,
    /// How long logins wait for a code or an enrolment, if not as long as they do by default.
    pub lifetime: Option<Duration>,
    /// How long audit events are kept.
    pub audit_kept: Option<Duration>,
}

/// A server in a thread of its own; it ends when this is dropped.
struct Running {
    address: SocketAddr,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    fn start(
        directory: &Path,
        database: &TestDatabase,
        clock: &Arc<ManualClock>,
        setup: &Setup,
    ) -> (Self, Service) {
        let flags = Flags {
            data_dir: Some(directory.to_owned()),
            database_url: Some(database.url().to_owned()),
            master_key_file: Some(directory.join("master.key")),
            ..Flags::default()
        };
        let mut config = Config::load(&flags).unwrap();
        config.service.hash_cost = HashCost::parse("m=8,t=1,p=1").unwrap();
        config.listen = Listen::Tcp("127.0.0.1:0".parse().unwrap());
        config.service.sms_limits = setup.sms_limits.clone();
        if let Some(lifetime) = setup.lifetime {
            config.service.login_lifetime = lifetime;
            config.service.enrollment_lifetime = lifetime;
        }
        config.service.audit_kept = setup.audit_kept;
        let senders = setup.senders.clone();
        let (clock, (sender, started)) = (Arc::clone(clock), mpsc::channel());
        let thread = std::thread::spawn(move || {
            System::new().block_on(async move {
                let service = app::open_with(&config, clock, senders).await.unwrap();
                let (server, addresses) = app::listen(&service, &config.listen).unwrap();
                sender.send((addresses[0], server.handle(), service)).unwrap();
                server.await.unwrap();
            });
        });
        let (address, handle, service) = started.recv().expect("the server starts");
        (Self { address, handle, thread: Some(thread) }, service)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // The command is sent at once; the thread ends when it has been obeyed.
        drop(self.handle.stop(false));
        self.thread.take().unwrap().join().unwrap();
    }
}

impl TestApp {
    /// A server with an empty database and ways to send messages, and a key of each role.
    pub async fn start() -> Self {
        let (mail, sms) = (MemorySender::new(), MemorySender::new());
        let senders = Senders { email: Some(Arc::new(mail.clone())), sms: Some(Arc::new(sms.clone())) };
        Self { mail, sms, ..Self::start_with(Setup { senders, ..Setup::default() }).await }
    }

    /// A server with an empty database, and a key of each role.
    pub async fn start_with(setup: Setup) -> Self {
        let directory = Arc::new(tempfile::tempdir().unwrap());
        let clock = Arc::new(ManualClock::at(Timestamp::from_seconds(START)));
        let database = TestDatabase::new(directory.path());
        std::fs::write(directory.path().join("master.key"), generate_key_file(&mut os_random())).unwrap();
        let (server, service) = Running::start(directory.path(), &database, &clock, &setup);
        let client = crate::client::builder().build().unwrap();
        let mut app = Self {
            clock,
            service,
            bridge: String::new(),
            admin: String::new(),
            auditor: String::new(),
            client,
            mail: MemorySender::new(),
            sms: MemorySender::new(),
            setup: Arc::new(setup),
            site: "default".into(),
            server: Arc::new(server),
            database: Arc::new(database),
            directory,
        };
        app.make_keys().await;
        app
    }

    /// The same server, seen by another site's clients.
    pub async fn with_site(&self, name: &str, issuer: &str) -> Self {
        let parsed = SiteName::parse(name).unwrap();
        self.service.add_site(parsed, issuer.into()).await.unwrap().expect("a new site");
        let mut app = Self { site: name.into(), ..self.clone() };
        app.make_keys().await;
        app
    }

    /// Another server on the same database, by the same clock.
    pub fn replica(&self) -> Self {
        self.replica_with(Setup::clone(&self.setup))
    }

    /// Another server on the same database, by the same clock, set otherwise.
    pub fn replica_with(&self, setup: Setup) -> Self {
        let (server, service) = Running::start(self.directory.path(), &self.database, &self.clock, &setup);
        Self { service, server: Arc::new(server), setup: Arc::new(setup), ..self.clone() }
    }

    /// Ends the server and starts it again on the same database.
    pub fn restart(self) -> Self {
        let Self { server, .. } = &self;
        assert_eq!(Arc::strong_count(server), 1, "nobody else uses the server");
        self.replica()
    }

    async fn make_keys(&mut self) {
        self.bridge = self.key(&[Role::Bridge], None).await.0;
        self.admin = self.key(&[Role::Admin], None).await.0;
        self.auditor = self.key(&[Role::Auditor], None).await.0;
    }

    /// A new key of this site.
    pub async fn key(&self, roles: &[Role], expires_in: Option<Duration>) -> (String, ApiKey) {
        let expires_at = expires_in.map(|duration| self.clock.now().plus(duration));
        let by = self.cli().await;
        let (token, key) =
            self.service.create_key(&by, "test".into(), roles.to_vec(), expires_at).await.unwrap();
        (token.expose().to_owned(), key)
    }

    /// The authority of someone with a shell.
    pub async fn cli(&self) -> AdminCaller {
        let name = SiteName::parse(self.site.as_str()).unwrap();
        AdminCaller::cli(self.service.find_site(name).await.unwrap().unwrap())
    }

    /// Where the server listens.
    pub fn address(&self) -> SocketAddr {
        self.server.address
    }

    /// The database, for a connection of the test's own.
    pub fn database_url(&self) -> &str {
        self.database.url()
    }

    /// The file of the master key.
    pub fn master_key_file(&self) -> PathBuf {
        self.directory.path().join("master.key")
    }

    /// The same server on a copy of the database, with the same master key.
    pub fn on_copy(&self) -> Self {
        let file = format!("sqlite:{}", self.directory.path().join("copy.sqlite3").display());
        let moved = TestDatabase::another(self.directory.path());
        for (from, to) in [(self.database_url(), file.as_str()), (&file, moved.url())] {
            copy(from, to, self.clock.now(), &mut |_| {}).unwrap();
        }
        let (server, service) = Running::start(self.directory.path(), &moved, &self.clock, &self.setup);
        Self { service, server: Arc::new(server), database: Arc::new(moved), ..self.clone() }
    }

    /// The present Unix time.
    pub fn now(&self) -> i64 {
        self.clock.now().seconds()
    }

    /// Moves the clock forward.
    pub fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// Moves the clock into the next step, so that phones show another code.
    pub fn next_step(&self) {
        self.advance(30);
    }
}
