//! Finds the audit events about a user on SQLite, in place of an index by user.
//!
//! # Design
//! Users are anywhere in such an index, so that each login would change a page of it that no other login does, which is a
//! sixth of what SQLite can do. Here the log is cut into blocks of events that follow one another. Of each a row says
//! between which ids it lies and whom its events are about. A search looks through those rows (0.06 s among ten million
//! events) and reads of the log only the blocks that name the user, and its end, which is in no block yet.
//!
//! A block never changes. An event about a user whose id is older than the end of the last block (a call has waited, or
//! the clock was set back) gets a block of its own in the same transaction, by a trigger, so that no writer can forget it.
//! On a server that transaction might not be seen when the block is made, so servers keep an index.
//!
//! Blocks are made from the log, and may be deleted at any time: then they are made anew. That helps after a clock was far
//! ahead, since each event has a block of its own until it has caught up.

use super::schema::audit_blocks::dsl;
use super::schema::audit_events::dsl as events;
use super::{Db, StoreError, id_from, limit};
use crate::domain::id::{Id, UserId};
use diesel::prelude::*;
use sha2::{Digest as _, Sha256};
use std::ops::RangeInclusive;

/// Events in a block. A search reads a block in about a fifth of a millisecond; making one takes about a millisecond.
const EVENTS: usize = 1024;

/// Blocks that a search looks through at a time.
const AT_A_TIME: i64 = 64;

const TABLE: &str = "audit_blocks";

/// What stands for a user in a block. Another user may have the same: then a block is read for nothing.
fn mark(user: &[u8]) -> [u8; 4] {
    let [a, b, c, d, ..] = <[u8; 32]>::from(Sha256::digest(user));
    [a, b, c, d]
}

/// The id of the last event that is in a block; before the first of all ids if there is none.
fn end(db: &mut Db, site: Id) -> Result<Id, StoreError> {
    let last = dsl::audit_blocks
        .filter(dsl::site_id.eq(&site.0[..]))
        .order(dsl::last_id.desc())
        .select(dsl::last_id)
        .limit(1)
        .get_result::<Vec<u8>>(db.for_read()?)
        .optional()?;
    last.map_or(Ok(Id::LEAST), |last| id_from(&last, TABLE))
}

/// Makes a block of the events after the last one, where there are enough of them. Whether it did.
pub fn extend(db: &mut Db, site: Id) -> Result<bool, StoreError> {
    if db.is_shared() {
        return Ok(false);
    }
    let end = end(db, site)?;
    let mut found = events::audit_events
        .filter(events::site_id.eq(&site.0[..]))
        .filter(events::id.gt(&end.0[..]))
        .order(events::id)
        .limit(limit(2 * EVENTS))
        .select((events::id, events::user_id))
        .load::<(Vec<u8>, Option<Vec<u8>>)>(db.for_read()?)?;
    // As many again stay out: ids that are a little older may yet come.
    if found.len() < 2 * EVENTS {
        return Ok(false);
    }
    found.truncate(EVENTS);
    let users: Vec<u8> = found.iter().filter_map(|(_, user)| user.as_deref()).flat_map(mark).collect();
    let block = (
        dsl::site_id.eq(&site.0[..]),
        dsl::first_id.eq(&found[0].0),
        dsl::last_id.eq(&found[EVENTS - 1].0),
        dsl::users.eq(users),
    );
    diesel::insert_into(dsl::audit_blocks).values(block).execute(db.for_write()?)?;
    Ok(true)
}

