//! Settings: flags, then `MFA_SIDECAR_*` variables, then a TOML file. The only reader of the environment and of the
//! configuration file; what is wrong or unknown stops the start with one line.

use crate::delivery::{self, sms, smtp};
use crate::domain::out_of_band::DAY;
use crate::domain::recovery_code::HashCost;
use crate::domain::sms_limits::SmsLimits;
use crate::service;
use crate::service::retention::AUDIT_KEPT;
use crate::store::{Grouping, SCHEMES, check_url, is_exposed};
use figment::Figment;
use figment::providers::{Env, Format as _, Serialized, Toml};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// The flags; each also is a variable and a member of the file. What is not given is not written.
#[derive(Debug, Clone, Default, clap::Args, Serialize)]
pub struct Flags {
    /// TOML file with settings [env: MFA_SIDECAR_CONFIG]
    #[arg(long, global = true, value_name = "FILE")]
    #[serde(skip)]
    pub config: Option<PathBuf>,
    /// Address to serve, or unix:/path.sock [env: MFA_SIDECAR_LISTEN] [default: 127.0.0.1:8787]
    #[arg(long, global = true, value_name = "ADDRESS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<String>,
    /// Where database and master key are, created with mode 0700 [env: MFA_SIDECAR_DATA_DIR] [default:
    /// ./mfa-sidecar-data]
    #[arg(long, global = true, value_name = "DIR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_dir: Option<PathBuf>,
    /// Database [env: MFA_SIDECAR_DATABASE_URL] [default: sqlite:mfa.sqlite3 in the data directory]
    #[arg(long, global = true, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database_url: Option<String>,
    /// Connections that write to the database, 1 to 64 [env: MFA_SIDECAR_DATABASE_LANES] [default: 2 to a server, 1 to
    /// SQLite]
    #[arg(long, global = true, value_name = "NUMBER")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database_lanes: Option<usize>,
    /// Requests that one transaction serves at most, 1 to 1024 [env: MFA_SIDECAR_DATABASE_BATCH] [default: 256]
    #[arg(long, global = true, value_name = "NUMBER")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database_batch: Option<usize>,
    /// Master key [env: MFA_SIDECAR_MASTER_KEY_FILE] [default: master.key in the data directory, created with mode
    /// 0600]
    #[arg(long, global = true, value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub master_key_file: Option<PathBuf>,
    /// Cost of argon2id for new recovery codes [env: MFA_SIDECAR_RECOVERY_CODE_HASH] [default: m=19456,t=2,p=1]
    #[arg(long, global = true, value_name = "COST")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recovery_code_hash: Option<String>,
    /// Seconds that a login waits for its code, 30 to 3600 [env: MFA_SIDECAR_LOGIN_SECONDS] [default: 120]
    #[arg(long, global = true, value_name = "SECONDS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub login_seconds: Option<u64>,
    /// Seconds that a login waits for an enrolment, 60 to 3600 [env: MFA_SIDECAR_ENROLLMENT_SECONDS] [default: 600]
    #[arg(long, global = true, value_name = "SECONDS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enrollment_seconds: Option<u64>,
    /// Days that audit events are kept, 1 to 36500; 0: for ever [env: MFA_SIDECAR_AUDIT_DAYS] [default: 400]
    #[arg(long, global = true, value_name = "DAYS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit_days: Option<u32>,
    /// Whom mail comes from, like "Example <mfa@example.org>"; needed beside the mail server
    /// [env: MFA_SIDECAR_MAIL_FROM]
    #[arg(long, global = true, value_name = "ADDRESS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mail_from: Option<String>,
    /// What the SMS gateway speaks: twilio or json [env: MFA_SIDECAR_SMS_PROFILE]
    #[arg(long, global = true, value_name = "PROFILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sms_profile: Option<String>,
    /// Whom text messages come from: a number or a name [env: MFA_SIDECAR_SMS_FROM]
    #[arg(long, global = true, value_name = "NUMBER")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sms_from: Option<String>,
    /// Numbers that text messages may go to begin with one of these, like "+49,+43" [env: MFA_SIDECAR_SMS_PREFIXES]
    /// [default: every number]
    #[arg(long, global = true, value_name = "PREFIXES")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sms_prefixes: Option<String>,
    /// Text messages that a site may send a day [env: MFA_SIDECAR_SMS_DAILY_LIMIT] [default: 1000]
    #[arg(long, global = true, value_name = "NUMBER")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sms_daily_limit: Option<u32>,
    /// Certificates, in PEM, that mail server and SMS gateway may have beside the system's
    /// [env: MFA_SIDECAR_DELIVERY_CA_FILE]
    #[arg(long, global = true, value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery_ca_file: Option<PathBuf>,
    /// What to log: error, warn, info, debug, trace, or a tracing filter [env: MFA_SIDECAR_LOG] [default: info]
    #[arg(long, global = true, value_name = "FILTER")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<String>,
    /// How to log, to stderr: text or json [env: MFA_SIDECAR_LOG_FORMAT] [default: text]
    #[arg(long, global = true, value_name = "FORMAT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_format: Option<String>,
}

