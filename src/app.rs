//! The composition root: puts database, master key, clock and stories together, and serves them.

use crate::config::{Config, EXPOSED_DATABASE, Listen, LogFormat};
use crate::delivery::{self, Senders, SetupError};
use crate::domain::id::Id;
use crate::http;
use crate::keyring::{FileError, KeyFile, Keyring, KeyringError};
use crate::service::clock::Clock;
use crate::service::error::MfaError;
use crate::service::master_key::ANNOUNCEMENTS;
use crate::service::{Service, os_random, telemetry};
use crate::store::{Store, master_keys};
use actix_web::HttpServer;
use actix_web::dev::Server;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::fs::{DirBuilder, Permissions, set_permissions};
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use tokio::time::MissedTickBehavior;

/// Why the service does not start: one line each.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A file or directory cannot be used.
    #[error("{what} {path}: {error}")]
    File {
        /// What it is.
        what: &'static str,
        /// Where it is.
        path: String,
        /// What the system says.
        error: io::Error,
    },
    /// The database has data that was sealed under a key that is not there.
    #[error("the master key file {0} is missing, but the database was sealed under one: restore it")]
    MasterKeyLost(String),
    /// The key does not open the data, or the database failed.
    #[error("{0}")]
    Mfa(#[from] MfaError),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {error}")]
    Listen {
        /// Where.
        address: String,
        /// What the system says.
        error: io::Error,
    },
    /// A setting of mail or text messages cannot be used.
    #[error(transparent)]
    Delivery(#[from] SetupError),
    /// The server ended unexpectedly.
    #[error("the server ended: {0}")]
    Served(io::Error),
}

impl StartError {
    fn file(what: &'static str, path: &Path, error: io::Error) -> Self {
        Self::File { what, path: path.display().to_string(), error }
    }
}

/// Opens database and master key, creating both at the first start, and prepares the stories.
pub async fn open(config: &Config, clock: Arc<dyn Clock>) -> Result<Service, StartError> {
    open_with(config, clock, delivery::senders(&config.delivery)?).await
}

/// The same, with the given ways to send messages.
pub async fn open_with(
    config: &Config,
    clock: Arc<dyn Clock>,
    senders: Senders,
) -> Result<Service, StartError> {
    create_data_directory(&config.data_dir)?;
    let store = Store::open(config.database.expose(), config.grouping).map_err(MfaError::from)?;
    let keyring = load_keyring(config, &store).await?;
    let service = Service::new(store, keyring, clock, config.service.clone(), senders)?;
    service.prepare().await?;
    Ok(service)
}

fn create_data_directory(path: &Path) -> Result<(), StartError> {
    match DirBuilder::new().mode(0o700).create(path) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        Err(error) => Err(StartError::file("data directory", path, error)),
    }
}

async fn load_keyring(config: &Config, store: &Store) -> Result<Keyring, StartError> {
    let file = KeyFile::at(&config.master_key_file);
    let cannot = |error| match error {
        FileError::Io(error) => StartError::file("master key file", file.path(), error),
        other => MfaError::from(KeyringError::from(other)).into(),
    };
    match Keyring::load(file.clone()) {
        Err(FileError::Io(error)) if error.kind() == ErrorKind::NotFound && config.may_create_master_key => {
            let sealed_before = store.read(master_keys::count).await.map_err(MfaError::from)? > 0;
            if sealed_before {
                return Err(StartError::MasterKeyLost(file.path().display().to_string()));
            }
            file.create(&mut os_random()).map_err(|error| cannot(error.into()))?;
            // Read back rather than kept: another process may have made it a moment earlier.
            Keyring::load(file.clone()).map_err(cannot)
        }
        other => other.map_err(cannot),
    }
}

/// Sends the log to stderr.
pub fn start_logging(filter: &str, format: LogFormat) {
    let filter = tracing_subscriber::EnvFilter::new(filter);
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    // A second call (in a test) keeps the first subscriber.
    let _ = match format {
        LogFormat::Text => builder.with_ansi(false).try_init(),
        LogFormat::Json => builder.json().try_init(),
    };
}

/// The process's metrics recorder, installed at the first call.
pub fn metrics() -> PrometheusHandle {
    const SECONDS: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5];
    const ITEMS: [f64; 9] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE
        .get_or_init(|| {
            let recorder = PrometheusBuilder::new()
                .set_buckets_for_metric(Matcher::Full("mfa_lane_batch_size".into()), &ITEMS)
                .and_then(|builder| builder.set_buckets(&SECONDS))
                .unwrap_or_else(|_| PrometheusBuilder::new())
                .build_recorder();
            let handle = recorder.handle();
            if metrics::set_global_recorder(recorder).is_err() {
                tracing::warn!("another metrics recorder is installed; /metrics stays empty");
            }
            telemetry::describe();
            handle
        })
        .clone()
}

/// Binds and returns the running server, and the addresses that it got.
pub fn listen(service: &Service, listen: &Listen) -> Result<(Server, Vec<SocketAddr>), StartError> {
    let (handle, served) = (metrics(), service.clone());
    let server = HttpServer::new(move || http::app(served.clone(), handle.clone()))
        .workers(std::thread::available_parallelism().map_or(2, std::num::NonZero::get))
        // A client that sends its head this slowly gives way to others.
        .client_request_timeout(Duration::from_secs(5))
        .shutdown_timeout(10);
    let (bound, address) = match listen {
        Listen::Tcp(address) => (server.bind(address), address.to_string()),
        Listen::Unix(path) => {
            // Who may use the socket is who may use its group; the directory narrows it further.
            let bound = server
                .bind_uds(path)
                .and_then(|server| set_permissions(path, Permissions::from_mode(0o660)).map(|()| server));
            (bound, format!("unix:{}", path.display()))
        }
    };
    let server = bound.map_err(|error| StartError::Listen { address, error })?;
    let addresses = server.addrs();
    Ok((server.run(), addresses))
}

