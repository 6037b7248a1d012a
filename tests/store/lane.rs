//! The write lane: what is answered is committed, and one item's failure is its own.

use super::{insert_user, new_store};
use mfa_sidecar::domain::id::{Id, UserId};
use mfa_sidecar::store::{self, Fault, Store, StoreError};
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
}

async fn exists(store: &Store, site: Id, user: &str) -> bool {
    let user = UserId::parse(user).unwrap();
    store.read(move |db| store::users::find(db, site, &user)).await.unwrap().is_some()
}

/// Holds the lane until everything that the test sends is queued, so that it runs as one batch.
struct Gate(std::sync::mpsc::Sender<()>, tokio::task::JoinHandle<()>);

async fn close_gate(store: &Store) -> Gate {
    let (open, wait) = channel::<()>();
    let (entered, has_entered) = tokio::sync::oneshot::channel();
    let (store, mut entered, wait) = (store.clone(), Some(entered), std::sync::Mutex::new(wait));
    let held = tokio::spawn(async move {
        let hold = move |_: &mut store::Db| {
            entered.take().map(|sender| sender.send(()));
            wait.lock().unwrap().recv().ok();
            Ok::<_, StoreError>(())
        };
        store.write(b"gate", hold).await.unwrap();
    });
    has_entered.await.unwrap();
    Gate(open, held)
}

impl Gate {
    async fn open(self) {
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
            store.write::<(), StoreError>(user.as_bytes(), work).await
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
            store.write(b"panicking", work).await
        })
    };
    let other = {
        let store = store.clone();
        tokio::spawn(async move {
            let work = move |db: &mut store::Db| insert_user(db, site, 3, "other");
            store.write(b"other", work).await
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
    assert!(matches!(store.write(b"x", refuse).await, Err(Refused::ByRule)));
    assert!(exists(&store, site, "counted").await);
}

#[actix_web::test]
async fn what_is_answered_is_seen_by_another_connection() {
    let (directory, store, site) = new_store().await;
    store.write(b"x", move |db| insert_user(db, site, 2, "durable")).await.unwrap();
    let other = Store::open(&format!("sqlite:{}", directory.path().join("test.sqlite3").display())).unwrap();
    assert!(exists(&other, site, "durable").await);
}

#[actix_web::test]
async fn a_database_that_another_process_has_locked_is_an_error_and_serves_again_afterwards() {
    use diesel::connection::SimpleConnection as _;
    let (directory, store, site) = new_store().await;
    let path = directory.path().join("test.sqlite3").display().to_string();
    let mut other = <diesel::SqliteConnection as diesel::Connection>::establish(&path).unwrap();
    other.batch_execute("BEGIN IMMEDIATE").unwrap();
    let refused = store.write(b"x", move |db| insert_user(db, site, 2, "early")).await;
    assert!(matches!(refused, Err(StoreError::Connection(_))), "{refused:?}");
    assert!(!exists(&store, site, "early").await, "reads go on meanwhile");
    other.batch_execute("ROLLBACK").unwrap();
    store.write(b"x", move |db| insert_user(db, site, 2, "later")).await.unwrap();
    assert!(exists(&store, site, "later").await && !exists(&store, site, "early").await);
}

#[actix_web::test]
async fn an_unknown_kind_of_url_is_refused_and_creates_no_file() {
    for url in ["postgres://localhost/x", "file.sqlite3", "", "mysql://u:secret@h/x"] {
        let error = Store::open(url).err().expect(url).to_string();
        assert!(!error.contains("secret") && error.contains("no backend"), "{error}");
    }
}
