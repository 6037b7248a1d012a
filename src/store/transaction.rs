//! How a transaction begins and ends on each backend.
//!
//! # Design
//! SQLite must take its lock at BEGIN: a deferred transaction that reads first cannot be upgraded once another process
//! has written.
//!
//! A node of a cluster of MariaDB undoes a transaction for another node's at any moment, and says so at the next
//! statement, but not if that one is only prepared. What comes then must not commit by itself (`autocommit = 0`), and the
//! commit looks for a savepoint, which is gone with the transaction.

use super::StoreError;
use super::connection::AnyConnection;
#[cfg(feature = "mysql")]
use super::connection::{IDLE_TIMEOUT, LOCK_TIMEOUT};
#[cfg(feature = "mysql")]
use diesel::connection::SimpleConnection as _;
use diesel::connection::{AnsiTransactionManager, Connection, TransactionManager as _};

impl AnyConnection {
    /// Begins a transaction that will write.
    pub(super) fn begin(&mut self) -> Result<(), StoreError> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(connection) => {
                AnsiTransactionManager::begin_transaction_sql(connection, "BEGIN IMMEDIATE")?;
            }
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => self.begin_plainly()?,
            #[cfg(feature = "mysql")]
            Self::Mysql(connection) => {
                AnsiTransactionManager::begin_transaction_sql(
                    connection,
                    "SET autocommit = 0; BEGIN; SAVEPOINT begun",
                )?;
            }
        }
        Ok(())
    }

    #[cfg(any(feature = "sqlite", feature = "postgres"))]
    fn begin_plainly(&mut self) -> Result<(), StoreError> {
        Ok(<Self as Connection>::TransactionManager::begin_transaction(self)?)
    }

    /// Commits the transaction; [`StoreError::Undone`] if it was undone before, or lost with its connection, so that
    /// nothing is written.
    pub(super) fn commit(&mut self) -> Result<(), StoreError> {
        self.on_mysql("RELEASE SAVEPOINT begun").map_err(|_| StoreError::Undone)?;
        <Self as Connection>::TransactionManager::commit_transaction(self)?;
        self.leave_transaction();
        Ok(())
    }

    /// Undoes the transaction; an error if its connection is lost, and it with that.
    pub(super) fn rollback(&mut self) -> Result<(), StoreError> {
        self.undo()?;
        self.leave_transaction();
        Ok(())
    }

    /// What comes after a transaction commits by itself again. Where that cannot be said the connection is lost, which the
    /// next statement tells.
    fn leave_transaction(&mut self) {
        let _ = self.on_mysql("SET autocommit = 1");
    }

    /// Runs a statement for which the others have no need.
    #[allow(unused_variables, reason = "a build may know no MySQL")]
    fn on_mysql(&mut self, statement: &str) -> Result<(), diesel::result::Error> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => Ok(()),
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => Ok(()),
            #[cfg(feature = "mysql")]
            Self::Mysql(connection) => connection.batch_execute(statement),
        }
    }

    /// A transaction whose reads all see one state.
    pub(super) fn begin_snapshot(&mut self) -> Result<(), StoreError> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => self.begin_plainly()?,
            #[cfg(feature = "postgres")]
            Self::Postgres(connection) => {
                AnsiTransactionManager::begin_transaction_sql(
                    connection,
                    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
                )?;
            }
            #[cfg(feature = "mysql")]
            Self::Mysql(connection) => {
                // What only reads may rest while what was read is written elsewhere. MariaDB alone reads the comment, and
                // the others want a statement around it.
                connection.batch_execute(&format!(
                    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY; \
                     SET SESSION lock_wait_timeout = {} /*M! , idle_transaction_timeout = {} */",
                    LOCK_TIMEOUT.as_secs(),
                    IDLE_TIMEOUT.as_secs()
                ))?;
                AnsiTransactionManager::begin_transaction_sql(
                    connection,
                    "START TRANSACTION WITH CONSISTENT SNAPSHOT",
                )?;
            }
        }
        Ok(())
    }

    /// Ends what [`Self::begin_snapshot`] has begun.
    pub(super) fn end_snapshot(&mut self) -> Result<(), StoreError> {
        self.undo()
    }

    fn undo(&mut self) -> Result<(), StoreError> {
        Ok(<Self as Connection>::TransactionManager::rollback_transaction(self)?)
    }
}
