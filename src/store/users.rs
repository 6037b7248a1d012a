//! Users: what the host said of them, their failures and their security epoch. A deleted user leaves a row with id and
//! epoch, which no function here shows but [`find_or_deleted`].

use super::connection::{directly, locking};
use super::schema::users::dsl;
use super::statement::{Bind, Fixed, statement};
use super::{Db, StoreError, id_from, name_from, parsed, time_from};
use crate::domain::factor::Method;
use crate::domain::id::{Id, RoleName, UserId};
use crate::domain::policy::Grace;
use crate::domain::throttle::Throttle;
use crate::domain::time::Timestamp;
use diesel::prelude::*;

/// What the host says of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// As shown in apps and pages.
    pub name: String,
    /// For codes and notices.
    pub email: Option<String>,
    /// For codes.
    pub phone: Option<String>,
    /// `None` if the host did not say.
    pub roles: Option<Vec<RoleName>>,
    /// The digest of what changes when the password changes.
    pub credential_version: Option<[u8; 32]>,
    /// The language of messages (BCP 47), if the host said.
    pub locale: Option<String>,
}

/// A user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Ours.
    pub id: Id,
    /// The site.
    pub site: Id,
    /// The host's id.
    pub user_id: UserId,
    /// What the host says.
    pub profile: Profile,
    /// The security epoch.
    pub epoch: i64,
    /// Failures and lock.
    pub throttle: Throttle,
    /// When the host first named the user.
    pub first_seen_at: Timestamp,
    /// The only grace period.
    pub grace: Grace,
    /// The method to offer first.
    pub preferred_method: Option<Method>,
    /// Whether a confirmed authenticator exists.
    pub enrolled: bool,
    /// Whether the host deleted the user.
    pub deleted: bool,
}

pub(super) type Row = (
    Vec<u8>,
    Vec<u8>,
    Vec<u8>,
    String,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<Vec<u8>>,
    i64,
    i32,
    i32,
    Option<i64>,
    i64,
    Option<i64>,
    Option<String>,
    bool,
    bool,
    Option<String>,
);

const TABLE: &str = "users";

/// What `grace_began_at` holds once an administrator's removal has ended the grace period.
const GRACE_ENDED: i64 = 0;

pub(super) fn user(row: Row) -> Result<User, StoreError> {
    let (
        id,
        site,
        user_id,
        name,
        email,
        phone,
        roles,
        credential,
        epoch,
        failures,
        locks,
        locked_until,
        first,
        grace,
        preferred,
        enrolled,
        deleted,
        locale,
    ) = row;
    let first_seen_at = Timestamp(first);
    Ok(User {
        id: id_from(&id, TABLE)?,
        site: id_from(&site, TABLE)?,
        user_id: name_from(user_id, UserId::parse, TABLE)?,
        profile: Profile {
            name,
            email,
            phone,
            roles: roles.as_deref().map(decode_roles).transpose()?,
            credential_version: credential.as_deref().map(|d| super::digest_from(d, TABLE)).transpose()?,
            locale,
        },
        epoch,
        throttle: Throttle { failures, locks, locked_until: time_from(locked_until) },
        first_seen_at,
        grace: match grace {
            None => Grace::NotBegun { first_seen: first_seen_at },
            Some(GRACE_ENDED) => Grace::Ended,
            Some(at) => Grace::Begun(Timestamp(at)),
        },
        preferred_method: parsed(preferred.as_deref(), Method::parse, TABLE)?,
        enrolled,
        deleted,
    })
}

fn encode_roles(roles: &[RoleName]) -> String {
    serde_json::Value::from(roles.iter().map(RoleName::as_str).collect::<Vec<_>>()).to_string()
}

fn decode_roles(json: &str) -> Result<Vec<RoleName>, StoreError> {
    let names: Vec<String> = serde_json::from_str(json).map_err(|_| StoreError::Corrupt(TABLE))?;
    names.into_iter().map(|name| RoleName::parse(name).map_err(|_| StoreError::Corrupt(TABLE))).collect()
}

