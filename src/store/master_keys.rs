//! Which master keys the data is sealed under. The newest one seals.
//!
//! # Design
//! Who seals holds the keys ([`hold`]) until the own transaction ends, and only then reads which one is the newest; who
//! makes another key the newest holds them alone ([`hold_alone`]). So once that has committed, nothing more is written
//! under an older key, on any replica. On a cluster, where a lock is known on one node only, the change to the row of
//! the older key undoes whoever holds it elsewhere.

use super::connection::AnyConnection;
use super::connection::directly;
use super::schema::master_keys::dsl;
use super::{Db, StoreError};
use crate::domain::time::Timestamp;
use diesel::prelude::*;

/// A key that something is sealed under.
#[derive(Debug, Clone)]
pub struct KnownKey {
    /// Names it.
    pub id: Vec<u8>,
    /// A known text under it.
    pub sealed: Vec<u8>,
    /// Since when it seals; in the order of this.
    pub created_at: Timestamp,
}

/// The keys, oldest first: the last one seals.
pub fn known(db: &mut Db) -> Result<Vec<KnownKey>, StoreError> {
    let query = dsl::master_keys.order(dsl::created_at);
    let rows = directly!(db, connection => query.load::<(Vec<u8>, Vec<u8>, i64)>(connection))?;
    let known = |(id, sealed, at)| KnownKey { id, sealed, created_at: Timestamp(at) };
    Ok(rows.into_iter().map(known).collect())
}

/// How many keys data was sealed under.
pub fn count(db: &mut Db) -> Result<i64, StoreError> {
    Ok(dsl::master_keys.count().get_result(db.for_read()?)?)
}

/// Keeps the newest key the newest until this transaction ends. SQLite has one writer anyway.
pub fn hold(db: &mut Db) -> Result<(), StoreError> {
    match db.for_read()? {
        #[cfg(feature = "sqlite")]
        AnyConnection::Sqlite(_) => {}
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(connection) => {
            dsl::master_keys.select(dsl::id).for_share().load::<Vec<u8>>(connection)?;
        }
        #[cfg(feature = "mysql")]
        AnyConnection::Mysql(connection) => {
            // MariaDB does not know `FOR SHARE`.
            diesel::sql_query("SELECT id FROM master_keys LOCK IN SHARE MODE").execute(connection)?;
        }
    }
    Ok(())
}

/// Waits for everybody who holds the keys, and holds them alone until this transaction ends.
pub fn hold_alone(db: &mut Db) -> Result<(), StoreError> {
    match db.for_read()? {
        #[cfg(feature = "sqlite")]
        AnyConnection::Sqlite(_) => {}
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(connection) => {
            dsl::master_keys.select(dsl::id).for_update().load::<Vec<u8>>(connection)?;
        }
        #[cfg(feature = "mysql")]
        AnyConnection::Mysql(connection) => {
            dsl::master_keys.select(dsl::id).for_update().load::<Vec<u8>>(connection)?;
        }
    }
    Ok(())
}

/// Remembers a key by a known text sealed under it.
pub fn insert(db: &mut Db, id: &[u8], sealed: &[u8], now: Timestamp) -> Result<(), StoreError> {
    let row = (dsl::id.eq(id), dsl::sealed.eq(sealed), dsl::created_at.eq(now.0));
    diesel::insert_into(dsl::master_keys).values(row).execute(db.for_write()?)?;
    Ok(())
}

/// Puts the known text, sealed once more, in the place of the present one.
pub fn renew(db: &mut Db, id: &[u8], sealed: &[u8]) -> Result<(), StoreError> {
    diesel::update(dsl::master_keys.filter(dsl::id.eq(id)))
        .set(dsl::sealed.eq(sealed))
        .execute(db.for_write()?)?;
    Ok(())
}

/// Forgets a key: nothing is sealed under it any more.
pub fn remove(db: &mut Db, id: &[u8]) -> Result<(), StoreError> {
    diesel::delete(dsl::master_keys.filter(dsl::id.eq(id))).execute(db.for_write()?)?;
    Ok(())
}