/// The settings without a flag, for the end of the help: other users of a machine can read a command line.
pub const WITHOUT_FLAG: &str = "\
Settings that may hold a password have no flag; give them as variables or in the file:
  MFA_SIDECAR_SMTP_URL      mail server, like smtps://user:password@host,
                            smtp://user:password@host:587?tls=required or smtp://127.0.0.1:25
  MFA_SIDECAR_SMS_URL       SMS gateway, like https://gateway.example.org/messages
  MFA_SIDECAR_SMS_USER      the gateway's user
  MFA_SIDECAR_SMS_SECRET    the gateway's password or token
  MFA_SIDECAR_SMS_TEMPLATE  body for the profile json, with {from}, {to} and {text} within its strings
                            [default: {\"from\":\"{from}\",\"to\":\"{to}\",\"text\":\"{text}\"}]";

/// Every setting, before it is understood.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    #[serde(default = "default_listen")]
    listen: String,
    #[serde(default = "default_data_dir")]
    data_dir: PathBuf,
    database_url: Option<String>,
    database_lanes: Option<usize>,
    database_batch: Option<usize>,
    master_key_file: Option<PathBuf>,
    recovery_code_hash: Option<String>,
    /// Only for tests: allows a lower cost than the default.
    #[serde(default, deserialize_with = "figment::util::bool_from_str_or_int")]
    insecure_test_cost: bool,
    #[serde(default = "default_login_seconds")]
    login_seconds: u64,
    #[serde(default = "default_enrollment_seconds")]
    enrollment_seconds: u64,
    audit_days: Option<u32>,
    smtp_url: Option<Unprinted>,
    mail_from: Option<String>,
    sms_profile: Option<sms::Profile>,
    sms_url: Option<Unprinted>,
    sms_from: Option<String>,
    sms_user: Option<Unprinted>,
    sms_secret: Option<Unprinted>,
    sms_template: Option<Unprinted>,
    sms_prefixes: Option<String>,
    sms_daily_limit: Option<u32>,
    delivery_ca_file: Option<PathBuf>,
    #[serde(default = "default_log")]
    log: String,
    #[serde(default)]
    log_format: LogFormat,
}

/// A text that may hold a password.
#[derive(Deserialize)]
struct Unprinted(String);

impl std::fmt::Debug for Unprinted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("..")
    }
}

fn default_listen() -> String {
    "127.0.0.1:8787".into()
}

fn default_data_dir() -> PathBuf {
    "mfa-sidecar-data".into()
}

const fn default_login_seconds() -> u64 {
    120
}

const fn default_enrollment_seconds() -> u64 {
    600
}

fn default_log() -> String {
    "info".into()
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// For machines: an object a line.
    Json,
}

/// Where to listen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listen {
    /// TCP.
    Tcp(SocketAddr),
    /// A Unix socket.
    Unix(PathBuf),
}

