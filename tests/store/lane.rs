//! The write lane: what is answered is committed, and one item's failure is its own.

use super::{exists, insert_user, new_store};
use diesel::connection::SimpleConnection as _;
use mfa_sidecar::domain::shard::Shard;
use mfa_sidecar::store::{self, Fault, Grouping, Store, StoreError};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;

/// A refusal or a fault, as the stories have them.
#[derive(Debug)]
enum Refused {
    ByRule,
    ByStore(#[allow(dead_code, reason = "shown when a test fails")] StoreError),
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::ByStore(error)
    }
}

impl Fault for Refused {
    fn is_fault(&self) -> bool {
        matches!(self, Self::ByStore(_))
    }

    fn is_conflict(&self) -> bool {
        matches!(self, Self::ByStore(error) if error.is_conflict())
    }
}

/// Holds the lane until everything that the test sends is queued, so that it runs as one batch.
pub(super) struct Gate(std::sync::mpsc::Sender<()>, tokio::task::JoinHandle<()>);

pub(super) async fn close_gate(store: &Store) -> Gate {
    let (open, wait) = channel::<()>();
    let (entered, has_entered) = tokio::sync::oneshot::channel();
    let (store, mut entered, wait) = (store.clone(), Some(entered), std::sync::Mutex::new(wait));
    let held = tokio::spawn(async move {
        let hold = move |_: &mut store::Db| {
            entered.take().map(|sender| sender.send(()));
            wait.lock().unwrap().recv().ok();
            Ok::<_, StoreError>(())
        };
        store.write(Shard::NONE, hold).await.unwrap();
    });
    has_entered.await.unwrap();
    Gate(open, held)
}

impl Gate {
    pub(super) async fn open(self) {
        self.0.send(()).unwrap();
        self.1.await.unwrap();
    }
}

#[actix_web::test]
async fn an_item_that_fails_is_undone_alone() {
    let (_directory, store, site) = new_store().await;
    let gate = close_gate(&store).await;
    let write = |number: u8, user: &'static str, fail: bool| {
        let store = store.clone();
        tokio::spawn(async move {
            let work = move |db: &mut store::Db| {
                insert_user(db, site, number, user)?;
                // A second row of the same id: the database refuses it.
                if fail { insert_user(db, site, number, "again") } else { Ok(()) }
            };
            store.write::<(), StoreError>(Shard::NONE, work).await
        })
    };
    let (before, failing, after) =
        (write(2, "before", false), write(3, "failing", true), write(4, "after", false));
    tokio::task::yield_now().await;
    gate.open().await;
    assert!(before.await.unwrap().is_ok());
    assert!(matches!(failing.await.unwrap(), Err(StoreError::Database(_))));
    assert!(after.await.unwrap().is_ok());
    assert!(exists(&store, site, "before").await && exists(&store, site, "after").await);
    assert!(!exists(&store, site, "failing").await, "nothing of the failed item stays");
}

#[actix_web::test]
async fn an_item_that_panics_takes_nobody_else_down() {
    let (_directory, store, site) = new_store().await;
    let gate = close_gate(&store).await;
    let panicking = {
        let store = store.clone();
        tokio::spawn(async move {
            let work = move |db: &mut store::Db| -> Result<(), StoreError> {
                insert_user(db, site, 2, "panicking")?;
                panic!("a bug in a story");
            };
            store.write(Shard::NONE, work).await
        })
    };
    let other = {
        let store = store.clone();
        tokio::spawn(async move {
            let work = move |db: &mut store::Db| insert_user(db, site, 3, "other");
            store.write(Shard::NONE, work).await
        })
    };
    tokio::task::yield_now().await;
    gate.open().await;
    assert!(matches!(panicking.await.unwrap(), Err(StoreError::Panicked)));
    assert!(other.await.unwrap().is_ok());
    assert!(!exists(&store, site, "panicking").await && exists(&store, site, "other").await);
}

#[actix_web::test]
async fn a_refusal_keeps_what_was_written_before_it() {
    let (_directory, store, site) = new_store().await;
    let refuse = move |db: &mut store::Db| -> Result<(), Refused> {
        insert_user(db, site, 2, "counted")?;
        Err(Refused::ByRule)
    };
    assert!(matches!(store.write(Shard::NONE, refuse).await, Err(Refused::ByRule)));
    assert!(exists(&store, site, "counted").await);
}

#[actix_web::test]
async fn what_is_answered_is_seen_by_another_connection() {
    let (place, store, site) = new_store().await;
    store.write(Shard::NONE, move |db| insert_user(db, site, 2, "durable")).await.unwrap();
    let other = place.open();
    assert!(exists(&other, site, "durable").await);
}

