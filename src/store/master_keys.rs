//! Which master keys the data was sealed under.

use super::schema::master_keys::dsl;
use super::{Db, StoreError};
use crate::domain::time::Timestamp;
use diesel::prelude::*;

/// The known text under the key of that id; `None` if nothing was ever sealed under it.
pub fn find(db: &mut Db, id: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(dsl::master_keys.filter(dsl::id.eq(id)).select(dsl::sealed).get_result(db.for_read()?).optional()?)
}

/// How many keys data was sealed under.
pub fn count(db: &mut Db) -> Result<i64, StoreError> {
    Ok(dsl::master_keys.count().get_result(db.for_read()?)?)
}

/// Remembers a key by a known text sealed under it.
pub fn insert(db: &mut Db, id: &[u8], sealed: &[u8], now: Timestamp) -> Result<(), StoreError> {
    let row = (dsl::id.eq(id), dsl::sealed.eq(sealed), dsl::created_at.eq(now.0));
    diesel::insert_into(dsl::master_keys).values(row).execute(db.for_write()?)?;
    Ok(())
}