/// Every setting, understood.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to listen.
    pub listen: Listen,
    /// Where the embedded database and the master key are.
    pub data_dir: PathBuf,
    /// The database's URL; may hold a password, so it is never printed.
    pub database: Database,
    /// How writes are grouped.
    pub grouping: Grouping,
    /// The master key's file.
    pub master_key_file: PathBuf,
    /// Whether the master key may be made at the first start.
    pub may_create_master_key: bool,
    /// Whether the hash cost is below the default.
    pub insecure_cost: bool,
    /// For the stories.
    pub service: service::Settings,
    /// Mail server and SMS gateway.
    pub delivery: delivery::Settings,
    /// What to log.
    pub log: String,
    /// How to log.
    pub log_format: LogFormat,
}

/// A database URL. Not printable, since it may hold a password.
#[derive(Clone)]
pub struct Database(String);

/// What is said of a database with [`Database::is_exposed`].
pub const EXPOSED_DATABASE: &str = "the database is on another machine, and its certificate is not verified: whoever is \
                                    on the way can read and change what passes; see \"Database servers\" in the README";

impl Database {
    /// Whether it is a server on another machine whose certificate the URL does not have verified.
    pub fn is_exposed(&self) -> bool {
        is_exposed(&self.0)
    }

    /// The URL, for connecting.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The file of the embedded database.
    pub fn file(&self) -> Option<PathBuf> {
        self.0.strip_prefix("sqlite:").map(PathBuf::from)
    }
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Database(..)")
    }
}

/// A setting that is wrong or unknown: one line.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(String);

impl ConfigError {
    pub(crate) fn new(setting: &str, message: impl std::fmt::Display) -> Self {
        Self(format!("setting {setting}: {message}"))
    }
}

impl From<delivery::SetupError> for ConfigError {
    fn from(error: delivery::SetupError) -> Self {
        Self(error.to_string())
    }
}

/// Settings whose variables are taken letter for letter. The others are read as TOML would be, where `+49` is a number
/// and a template in JSON is a table.
const TEXTS: [&str; 8] = [
    "smtp_url",
    "mail_from",
    "sms_url",
    "sms_from",
    "sms_user",
    "sms_secret",
    "sms_template",
    "sms_prefixes",
];

/// Variables that share the prefix but belong to the PHP bridge, which often runs in the same environment.
const VARIABLES_OF_THE_BRIDGE: [&str; 6] =
    ["config", "url", "bridge_key", "bridge_key_file", "admin_key", "admin_key_file"];

/// Variables of the command `copy`, which are no settings.
const VARIABLES_OF_COPY: [&str; 2] = ["copy_from", "copy_to"];

/// The databases of the command `copy`: flags, else variables, which other users of the machine cannot read.
pub fn copy_ends(from: Option<String>, to: Option<String>) -> Result<(Database, Database), ConfigError> {
    let end = |flag: Option<String>, name: &str| {
        let variable = format!("MFA_SIDECAR_{}", name.to_uppercase());
        let url = flag.or_else(|| std::env::var(&variable).ok());
        let url = url.ok_or_else(|| ConfigError::new(name, format!("give a flag, or {variable}")))?;
        check_scheme(name, &url)?;
        Ok::<_, ConfigError>(Database(url))
    };
    Ok((end(from, VARIABLES_OF_COPY[0])?, end(to, VARIABLES_OF_COPY[1])?))
}

/// The scheme of a database's URL, if this build knows it.
fn check_scheme<'a>(setting: &str, url: &'a str) -> Result<&'a str, ConfigError> {
    let scheme = url.split_once(':').map_or("", |(scheme, _)| scheme);
    if SCHEMES.contains(&scheme) {
        check_url(url).map_err(|reason| ConfigError::new(setting, reason))?;
        return Ok(scheme);
    }
    let known = SCHEMES.join(", ");
    Err(ConfigError::new(
        setting,
        format!("must begin with one of the schemes that this build knows: {known}"),
    ))
}

