//! The audit log: appended in the same transaction as what it records.

use super::schema::audit_events::dsl;
use super::set_statement::Row;
use super::statement::{Bind, statement};
use super::{Db, StoreError, Swept, audit_blocks, id_from, limit, name_from, parsed};
use crate::domain::audit::{Action, Actor, AuditEvent, Cause};
use crate::domain::factor::Factor;
use crate::domain::id::{Id, UserId};
use crate::domain::time::Timestamp;
use diesel::prelude::*;
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicU32, Ordering};

/// An event as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Names it; later events have greater ids.
    pub id: Id,
    /// When.
    pub at: Timestamp,
    /// What.
    pub event: AuditEvent,
}

/// Events of one millisecond keep their order by this count in their ids (RFC 9562 §6.2, method 1).
static SEQUENCE: AtomicU32 = AtomicU32::new(0);

/// Appends an event to a site's log.
pub fn append(
    db: &mut Db,
    site: Id,
    event: &AuditEvent,
    now: Timestamp,
    random: &mut dyn rand::CryptoRng,
) -> Result<(), StoreError> {
    let id = Id::in_order(now, SEQUENCE.fetch_add(1, Ordering::Relaxed), random);
    let (actor, key, claimed) = match &event.actor {
        Actor::Key { id, claimed } => ("key", Some(&id.0[..]), claimed.as_ref().map(UserId::as_str)),
        Actor::Cli => ("cli", None, None),
    };
    let ip = event.client_ip.map(|ip| ip.to_string());
    if let Some(behind) = db.behind() {
        let row = Row::default().blob("site_id", &site.0).blob("id", &id.0).int("at", now.0);
        let row = row.text("action", event.action.as_str()).text("actor", actor);
        let row = row.maybe_blob("user_id", event.user.as_ref().map(|user| user.as_str().as_bytes()));
        let row = row.maybe_blob("actor_key", key).maybe_text("claimed_actor", claimed);
        let row = row.maybe_text("method", event.method.map(Factor::as_str));
        let row = row.maybe_text("cause", event.cause.map(Cause::as_str));
        behind.audit(row.maybe_int("number", event.number).maybe_text("client_ip", ip));
        return Ok(());
    }
    let row = statement!(
        "INSERT INTO audit_events (site_id, id, at, action, user_id, actor, actor_key, claimed_actor, method, \
              cause, number, client_ip) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        &[
            Bind::Blob(&site.0),
            Bind::Blob(&id.0),
            Bind::Int(now.0),
            Bind::Text(event.action.as_str()),
            Bind::MaybeBlob(event.user.as_ref().map(|user| user.as_str().as_bytes())),
            Bind::Text(actor),
            Bind::MaybeBlob(key),
            Bind::MaybeText(claimed),
            Bind::MaybeText(event.method.map(Factor::as_str)),
            Bind::MaybeText(event.cause.map(Cause::as_str)),
            Bind::MaybeInt(event.number),
            Bind::MaybeText(ip.as_deref()),
        ]
    );
    row.run(db)?;
    Ok(())
}

/// Which events to read; `None` leaves a member open.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// About this user.
    pub user: Option<UserId>,
    /// Of this kind.
    pub action: Option<Action>,
    /// Not before this time.
    pub since: Option<Timestamp>,
    /// Before this time.
    pub until: Option<Timestamp>,
    /// Older than this event.
    pub before: Option<Id>,
}

type Stored = (
    Vec<u8>,
    Vec<u8>,
    i64,
    String,
    Option<Vec<u8>>,
    String,
    Option<Vec<u8>>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<i64>,
    Option<String>,
);

const TABLE: &str = "audit_events";

