//! The write lane: group commit.
//!
//! # Design
//! One thread with one connection takes queued closures, runs up to a batch of them in one transaction, commits, and
//! only then answers them all: a write is durable before it is answered, and one `fdatasync` serves the whole batch.
//! A closure can run several times (when another one of its batch fails, the batch is undone and each item runs in a
//! transaction of its own; when another process was in the way, it runs again), so it must change nothing outside the
//! database.
//!
//! A closure that returns an error whose [`Fault::is_fault`] is false has *refused*: it commits with its batch what it
//! wrote before, normally nothing. That keeps refusals, which an attacker can cause at will, as cheap as successes.
//!
//! How long a caller waits, and what becomes of a thread that hangs: [`super::watch`].

use super::watch::{Pulse, Queue, Watched, in_time};
use super::{Db, ReadAhead, StoreError};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;
use tokio::sync::oneshot;

/// Items that may wait; above, the caller is told so at once.
const QUEUE: usize = 8192;

/// What a closure's error is to the lane.
pub trait Fault: From<StoreError> + Send + 'static {
    /// Whether the database failed, so that the item must be undone.
    fn is_fault(&self) -> bool;

    /// Whether it failed because another transaction was in the way.
    fn is_conflict(&self) -> bool;
}

impl Fault for StoreError {
    fn is_fault(&self) -> bool {
        true
    }

    fn is_conflict(&self) -> bool {
        Self::is_conflict(self)
    }
}

/// How often an item runs alone before its caller is told that it conflicts. Of two nodes of a cluster that write about
/// one user, each undoes about every second transaction of the other.
const TRIES: u32 = 20;

/// Whether an item can stay in its batch.
#[derive(PartialEq, Eq)]
enum Ran {
    Kept,
    MustUndo,
    Conflicted,
}

trait Item: Send {
    fn run(&mut self, db: &mut Db) -> Ran;
    /// Answers the caller: with the closure's result if `committed`, else with the lane's error.
    fn answer(self: Box<Self>, committed: Result<(), StoreError>);
    fn queued_at(&self) -> Instant;
    fn ahead(&self) -> &ReadAhead;
    /// Whether the caller still waits. What nobody waits for is not run: nobody would be told what came of it.
    fn is_wanted(&self) -> bool;
}

struct Work<F, T, E> {
    closure: F,
    result: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
    queued_at: Instant,
    ahead: ReadAhead,
}

impl<F, T, E> Item for Work<F, T, E>
where
    F: FnMut(&mut Db) -> Result<T, E> + Send,
    T: Send,
    E: Fault,
{
    fn run(&mut self, db: &mut Db) -> Ran {
        // A panic must not take the lane, and with it every login, down.
        let result = catch_unwind(AssertUnwindSafe(|| (self.closure)(db)))
            .unwrap_or_else(|_| Err(StoreError::Panicked.into()));
        let ran = match &result {
            Err(error) if error.is_conflict() => Ran::Conflicted,
            Err(error) if error.is_fault() => Ran::MustUndo,
            Ok(_) | Err(_) => Ran::Kept,
        };
        self.result = Some(result);
        ran
    }

    fn answer(self: Box<Self>, committed: Result<(), StoreError>) {
        let result = match (committed, self.result) {
            (Ok(()), Some(result)) => result,
            // The item's own fault tells more than that its transaction was undone.
            (Err(_), Some(Err(own))) if own.is_fault() => Err(own),
            (Err(error), _) => Err(error.into()),
            (Ok(()), None) => Err(StoreError::Stopped.into()),
        };
        // A caller that has gone away does not want the answer.
        let _ = self.reply.send(result);
    }

    fn queued_at(&self) -> Instant {
        self.queued_at
    }

    fn ahead(&self) -> &ReadAhead {
        &self.ahead
    }

    fn is_wanted(&self) -> bool {
        !self.reply.is_closed()
    }
}

/// The handle to a lane; the lane ends when the last handle is dropped and its queue is empty.
#[derive(Clone)]
pub(super) struct Lane {
    queue: SyncSender<Box<dyn Item>>,
    thread: Watched,
}

impl Lane {
    /// Starts the thread, with at most `batch` items in a transaction. `reopen` makes a new connection when the present
    /// one is broken.
    pub fn start(
        db: Db,
        batch: usize,
        reopen: impl Fn() -> Result<Db, StoreError> + Send + Sync + 'static,
        committed: impl Fn(&mut Db) + Send + Sync + 'static,
    ) -> Result<Self, StoreError> {
        let (sender, receiver) = sync_channel(QUEUE);
        let (queue, first) = (Queue::new(receiver), Mutex::new(Some(db)));
        let thread = Watched::start("write-lane", move |pulse| {
            let db = first.lock().unwrap_or_else(PoisonError::into_inner).take();
            serve(
                &queue,
                db,
                batch,
                pulse,
                &|| {
                    pulse.beat();
                    reopen()
                },
                &committed,
            );
        })?;
        Ok(Self { queue: sender, thread })
    }

