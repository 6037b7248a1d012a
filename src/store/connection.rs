//! One set of queries for every backend: the backend is chosen by the URL's scheme.

use super::StoreError;
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
#[cfg(any(feature = "sqlite", feature = "mysql"))]
use diesel::sql_query;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness as _, embed_migrations};
use std::path::Path;
use std::time::{Duration, Instant};

/// A connection to the database, whichever it is.
#[derive(diesel::MultiConnection)]
pub enum AnyConnection {
    /// SQLite, embedded.
    #[cfg(feature = "sqlite")]
    Sqlite(diesel::SqliteConnection),
    /// PostgreSQL.
    #[cfg(feature = "postgres")]
    Postgres(diesel::PgConnection),
    /// MySQL or MariaDB.
    #[cfg(feature = "mysql")]
    Mysql(diesel::MysqlConnection),
}

#[cfg(feature = "sqlite")]
const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
#[cfg(feature = "postgres")]
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");
#[cfg(feature = "mysql")]
const MYSQL: EmbeddedMigrations = embed_migrations!("migrations/mysql");

/// The schemes of the URLs that this build can open.
pub const SCHEMES: &[&str] = &[
    #[cfg(feature = "sqlite")]
    "sqlite",
    #[cfg(feature = "postgres")]
    "postgres",
    #[cfg(feature = "postgres")]
    "postgresql",
    #[cfg(feature = "mysql")]
    "mysql",
];

/// Runs a query on the connection inside, whichever it is. Through [`AnyConnection`] itself diesel writes the query's
/// text anew each time; the backend's own connection knows a prepared query by its type.
macro_rules! match_backend {
    ($any:expr, $connection:ident => $query:expr) => {
        match $any {
            #[cfg(feature = "sqlite")]
            $crate::store::connection::AnyConnection::Sqlite($connection) => $query,
            #[cfg(feature = "postgres")]
            $crate::store::connection::AnyConnection::Postgres($connection) => $query,
            #[cfg(feature = "mysql")]
            $crate::store::connection::AnyConnection::Mysql($connection) => $query,
        }
    };
}
pub(super) use match_backend;

/// A read that every login makes, by [`match_backend!`].
macro_rules! directly {
    ($db:expr, $connection:ident => $query:expr) => {
        $crate::store::connection::match_backend!($db.for_read()?, $connection => $query)
    };
}
pub(super) use directly;

/// Like [`directly!`], for a query whose rows no other transaction may change until this one ends. PostgreSQL's weaker
/// lock lets rows that refer to this one be written meanwhile.
macro_rules! locking {
    ($db:expr, $connection:ident, $query:ident => $run:expr) => {
        match $db.for_read()? {
            #[cfg(feature = "sqlite")]
            $crate::store::connection::AnyConnection::Sqlite($connection) => $run,
            #[cfg(feature = "postgres")]
            $crate::store::connection::AnyConnection::Postgres($connection) => {
                let $query = $query.for_no_key_update();
                $run
            }
            #[cfg(feature = "mysql")]
            $crate::store::connection::AnyConnection::Mysql($connection) => {
                let $query = $query.for_update();
                $run
            }
        }
    };
}
pub(super) use locking;

/// Pages in the write-ahead log (of 4 KiB: 128 MiB) before they are copied into the database. A page that many logins
/// touch is then copied once instead of often.
pub(super) const CHECKPOINT_PAGES: i32 = 32_768;

/// How long a transaction waits for another process's lock. Shorter than a client's patience (the bridge gives a call
/// 3 s), so that it hears that nothing was accepted.
pub(super) const LOCK_TIMEOUT: Duration = Duration::from_secs(2);

/// How long another process may take to bring the tables to the newest form.
const MIGRATION_TIMEOUT: Duration = Duration::from_secs(10);

/// How long one statement may take on a server; on MySQL only one that reads.
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a transaction may be idle on a server: the locks of a service that stands still are given back.
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(super) const IDLE_TIMEOUT: Duration = Duration::from_secs(10);

/// How long one that writes may be idle on a node of a cluster. A node can undo a transaction for another node's and
/// lose the answer to the statement that comes just then: it takes its client to be idle, and ends the connection.
#[cfg(feature = "mysql")]
const CLUSTER_IDLE_TIMEOUT: Duration = Duration::from_secs(1);

/// How long a node of a cluster keeps a connection without a transaction, for the same reason. It costs another one
/// after a rest.
#[cfg(feature = "mysql")]
const CLUSTER_TIMEOUT: Duration = Duration::from_secs(5);

