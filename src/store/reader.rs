//! Reads: a few threads, each with a connection, so that no read waits for a commit. How long a caller waits, and what
//! becomes of a thread that hangs: [`super::watch`].

use super::lane::connected;
use super::watch::{Queue, Watched, in_time};
use super::{Db, Fault, StoreError};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::oneshot;

const THREADS: usize = 2;
const QUEUE: usize = 4096;

type Job = Box<dyn FnOnce(&mut Option<Db>, &dyn Fn() -> Result<Db, StoreError>) + Send>;

/// The handle to the reader threads.
#[derive(Clone)]
pub(super) struct Readers {
    queue: SyncSender<Job>,
    threads: Arc<[Watched]>,
}

impl Readers {
    pub fn start(url: &str) -> Result<Self, StoreError> {
        let (sender, receiver) = sync_channel::<Job>(QUEUE);
        let queue = Arc::new(Queue::new(receiver));
        let thread = |_| {
            let (queue, first, url) = (Arc::clone(&queue), Mutex::new(Some(Db::open(url)?)), url.to_owned());
            Watched::start("reader", move |pulse| {
                let mut db = first.lock().unwrap_or_else(PoisonError::into_inner).take();
                let open = || {
                    pulse.beat();
                    Db::open(&url)
                };
                while pulse.rest()
                    && let Some(jobs) = queue.take(1)
                {
                    for job in jobs {
                        pulse.beat();
                        // The job's sender is dropped by a panic, which answers its caller.
                        if catch_unwind(AssertUnwindSafe(|| job(&mut db, &open))).is_err() {
                            let _ = db.as_mut().map(Db::rollback);
                        }
                    }
                }
            })
        };
        let threads = (0..THREADS).map(thread).collect::<Result<_, _>>()?;
        Ok(Self { queue: sender, threads })
    }

    pub async fn run<T, E>(&self, work: impl FnOnce(&mut Db) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: Fault,
    {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |db, reopen| {
            // What nobody waits for is not run.
            if !reply.is_closed() {
                let result = connected(db, reopen).map_err(E::from).and_then(|db| db.snapshot(reopen, work));
                let _ = reply.send(result);
            }
        });
        match self.queue.try_send(job) {
            Ok(()) => in_time(answer, &self.threads, StoreError::Panicked).await,
            Err(TrySendError::Full(_)) => Err(StoreError::QueueFull.into()),
            Err(TrySendError::Disconnected(_)) => Err(StoreError::Stopped.into()),
        }
    }
}