/// Serves until SIGTERM or SIGINT, then lets what runs come to its end.
pub async fn serve(config: &Config, clock: Arc<dyn Clock>) -> Result<(), StartError> {
    // Before the store, whose threads ask for their metrics once.
    metrics();
    let service = open(config, clock).await?;
    announce(&config.delivery);
    if config.database.is_exposed() {
        tracing::warn!("{EXPOSED_DATABASE}");
    }
    if config.insecure_cost {
        tracing::warn!(cost = %config.service.hash_cost, "recovery codes are hashed at a cost for tests only");
    }
    let replica = Id::new(service.now(), &mut os_random());
    service.announce(replica).await?;
    let (server, addresses) = match listen(&service, &config.listen) {
        Ok(listening) => listening,
        Err(error) => {
            leave(&service, replica).await;
            return Err(error);
        }
    };
    for address in &addresses {
        tracing::info!(%address, "listening");
    }
    let tasks = [
        actix_web::rt::spawn(keep_house()),
        actix_web::rt::spawn(keep_in_touch(service.clone(), replica)),
        actix_web::rt::spawn(tidy(service.clone(), replica)),
        actix_web::rt::spawn(send_notices(service.clone())),
    ];
    let result = server.await.map_err(StartError::Served);
    tasks.iter().for_each(actix_web::rt::task::JoinHandle::abort);
    leave(&service, replica).await;
    if let Listen::Unix(path) = &config.listen {
        let _ = std::fs::remove_file(path);
    }
    tracing::info!("stopped");
    result
}

/// Tells the others that this service is gone. Where that fails, they notice after a while.
async fn leave(service: &Service, replica: Id) {
    if let Err(error) = service.take_leave(replica).await {
        tracing::warn!(%error, "the end of this service could not be written down");
    }
}

/// Says in the log what messages go by.
fn announce(delivery: &delivery::Settings) {
    if let Some(mail) = &delivery.mail {
        tracing::info!(server = mail.server(), "mail can be sent");
    }
    if let Some(sms) = &delivery.sms {
        tracing::info!(gateway = sms.gateway(), "text messages can be sent");
    }
}

/// Sends the notices that wait. What is under way when the service ends is sent again after the next start.
async fn send_notices(service: Service) {
    let mut ticks = actix_web::rt::time::interval(Duration::from_secs(2));
    // A slow mail server is not to be asked faster afterwards.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        // As long as the mail server takes them: what piled up while it was away goes at once.
        while match service.send_notices().await {
            Ok(sent) => sent > 0,
            Err(error) => {
                tracing::warn!(%error, "notices could not be sent");
                false
            }
        } {}
    }
}

/// Tends the metrics.
async fn keep_house() {
    let mut ticks = actix_web::rt::time::interval(Duration::from_secs(5));
    let handle = metrics();
    loop {
        ticks.tick().await;
        handle.run_upkeep();
    }
}

/// Looks for other master keys in the file, and tells the others that this service is there and which keys it has.
async fn keep_in_touch(service: Service, replica: Id) {
    let mut ticks = actix_web::rt::time::interval(Duration::from_secs(2));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut announced, mut readable) = (Instant::now(), true);
    loop {
        ticks.tick().await;
        let refreshed = service.refresh_keys().await;
        // Once, not at every look: a file that was taken away after the start is no fault.
        if let Err(error) = &refreshed
            && readable
        {
            tracing::warn!(%error, "the master keys stay as they are");
        }
        readable = refreshed.is_ok();
        let changed = refreshed.unwrap_or(false);
        if changed {
            tracing::info!("the master key file has other keys now");
        }
        if changed || announced.elapsed() >= ANNOUNCEMENTS {
            announced = Instant::now();
            if let Err(error) = service.announce(replica).await {
                tracing::warn!(%error, "this service could not say that it is there");
            }
        }
    }
}

/// Prepares new audit events for the search, and forgets what has served its time.
async fn tidy(service: Service, replica: Id) {
    let mut ticks = actix_web::rt::time::interval(Duration::from_secs(10));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let tidied = async {
            let mut rows = 0;
            if service.is_first(replica).await? {
                in_steps(async || service.prepare_audit_search().await).await?;
                in_steps(async || {
                    let step = service.sweep().await?;
                    rows += step.rows;
                    Ok(step.more)
                })
                .await?;
            }
            Ok::<_, MfaError>(rows)
        };
        match tidied.await {
            Ok(rows) if rows > 0 => tracing::debug!(rows, "old rows forgotten"),
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "the database could not be tidied"),
        }
    }
}

/// Repeats a step for as long as it says that there is more to do.
async fn in_steps(mut step: impl AsyncFnMut() -> Result<bool, MfaError>) -> Result<(), MfaError> {
    loop {
        let began = Instant::now();
        if !step().await? {
            return Ok(());
        }
        // As long as it took, that logins have the lane at least half of the time.
        actix_web::rt::time::sleep(began.elapsed()).await;
    }
}