impl Config {
    /// Reads all settings: `flags` win over the environment, that over the file.
    pub fn load(flags: &Flags) -> Result<Self, ConfigError> {
        let file = flags.config.clone().or_else(|| std::env::var_os("MFA_SIDECAR_CONFIG").map(PathBuf::from));
        let mut figment = Figment::new();
        if let Some(file) = file {
            if !file.is_file() {
                return Err(ConfigError::new("config", format!("there is no file {}", file.display())));
            }
            figment = figment.merge(Toml::file_exact(file));
        }
        let settings = Env::prefixed("MFA_SIDECAR_").ignore(&VARIABLES_OF_THE_BRIDGE);
        figment = figment.merge(settings.ignore(&VARIABLES_OF_COPY).ignore(&TEXTS));
        for (name, text) in Env::prefixed("MFA_SIDECAR_").only(&TEXTS).iter() {
            figment = figment.merge(Serialized::default(name.as_str(), text));
        }
        figment
            .merge(Serialized::defaults(flags))
            .extract::<Raw>()
            .map_err(|error| {
                // Only the first of several, and without a value: that could be a password.
                let first = error.into_iter().next().map(|e| describe(&e)).unwrap_or_default();
                ConfigError(first)
            })
            .and_then(Self::understand)
    }

    fn understand(raw: Raw) -> Result<Self, ConfigError> {
        let listen =
            match raw.listen.strip_prefix("unix:") {
                Some(path) if path.starts_with('/') => Listen::Unix(path.into()),
                Some(_) => {
                    return Err(ConfigError::new(
                        "listen",
                        "a Unix socket needs an absolute path, as unix:/path.sock",
                    ));
                }
                None => Listen::Tcp(raw.listen.parse().map_err(|_| {
                    ConfigError::new("listen", "must be like 127.0.0.1:8787 or unix:/path.sock")
                })?),
            };
        let hash_cost = match &raw.recovery_code_hash {
            None => HashCost::DEFAULT,
            Some(text) => HashCost::parse(text)
                .ok_or_else(|| ConfigError::new("recovery_code_hash", "must be like m=19456,t=2,p=1"))?,
        };
        let insecure_cost = !hash_cost.is_at_least_default();
        if insecure_cost && !raw.insecure_test_cost {
            return Err(ConfigError::new(
                "recovery_code_hash",
                format!(
                    "must not cost less than {} (tests set MFA_SIDECAR_INSECURE_TEST_COST=1)",
                    HashCost::DEFAULT
                ),
            ));
        }
        for (name, value, least) in
            [("login_seconds", raw.login_seconds, 30), ("enrollment_seconds", raw.enrollment_seconds, 60)]
        {
            if !(least..=3600).contains(&value) {
                return Err(ConfigError::new(name, format!("must be from {least} to 3600")));
            }
        }
        tracing_subscriber::EnvFilter::try_new(&raw.log).map_err(|_| {
            ConfigError::new("log", "must be error, warn, info, debug, trace or a tracing filter")
        })?;
        let delivery = delivery_of(&raw)?;
        let grouping = grouping_of(&raw)?;
        let sms_limits = sms_limits_of(&raw)?;
        let audit_kept = audit_kept_of(&raw)?;
        let (database, embedded) = match raw.database_url {
            None => (format!("sqlite:{}", raw.data_dir.join("mfa.sqlite3").display()), true),
            Some(url) => {
                let embedded = check_scheme("database_url", &url)? == "sqlite";
                if !embedded && raw.master_key_file.is_none() {
                    // Made by each replica for itself, it would open nothing of the others.
                    return Err(ConfigError::new(
                        "master_key_file",
                        "must be given with a database server: the same file on every replica",
                    ));
                }
                (url, embedded)
            }
        };
        Ok(Self {
            listen,
            master_key_file: raw.master_key_file.unwrap_or_else(|| raw.data_dir.join("master.key")),
            may_create_master_key: embedded,
            data_dir: raw.data_dir,
            database: Database(database),
            grouping,
            insecure_cost,
            service: service::Settings {
                login_lifetime: Duration::from_secs(raw.login_seconds),
                enrollment_lifetime: Duration::from_secs(raw.enrollment_seconds),
                hash_cost,
                sms_limits,
                audit_kept,
            },
            delivery,
            log: raw.log,
            log_format: raw.log_format,
        })
    }
}

