//! Codes that were sent: how many to whom, and what the gateway said. Neither the code nor the destination can be read
//! here.

use super::schema::deliveries::dsl;
use super::{Db, StoreError, Swept, limit};
use crate::domain::factor::Method;
use crate::domain::id::Id;
use crate::domain::out_of_band::{DAY, HOUR, History, Sent};
use crate::domain::time::Timestamp;
use diesel::dsl::{count_star, max, min};
use diesel::prelude::*;
use std::time::Duration;

/// How far a replica's clock may be ahead of another's, or a request of one that was queued before it.
const AHEAD: Duration = Duration::from_secs(60);

/// For how long a code counts for its destination, with room for clocks that differ.
pub const COUNTED: Duration = HOUR.saturating_add(AHEAD);

/// What became of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryState {
    /// On its way to the gateway, or the service ended meanwhile.
    Pending,
    /// The gateway took it.
    Accepted,
    /// The gateway refused it or did not answer.
    Failed,
}

impl DeliveryState {
    /// The name in the API and the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Failed => "failed",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        [Self::Pending, Self::Accepted, Self::Failed].into_iter().find(|state| state.as_str() == name)
    }
}

/// A code about to be sent.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// Names it.
    pub id: Id,
    /// The site that pays for it.
    pub site: Id,
    /// Whose code it is.
    pub user: Id,
    /// By which way.
    pub method: Method,
    /// What stands for the destination.
    pub destination: [u8; 32],
    /// What stood for it under the master keys before, and may still be found.
    pub formerly: Vec<[u8; 32]>,
    /// When.
    pub sent_at: Timestamp,
}

/// Adds a delivery, pending.
pub fn insert(db: &mut Db, new: &Delivery) -> Result<(), StoreError> {
    let row = (
        dsl::id.eq(&new.id.0[..]),
        dsl::site_id.eq(&new.site.0[..]),
        dsl::user_id.eq(&new.user.0[..]),
        dsl::method.eq(new.method.as_str()),
        dsl::destination.eq(&new.destination[..]),
        dsl::sent_at.eq(new.sent_at.0),
        dsl::state.eq(DeliveryState::Pending.as_str()),
    );
    diesel::insert_into(dsl::deliveries).values(row).execute(db.for_write()?)?;
    Ok(())
}

/// Writes down what became of it.
pub fn settle(db: &mut Db, id: Id, state: DeliveryState) -> Result<(), StoreError> {
    let delivery = dsl::deliveries.filter(dsl::id.eq(&id.0[..]));
    diesel::update(delivery).set(dsl::state.eq(state.as_str())).execute(db.for_write()?)?;
    Ok(())
}

/// What became of it; failed if it is not known any more.
pub fn state(db: &mut Db, id: Id) -> Result<DeliveryState, StoreError> {
    let found =
        dsl::deliveries.filter(dsl::id.eq(&id.0[..])).select(dsl::state).get_result::<String>(db.for_read()?);
    match found.optional()? {
        None => Ok(DeliveryState::Failed),
        Some(name) => DeliveryState::parse(&name).ok_or(StoreError::Corrupt("deliveries")),
    }
}

/// What was sent lately, as far as it bears on this one; `proven` says whether its destination is that of a confirmed
/// authenticator, whose user nobody else's codes can hold up. What is still to come by more than [`AHEAD`] does not count:
/// the clock was set back.
pub fn history(db: &mut Db, next: &Delivery, proven: bool) -> Result<History, StoreError> {
    let (user, site, now) = (&next.user.0[..], &next.site.0[..], next.sent_at);
    let destinations: Vec<&[u8]> =
        std::iter::once(&next.destination).chain(&next.formerly).map(|name| &name[..]).collect();
    let within = |span| dsl::sent_at.gt(now.minus(span).0).and(dsl::sent_at.le(now.plus(AHEAD).0));
    let last = dsl::deliveries
        .filter(dsl::user_id.eq(user))
        .filter(dsl::destination.eq_any(&destinations))
        .filter(within(HOUR))
        .filter(dsl::state.ne(DeliveryState::Failed.as_str()))
        .select(max(dsl::sent_at))
        .get_result::<Option<i64>>(db.for_read()?)?;
    let figures = (count_star(), min(dsl::sent_at));
    let by_user = dsl::deliveries
        .filter(dsl::user_id.eq(user))
        .filter(within(HOUR))
        .select(figures)
        .get_result(db.for_read()?)?;
    let to_destination = if proven {
        None
    } else {
        let there = dsl::deliveries
            .filter(dsl::site_id.eq(site))
            .filter(dsl::destination.eq_any(&destinations))
            .filter(within(HOUR))
            .select(figures);
        Some(there.get_result(db.for_read()?)?)
    };
    let by_site = if next.method.costs() {
        let paid = dsl::deliveries
            .filter(dsl::site_id.eq(site))
            .filter(dsl::method.eq(next.method.as_str()))
            .filter(within(DAY))
            .select(figures);
        Some(paid.get_result(db.for_read()?)?)
    } else {
        None
    };
    Ok(History {
        last: last.map(Timestamp),
        by_user: sent(by_user),
        to_destination: to_destination.map_or_else(Sent::default, sent),
        by_site: by_site.map_or_else(Sent::default, sent),
    })
}

/// When the last code left whose destination stands here under a key that sealed until `until`, and still counts.
pub fn last_counted(db: &mut Db, until: Timestamp, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
    let last = dsl::deliveries
        .filter(dsl::sent_at.gt(now.minus(COUNTED).0))
        .filter(dsl::sent_at.le(until.plus(AHEAD).0))
        .select(max(dsl::sent_at))
        .get_result::<Option<i64>>(db.for_read()?)?;
    Ok(last.map(Timestamp))
}

fn sent((count, oldest): (i64, Option<i64>)) -> Sent {
    Sent { count, oldest: oldest.map(Timestamp) }
}

/// Forgets deliveries before `before`, the oldest first.
pub fn sweep(db: &mut Db, before: Timestamp, most: usize) -> Result<Swept, StoreError> {
    let old = dsl::deliveries
        .filter(dsl::sent_at.lt(before.0))
        .order(dsl::sent_at)
        .limit(limit(most))
        .select((dsl::id, dsl::sent_at))
        .load::<(Vec<u8>, i64)>(db.for_read()?)?;
    let swept = Swept::of(&old);
    if swept.rows > 0 {
        let ids = old.into_iter().map(|(id, _)| id).collect::<Vec<_>>();
        diesel::delete(dsl::deliveries.filter(dsl::id.eq_any(ids))).execute(db.for_write()?)?;
    }
    Ok(swept)
}
