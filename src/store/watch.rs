//! Threads that wait for the database, so that nobody has to wait for them.
//!
//! # Design
//! Servers end what takes too long there (statements, locks, idle transactions), and connecting has a time-out. What
//! remains is a server that keeps a connection and says nothing: its machine hangs, or something between swallows what
//! is sent. The client libraries wait then for minutes, if not for ever, and diesel gives no hold on their sockets.
//!
//! So the wait is bounded where the caller is: after [`PATIENCE`], for all that one request asks of the database
//! together ([`with_patience`]), it is told that nothing is known ([`StoreError::Late`]). What it asked for may still be
//! committed, as after a connection that is lost at COMMIT; a host asks for the login again. Whoever has waited in vain
//! also looks at the thread, and has another one put in its place if it has not come back from the database for
//! [`SILENCE`]. The other one opens a connection of its own and goes on with the same queue; the one that hangs ends when
//! the library comes back, and works off nothing more than it had taken. Two of them at once are no danger to the data:
//! other replicas write at the same time as well.
//!
//! That is bounded. Only a thread with a connection that was made and then went silent is replaced: the next one comes
//! back from connecting in time. And a place has at most [`THREADS`]. Nobody watches while nobody waits. What has waited
//! in a queue for longer than its caller did is not run any more: it would keep the service busy for callers that have
//! gone.

use super::{Fault, StoreError};
use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// How long a caller waits for the database. Less than the 10 s that gateways commonly give a service.
const PATIENCE: Duration = Duration::from_secs(8);

/// A step in the database that takes longer hangs: the servers' own time-outs and that of connecting are shorter.
/// Shorter than [`PATIENCE`], so that the first caller that waits in vain finds out.
const SILENCE: Duration = Duration::from_secs(7);

/// Threads that one place may have at once: one that works, and others that hang.
const THREADS: usize = 5;

/// What a thread is at.
enum State {
    /// It waits for work.
    Resting,
    /// It is with the database since then.
    Busy(Instant),
    /// Another one has its place.
    Replaced,
}

/// What a thread shows of itself while it works.
pub(super) struct Pulse(Mutex<State>);

impl Pulse {
    /// Of a thread that is about to start, which hangs as well if it does not.
    fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(State::Busy(Instant::now()))))
    }

    /// Before each step that can take its time in the database.
    pub fn beat(&self) {
        let mut state = lock(&self.0);
        if !matches!(*state, State::Replaced) {
            *state = State::Busy(Instant::now());
        }
    }

    /// Before the thread waits for work. False if it is to end.
    pub fn rest(&self) -> bool {
        let mut state = lock(&self.0);
        let replaced = matches!(*state, State::Replaced);
        if !replaced {
            *state = State::Resting;
        }
        !replaced
    }

    /// Whether the thread hangs; from then on it counts as replaced.
    fn give_up(&self) -> bool {
        let mut state = lock(&self.0);
        let hangs = matches!(*state, State::Busy(since) if since.elapsed() >= SILENCE);
        if hangs {
            *state = State::Replaced;
        }
        hangs
    }
}

/// A thread that is replaced when it hangs. It ends when its work does.
#[derive(Clone)]
pub(super) struct Watched(Arc<Place>);

struct Place {
    name: &'static str,
    work: Box<dyn Fn(&Pulse) + Send + Sync>,
    /// Of the thread that works.
    pulse: Mutex<Arc<Pulse>>,
    threads: AtomicUsize,
}

/// Counts a thread for as long as it runs, however it ends.
struct Running(Arc<Place>);

impl Running {
    fn new(place: &Arc<Place>) -> Self {
        place.threads.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(place))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.threads.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Watched {
    /// Starts it. `work` runs until its queue is closed, and again, from the beginning, in each thread that replaces one.
    pub fn start(
        name: &'static str,
        work: impl Fn(&Pulse) + Send + Sync + 'static,
    ) -> Result<Self, StoreError> {
        let pulse = Pulse::new();
        let place = Place {
            name,
            work: Box::new(work),
            pulse: Mutex::new(Arc::clone(&pulse)),
            threads: AtomicUsize::new(0),
        };
        let watched = Self(Arc::new(place));
        watched.spawn(pulse)?;
        Ok(watched)
    }

    fn spawn(&self, pulse: Arc<Pulse>) -> Result<(), StoreError> {
        let running = Running::new(&self.0);
        std::thread::Builder::new()
            .name(self.0.name.into())
            .spawn(move || (running.0.work)(&pulse))
            .map(|_| ())
            .map_err(|error| StoreError::Connection(error.to_string()))
    }

    /// Puts another thread in the place of one that hangs.
    fn replace_if_hanging(&self) {
        let mut current = lock(&self.0.pulse);
        if self.0.threads.load(Ordering::Relaxed) >= THREADS || !current.give_up() {
            return;
        }
        metrics::counter!("mfa_store_threads_replaced_total").increment(1);
        tracing::error!(thread = self.0.name, "the database does not answer: another thread takes over");
        *current = Pulse::new();
        if let Err(error) = self.spawn(Arc::clone(&current)) {
            tracing::error!(%error, "no thread can be started");
        }
    }
}

tokio::task_local! {
    /// What is left of the patience of the request that runs.
    static LEFT: Cell<Duration>;
}

/// Runs what one request does. Whatever it asks of the database shares one wait.
pub async fn with_patience<T>(request: impl Future<Output = T>) -> T {
    LEFT.scope(Cell::new(PATIENCE), request).await
}

/// What came of the work that one of `threads` was given. `ended` if they answer nothing any more.
pub(super) async fn in_time<T, E: Fault>(
    answer: oneshot::Receiver<Result<T, E>>,
    threads: &[Watched],
    ended: StoreError,
) -> Result<T, E> {
    let (began, left) = (Instant::now(), LEFT.try_with(Cell::get).unwrap_or(PATIENCE));
    let answered = tokio::time::timeout(left, answer).await;
    let _ = LEFT.try_with(|cell| cell.set(left.saturating_sub(began.elapsed())));
    match answered {
        Ok(answer) => answer.unwrap_or_else(|_| Err(ended.into())),
        Err(_) => {
            metrics::counter!("mfa_store_late_total").increment(1);
            threads.iter().for_each(Watched::replace_if_hanging);
            Err(StoreError::Late.into())
        }
    }
}

/// A queue that each thread in a place can take from.
pub(super) struct Queue<T>(Mutex<Receiver<T>>);

impl<T> Queue<T> {
    pub fn new(receiver: Receiver<T>) -> Self {
        Self(Mutex::new(receiver))
    }

    /// Waits for work and takes up to `most` of it. None if there will be no more.
    pub fn take(&self, most: usize) -> Option<Vec<T>> {
        let queue = lock(&self.0);
        let mut taken = vec![queue.recv().ok()?];
        taken.extend(queue.try_iter().take(most - 1));
        Some(taken)
    }
}

/// Nothing is left half done behind these locks.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
