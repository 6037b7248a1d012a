//! The database as a transaction's closure gets it.

use super::StoreError;
use super::connection::AnyConnection;
use super::policies::StoredPolicy;
use super::read_ahead::{Ahead, ReadAhead};
use super::write_behind::Behind;
use crate::domain::id::Id;
use std::collections::HashMap;
use std::path::Path;

/// A connection, with what its batch has read for all of its items and is still to write for them.
///
/// Whatever needs the connection itself asks for it by [`Db::for_read`] or [`Db::for_write`], which first write what is
/// still to be written. So the order of reads and writes is always the one that the code says.
pub struct Db {
    connection: AnyConnection,
    ahead: Ahead,
    /// `None` outside of a batch: every statement runs at once.
    behind: Option<Behind>,
    /// What the transaction that writes has read of policies; `None` outside of one.
    policies: Option<HashMap<Id, StoredPolicy>>,
}

impl Db {
    /// Opens the database at `url`.
    pub fn open(url: &str) -> Result<Self, StoreError> {
        Ok(Self {
            connection: AnyConnection::open(url)?,
            ahead: Ahead::default(),
            behind: None,
            policies: None,
        })
    }

    /// Brings the tables to the newest form.
    pub fn migrate(&mut self) -> Result<(), StoreError> {
        self.connection.migrate()
    }

    /// Fails if nothing can be written.
    pub(super) fn check_writable(&mut self) -> Result<(), StoreError> {
        self.connection.check_writable()
    }

    /// The connection, for a statement that changes nothing.
    pub fn for_read(&mut self) -> Result<&mut AnyConnection, StoreError> {
        self.flush()?;
        Ok(&mut self.connection)
    }

    /// The connection, for a statement that may change what was read ahead: that is forgotten.
    pub fn for_write(&mut self) -> Result<&mut AnyConnection, StoreError> {
        self.ahead = Ahead::default();
        self.for_read()
    }

    /// What was read ahead; each row is there for one item.
    pub(super) fn ahead(&mut self) -> &mut Ahead {
        &mut self.ahead
    }

    /// Where to note a write that the batch makes for all of its items; `None` where it is to be made at once.
    pub(super) fn behind(&mut self) -> Option<&mut Behind> {
        self.behind.as_mut()
    }

    /// Where to keep a policy that was read, for the other items of the batch; `None` where it would not end with a
    /// transaction. Whoever writes one takes it out.
    pub(super) fn policies(&mut self) -> Option<&mut HashMap<Id, StoredPolicy>> {
        self.policies.as_mut()
    }

    /// Reads for the items of a batch at once, and lets them share their writes until the transaction ends.
    pub(super) fn share<'a>(
        &mut self,
        wanted: impl Iterator<Item = &'a ReadAhead>,
    ) -> Result<(), StoreError> {
        self.ahead = Ahead::default();
        let ahead = Ahead::read(self, wanted)?;
        self.ahead = ahead;
        self.behind = Some(Behind::default());
        Ok(())
    }

    /// Whether other processes write at the same time: a server.
    pub(super) fn is_shared(&self) -> bool {
        self.connection.is_shared()
    }

    /// Writes a copy of the whole database into an empty file (SQLite only).
    pub(super) fn copy_into(&mut self, file: &Path) -> Result<(), StoreError> {
        Ok(self.connection.copy_into(file)?)
    }

    /// Copies what is in SQLite's write-ahead log into the database.
    pub(super) fn checkpoint(&mut self) -> Result<(), StoreError> {
        self.connection.checkpoint()
    }

    /// Begins a transaction that will write.
    pub(super) fn begin(&mut self) -> Result<(), StoreError> {
        self.policies = Some(HashMap::new());
        self.connection.begin()
    }

    /// Makes the writes that were noted for the batch.
    pub(super) fn flush(&mut self) -> Result<(), StoreError> {
        match &mut self.behind {
            Some(behind) => behind.flush(&mut self.connection),
            None => Ok(()),
        }
    }

    /// Ends the transaction, in which nothing must be left to write.
    pub(super) fn commit(&mut self) -> Result<(), StoreError> {
        self.ahead = Ahead::default();
        self.behind = None;
        self.policies = None;
        self.connection.commit()
    }

    pub(super) fn rollback(&mut self) -> Result<(), StoreError> {
        self.ahead = Ahead::default();
        self.behind = None;
        self.policies = None;
        self.connection.rollback()
    }

    /// Runs `work` on one snapshot: a transaction that only reads. A server that was restarted has closed the
    /// connection; `reopen` makes another then.
    pub(super) fn snapshot<T, E: From<StoreError>>(
        &mut self,
        reopen: &dyn Fn() -> Result<Self, StoreError>,
        work: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        if let Err(error) = self.connection.begin_snapshot() {
            if !self.is_shared() {
                return Err(error.into());
            }
            *self = reopen()?;
            self.connection.begin_snapshot()?;
        }
        let result = work(self);
        self.connection.end_snapshot()?;
        result
    }
}