#[actix_web::test]
async fn what_its_caller_has_given_up_is_not_run() {
    let (_directory, store, site) = new_store().await;
    let gate = close_gate(&store).await;
    let write = |number: u8, user: &'static str| {
        let store = store.clone();
        tokio::spawn(
            async move { store.write(Shard::NONE, move |db| insert_user(db, site, number, user)).await },
        )
    };
    let (given_up, patient) = (write(2, "given up"), write(3, "patient"));
    tokio::task::yield_now().await;
    given_up.abort();
    assert!(given_up.await.unwrap_err().is_cancelled());
    gate.open().await;
    assert!(patient.await.unwrap().is_ok());
    assert!(!exists(&store, site, "given up").await && exists(&store, site, "patient").await);
}

#[actix_web::test]
async fn more_than_can_wait_is_refused_at_once_and_what_waits_is_served() {
    let (_directory, store, site) = new_store().await;
    let gate = close_gate(&store).await;
    let mut waiting = tokio::task::JoinSet::new();
    for _ in 0..9_000 {
        let store = store.clone();
        waiting.spawn(async move { store.write(Shard::NONE, |_| Ok::<_, StoreError>(())).await });
    }
    // Nobody else is answered while the gate is closed.
    while waiting.len() > 8_192 {
        let refused = waiting.join_next().await.unwrap().unwrap();
        assert!(matches!(refused, Err(StoreError::QueueFull)), "{refused:?}");
    }
    gate.open().await;
    assert!(waiting.join_all().await.iter().all(Result::is_ok));
    store.write(Shard::NONE, move |db| insert_user(db, site, 2, "later")).await.unwrap();
}

