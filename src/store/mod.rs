//! What is kept, and how it is read and written. No rules: those are in [`crate::domain`], and what belongs into one
//! transaction is decided in [`crate::service`].
//!
//! One file an aggregate; every function takes the connection that the lane or a reader gives. Writes go through
//! [`Store::write`], which groups and commits them ([`lane`]); reads through [`Store::read`].
//!
//! # Design
//! A single row is read with `get_result`, never with `first`: that adds `LIMIT ?`, and SQLite, which plans by the limit's
//! value, prepares the statement anew whenever it is bound. It was half of the time of a login.

mod address;
pub mod api_keys;
pub mod audit;
pub mod audit_blocks;
pub mod authenticators;
mod checkpoint;
mod connection;
pub mod copy;
mod db;
pub mod deliveries;
mod lane;
pub mod logins;
pub mod master_keys;
pub mod one_time_passes;
pub mod outbox;
pub mod policies;
mod read_ahead;
mod reader;
pub mod recovery_codes;
pub mod replicas;
mod schema;
pub mod sealed;
pub mod seed;
mod set_statement;
pub mod sites;
mod statement;
mod transaction;
pub mod trusted_devices;
pub mod users;
mod watch;
mod write_behind;

pub use address::is_exposed;
pub use connection::{AnyConnection, SCHEMES};
pub use db::Db;
pub use lane::Fault;
pub use read_ahead::ReadAhead;
pub use watch::with_patience;

use crate::domain::id::Id;
use crate::domain::shard::Shard;
use crate::domain::time::Timestamp;
use diesel::result::{DatabaseErrorKind, Error};
use std::path::Path;
use std::sync::Arc;