fn audit_kept_of(raw: &Raw) -> Result<Option<Duration>, ConfigError> {
    match raw.audit_days {
        None => Ok(Some(AUDIT_KEPT)),
        Some(0) => Ok(None),
        Some(days) if days <= 36_500 => Ok(Some(DAY * days)),
        Some(_) => Err(ConfigError::new("audit_days", "must be from 0 to 36500")),
    }
}

fn grouping_of(raw: &Raw) -> Result<Grouping, ConfigError> {
    for (name, value, most) in
        [("database_lanes", raw.database_lanes, 64), ("database_batch", raw.database_batch, 1024)]
    {
        if value.is_some_and(|value| !(1..=most).contains(&value)) {
            return Err(ConfigError::new(name, format!("must be from 1 to {most}")));
        }
    }
    let batch = raw.database_batch.unwrap_or(Grouping::default().batch);
    Ok(Grouping { lanes: raw.database_lanes, batch })
}

/// Mail server and SMS gateway: each is set in full or not at all.
fn delivery_of(raw: &Raw) -> Result<delivery::Settings, ConfigError> {
    fn text(setting: &Option<Unprinted>) -> Option<&str> {
        setting.as_ref().map(|Unprinted(text)| text.as_str())
    }
    let mail = match (text(&raw.smtp_url), &raw.mail_from) {
        (None, None) => None,
        (Some(url), Some(from)) => Some(smtp::Settings::parse(url, from)?),
        (Some(_), None) => return Err(ConfigError::new("mail_from", "is needed beside smtp_url")),
        (None, Some(_)) => return Err(ConfigError::new("smtp_url", "is needed beside mail_from")),
    };
    let written = sms::Written {
        url: text(&raw.sms_url),
        from: raw.sms_from.as_deref(),
        user: text(&raw.sms_user),
        secret: text(&raw.sms_secret),
        template: text(&raw.sms_template),
    };
    let sms = match raw.sms_profile {
        Some(profile) => Some(sms::Settings::parse(profile, &written)?),
        None if written.is_empty() => None,
        None => return Err(ConfigError::new("sms_profile", "is needed for text messages: twilio or json")),
    };
    Ok(delivery::Settings { mail, sms, ca_file: raw.delivery_ca_file.clone() })
}

fn sms_limits_of(raw: &Raw) -> Result<SmsLimits, ConfigError> {
    let mut sms_limits = SmsLimits::default();
    if let Some(prefixes) = &raw.sms_prefixes {
        sms_limits.prefixes = SmsLimits::parse_prefixes(prefixes)
            .ok_or_else(|| ConfigError::new("sms_prefixes", "must be like +49,+43"))?;
    }
    if let Some(limit) = raw.sms_daily_limit {
        sms_limits.daily_limit = limit;
    }
    Ok(sms_limits)
}

fn describe(error: &figment::Error) -> String {
    use figment::error::Kind;
    let source = error.metadata.as_ref().map(|m| format!(" ({})", m.name)).unwrap_or_default();
    let path = error.path.join(".");
    match &error.kind {
        Kind::UnknownField(name, _) => format!("unknown setting {name:?}{source}; see mfa-sidecar --help"),
        Kind::InvalidType(_, expected) | Kind::InvalidValue(_, expected) => {
            format!("setting {path}{source}: expected {expected}")
        }
        Kind::UnknownVariant(_, expected) => {
            format!("setting {path}{source}: must be one of {}", expected.join(", "))
        }
        other => format!("settings{source}: {}", other.to_string().lines().next().unwrap_or_default()),
    }
}