impl AnyConnection {
    /// Opens the database at `url`. By scheme, never by trying each backend in turn: SQLite would take any text for a
    /// file name.
    pub fn open(url: &str) -> Result<Self, StoreError> {
        let mut opened = match url.split_once(':') {
            #[cfg(feature = "sqlite")]
            Some(("sqlite", path)) => {
                let mut connection = SqliteConnection::establish(path).map_err(cannot_connect)?;
                connection.batch_execute(&format!(
                    "PRAGMA busy_timeout = {}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                     PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8192; \
                     PRAGMA wal_autocheckpoint = {}; PRAGMA trusted_schema = OFF;",
                    LOCK_TIMEOUT.as_millis(),
                    2 * CHECKPOINT_PAGES,
                ))?;
                Self::Sqlite(connection)
            }
            #[cfg(feature = "postgres")]
            Some(("postgres" | "postgresql", _)) => {
                let mut connection = PgConnection::establish(&complete(url)?).map_err(cannot_connect)?;
                // A commit that is answered must outlive a crash, whatever the server's own default is.
                connection.batch_execute(&format!(
                    "SET synchronous_commit = on; SET lock_timeout = {}; \
                     SET idle_in_transaction_session_timeout = {}; SET client_min_messages = warning;",
                    LOCK_TIMEOUT.as_millis(),
                    IDLE_TIMEOUT.as_millis(),
                ))?;
                Self::Postgres(connection)
            }
            #[cfg(feature = "mysql")]
            Some(("mysql", _)) => {
                let mut connection = MysqlConnection::establish(&complete(url)?).map_err(cannot_connect)?;
                // READ COMMITTED: what a transaction reads after it has waited for a lock must be what the other one
                // wrote; under the default it would be the state of before. MariaDB alone reads the comment.
                connection.batch_execute(&format!(
                    "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED; \
                     SET SESSION innodb_lock_wait_timeout = {0}, lock_wait_timeout = {0}, \
                     sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', time_zone = '+00:00', \
                     lc_messages = 'en_US' /*M! , idle_transaction_timeout = {1} */",
                    LOCK_TIMEOUT.as_secs(),
                    IDLE_TIMEOUT.as_secs(),
                ))?;
                let cluster =
                    sql_query("SHOW VARIABLES LIKE 'wsrep_on'").load::<Variable>(&mut connection)?;
                if cluster.iter().any(|variable| variable.value == "ON") {
                    // What another node has answered is seen here: a transaction begins when this node has caught up.
                    connection.batch_execute(&format!(
                        "SET SESSION wsrep_sync_wait = @@SESSION.wsrep_sync_wait | 1, wait_timeout = {} \
                         /*M! , idle_transaction_timeout = {} */",
                        CLUSTER_TIMEOUT.as_secs(),
                        CLUSTER_IDLE_TIMEOUT.as_secs()
                    ))?;
                }
                Self::Mysql(connection)
            }
            _ => {
                return Err(StoreError::Connection(format!(
                    "this build has no backend for that database URL; it knows: {}",
                    SCHEMES.join(", ")
                )));
            }
        };
        opened.limit_statements(STATEMENT_TIMEOUT)?;
        Ok(opened)
    }

    /// Writes a copy of the whole database into an empty file (SQLite only).
    pub(super) fn copy_into(&mut self, file: &Path) -> Result<(), diesel::result::Error> {
        let name = file.to_string_lossy().replace('\'', "''");
        self.batch_execute(&format!("VACUUM INTO '{name}'"))
    }

