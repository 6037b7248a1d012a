//! Confirmed authenticators. Their state is a sealed blob here, and the replay marker a number that only grows.

use super::connection::directly;
use super::schema::authenticators::dsl;
use super::statement::{Bind, Fixed, statement};
use super::{Db, StoreError, id_from, time_from};
use crate::domain::factor::Method;
use crate::domain::id::Id;
use crate::domain::time::Timestamp;
use diesel::prelude::*;

/// A confirmed authenticator.
#[derive(Debug, Clone)]
pub struct Authenticator {
    /// Ours.
    pub id: Id,
    /// Our id of its user.
    pub user: Id,
    /// Its kind.
    pub method: Method,
    /// For its user.
    pub name: String,
    /// Sealed.
    pub sealed_state: Vec<u8>,
    /// The replay marker.
    pub marker: i64,
    /// When it was confirmed.
    pub created_at: Timestamp,
    /// When it last passed or proved a login.
    pub last_used_at: Option<Timestamp>,
    /// Whether its secret is shorter than it should be.
    pub weak: bool,
}

type Row = (Vec<u8>, Vec<u8>, String, String, Vec<u8>, i64, i64, Option<i64>, bool);

const TABLE: &str = "authenticators";

fn authenticator(row: Row) -> Result<Authenticator, StoreError> {
    let (id, user, method, name, sealed_state, marker, created_at, last_used_at, weak) = row;
    Ok(Authenticator {
        id: id_from(&id, TABLE)?,
        user: id_from(&user, TABLE)?,
        method: Method::parse(&method).ok_or(StoreError::Corrupt(TABLE))?,
        name,
        sealed_state,
        marker,
        created_at: Timestamp(created_at),
        last_used_at: time_from(last_used_at),
        weak,
    })
}

/// A user's authenticators, oldest first.
pub fn of_user(db: &mut Db, user: Id) -> Result<Vec<Authenticator>, StoreError> {
    if let Some(ahead) = db.ahead().take_authenticators(user) {
        return Ok(ahead);
    }
    let query = dsl::authenticators.filter(dsl::user_id.eq(&user.0[..])).order(dsl::id);
    let rows = directly!(db, connection => Fixed(query).load::<Row>(connection))?;
    rows.into_iter().map(authenticator).collect()
}

/// The authenticators of several users, oldest first.
pub fn of_users(db: &mut Db, users: &[Id]) -> Result<Vec<Authenticator>, StoreError> {
    let ids: Vec<&[u8]> = users.iter().map(|id| &id.0[..]).collect();
    let query = dsl::authenticators.filter(dsl::user_id.eq_any(ids));
    let rows = directly!(db, connection => query.load::<Row>(connection))?;
    let mut all = rows.into_iter().map(authenticator).collect::<Result<Vec<_>, _>>()?;
    // Here, since MariaDB would read the whole table in the order of its ids.
    all.sort_unstable_by_key(|row| row.id);
    Ok(all)
}

/// Adds an authenticator.
pub fn insert(db: &mut Db, new: &Authenticator) -> Result<(), StoreError> {
    let row = (
        dsl::id.eq(&new.id.0[..]),
        dsl::user_id.eq(&new.user.0[..]),
        dsl::method.eq(new.method.as_str()),
        dsl::name.eq(&new.name),
        dsl::state.eq(&new.sealed_state),
        dsl::marker.eq(new.marker),
        dsl::created_at.eq(new.created_at.0),
        dsl::last_used_at.eq(new.last_used_at.map(|at| at.0)),
        dsl::weak.eq(new.weak),
    );
    diesel::insert_into(dsl::authenticators).values(row).execute(db.for_write()?)?;
    Ok(())
}

/// Moves the replay marker forward: the one conditional write that spends a code. False if the marker is there or
/// beyond already, that is: the code was spent before.
pub fn accept(db: &mut Db, id: Id, marker: i64, now: Timestamp) -> Result<bool, StoreError> {
    if let Some(behind) = db.behind() {
        behind.accept(id, marker, now);
        return Ok(true);
    }
    let spent = statement!(
        "UPDATE authenticators SET marker = ?, last_used_at = ? WHERE id = ? AND marker < ?",
        &[Bind::Int(marker), Bind::Int(now.0), Bind::Blob(&id.0), Bind::Int(marker)]
    );
    Ok(spent.run(db)? == 1)
}

/// Gives a user's authenticator another name; false if there is none of that id.
pub fn rename(db: &mut Db, user: Id, id: Id, name: &str) -> Result<bool, StoreError> {
    Ok(diesel::update(own(&user.0, &id.0)).set(dsl::name.eq(name)).execute(db.for_write()?)? == 1)
}

/// Removes one of a user's authenticators; false if there is none of that id.
pub fn remove_one(db: &mut Db, user: Id, id: Id) -> Result<bool, StoreError> {
    Ok(diesel::delete(own(&user.0, &id.0)).execute(db.for_write()?)? == 1)
}

/// Removes a user's authenticators with a weak secret; how many there were.
pub fn remove_weak(db: &mut Db, user: Id) -> Result<usize, StoreError> {
    let weak = dsl::authenticators.filter(dsl::user_id.eq(&user.0[..])).filter(dsl::weak.eq(true));
    Ok(diesel::delete(weak).execute(db.for_write()?)?)
}

#[diesel::dsl::auto_type(no_type_alias)]
fn own<'a>(user: &'a [u8], id: &'a [u8]) -> _ {
    dsl::authenticators.filter(dsl::id.eq(id)).filter(dsl::user_id.eq(user))
}

/// Removes a user's authenticators, of one method or all; how many there were.
pub fn remove(db: &mut Db, user: Id, method: Option<Method>) -> Result<usize, StoreError> {
    let all = diesel::delete(dsl::authenticators.filter(dsl::user_id.eq(&user.0[..])));
    Ok(match method {
        Some(method) => all.filter(dsl::method.eq(method.as_str())).execute(db.for_write()?)?,
        None => all.execute(db.for_write()?)?,
    })
}
