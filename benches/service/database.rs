//! The databases: made for the run, seeded, and looked at.

use crate::Failure;
use crate::options::Options;
use crate::phone::KEY;
use clap::ValueEnum;
use diesel::connection::SimpleConnection as _;
use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl as _, sql_query};
use mfa_sidecar::app;
use mfa_sidecar::config::{Config, Flags};
use mfa_sidecar::domain::id::SiteName;
use mfa_sidecar::domain::secret::TotpKey;
use mfa_sidecar::keyring::generate_key_file;
use mfa_sidecar::service::clock::SystemClock;
use mfa_sidecar::service::os_random;
use mfa_sidecar::service::setup::DEFAULT_SITE;
use mfa_sidecar::store::AnyConnection;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Sqlite,
    Postgres,
    Mariadb,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
            Self::Mariadb => "MariaDB",
        }
    }

    /// Connections for the comparison with one transaction a request: what a pool has.
    pub fn pool(self) -> usize {
        match self {
            Self::Sqlite => 8,
            Self::Postgres | Self::Mariadb => 16,
        }
    }

    /// Where the server is; the embedded database has none.
    fn server(self) -> Result<Option<String>, Failure> {
        let variable = match self {
            Self::Sqlite => return Ok(None),
            Self::Postgres => "TEST_POSTGRES_URL",
            Self::Mariadb => "TEST_MYSQL_URL",
        };
        let url = std::env::var(variable).map_err(|_| format!("{variable} is not set: use `make bench`"))?;
        Ok(Some(url))
    }

    /// What says that a commit is durable.
    fn settings(self) -> &'static [(&'static str, &'static str)] {
        match self {
            // These two are settings of each connection, which the service makes for itself; this one was made alike.
            Self::Sqlite => &[
                ("journal_mode", "SELECT journal_mode AS value FROM pragma_journal_mode"),
                ("synchronous", "SELECT CAST(synchronous AS TEXT) AS value FROM pragma_synchronous"),
            ],
            Self::Postgres => &[
                ("fsync", "SELECT current_setting('fsync') AS value"),
                ("full_page_writes", "SELECT current_setting('full_page_writes') AS value"),
                ("synchronous_commit", "SELECT current_setting('synchronous_commit') AS value"),
                ("shared_buffers", "SELECT current_setting('shared_buffers') AS value"),
            ],
            Self::Mariadb => &[
                (
                    "innodb_flush_log_at_trx_commit",
                    "SELECT CAST(@@innodb_flush_log_at_trx_commit AS CHAR) AS value",
                ),
                ("innodb_doublewrite", "SELECT CAST(@@innodb_doublewrite AS CHAR) AS value"),
                ("innodb_flush_method", "SELECT CAST(@@innodb_flush_method AS CHAR) AS value"),
                ("innodb_buffer_pool_size", "SELECT CAST(@@innodb_buffer_pool_size AS CHAR) AS value"),
            ],
        }
    }
}

/// A database, and the directory with its master key.
pub struct Database {
    pub kind: Kind,
    url: String,
    directory: PathBuf,
    /// Whether it stays after the run.
    kept: bool,
    /// On a server: the server's URL and the database's name.
    on_server: Option<(String, String)>,
}

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Text)]
    value: String,
}

impl Database {
    /// An empty one, gone when it is dropped.
    pub fn create(kind: Kind, options: &Options) -> Result<Self, Failure> {
        let name = format!("bench_{}", std::process::id());
        let directory = options.data.join(format!("{name}_{}", kind.name()));
        let server = kind.server()?;
        if let Some(server) = &server {
            administer(server, &format!("CREATE DATABASE {name}"))?;
        }
        Self::at(kind, directory, server.map(|server| (server, name)), false)
    }

    /// One with so many users. An embedded one is kept for the next run: the same schema needs no other.
    pub async fn populated(kind: Kind, users: u32, options: &Options) -> Result<Self, Failure> {
        if kind != Kind::Sqlite {
            let database = Self::create(kind, options)?;
            database.seed(users).await?;
            return Ok(database);
        }
        let directory = options.data.join(format!("{}-{users}", schema()?));
        if !directory.exists() {
            // Under its own name only when it is whole.
            let unfinished = directory.with_extension("unfinished");
            let _ = fs::remove_dir_all(&unfinished);
            Self::at(kind, unfinished.clone(), None, true)?.seed(users).await?;
            fs::rename(unfinished, &directory)?;
        }
        let database = Self::at(kind, directory, None, true)?;
        let mut db = database.open()?;
        // What another run left. The users' codes are of time steps long past.
        db.batch_execute(
            "DELETE FROM logins; DELETE FROM audit_events; DELETE FROM audit_blocks; \
             PRAGMA wal_checkpoint(TRUNCATE);",
        )?;
        drop(db);
        // A site of that size has it in memory, from the logins before.
        std::io::copy(&mut fs::File::open(database.directory.join("mfa.sqlite3"))?, &mut std::io::sink())?;
        Ok(database)
    }