/// Goes through the parts of a site's log that may tell of a user, newest first, within `ids`. `visit` gets the first and
/// the last id of each, and says whether to go on.
pub(super) fn search(
    db: &mut Db,
    site: Id,
    user: &UserId,
    ids: RangeInclusive<Id>,
    mut visit: impl FnMut(&mut Db, RangeInclusive<Id>) -> Result<bool, StoreError>,
) -> Result<(), StoreError> {
    let (from, mut to) = ids.into_inner();
    let rest = from.max(end(db, site)?.next());
    if rest <= to && !visit(db, rest..=to)? {
        return Ok(());
    }
    let user = user.as_str().as_bytes();
    let mark = mark(user);
    let mut below = Id::GREATEST;
    loop {
        let blocks = dsl::audit_blocks
            .filter(dsl::site_id.eq(&site.0[..]))
            .filter(dsl::last_id.lt(&below.0[..]))
            .filter(dsl::last_id.ge(&from.0[..]))
            .filter(dsl::first_id.le(&to.0[..]))
            .order(dsl::last_id.desc())
            .limit(AT_A_TIME)
            .select((dsl::first_id, dsl::last_id, dsl::users))
            .load::<(Vec<u8>, Vec<u8>, Vec<u8>)>(db.for_read()?)?;
        if blocks.is_empty() {
            return Ok(());
        }
        for (first, last, users) in blocks {
            let (first, last) = (id_from(&first, TABLE)?, id_from(&last, TABLE)?);
            let names = if first == last { users == user } else { users.as_chunks().0.contains(&mark) };
            // An event with a block of its own may lie within another block, where it was found.
            let part = first.max(from)..=last.min(to);
            if names && !part.is_empty() {
                to = first.previous();
                if !visit(db, part)? {
                    return Ok(());
                }
            }
            below = last;
        }
    }
}

/// Forgets all blocks, where what was in them may be gone.
pub(super) fn forget_all(db: &mut Db) -> Result<(), StoreError> {
    if !db.is_shared() {
        diesel::delete(dsl::audit_blocks).execute(db.for_write()?)?;
    }
    Ok(())
}

/// Forgets the blocks of events up to `last`.
pub(super) fn forget(db: &mut Db, site: Id, last: &[u8]) -> Result<(), StoreError> {
    let old = dsl::audit_blocks.filter(dsl::site_id.eq(&site.0[..])).filter(dsl::last_id.le(last));
    diesel::delete(old).execute(db.for_write()?)?;
    Ok(())
}

