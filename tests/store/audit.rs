//! A user's events among those of many.

use super::{NOW, new_store};
use diesel::connection::SimpleConnection as _;
use mfa_sidecar::domain::audit::{Action, Actor, AuditEvent};
use mfa_sidecar::domain::id::{Id, UserId};
use mfa_sidecar::domain::shard::Shard;
use mfa_sidecar::domain::time::Timestamp;
use mfa_sidecar::service::os_random;
use mfa_sidecar::store::audit::{Filter, Recorded};
use mfa_sidecar::store::copy::copy;
use mfa_sidecar::store::{self, Db, Grouping, Store, StoreError};

fn after(millis: i64) -> Timestamp {
    Timestamp(NOW.0 + millis)
}

/// Appends events in order, each about the user of that name, `from` milliseconds after the beginning and later.
async fn append(store: &Store, site: Id, from: i64, users: Vec<&'static str>) {
    let append = move |db: &mut Db| {
        for (at, user) in (from..).zip(&users) {
            let event = AuditEvent::new(Action::LoginPassed, Actor::Cli);
            let event = event.about(&UserId::parse(*user).expect("a name"));
            store::audit::append(db, site, &event, after(at), &mut os_random())?;
        }
        Ok::<_, StoreError>(())
    };
    store.write(Shard::NONE, append).await.unwrap();
}

/// Makes blocks while there are any to make (on SQLite); how many.
async fn make_blocks(store: &Store, site: Id) -> usize {
    let mut made = 0;
    while store.write(Shard::NONE, move |db| store::audit_blocks::extend(db, site)).await.unwrap() {
        made += 1;
    }
    made
}

/// When the events about a user were, page by page.
async fn story(store: &Store, site: Id, user: &str, page: usize) -> Vec<i64> {
    let (mut told, mut before) = (Vec::new(), None);
    loop {
        let filter = Filter { user: UserId::parse(user).ok(), before, ..Filter::default() };
        let limit = i64::try_from(page).unwrap();
        let read: Vec<Recorded> =
            store.read(move |db| store::audit::list(db, site, &filter, limit)).await.unwrap();
        told.extend(read.iter().map(|recorded| recorded.at.0 - NOW.0));
        before = read.last().map(|recorded| recorded.id);
        if read.len() < page {
            return told;
        }
    }
}

#[actix_web::test]
async fn a_users_story_is_whole_wherever_its_events_lie() {
    let (place, store, site) = new_store().await;
    append(
        &store,
        site,
        0,
        [["alice"; 1].as_slice(), &["bob"; 1500], &["alice"; 2], &["bob"; 1600]].concat(),
    )
    .await;
    let made = make_blocks(&store, site).await;
    assert_eq!(made, if place.database.url().starts_with("sqlite") { 2 } else { 0 });
    append(&store, site, 4000, vec!["alice"]).await;
    // Another process, whose clock is behind.
    let other = place.open();
    append(&other, site, 700, vec!["alice", "carol"]).await;
    for page in [1, 2, 100] {
        assert_eq!(story(&store, site, "alice", page).await, [4000, 1502, 1501, 700, 0]);
        assert_eq!(story(&other, site, "carol", page).await, [701]);
        assert!(story(&store, site, "dora", page).await.is_empty());
    }
    assert_eq!(story(&store, site, "bob", 200).await.len(), 3100);
}

#[actix_web::test]
async fn a_story_is_that_of_one_site() {
    let (_place, store, site) = new_store().await;
    let other = store::sites::Site {
        id: Id([2; 16]),
        name: mfa_sidecar::domain::id::SiteName::parse("other").unwrap(),
        issuer: "Test".into(),
        created_at: NOW,
    };
    let there = other.id;
    store.write(Shard::NONE, move |db| store::sites::insert(db, &other)).await.unwrap();
    append(&store, site, 0, vec!["alice"; 2100]).await;
    make_blocks(&store, site).await;
    append(&store, there, 0, vec!["alice"; 2]).await;
    make_blocks(&store, there).await;
    assert_eq!(story(&store, there, "alice", 100).await, [1, 0]);
    assert_eq!(story(&store, site, "alice", 200).await.len(), 2100);
}

#[actix_web::test]
async fn a_story_is_whole_in_a_copy_into_a_database_that_was_used_and_emptied() {
    let (place, store, site) = new_store().await;
    append(&store, site, 0, vec!["alice"; 2100]).await;
    let url = format!("sqlite:{}", place.path().join("copy.sqlite3").display());
    copy(place.database.url(), &url, NOW, &mut |_| {}).unwrap();
    let copied = Store::open(&url, Grouping::default()).unwrap();
    assert_eq!(make_blocks(&copied, site).await, 1);
    // The site goes on, and is copied again. Of a database that was emptied by hand, blocks are left.
    append(&store, site, 500, vec!["bob"; 3]).await;
    Db::open(&url)
        .unwrap()
        .for_write()
        .unwrap()
        .batch_execute("PRAGMA foreign_keys = OFF; DELETE FROM audit_events; DELETE FROM sites;")
        .unwrap();
    copy(place.database.url(), &url, NOW, &mut |_| {}).unwrap();
    assert_eq!(story(&copied, site, "bob", 100).await, [502, 501, 500]);
    assert_eq!(story(&copied, site, "alice", 200).await.len(), 2100);
    assert_eq!(make_blocks(&copied, site).await, 1);
    assert_eq!(story(&copied, site, "bob", 100).await, [502, 501, 500]);
}

#[actix_web::test]
async fn an_event_that_is_deleted_and_written_again_is_no_fault() {
    let (place, store, site) = new_store().await;
    if !place.database.url().starts_with("sqlite") {
        return; // A server has no blocks.
    }
    append(&store, site, 0, vec!["alice"; 2100]).await;
    make_blocks(&store, site).await;
    let again = "CREATE TEMP TABLE kept AS SELECT * FROM audit_events; DELETE FROM audit_events; \
                 INSERT INTO audit_events SELECT * FROM kept;";
    Db::open(place.database.url()).unwrap().for_write().unwrap().batch_execute(again).unwrap();
    assert_eq!(story(&store, site, "alice", 200).await.len(), 2100);
}