    fn at(
        kind: Kind,
        directory: PathBuf,
        on_server: Option<(String, String)>,
        kept: bool,
    ) -> Result<Self, Failure> {
        fs::create_dir_all(&directory)?;
        let url = match &on_server {
            Some((server, name)) => format!("{server}/{name}"),
            None => format!("sqlite:{}", directory.join("mfa.sqlite3").display()),
        };
        let database = Self { kind, url, directory, kept, on_server };
        if !database.master_key().exists() {
            fs::write(database.master_key(), generate_key_file(&mut os_random()).as_bytes())?;
        }
        Ok(database)
    }

    fn master_key(&self) -> PathBuf {
        self.directory.join("master.key")
    }

    /// For what belongs to it.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The settings of a service on it.
    pub fn flags(&self) -> Flags {
        Flags {
            data_dir: Some(self.directory.clone()),
            database_url: Some(self.url.clone()),
            master_key_file: Some(self.master_key()),
            ..Flags::default()
        }
    }

    fn open(&self) -> Result<AnyConnection, Failure> {
        let mut db = AnyConnection::open(&self.url)?;
        if self.kind == Kind::Postgres {
            db.batch_execute("SET statement_timeout = 0")?;
        }
        Ok(db)
    }

    /// Runs a statement of ours on it.
    pub fn execute(&self, statement: &str) -> Result<(), Failure> {
        Ok(self.open()?.batch_execute(statement)?)
    }

    fn ask(&self, query: &str) -> Result<String, Failure> {
        Ok(sql_query(query).get_result::<Answer>(&mut self.open()?)?.value)
    }

    /// The database's own version.
    pub fn version(&self) -> Result<String, Failure> {
        self.ask(match self.kind {
            Kind::Sqlite => "SELECT sqlite_version() AS value",
            Kind::Postgres => "SELECT current_setting('server_version') AS value",
            Kind::Mariadb => "SELECT version() AS value",
        })
    }

    /// The settings that say how durable a commit is, as the database has them.
    pub fn settings(&self) -> Result<Vec<(&'static str, String)>, Failure> {
        self.kind.settings().iter().map(|(name, query)| Ok((*name, self.ask(query)?))).collect()
    }

    /// Enrols the users 0 to `users` - 1.
    pub async fn seed(&self, users: u32) -> Result<(), Failure> {
        /// Users in one transaction.
        const STEP: u32 = 10_000;
        let began = Instant::now();
        let service = app::open(&Config::load(&self.flags())?, Arc::new(SystemClock)).await?;
        let site = service.find_site(SiteName::parse(DEFAULT_SITE)?).await?.ok_or("no site")?;
        for first in (0..users).step_by(STEP as usize) {
            let key = TotpKey::from_bytes(KEY).ok_or("the key is too short")?;
            service.seed(&site, first, STEP.min(users - first), key).await?;
        }
        drop(service);
        let seconds = began.elapsed().as_secs_f64();
        eprintln!("{}: {users} users seeded, {:.0} a second", self.kind.name(), f64::from(users) / seconds);
        // What is still to be done about them is not to be done while logins are measured.
        match self.kind {
            Kind::Sqlite => self.execute("PRAGMA wal_checkpoint(TRUNCATE)"),
            Kind::Postgres => {
                ["VACUUM (ANALYZE)", "CHECKPOINT"].into_iter().try_for_each(|s| self.execute(s))
            }
            Kind::Mariadb => Ok(()),
        }
    }

    /// Makes every user's code of the present time step good for another check.
    pub fn forget_checks(&self) -> Result<(), Failure> {
        self.execute("UPDATE authenticators SET marker = 0 WHERE marker <> 0")
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if self.kept {
            return;
        }
        if let Some((server, name)) = &self.on_server {
            let force = if self.kind == Kind::Postgres { " WITH (FORCE)" } else { "" };
            if let Err(error) = administer(server, &format!("DROP DATABASE {name}{force}")) {
                eprintln!("{name} stays: {error}");
            }
        }
        let _ = fs::remove_dir_all(&self.directory);
    }
}

fn administer(server: &str, statement: &str) -> Result<(), Failure> {
    let database = if server.starts_with("postgres") { "postgres" } else { "mysql" };
    Ok(AnyConnection::open(&format!("{server}/{database}"))?.batch_execute(statement)?)
}

/// A name for the schema of the embedded database.
fn schema() -> Result<String, Failure> {
    let mut directories = fs::read_dir("migrations/sqlite")?.collect::<Result<Vec<_>, _>>()?;
    directories.sort_by_key(fs::DirEntry::file_name);
    let mut hash = Sha256::new();
    for directory in directories {
        hash.update(fs::read(directory.path().join("up.sql"))?);
    }
    Ok(data_encoding::HEXLOWER.encode(&hash.finalize()[..6]))
}