    /// Runs `closure` in a transaction; see the module for what it may do.
    pub async fn run<T, E>(
        &self,
        ahead: ReadAhead,
        closure: impl FnMut(&mut Db) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: Fault,
    {
        let (reply, answer) = oneshot::channel();
        let work = Work { closure, result: None, reply, queued_at: Instant::now(), ahead };
        match self.queue.try_send(Box::new(work)) {
            Ok(()) => in_time(answer, std::slice::from_ref(&self.thread), StoreError::Stopped).await,
            Err(TrySendError::Full(_)) => Err(StoreError::QueueFull.into()),
            Err(TrySendError::Disconnected(_)) => Err(StoreError::Stopped.into()),
        }
    }
}

fn serve(
    queue: &Queue<Box<dyn Item>>,
    mut db: Option<Db>,
    most: usize,
    pulse: &Pulse,
    reopen: &dyn Fn() -> Result<Db, StoreError>,
    committed: &dyn Fn(&mut Db),
) {
    let batch_size = metrics::histogram!("mfa_lane_batch_size");
    let wait = metrics::histogram!("mfa_lane_wait_seconds");
    while pulse.rest()
        && let Some(mut batch) = queue.take(most)
    {
        batch.retain(|item| item.is_wanted());
        if batch.is_empty() {
            continue;
        }
        #[allow(clippy::cast_precision_loss, reason = "at most 1024")]
        batch_size.record(batch.len() as f64);
        for item in &batch {
            wait.record(item.queued_at().elapsed());
        }
        pulse.beat();
        let begun = connected(&mut db, reopen).and_then(|db| begin(db, reopen).map(|()| db));
        match begun {
            Err(error) => {
                // Whoever waits is told at once: the next batch tries again.
                tracing::error!(%error, waiting = batch.len(), "no transaction can begin");
                give_up(&mut batch, &error);
            }
            Ok(db) => {
                if !commit_together(db, &mut batch, pulse) {
                    metrics::counter!("mfa_lane_batches_undone_total").increment(1);
                    batch.drain(..).for_each(|item| commit_alone(db, item, pulse, reopen));
                }
                committed(db);
            }
        }
    }
}

/// The connection, made now if there is none: a thread that replaces another begins without.
pub(super) fn connected<'a>(
    db: &'a mut Option<Db>,
    open: &dyn Fn() -> Result<Db, StoreError>,
) -> Result<&'a mut Db, StoreError> {
    match db {
        Some(db) => Ok(db),
        None => Ok(db.insert(open()?)),
    }
}

/// Begins a transaction. Where that fails, the next ones get a new connection. A server that was restarted has closed
/// the old one, so this one gets it as well; an embedded database is locked by another process, and to try again here
/// would double the wait.
fn begin(db: &mut Db, reopen: &dyn Fn() -> Result<Db, StoreError>) -> Result<(), StoreError> {
    let Err(error) = db.begin() else { return Ok(()) };
    match reopen() {
        Ok(new) => *db = new,
        Err(error) => {
            tracing::warn!(%error, "the write lane keeps its connection");
            return Err(error);
        }
    }
    if db.is_shared() { db.begin() } else { Err(error) }
}

/// Runs the batch in the transaction that has begun, commits and answers it. False, with nothing answered and nothing
/// written, if it must be run item by item.
fn commit_together(db: &mut Db, batch: &mut Vec<Box<dyn Item>>, pulse: &Pulse) -> bool {
    let shared = batch.len() == 1 || !db.is_shared() || {
        // What has been read for them is forgotten as soon as another item writes in its own way.
        batch.sort_by_key(|item| *item.ahead() == ReadAhead::Nothing);
        db.share(batch.iter().map(|item| item.ahead())).is_ok()
    };
    let all_kept = shared
        && batch.iter_mut().all(|item| {
            pulse.beat();
            item.run(db) == Ran::Kept
        })
        && db.flush().is_ok();
    pulse.beat();
    let committed = if all_kept { db.commit() } else { Err(StoreError::Undone) };
    let Err(error) = committed else {
        batch.drain(..).for_each(|item| item.answer(Ok(())));
        return true;
    };
    // What cannot be rolled back here shows at the next BEGIN, which then reopens the connection.
    let _ = db.rollback();
    if error.is_conflict() {
        return false;
    }
    // The connection may have been lost after the commit: run again, an item would meet what it wrote itself.
    tracing::error!(%error, waiting = batch.len(), "whether a transaction was committed is not known");
    give_up(batch, &error);
    true
}

/// Tells all who wait that the database did not serve them.
fn give_up(batch: &mut Vec<Box<dyn Item>>, error: &StoreError) {
    let reason = error.to_string();
    batch.drain(..).for_each(|item| item.answer(Err(StoreError::Connection(reason.clone()))));
}

fn commit_alone(
    db: &mut Db,
    mut item: Box<dyn Item>,
    pulse: &Pulse,
    reopen: &dyn Fn() -> Result<Db, StoreError>,
) {
    let mut tries = 0;
    let outcome = loop {
        if !item.is_wanted() {
            return;
        }
        tries += 1;
        pulse.beat();
        if let Err(error) = begin(db, reopen) {
            break Err(error);
        }
        let ran = item.run(db);
        let outcome = if ran == Ran::Kept { db.commit() } else { Err(StoreError::Undone) };
        let Err(error) = outcome else { break Ok(()) };
        // A server's connection that is lost before COMMIT takes its transaction with it.
        let lost = db.rollback().is_err() && db.is_shared();
        let conflicted = if ran == Ran::Kept { error.is_conflict() } else { ran == Ran::Conflicted || lost };
        if !conflicted || tries == TRIES {
            break Err(error);
        }
        metrics::counter!("mfa_lane_conflicts_total").increment(1);
    };
    item.answer(outcome);
}
