//! One set of queries for every backend: the backend is chosen by the URL's scheme.

use super::StoreError;
use diesel::connection::{SimpleConnection as _, TransactionManager};
use diesel::prelude::*;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness as _, embed_migrations};
use std::time::Duration;

/// A connection to the database, whichever it is.
#[derive(diesel::MultiConnection)]
pub enum Db {
    /// SQLite, embedded.
    #[cfg(feature = "sqlite")]
    Sqlite(diesel::SqliteConnection),
}

#[cfg(feature = "sqlite")]
const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

/// Runs a query on the connection inside, whichever it is: for queries that every login makes. Through [`Db`] itself
/// diesel writes the query's text anew each time; the backend's own connection knows a prepared query by its type.
macro_rules! directly {
    ($db:expr, $connection:ident => $query:expr) => {
        match $db {
            #[cfg(feature = "sqlite")]
            $crate::store::Db::Sqlite($connection) => $query,
        }
    };
}
pub(super) use directly;

/// Pages in the write-ahead log (of 4 KiB: 64 MiB) before they are copied into the database. A page that many logins
/// touch is then copied once instead of often.
const CHECKPOINT_PAGES: u32 = 16_384;

/// How long a transaction waits for another process, such as the command line, to finish its write. Shorter than a
/// client's patience (the bridge gives a call 3 s), so that it hears that nothing was accepted.
const BUSY_TIMEOUT: Duration = Duration::from_secs(2);

impl Db {
    /// Opens the database at `url`. By scheme, never by trying each backend in turn: SQLite would take any text for a
    /// file name.
    pub fn open(url: &str) -> Result<Self, StoreError> {
        match url.split_once(':') {
            #[cfg(feature = "sqlite")]
            Some(("sqlite", path)) => {
                let mut connection = SqliteConnection::establish(path)
                    .map_err(|error| StoreError::Connection(error.to_string()))?;
                connection.batch_execute(&format!(
                    "PRAGMA busy_timeout = {}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                     PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8192; \
                     PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}; PRAGMA trusted_schema = OFF;",
                    BUSY_TIMEOUT.as_millis()
                ))?;
                Ok(Self::Sqlite(connection))
            }
            _ => Err(StoreError::Connection(
                "this build has no backend for that database URL; it knows: sqlite".into(),
            )),
        }
    }

    /// Brings the tables to the newest form.
    pub fn migrate(&mut self) -> Result<(), StoreError> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(connection) => connection.run_pending_migrations(SQLITE),
        }
        .map(|_| ())
        .map_err(|error| StoreError::Migration(error.to_string()))
    }

    /// Begins a transaction that will write. SQLite must take its lock at BEGIN: a deferred transaction that reads
    /// first cannot be upgraded once another process has written.
    pub(super) fn begin(&mut self) -> Result<(), StoreError> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(connection) => {
                diesel::connection::AnsiTransactionManager::begin_transaction_sql(
                    connection,
                    "BEGIN IMMEDIATE",
                )?;
            }
        }
        Ok(())
    }

    /// Runs `work` on one snapshot: a transaction that only reads.
    pub(super) fn snapshot<T, E: From<StoreError>>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        <Self as Connection>::TransactionManager::begin_transaction(self).map_err(StoreError::from)?;
        let result = work(self);
        self.rollback()?;
        result
    }

    pub(super) fn commit(&mut self) -> Result<(), StoreError> {
        Ok(<Self as Connection>::TransactionManager::commit_transaction(self)?)
    }

    pub(super) fn rollback(&mut self) -> Result<(), StoreError> {
        Ok(<Self as Connection>::TransactionManager::rollback_transaction(self)?)
    }
}
