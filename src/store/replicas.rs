//! The services that run on this database, and which master keys each has. Written by themselves; one that was killed
//! is known by its silence.

use super::schema::replicas::dsl;
use super::{Db, StoreError, id_from};
use crate::domain::id::Id;
use crate::domain::time::Timestamp;
use diesel::prelude::*;
use std::time::Duration;

/// After this time of silence a service is taken for gone: it was killed, or cannot reach the database.
pub const SILENCE: Duration = Duration::from_secs(60);

/// A running service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replica {
    /// One for each start.
    pub id: Id,
    /// The ids of its master keys, one after another.
    pub key_ids: Vec<u8>,
}

/// Says that a service is there, and what it has.
pub fn announce(db: &mut Db, replica: &Replica, now: Timestamp) -> Result<(), StoreError> {
    let own = dsl::replicas.filter(dsl::id.eq(&replica.id.0[..]));
    let news = (dsl::key_ids.eq(&replica.key_ids), dsl::seen_at.eq(now.0));
    if diesel::update(own).set(news).execute(db.for_write()?)? == 0 {
        let row = (dsl::id.eq(&replica.id.0[..]), news.0, news.1);
        diesel::insert_into(dsl::replicas).values(row).execute(db.for_write()?)?;
    }
    Ok(())
}

/// The services that were seen after `since`, by their ids.
pub fn seen_since(db: &mut Db, since: Timestamp) -> Result<Vec<Replica>, StoreError> {
    let rows = dsl::replicas
        .filter(dsl::seen_at.gt(since.0))
        .order(dsl::id)
        .select((dsl::id, dsl::key_ids))
        .load::<(Vec<u8>, Vec<u8>)>(db.for_read()?)?;
    rows.into_iter().map(|(id, key_ids)| Ok(Replica { id: id_from(&id, "replicas")?, key_ids })).collect()
}

/// Forgets a service: it has ended.
pub fn remove(db: &mut Db, id: Id) -> Result<(), StoreError> {
    diesel::delete(dsl::replicas.filter(dsl::id.eq(&id.0[..]))).execute(db.for_write()?)?;
    Ok(())
}

/// Forgets services that were not seen since `before`; how many there were.
pub fn sweep(db: &mut Db, before: Timestamp) -> Result<usize, StoreError> {
    Ok(diesel::delete(dsl::replicas.filter(dsl::seen_at.lt(before.0))).execute(db.for_write()?)?)
}