#[cfg(all(test, feature = "sqlite"))]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::super::audit::{self, Filter, Recorded};
    use super::super::sites::{self, Site};
    use super::*;
    use crate::domain::audit::{Action, Actor, AuditEvent};
    use crate::domain::id::SiteName;
    use crate::domain::time::Timestamp;
    use rand::rand_core::UnwrapErr;
    use rand::rngs::SysRng;

    const SITE: Id = Id([1; 16]);
    const BEGIN: Timestamp = Timestamp(1_800_000_000_000);

    fn user(n: usize) -> UserId {
        UserId::parse(format!("user{n}")).unwrap()
    }

    fn append(db: &mut Db, user: Option<UserId>, action: Action, at: Timestamp) {
        let event = AuditEvent { user, ..AuditEvent::new(action, Actor::Cli) };
        audit::append(db, SITE, &event, at, &mut UnwrapErr(SysRng)).unwrap();
    }

    /// Three thousand events and more, a millisecond apart, with blocks made as soon as they can be; each hundredth comes
    /// an hour late, and the clock is set back for a hundred.
    fn written() -> Db {
        let mut db = Db::open("sqlite::memory:").unwrap();
        db.migrate().unwrap();
        db.begin().unwrap();
        let site = Site {
            id: SITE,
            name: SiteName::parse("default").unwrap(),
            issuer: "Test".into(),
            created_at: BEGIN,
        };
        sites::insert(&mut db, &site).unwrap();
        let hour = std::time::Duration::from_secs(3600);
        for n in 0..4 * EVENTS {
            let at = Timestamp(BEGIN.0 + i64::try_from(n).unwrap());
            let set_back = n % 100 == 0 || (3000..3100).contains(&n);
            let about = if n % 1000 == 7 { Some(user(1000)) } else { (n % 10 != 3).then(|| user(n % 89)) };
            let action = if n % 2 == 0 { Action::LoginPassed } else { Action::CodeRejected };
            append(&mut db, about, action, if set_back { at.minus(hour) } else { at });
            while n % 300 == 0 && extend(&mut db, SITE).unwrap() {}
        }
        db.commit().unwrap();
        db
    }

    fn blocks(db: &mut Db) -> Vec<bool> {
        let all = dsl::audit_blocks.select((dsl::first_id, dsl::last_id));
        let all = all.load::<(Vec<u8>, Vec<u8>)>(db.for_read().unwrap()).unwrap();
        all.iter().map(|(first, last)| first == last).collect()
    }

    #[test]
    fn a_search_finds_what_reading_the_whole_log_finds() {
        let mut db = written();
        let of_one = blocks(&mut db).into_iter().filter(|one| *one).count();
        assert!(of_one > 50 && blocks(&mut db).len() - of_one == 2, "{of_one} of {}", blocks(&mut db).len());
        let all = audit::list(&mut db, SITE, &Filter::default(), i64::MAX).unwrap();
        assert!(all.len() == 4096 && all.is_sorted_by(|a, b| a.id > b.id));
        let (early, late) = (Timestamp(BEGIN.0 + 200), Timestamp(BEGIN.0 + 2500));
        let filters = [
            Filter::default(),
            Filter { action: Some(Action::LoginPassed), ..Filter::default() },
            Filter { since: Some(early), until: Some(late), ..Filter::default() },
            Filter { until: Some(BEGIN), ..Filter::default() },
            Filter { since: Some(late), until: Some(early), ..Filter::default() },
            Filter { before: Some(all[700].id), since: Some(early), ..Filter::default() },
            Filter { before: Some(all[2222].id), until: Some(late), ..Filter::default() },
            Filter { before: all.last().map(|event| event.id), ..Filter::default() },
        ];
        for user in [0, 7, 88, 1000, 1001].map(user) {
            for filter in &filters {
                let filter = Filter { user: Some(user.clone()), ..filter.clone() };
                let is_wanted = |recorded: &&Recorded| {
                    recorded.event.user.as_ref() == Some(&user)
                        && filter.action.is_none_or(|action| recorded.event.action == action)
                        && filter.since.is_none_or(|since| recorded.at >= since)
                        && filter.until.is_none_or(|until| recorded.at < until)
                        && filter.before.is_none_or(|before| recorded.id < before)
                };
                let wanted: Vec<_> = all.iter().filter(is_wanted).cloned().collect();
                for limit in [1, 5, 1000] {
                    let found = audit::list(&mut db, SITE, &filter, limit).unwrap();
                    let first = wanted.len().min(usize::try_from(limit).unwrap());
                    assert_eq!(found, wanted[..first], "{filter:?}, {limit}");
                }
            }
        }
    }

    #[test]
    fn a_search_reads_the_end_of_the_log_and_the_blocks_that_name_the_user() {
        let mut db = written();
        let mut parts = |user: &UserId| {
            let mut parts = Vec::new();
            search(&mut db, SITE, user, Id::LEAST..=Id::GREATEST, |_, ids| {
                parts.push(ids);
                Ok(true)
            })
            .unwrap();
            parts
        };
        assert_eq!(parts(&user(1001)).len(), 1, "of a user who is not in it, the end");
        let many = parts(&user(1));
        assert!(many.is_sorted_by(|a, b| a.start() > b.end()), "newest first, nothing twice: {many:?}");
        // Its events: 7 and 1007 in the first block, 2007 in the second, 4007 in none; 3007 came an hour late, and lies
        // within the first, which begins with such an event.
        assert_eq!(parts(&user(1000)).len(), 3);
    }

    #[test]
    fn a_block_is_forgotten_with_its_events() {
        let mut db = written();
        let before = Timestamp(BEGIN.0 + 1500);
        db.begin().unwrap();
        while audit::sweep(&mut db, SITE, before, 250).unwrap().rows > 0 {}
        db.commit().unwrap();
        assert_eq!(blocks(&mut db), [false], "the second block is left");
        let kept = Filter { user: Some(user(1000)), ..Filter::default() };
        let kept = audit::list(&mut db, SITE, &kept, 10).unwrap();
        assert_eq!(kept.iter().map(|event| event.at.0 - BEGIN.0).collect::<Vec<_>>(), [4007, 2007]);
    }
}
