//! One-time passes, as digests: one a user, spent once.

use super::connection::directly;
use super::schema::one_time_passes::dsl;
use super::{Db, StoreError, Swept, id_from, limit};
use crate::domain::id::Id;
use crate::domain::secret::TokenDigest;
use crate::domain::time::Timestamp;
use diesel::prelude::*;
use std::collections::HashSet;

/// Gives a user a pass; one issued before is void.
pub fn replace(db: &mut Db, user: Id, digest: TokenDigest, expires_at: Timestamp) -> Result<(), StoreError> {
    remove(db, user)?;
    let row = (dsl::user_id.eq(&user.0[..]), dsl::digest.eq(&digest.0[..]), dsl::expires_at.eq(expires_at.0));
    diesel::insert_into(dsl::one_time_passes).values(row).execute(db.for_write()?)?;
    Ok(())
}

/// Whether the user has a pass that is still good.
pub fn is_good(db: &mut Db, user: Id, now: Timestamp) -> Result<bool, StoreError> {
    if db.ahead().has_no_pass(user) {
        return Ok(false);
    }
    let good = dsl::one_time_passes
        .filter(dsl::user_id.eq(&user.0[..]))
        .filter(dsl::used_at.is_null())
        .filter(dsl::expires_at.gt(now.0))
        .count();
    Ok(directly!(db, connection => good.get_result::<i64>(connection))? > 0)
}

/// Those of the users who have a pass that is not spent, good or not.
pub(super) fn holders(db: &mut Db, users: &[Id]) -> Result<HashSet<Id>, StoreError> {
    let ids: Vec<&[u8]> = users.iter().map(|id| &id.0[..]).collect();
    let query = dsl::one_time_passes
        .filter(dsl::user_id.eq_any(ids))
        .filter(dsl::used_at.is_null())
        .select(dsl::user_id);
    let rows = directly!(db, connection => query.load::<Vec<u8>>(connection))?;
    rows.iter().map(|id| id_from(id, "one_time_passes")).collect()
}

/// Spends a pass: the one conditional write. False if it is not that one, or is not good any more.
pub fn spend(db: &mut Db, user: Id, digest: TokenDigest, now: Timestamp) -> Result<bool, StoreError> {
    let good = dsl::one_time_passes
        .filter(dsl::user_id.eq(&user.0[..]))
        .filter(dsl::digest.eq(&digest.0[..]))
        .filter(dsl::used_at.is_null())
        .filter(dsl::expires_at.gt(now.0));
    Ok(diesel::update(good).set(dsl::used_at.eq(now.0)).execute(db.for_write()?)? == 1)
}

/// Removes a user's pass.
pub fn remove(db: &mut Db, user: Id) -> Result<(), StoreError> {
    diesel::delete(dsl::one_time_passes.filter(dsl::user_id.eq(&user.0[..]))).execute(db.for_write()?)?;
    Ok(())
}

/// Forgets passes whose time is over, used or not, the oldest first.
pub fn sweep(db: &mut Db, now: Timestamp, most: usize) -> Result<Swept, StoreError> {
    let over = dsl::one_time_passes
        .filter(dsl::expires_at.le(now.0))
        .order(dsl::expires_at)
        .limit(limit(most))
        .select((dsl::user_id, dsl::expires_at))
        .load::<(Vec<u8>, i64)>(db.for_read()?)?;
    let swept = Swept::of(&over);
    if swept.rows > 0 {
        let users = over.into_iter().map(|(user, _)| user).collect::<Vec<_>>();
        // One that was issued meanwhile stays.
        let passes =
            dsl::one_time_passes.filter(dsl::user_id.eq_any(users)).filter(dsl::expires_at.le(now.0));
        diesel::delete(passes).execute(db.for_write()?)?;
    }
    Ok(swept)
}