fn recorded(row: Stored) -> Result<Recorded, StoreError> {
    let (_site, id, at, action, user, actor, key, claimed, method, cause, number, client_ip) = row;
    let actor = match (actor.as_str(), key) {
        ("key", Some(key)) => Actor::Key {
            id: id_from(&key, TABLE)?,
            claimed: claimed
                .map(|name| UserId::parse(name).map_err(|_| StoreError::Corrupt(TABLE)))
                .transpose()?,
        },
        ("cli", None) => Actor::Cli,
        _ => return Err(StoreError::Corrupt(TABLE)),
    };
    let event = AuditEvent {
        action: Action::parse(&action).ok_or(StoreError::Corrupt(TABLE))?,
        user: user.map(|user| name_from(user, UserId::parse, TABLE)).transpose()?,
        actor,
        method: parsed(method.as_deref(), Factor::parse, TABLE)?,
        cause: parsed(cause.as_deref(), Cause::parse, TABLE)?,
        number,
        client_ip: parsed(client_ip.as_deref(), |ip| ip.parse().ok(), TABLE)?,
    };
    Ok(Recorded { id: id_from(&id, TABLE)?, at: Timestamp(at), event })
}

impl Filter {
    /// The ids that lie between its times, since those of events are in the order of time.
    fn ids(&self) -> RangeInclusive<Id> {
        let from = self.since.map_or(Id::LEAST, Id::least_at);
        let until = self.until.map(|until| Id::least_at(until).previous());
        let before = self.before.map(Id::previous);
        from..=until.into_iter().chain(before).min().unwrap_or(Id::GREATEST)
    }
}

/// A site's events, newest first, at most `limit`.
pub fn list(db: &mut Db, site: Id, filter: &Filter, limit: i64) -> Result<Vec<Recorded>, StoreError> {
    let Some(user) = filter.user.as_ref().filter(|_| !db.is_shared()) else {
        return between(db, site, filter, &filter.ids(), limit);
    };
    let (mut found, mut wanted) = (Vec::new(), limit);
    audit_blocks::search(db, site, user, filter.ids(), |db, ids| {
        found.append(&mut between(db, site, filter, &ids, wanted)?);
        wanted = limit.saturating_sub(i64::try_from(found.len()).unwrap_or(i64::MAX));
        Ok(wanted > 0)
    })?;
    Ok(found)
}

/// Those of them whose ids are among `ids`.
fn between(
    db: &mut Db,
    site: Id,
    filter: &Filter,
    ids: &RangeInclusive<Id>,
    limit: i64,
) -> Result<Vec<Recorded>, StoreError> {
    let mut query = dsl::audit_events
        .filter(dsl::site_id.eq(&site.0[..]))
        .filter(dsl::id.ge(&ids.start().0[..]))
        .filter(dsl::id.le(&ids.end().0[..]))
        .order(dsl::id.desc())
        .limit(limit)
        .into_boxed();
    if let Some(user) = &filter.user {
        query = query.filter(dsl::user_id.eq(user.as_str().as_bytes()));
    }
    if let Some(action) = filter.action {
        query = query.filter(dsl::action.eq(action.as_str()));
    }
    query.load::<Stored>(db.for_read()?)?.into_iter().map(recorded).collect()
}

/// Forgets a site's events before `before`, the oldest first. Their ids are in the order of time, so that this needs no
/// index of its own.
pub fn sweep(db: &mut Db, site: Id, before: Timestamp, most: usize) -> Result<Swept, StoreError> {
    let first_to_stay = Id::least_at(before);
    let old = dsl::audit_events
        .filter(dsl::site_id.eq(&site.0[..]))
        .filter(dsl::id.lt(&first_to_stay.0[..]))
        .order(dsl::id)
        .limit(limit(most))
        .select((dsl::id, dsl::at))
        .load::<(Vec<u8>, i64)>(db.for_read()?)?;
    let swept = Swept::of(&old);
    if let Some((last, _)) = old.last() {
        let events = dsl::audit_events.filter(dsl::site_id.eq(&site.0[..])).filter(dsl::id.le(last));
        diesel::delete(events).execute(db.for_write()?)?;
        if !db.is_shared() {
            audit_blocks::forget(db, site, last)?;
        }
    }
    Ok(swept)
}