/// The user of that host's id, also if deleted.
pub fn find_or_deleted(db: &mut Db, site: Id, user_id: &UserId) -> Result<Option<User>, StoreError> {
    let query =
        dsl::users.filter(dsl::site_id.eq(&site.0[..])).filter(dsl::user_id.eq(user_id.as_str().as_bytes()));
    let row = directly!(db, connection => query.get_result::<Row>(connection)).optional()?;
    row.map(user).transpose()
}

/// The user of that host's id.
pub fn find(db: &mut Db, site: Id, user_id: &UserId) -> Result<Option<User>, StoreError> {
    Ok(find_or_deleted(db, site, user_id)?.filter(|user| !user.deleted))
}

/// The user of our id.
pub fn get(db: &mut Db, id: Id) -> Result<User, StoreError> {
    let query = dsl::users.filter(dsl::id.eq(&id.0[..]));
    user(directly!(db, connection => query.get_result::<Row>(connection))?)
}

/// The user of our id, whom no other transaction writes about until this one ends: what a decision rests on must not
/// change before what is decided is written. SQLite has one writer anyway.
pub fn lock(db: &mut Db, id: Id) -> Result<User, StoreError> {
    let query = dsl::users.filter(dsl::id.eq(&id.0[..]));
    user(locking!(db, connection, query => query.get_result::<Row>(connection))?)
}

/// Our ids of the users of these host's ids; who is not known is left out.
pub(super) fn ids_of(db: &mut Db, site: Id, names: &[&UserId]) -> Result<Vec<Id>, StoreError> {
    let names: Vec<&[u8]> = names.iter().map(|name| name.as_str().as_bytes()).collect();
    let query =
        dsl::users.filter(dsl::site_id.eq(&site.0[..])).filter(dsl::user_id.eq_any(names)).select(dsl::id);
    let rows = directly!(db, connection => query.load::<Vec<u8>>(connection))?;
    rows.iter().map(|id| id_from(id, TABLE)).collect()
}

/// Users, each held like by [`lock`], in the order of their ids: two transactions that lock several do not wait for each
/// other.
pub(super) fn lock_all(db: &mut Db, ids: &[Id]) -> Result<Vec<User>, StoreError> {
    let ids: Vec<&[u8]> = ids.iter().map(|id| &id.0[..]).collect();
    let query = dsl::users.filter(dsl::id.eq_any(ids)).order(dsl::id);
    let rows = locking!(db, connection, query => query.load::<Row>(connection))?;
    rows.into_iter().map(user).collect()
}

/// The user of that host's id, also if deleted, held like by [`lock`].
pub fn lock_or_deleted(db: &mut Db, site: Id, user_id: &UserId) -> Result<Option<User>, StoreError> {
    if let Some(user) = db.ahead().take_user(site, user_id) {
        return Ok(Some(user));
    }
    let query =
        dsl::users.filter(dsl::site_id.eq(&site.0[..])).filter(dsl::user_id.eq(user_id.as_str().as_bytes()));
    let row = locking!(db, connection, query => Fixed(query).get_result::<Row>(connection)).optional()?;
    row.map(user).transpose()
}

/// The user of that host's id, held like by [`lock`].
pub fn lock_known(db: &mut Db, site: Id, user_id: &UserId) -> Result<Option<User>, StoreError> {
    Ok(lock_or_deleted(db, site, user_id)?.filter(|user| !user.deleted))
}

/// Makes this transaction one that changes what the user has: authenticators, codes, passes.
///
/// A cluster's lock holds on its own node only. Of two transactions on two nodes the second is undone if both have
/// written a same row, but not if one has written what the other has only read: so both write the user's. An answer
/// needs it not, which spends what it rests on.
pub fn take_turn(db: &mut Db, id: Id) -> Result<(), StoreError> {
    let turn = statement!("UPDATE users SET turn = turn + 1 WHERE id = ?", &[Bind::Blob(&id.0)]);
    turn.run(db)?;
    Ok(())
}

