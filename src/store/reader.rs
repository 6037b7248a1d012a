//! Reads: a few threads, each with a connection, so that no read waits for a commit.

use super::{Db, Fault, StoreError};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::oneshot;

const THREADS: usize = 2;
const QUEUE: usize = 4096;

type Job = Box<dyn FnOnce(&mut Db, &dyn Fn() -> Result<Db, StoreError>) + Send>;

/// The handle to the reader threads.
#[derive(Clone)]
pub(super) struct Readers(SyncSender<Job>);

impl Readers {
    pub fn start(url: &str) -> Result<Self, StoreError> {
        let (sender, receiver) = sync_channel::<Job>(QUEUE);
        let receiver = Arc::new(Mutex::new(receiver));
        for _ in 0..THREADS {
            let (queue, mut db, url) = (Arc::clone(&receiver), Db::open(url)?, url.to_owned());
            std::thread::Builder::new()
                .name("reader".into())
                .spawn(move || {
                    while let Some(job) = next(&queue) {
                        // The job's sender is dropped by a panic, which answers its caller.
                        if catch_unwind(AssertUnwindSafe(|| job(&mut db, &|| Db::open(&url)))).is_err() {
                            let _ = db.rollback();
                        }
                    }
                })
                .map_err(|error| StoreError::Connection(error.to_string()))?;
        }
        Ok(Self(sender))
    }

    pub async fn run<T, E>(&self, work: impl FnOnce(&mut Db) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: Fault,
    {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |db, reopen| {
            let _ = reply.send(db.snapshot(reopen, work));
        });
        match self.0.try_send(job) {
            Ok(()) => answer.await.unwrap_or_else(|_| Err(StoreError::Panicked.into())),
            Err(TrySendError::Full(_)) => Err(StoreError::QueueFull.into()),
            Err(TrySendError::Disconnected(_)) => Err(StoreError::Stopped.into()),
        }
    }
}

fn next(queue: &Mutex<Receiver<Job>>) -> Option<Job> {
    queue.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}
