//! Trusted browsers, by the hashes of their tokens.

use super::connection::directly;
use super::schema::trusted_devices::dsl;
use super::{Db, StoreError, Swept, digest_from, id_from, limit, time_from};
use crate::domain::id::Id;
use crate::domain::secret::TokenDigest;
use crate::domain::time::Timestamp;
use crate::domain::trusted_device::Secrets;
use diesel::prelude::*;

/// A trusted browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedDevice {
    /// Ours.
    pub id: Id,
    /// Our id of its user.
    pub user: Id,
    /// The digest of the part of its token that stays.
    pub family: TokenDigest,
    /// The digests of the part that changes.
    pub secrets: Secrets,
    /// The user's security epoch when it was trusted.
    pub epoch: i64,
    /// The policy's trust generation when it was trusted.
    pub generation: i64,
    /// For its user.
    pub name: String,
    /// When it was trusted.
    pub created_at: Timestamp,
    /// When it last passed a login.
    pub last_used_at: Option<Timestamp>,
    /// From then on it is not trusted.
    pub expires_at: Timestamp,
}

type Row =
    (Vec<u8>, Vec<u8>, Vec<u8>, Vec<u8>, Option<Vec<u8>>, i64, i64, i64, String, i64, Option<i64>, i64);

const TABLE: &str = "trusted_devices";

fn device(row: Row) -> Result<TrustedDevice, StoreError> {
    let (
        id,
        user,
        family,
        secret,
        previous,
        rotated_at,
        epoch,
        generation,
        name,
        created_at,
        last_used_at,
        expires_at,
    ) = row;
    let digest = |bytes: &[u8]| digest_from(bytes, TABLE).map(TokenDigest);
    Ok(TrustedDevice {
        id: id_from(&id, TABLE)?,
        user: id_from(&user, TABLE)?,
        family: digest(&family)?,
        secrets: Secrets {
            current: digest(&secret)?,
            previous: previous.as_deref().map(digest).transpose()?,
            rotated_at: Timestamp(rotated_at),
        },
        epoch,
        generation,
        name,
        created_at: Timestamp(created_at),
        last_used_at: time_from(last_used_at),
        expires_at: Timestamp(expires_at),
    })
}

/// The browser of that family.
pub fn find(db: &mut Db, family: TokenDigest) -> Result<Option<TrustedDevice>, StoreError> {
    let query = dsl::trusted_devices.filter(dsl::family.eq(&family.0[..]));
    let row = directly!(db, connection => query.get_result::<Row>(connection)).optional()?;
    row.map(device).transpose()
}

/// The browsers of several users, oldest first, also those that are not trusted any more.
pub fn of_users(db: &mut Db, users: &[Id]) -> Result<Vec<TrustedDevice>, StoreError> {
    let ids: Vec<&[u8]> = users.iter().map(|id| &id.0[..]).collect();
    let rows = dsl::trusted_devices.filter(dsl::user_id.eq_any(ids)).load::<Row>(db.for_read()?)?;
    let mut all = rows.into_iter().map(device).collect::<Result<Vec<_>, _>>()?;
    // Here, since MariaDB would read the whole table in the order of its ids.
    all.sort_unstable_by_key(|device| device.id);
    Ok(all)
}

/// Adds a browser.
pub fn insert(db: &mut Db, new: &TrustedDevice) -> Result<(), StoreError> {
    let row = (
        dsl::id.eq(&new.id.0[..]),
        dsl::user_id.eq(&new.user.0[..]),
        dsl::family.eq(&new.family.0[..]),
        dsl::secret.eq(&new.secrets.current.0[..]),
        dsl::previous.eq(new.secrets.previous.as_ref().map(|digest| &digest.0[..])),
        dsl::rotated_at.eq(new.secrets.rotated_at.0),
        dsl::epoch.eq(new.epoch),
        dsl::generation.eq(new.generation),
        dsl::name.eq(&new.name),
        dsl::created_at.eq(new.created_at.0),
        dsl::last_used_at.eq(new.last_used_at.map(|at| at.0)),
        dsl::expires_at.eq(new.expires_at.0),
    );
    diesel::insert_into(dsl::trusted_devices).values(row).execute(db.for_write()?)?;
    Ok(())
}

/// Puts another secret in the place of `from`: the one conditional write of a rotation. False if `from` is not the
/// present one any more.
pub fn rotate(
    db: &mut Db,
    id: Id,
    from: TokenDigest,
    to: TokenDigest,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let present = dsl::trusted_devices.filter(dsl::id.eq(&id.0[..])).filter(dsl::secret.eq(&from.0[..]));
    let change = (
        dsl::secret.eq(&to.0[..]),
        dsl::previous.eq(&from.0[..]),
        dsl::rotated_at.eq(now.0),
        dsl::last_used_at.eq(now.0),
    );
    Ok(diesel::update(present).set(change).execute(db.for_write()?)? == 1)
}

/// Forgets a user's browsers, one or all; how many there were.
pub fn remove(db: &mut Db, user: Id, id: Option<Id>) -> Result<usize, StoreError> {
    let all = diesel::delete(dsl::trusted_devices.filter(dsl::user_id.eq(&user.0[..])));
    Ok(match id {
        Some(id) => all.filter(dsl::id.eq(&id.0[..])).execute(db.for_write()?)?,
        None => all.execute(db.for_write()?)?,
    })
}

/// Forgets browsers whose time is over, the oldest first.
pub fn sweep(db: &mut Db, now: Timestamp, most: usize) -> Result<Swept, StoreError> {
    let over = dsl::trusted_devices
        .filter(dsl::expires_at.le(now.0))
        .order(dsl::expires_at)
        .limit(limit(most))
        .select((dsl::id, dsl::expires_at))
        .load::<(Vec<u8>, i64)>(db.for_read()?)?;
    let swept = Swept::of(&over);
    if swept.rows > 0 {
        let ids = over.into_iter().map(|(id, _)| id).collect::<Vec<_>>();
        diesel::delete(dsl::trusted_devices.filter(dsl::id.eq_any(ids))).execute(db.for_write()?)?;
    }
    Ok(swept)
}