/// What can go wrong below the rules. For the log; clients are told only that the service is unavailable.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A statement failed.
    #[error("database: {0}")]
    Database(#[from] diesel::result::Error),
    /// The database cannot be reached or opened.
    #[error("cannot open the database: {0}")]
    Connection(String),
    /// The tables could not be brought to the newest form.
    #[error("cannot migrate the database: {0}")]
    Migration(String),
    /// A row holds what this service would not have written.
    #[error("a row of {0} holds a value that this version does not know")]
    Corrupt(&'static str),
    /// More work is waiting than can be done in time.
    #[error("the queue of the database is full")]
    QueueFull,
    /// Nothing is known: the database has not answered in time. What was asked for may still happen.
    #[error("the database has not answered in time")]
    Late,
    /// The lane or the readers have ended: the service is stopping.
    #[error("the store has stopped")]
    Stopped,
    /// The transaction was rolled back.
    #[error("the transaction was undone")]
    Undone,
    /// A bug: a closure panicked. Its transaction was undone.
    #[error("a transaction panicked")]
    Panicked,
}

impl StoreError {
    /// Whether another transaction was in the way, so that the same work can succeed when it runs again.
    pub fn is_conflict(&self) -> bool {
        match self {
            Self::Undone => true,
            Self::Database(Error::DatabaseError(kind, information)) => match kind {
                DatabaseErrorKind::SerializationFailure | DatabaseErrorKind::UniqueViolation => true,
                // diesel has no kind for what PostgreSQL and MariaDB say of a deadlock, nor for a conflict that a
                // cluster of the latter finds at COMMIT.
                _ => information.message().to_lowercase().contains("deadlock"),
            },
            _ => false,
        }
    }
}

/// Why the URL of a database cannot be used as it is written; holds no password. Does not connect.
pub fn check_url(url: &str) -> Result<(), String> {
    address::complete(url).map(|_| ())
}

/// Copies the embedded database at `url` into `file`, which must be empty, from one snapshot. A server has tools of its
/// own for that.
pub fn backup(url: &str, file: &Path) -> Result<(), StoreError> {
    let mut db = Db::open(url)?;
    if db.is_shared() {
        return Err(StoreError::Connection("a database server is backed up by its own tools".into()));
    }
    db.copy_into(file)
}

/// Lanes to a database server. Two keep it and the service busy; with more, batches are smaller and each call costs more.
const SERVER_LANES: usize = 2;

/// How writes are grouped. The defaults serve everybody; a lane for each of many requests and one item in a
/// transaction is what a service with a pool of connections does, which `make bench` compares with.
#[derive(Debug, Clone, Copy)]
pub struct Grouping {
    /// Connections that write; by default 2 to a server, and 1 to SQLite, which has one writer.
    pub lanes: Option<usize>,
    /// Items in one transaction at most.
    pub batch: usize,
}

impl Default for Grouping {
    fn default() -> Self {
        Self { lanes: None, batch: 256 }
    }
}

/// The database, as the service uses it.
#[derive(Clone)]
pub struct Store {
    /// One for SQLite, which has one writer.
    lanes: Arc<[lane::Lane]>,
    readers: reader::Readers,
}

impl Store {
    /// Opens the database, migrates it, and starts lanes and readers.
    pub fn open(url: &str, grouping: Grouping) -> Result<Self, StoreError> {
        let mut first = Db::open(url)?;
        first.migrate()?;
        first.check_writable()?;
        let readers = reader::Readers::start(url)?;
        let count = grouping.lanes.unwrap_or(if first.is_shared() { SERVER_LANES } else { 1 });
        let others = (1..count).map(|_| Db::open(url)).collect::<Result<Vec<_>, _>>()?;
        let checkpoints = checkpoint::Checkpoints::start(url)?;
        let start = |db| {
            let (url, checkpoints) = (url.to_owned(), checkpoints.clone());
            let committed = move |db: &mut Db| checkpoints.committed(db);
            lane::Lane::start(db, grouping.batch, move || Db::open(&url), committed)
        };
        let lanes = std::iter::once(first).chain(others).map(start).collect::<Result<_, _>>()?;
        Ok(Self { lanes, readers })
    }

    /// Runs `work` in a transaction; the answer comes after it is durable. `shard` is that of the user whom it is about.
    ///
    /// `work` may run several times and must change nothing outside the database ([`lane`]).
    pub async fn write<T, E>(
        &self,
        shard: Shard,
        work: impl FnMut(&mut Db) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: Fault,
    {
        self.write_ahead(shard, ReadAhead::Nothing, work).await
    }

    /// The same for work that says what it will read first.
    pub async fn write_ahead<T, E>(
        &self,
        shard: Shard,
        ahead: ReadAhead,
        work: impl FnMut(&mut Db) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: Fault,
    {
        self.lanes[usize::from(shard.number()) % self.lanes.len()].run(ahead, work).await
    }

    /// Runs `work` on one snapshot of the database.
    pub async fn read<T, E>(
        &self,
        work: impl FnOnce(&mut Db) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: Fault,
    {
        self.readers.run(work).await
    }
}

/// Rows that had served their time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// How many went.
    pub rows: usize,
    /// The time that the first of them was indexed by.
    pub oldest: Option<Timestamp>,
}

impl Swept {
    /// What was found, by id and time, oldest first.
    fn of(found: &[(Vec<u8>, i64)]) -> Self {
        Self { rows: found.len(), oldest: found.first().map(|(_, at)| Timestamp(*at)) }
    }
}

fn limit(most: usize) -> i64 {
    i64::try_from(most).unwrap_or(i64::MAX)
}

fn id_from(bytes: &[u8], table: &'static str) -> Result<Id, StoreError> {
    bytes.try_into().map(Id).map_err(|_| StoreError::Corrupt(table))
}

fn digest_from(bytes: &[u8], table: &'static str) -> Result<[u8; 32], StoreError> {
    bytes.try_into().map_err(|_| StoreError::Corrupt(table))
}

/// A host's name from its bytes.
fn name_from<T, E>(
    bytes: Vec<u8>,
    parse: impl FnOnce(String) -> Result<T, E>,
    table: &'static str,
) -> Result<T, StoreError> {
    let text = String::from_utf8(bytes).map_err(|_| StoreError::Corrupt(table))?;
    parse(text).map_err(|_| StoreError::Corrupt(table))
}

/// An optional name of an enum.
fn parsed<T>(
    text: Option<&str>,
    parse: impl FnOnce(&str) -> Option<T>,
    table: &'static str,
) -> Result<Option<T>, StoreError> {
    text.map(|text| parse(text).ok_or(StoreError::Corrupt(table))).transpose()
}

fn time_from(millis: Option<i64>) -> Option<Timestamp> {
    millis.map(Timestamp)
}
