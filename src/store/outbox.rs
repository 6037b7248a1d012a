//! Notices that wait to be sent: written with what they tell of, sent after the commit, and kept until a mail server
//! has taken them. What they say is sealed.

use super::schema::outbox::dsl;
use super::{Db, StoreError, Swept, id_from, limit};
use crate::domain::id::Id;
use crate::domain::time::Timestamp;
use diesel::prelude::*;

/// A notice that waits.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// Names it.
    pub id: Id,
    /// Our id of its user.
    pub user: Id,
    /// What to send to whom.
    pub sealed: Vec<u8>,
    /// When it was written.
    pub created_at: Timestamp,
    /// How often it was tried.
    pub attempts: i32,
    /// When it is to be tried next.
    pub next_attempt_at: Timestamp,
}

type Row = (Vec<u8>, Vec<u8>, Vec<u8>, i64, i32, i64);

/// Adds a notice, due at once.
pub fn insert(db: &mut Db, id: Id, user: Id, sealed: &[u8], now: Timestamp) -> Result<(), StoreError> {
    let row = (
        dsl::id.eq(&id.0[..]),
        dsl::user_id.eq(&user.0[..]),
        dsl::sealed.eq(sealed),
        dsl::created_at.eq(now.0),
        dsl::attempts.eq(0),
        dsl::next_attempt_at.eq(now.0),
    );
    diesel::insert_into(dsl::outbox).values(row).execute(db.for_write()?)?;
    Ok(())
}

/// The notices that are due, oldest first, at most `limit`.
pub fn due(db: &mut Db, now: Timestamp, limit: i64) -> Result<Vec<Waiting>, StoreError> {
    let rows = dsl::outbox
        .filter(dsl::next_attempt_at.le(now.0))
        .order((dsl::next_attempt_at, dsl::id))
        .limit(limit)
        .load::<Row>(db.for_read()?)?;
    let waiting = |(id, user, sealed, created_at, attempts, next_attempt_at): Row| {
        Ok(Waiting {
            id: id_from(&id, "outbox")?,
            user: id_from(&user, "outbox")?,
            sealed,
            created_at: Timestamp(created_at),
            attempts,
            next_attempt_at: Timestamp(next_attempt_at),
        })
    };
    rows.into_iter().map(waiting).collect()
}

/// Takes a notice for one attempt, and says when the next one would be: one conditional write, so that of several
/// replicas one sends it. False if another one has it.
pub fn claim(db: &mut Db, waiting: &Waiting, next_attempt_at: Timestamp) -> Result<bool, StoreError> {
    let unclaimed = dsl::outbox
        .filter(dsl::id.eq(&waiting.id.0[..]))
        .filter(dsl::next_attempt_at.eq(waiting.next_attempt_at.0));
    let change = (dsl::attempts.eq(waiting.attempts + 1), dsl::next_attempt_at.eq(next_attempt_at.0));
    Ok(diesel::update(unclaimed).set(change).execute(db.for_write()?)? == 1)
}

/// Removes a notice: it was sent, or is given up.
pub fn remove(db: &mut Db, id: Id) -> Result<(), StoreError> {
    diesel::delete(dsl::outbox.filter(dsl::id.eq(&id.0[..]))).execute(db.for_write()?)?;
    Ok(())
}

/// Removes what waits for a user.
pub fn remove_of_user(db: &mut Db, user: Id) -> Result<(), StoreError> {
    diesel::delete(dsl::outbox.filter(dsl::user_id.eq(&user.0[..]))).execute(db.for_write()?)?;
    Ok(())
}

/// How many notices wait.
pub fn count(db: &mut Db) -> Result<i64, StoreError> {
    Ok(dsl::outbox.count().get_result(db.for_read()?)?)
}

/// Forgets notices that were due before `before` and that nobody has tried to send since, the oldest first.
pub fn sweep(db: &mut Db, before: Timestamp, most: usize) -> Result<Swept, StoreError> {
    let forgotten = dsl::outbox
        .filter(dsl::next_attempt_at.lt(before.0))
        .order(dsl::next_attempt_at)
        .limit(limit(most))
        .select((dsl::id, dsl::next_attempt_at))
        .load::<(Vec<u8>, i64)>(db.for_read()?)?;
    let swept = Swept::of(&forgotten);
    if swept.rows > 0 {
        let ids = forgotten.into_iter().map(|(id, _)| id).collect::<Vec<_>>();
        let notices = dsl::outbox.filter(dsl::id.eq_any(ids)).filter(dsl::next_attempt_at.lt(before.0));
        diesel::delete(notices).execute(db.for_write()?)?;
    }
    Ok(swept)
}