/// Adds a user.
pub fn insert(db: &mut Db, user: &User) -> Result<(), StoreError> {
    let row = (
        dsl::id.eq(&user.id.0[..]),
        dsl::site_id.eq(&user.site.0[..]),
        dsl::user_id.eq(user.user_id.as_str().as_bytes()),
        dsl::name.eq(&user.profile.name),
        dsl::email.eq(user.profile.email.as_deref()),
        dsl::phone.eq(user.profile.phone.as_deref()),
        dsl::roles.eq(user.profile.roles.as_deref().map(encode_roles)),
        dsl::credential_version.eq(user.profile.credential_version.as_ref().map(|d| &d[..])),
        dsl::locale.eq(user.profile.locale.as_deref()),
        dsl::epoch.eq(user.epoch),
        dsl::failures.eq(0),
        dsl::locks.eq(0),
        dsl::first_seen_at.eq(user.first_seen_at.0),
        dsl::enrolled.eq(false),
        dsl::deleted.eq(false),
    );
    diesel::insert_into(dsl::users).values(row).execute(db.for_write()?)?;
    Ok(())
}

/// Writes a user back: everything but id, site, host's id and enrolment, which [`set_enrolled`] keeps.
pub fn update(db: &mut Db, user: &User) -> Result<(), StoreError> {
    let grace = match user.grace {
        Grace::NotBegun { .. } => None,
        Grace::Begun(at) => Some(at.0),
        Grace::Ended => Some(GRACE_ENDED),
    };
    let change = (
        dsl::name.eq(&user.profile.name),
        dsl::email.eq(user.profile.email.as_deref()),
        dsl::phone.eq(user.profile.phone.as_deref()),
        dsl::roles.eq(user.profile.roles.as_deref().map(encode_roles)),
        dsl::credential_version.eq(user.profile.credential_version.as_ref().map(|d| &d[..])),
        dsl::locale.eq(user.profile.locale.as_deref()),
        dsl::epoch.eq(user.epoch),
        dsl::first_seen_at.eq(user.first_seen_at.0),
        dsl::grace_began_at.eq(grace),
        dsl::preferred_method.eq(user.preferred_method.map(Method::as_str)),
        dsl::deleted.eq(user.deleted),
    );
    diesel::update(dsl::users.filter(dsl::id.eq(&user.id.0[..]))).set(change).execute(db.for_write()?)?;
    set_throttle(db, user.id, user.throttle)
}

/// Writes failures and lock back.
pub fn set_throttle(db: &mut Db, id: Id, throttle: Throttle) -> Result<(), StoreError> {
    if let Some(behind) = db.behind() {
        behind.set_throttle(id, throttle);
        return Ok(());
    }
    let changed = statement!(
        "UPDATE users SET failures = ?, locks = ?, locked_until = ? WHERE id = ?",
        &[
            Bind::Small(throttle.failures),
            Bind::Small(throttle.locks),
            Bind::MaybeInt(throttle.locked_until.map(|at| at.0)),
            Bind::Blob(&id.0),
        ]
    );
    changed.run(db)?;
    Ok(())
}

/// Says whether a confirmed authenticator exists.
pub fn set_enrolled(db: &mut Db, id: Id, enrolled: bool) -> Result<(), StoreError> {
    let user = dsl::users.filter(dsl::id.eq(&id.0[..]));
    diesel::update(user).set(dsl::enrolled.eq(enrolled)).execute(db.for_write()?)?;
    Ok(())
}

/// A page of a site's users in the order of their host's ids, after `after`; at most `limit`.
pub fn page(
    db: &mut Db,
    site: Id,
    enrolled: Option<bool>,
    after: Option<&UserId>,
    limit: i64,
) -> Result<Vec<User>, StoreError> {
    let mut query = dsl::users
        .filter(dsl::site_id.eq(&site.0[..]))
        .filter(dsl::deleted.eq(false))
        .order(dsl::user_id)
        .limit(limit)
        .into_boxed();
    if let Some(enrolled) = enrolled {
        query = query.filter(dsl::enrolled.eq(enrolled));
    }
    if let Some(after) = after {
        query = query.filter(dsl::user_id.gt(after.as_str().as_bytes()));
    }
    query.load::<Row>(db.for_read()?)?.into_iter().map(user).collect()
}