#[actix_web::test]
async fn a_thread_that_hangs_in_the_database_is_told_of_in_time_and_another_takes_its_place() {
    let (place, store, site) = new_store().await;
    let (release, wait) = channel::<()>();
    let (release_reader, reader_waits) = channel::<()>();
    let wait = std::sync::Mutex::new(wait);
    let hang = move |db: &mut store::Db| {
        insert_user(db, site, 2, "hanging")?;
        wait.lock().unwrap().recv().ok();
        Ok::<_, StoreError>(())
    };
    let began = std::time::Instant::now();
    let second = store::with_patience(async {
        let first = store.write(Shard::NONE, hang).await;
        assert!(matches!(first, Err(StoreError::Late)), "{first:?}");
        // One request asks several times; it has no patience left.
        let read = move |_: &mut store::Db| {
            reader_waits.recv().ok();
            Ok::<_, StoreError>(())
        };
        store.read(read).await
    });
    assert!(matches!(second.await, Err(StoreError::Late)));
    assert!((8..10).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
    drop(release_reader);
    let other = || store.write(Shard::NONE, move |db| insert_user(db, site, 3, "other"));
    if !place.database.url().starts_with("sqlite") {
        other().await.unwrap();
        drop(release);
        return;
    }
    // It holds the only lock; whoever comes next is told so. Then it comes back, and what was late has been written.
    assert!(matches!(other().await, Err(StoreError::Connection(_))));
    drop(release);
    while let Err(error) = other().await {
        assert!(began.elapsed().as_secs() < 60, "{error}");
    }
    assert!(exists(&store, site, "hanging").await && exists(&store, site, "other").await);
}

#[actix_web::test]
async fn what_another_process_holds_is_an_error_in_bounded_time_and_serves_again_afterwards() {
    let (place, store, site) = new_store().await;
    let mut other = store::Db::open(place.database.url()).unwrap();
    let begin = if place.database.url().starts_with("sqlite") { "BEGIN IMMEDIATE" } else { "BEGIN" };
    other.for_write().unwrap().batch_execute(begin).unwrap();
    insert_user(&mut other, site, 2, "early").unwrap();
    let began = std::time::Instant::now();
    let refused = store.write(Shard::NONE, move |db| insert_user(db, site, 2, "early")).await;
    assert!(matches!(refused, Err(StoreError::Connection(_) | StoreError::Database(_))), "{refused:?}");
    assert!(began.elapsed().as_secs() < 10, "{:?}", began.elapsed());
    assert!(!exists(&store, site, "early").await, "reads go on meanwhile");
    other.for_write().unwrap().batch_execute("ROLLBACK").unwrap();
    store.write(Shard::NONE, move |db| insert_user(db, site, 2, "later")).await.unwrap();
    assert!(exists(&store, site, "later").await && !exists(&store, site, "early").await);
}

#[actix_web::test]
async fn connections_that_the_server_closed_are_replaced_and_nothing_is_refused_for_it() {
    let (place, store, site) = new_store().await;
    for (number, user) in [(2, "before"), (3, "between"), (4, "after")] {
        place.database.cut_connections();
        store.write(Shard::NONE, move |db| insert_user(db, site, number, user)).await.unwrap();
        place.database.cut_connections();
        assert!(exists(&store, site, user).await);
    }
}

#[actix_web::test]
async fn work_runs_again_only_where_its_commit_was_not_sent() {
    let (place, store, site) = new_store().await;
    let is_mysql = place.database.url().starts_with("mysql");
    if place.database.url().starts_with("sqlite") {
        // A commit to a file is not sent anywhere.
        return;
    }
    let (place, runs) = (Arc::new(place), Arc::new(AtomicUsize::new(0)));
    let (cut, count) = (Arc::clone(&place), Arc::clone(&runs));
    let work = move |db: &mut store::Db| {
        insert_user(db, site, 2, "alice")?;
        if count.fetch_add(1, Ordering::Relaxed) == 0 {
            cut.database.cut_connections();
        }
        Ok::<_, StoreError>(())
    };
    let answer = store.write(Shard::NONE, work).await;
    if is_mysql {
        // There the loss shows before the commit is sent.
        assert!(answer.is_ok(), "{answer:?}");
        assert_eq!(runs.load(Ordering::Relaxed), 2);
        assert!(exists(&store, site, "alice").await);
    } else {
        assert!(matches!(answer, Err(StoreError::Connection(_))), "{answer:?}");
        assert_eq!(runs.load(Ordering::Relaxed), 1);
    }
    // And the lane goes on.
    store.write(Shard::NONE, move |db| insert_user(db, site, 3, "bob")).await.unwrap();
}

#[actix_web::test]
async fn work_runs_again_if_its_connection_is_lost_between_statements() {
    let (place, store, site) = new_store().await;
    let is_shared = !place.database.url().starts_with("sqlite");
    let (place, runs) = (Arc::new(place), Arc::new(AtomicUsize::new(0)));
    let (cut, count) = (Arc::clone(&place), Arc::clone(&runs));
    let work = move |db: &mut store::Db| {
        insert_user(db, site, 2, "before")?;
        // In its batch, and then alone.
        if count.fetch_add(1, Ordering::Relaxed) < 2 {
            cut.database.cut_connections();
        }
        insert_user(db, site, 3, "after")
    };
    store.write(Shard::NONE, work).await.unwrap();
    assert_eq!(runs.load(Ordering::Relaxed), if is_shared { 3 } else { 1 });
    assert!(exists(&store, site, "before").await && exists(&store, site, "after").await);
}

#[actix_web::test]
async fn what_two_processes_insert_at_once_is_tried_again_by_the_second() {
    // Undone by the database or by a condition, an item runs again, and sees then what the other one wrote.
    let (_place, store, site) = new_store().await;
    let mut runs = 0;
    let work = move |db: &mut store::Db| -> Result<i32, StoreError> {
        runs += 1;
        if runs < 3 { Err(StoreError::Undone) } else { insert_user(db, site, 2, "late").map(|()| runs) }
    };
    // Once in the batch, and then alone.
    assert_eq!(store.write(Shard::NONE, work).await.unwrap(), 3);
    let mut runs = 0;
    let never = move |_: &mut store::Db| -> Result<(), StoreError> {
        runs += 1;
        assert!(runs <= 21, "it is given up");
        Err(StoreError::Undone)
    };
    assert!(matches!(store.write(Shard::NONE, never).await, Err(StoreError::Undone)));
}

#[actix_web::test]
async fn an_unknown_kind_of_url_is_refused_and_creates_no_file() {
    for url in ["oracle://localhost/x", "file.sqlite3", "", "mssql://u:secret@h/x"] {
        let error = Store::open(url, Grouping::default()).err().expect(url).to_string();
        assert!(!error.contains("secret") && error.contains("no backend"), "{error}");
    }
}

#[actix_web::test]
async fn what_was_undone_unasked_runs_again_as_a_whole() {
    let (place, store, site) = new_store().await;
    if !place.database.url().starts_with("mysql") {
        return; // Only a cluster's node undoes a transaction without saying so.
    }
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&runs);
    let work = move |db: &mut store::Db| {
        insert_user(db, site, 2, "before")?;
        if counted.fetch_add(1, Ordering::SeqCst) == 0 {
            db.for_write()?.batch_execute("ROLLBACK")?;
        }
        insert_user(db, site, 3, "after")
    };
    store.write::<(), StoreError>(Shard::NONE, work).await.unwrap();
    assert_eq!(runs.load(Ordering::SeqCst), 2);
    assert!(exists(&store, site, "before").await && exists(&store, site, "after").await);
}