    /// How much is in SQLite's write-ahead log; nothing on a server.
    pub(super) fn write_ahead_log(&mut self) -> Result<WriteAheadLog, StoreError> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(connection) => Ok(sql_query("PRAGMA wal_checkpoint(NOOP)").get_result(connection)?),
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => Ok(WriteAheadLog::default()),
            #[cfg(feature = "mysql")]
            Self::Mysql(_) => Ok(WriteAheadLog::default()),
        }
    }

    /// Copies what is in SQLite's write-ahead log now into the database; waits for nobody, and nobody for it.
    pub(super) fn checkpoint(&mut self) -> Result<(), StoreError> {
        Ok(self.batch_execute("PRAGMA wal_checkpoint(PASSIVE)")?)
    }

    /// Whether other processes write at the same time: a server.
    pub(super) fn is_shared(&self) -> bool {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => false,
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => true,
            #[cfg(feature = "mysql")]
            Self::Mysql(_) => true,
        }
    }

    /// Brings the tables to the newest form. A change of a large table may take its time.
    ///
    /// Another process may do so at the same moment. Whoever comes upon an error of that begins again, until everything is
    /// done. A migration is one transaction, and on MariaDB, which has none for tables, one that can be repeated: a
    /// process can end before it has noted that the tables are made, and a cluster's node can undo the note.
    pub fn migrate(&mut self) -> Result<(), StoreError> {
        self.limit_statements(Duration::ZERO)?;
        let began = Instant::now();
        loop {
            match self.run_migrations() {
                Err(_) if self.is_shared() && began.elapsed() < MIGRATION_TIMEOUT => {
                    std::thread::sleep(Duration::from_millis(100));
                }
                done => break done?,
            }
        }
        self.limit_statements(STATEMENT_TIMEOUT)
    }

    /// Sets how long a statement may take on a server; zero is without end.
    #[allow(unused_variables, reason = "SQLite has no such limit, and a build may know nothing else")]
    fn limit_statements(&mut self, limit: Duration) -> Result<(), StoreError> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => {}
            #[cfg(feature = "postgres")]
            Self::Postgres(connection) => {
                connection.batch_execute(&format!("SET statement_timeout = {}", limit.as_millis()))?;
            }
            // Each comment is read by one product only: MariaDB takes none with a version of MySQL 5.7 or later.
            #[cfg(feature = "mysql")]
            Self::Mysql(connection) => connection.batch_execute(&format!(
                "SET SESSION lock_wait_timeout = {} /*M! , max_statement_time = {} */ \
                 /*!50708 , max_execution_time = {} */",
                LOCK_TIMEOUT.as_secs(),
                limit.as_secs(),
                limit.as_millis()
            ))?,
        }
        Ok(())
    }

    fn run_migrations(&mut self) -> Result<(), StoreError> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(connection) => connection.run_pending_migrations(SQLITE),
            #[cfg(feature = "postgres")]
            Self::Postgres(connection) => connection.run_pending_migrations(POSTGRES),
            #[cfg(feature = "mysql")]
            Self::Mysql(connection) => connection.run_pending_migrations(MYSQL),
        }
        .map(|_| ())
        .map_err(|error| StoreError::Migration(error.to_string()))
    }

    /// Whether the tables are of an older form.
    pub(super) fn has_pending_migrations(&mut self) -> Result<bool, StoreError> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(connection) => connection.has_pending_migration(SQLITE),
            #[cfg(feature = "postgres")]
            Self::Postgres(connection) => connection.has_pending_migration(POSTGRES),
            #[cfg(feature = "mysql")]
            Self::Mysql(connection) => connection.has_pending_migration(MYSQL),
        }
        .map_err(|error| StoreError::Migration(error.to_string()))
    }

    /// Fails if nothing can be written. SQLite also opens a file that it may only read, and begins transactions on it.
    pub(super) fn check_writable(&mut self) -> Result<(), StoreError> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(connection) => {
                connection.batch_execute("BEGIN IMMEDIATE; PRAGMA user_version = 0; ROLLBACK")?;
            }
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => {}
            #[cfg(feature = "mysql")]
            Self::Mysql(_) => {}
        }
        Ok(())
    }
}

/// What is in a write-ahead log.
#[derive(Debug, Clone, Copy, Default, QueryableByName)]
pub(super) struct WriteAheadLog {
    #[diesel(sql_type = diesel::sql_types::Integer, column_name = "log")]
    pub pages: i32,
    /// How many of them are in the database already.
    #[diesel(sql_type = diesel::sql_types::Integer, column_name = "checkpointed")]
    pub copied: i32,
}

/// A setting of a MySQL or MariaDB server.
#[cfg(feature = "mysql")]
#[derive(QueryableByName)]
struct Variable {
    #[diesel(sql_type = diesel::sql_types::Text, column_name = "Value")]
    value: String,
}

#[cfg(any(feature = "postgres", feature = "mysql"))]
fn complete(url: &str) -> Result<String, StoreError> {
    super::address::complete(url).map_err(StoreError::Connection)
}

/// The server's words, which name hosts and databases but no password.
fn cannot_connect(error: ConnectionError) -> StoreError {
    StoreError::Connection(error.to_string())
}
