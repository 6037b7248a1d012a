//! Slow hashes, off the request path.
//!
//! # Design
//! argon2id takes about 20 ms of a core each time. Threads of their own do it, half as many as there are cores, with a
//! bounded queue: a flood of recovery codes is answered 503, while TOTP logins go on. One user has at most one answer in
//! here, so that guesses sent at once are turned away before they cost anything.
//!
//! Codes that are *checked* run at low priority, since anyone with a password can send wrong ones, and a thread that
//! checks them takes half of a core at most: a hash fills the processors' caches, from which a priority protects nobody.
//! Sets that are *made* run at the ordinary priority and without a rest: each follows a right code, and a person waits
//! who sees the set this once.

use super::error::MfaError;
use crate::domain::id::Id;
use crate::domain::time::Timestamp;
use std::collections::HashSet;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

/// Jobs that may wait or run. A check takes some 40 ms with its rest, on a full machine twice that, so that the last one
/// is answered within the 3 s that the bridge gives a call. Making a set takes ten hashes.
const QUEUE: usize = 32;

type Job = Box<dyn FnOnce() + Send>;

/// How the threads share the machine with the rest of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Priority {
    /// Like any other thread.
    Ordinary,
    /// Behind the others, and half of a core at most.
    Low,
}

/// A pool of hashing threads.
pub struct Hasher {
    jobs: SyncSender<Job>,
    places: Arc<Semaphore>,
    users: Arc<Mutex<HashSet<Id>>>,
}

/// A place in the queue, for one user. Taken before anything is written, so that nothing has to be taken back when
/// the queue is full.
pub struct Place {
    jobs: SyncSender<Job>,
    held: Arc<Held>,
}

/// Given back when caller and job are both done with it.
struct Held {
    users: Arc<Mutex<HashSet<Id>>>,
    user: Id,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.users.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.user);
    }
}

impl Hasher {
    /// Starts the threads.
    pub fn start(name: &str, priority: Priority) -> Result<Self, MfaError> {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let (jobs, queue) = sync_channel::<Job>(QUEUE);
        let queue = Arc::new(Mutex::new(queue));
        for _ in 0..(cores / 2).max(1) {
            let queue = Arc::clone(&queue);
            std::thread::Builder::new()
                .name(name.into())
                .spawn(move || work(&queue, priority))
                .map_err(|_| MfaError::WorkerGone)?;
        }
        Ok(Self { jobs, places: Arc::new(Semaphore::new(QUEUE)), users: Arc::default() })
    }

    /// Takes a place for `user`. [`MfaError::Throttled`] if the user has one, [`MfaError::HasherBusy`] if there is
    /// none left.
    pub fn enter(&self, user: Id, now: Timestamp) -> Result<Place, MfaError> {
        let permit = Arc::clone(&self.places).try_acquire_owned().map_err(|_| MfaError::HasherBusy)?;
        if !self.users.lock().unwrap_or_else(PoisonError::into_inner).insert(user) {
            return Err(MfaError::throttled(now.plus(Duration::from_secs(1)), now));
        }
        let held = Held { users: Arc::clone(&self.users), user, _permit: permit };
        Ok(Place { jobs: self.jobs.clone(), held: Arc::new(held) })
    }
}

impl Place {
    /// Runs `work` on one of the threads.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, MfaError> {
        let (reply, answer) = oneshot::channel();
        let held = Arc::clone(&self.held);
        let job: Job = Box::new(move || {
            // What nobody waits for is not run.
            if reply.is_closed() {
                return;
            }
            let result = work();
            // First, so that who has the answer can come again.
            drop(held);
            let _ = reply.send(result);
        });
        // There are as many places as the queue is long, so this never waits and never is full.
        self.jobs.try_send(job).map_err(|_| MfaError::WorkerGone)?;
        answer.await.map_err(|_| MfaError::WorkerGone)
    }
}

fn work(queue: &Mutex<Receiver<Job>>, priority: Priority) {
    if priority == Priority::Low {
        // On Linux this lowers the calling thread only. A refusal costs fairness, not correctness.
        let _ = rustix::process::setpriority_process(None, 10);
    }
    loop {
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        let (began, used) = (Instant::now(), processor_time());
        // The job's sender is dropped by a panic, which answers its caller.
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(job));
        if priority == Priority::Low {
            std::thread::sleep(rest(processor_time().saturating_sub(used), began.elapsed()));
        }
    }
}

/// How long a thread rests after a job that used a core for `used` and `took` this long, so that it used half of it. When
/// others ran meanwhile, it has rested already: on a busy machine an honest code must not wait twice.
fn rest(used: Duration, took: Duration) -> Duration {
    (2 * used).saturating_sub(took)
}

/// What the calling thread has used of a core so far.
fn processor_time() -> Duration {
    let used = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    used.try_into().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::task::{Context, Waker};

    #[test]
    fn a_user_has_one_place_and_gets_it_back() {
        let hasher = Hasher::start("test", Priority::Low).unwrap();
        let (alice, bob, now) = (Id([1; 16]), Id([2; 16]), Timestamp(0));
        let place = hasher.enter(alice, now).unwrap();
        assert!(matches!(hasher.enter(alice, now), Err(MfaError::Throttled { retry_after: 1, .. })));
        assert!(hasher.enter(bob, now).is_ok());
        drop(place);
        assert!(hasher.enter(alice, now).is_ok());
    }

    #[test]
    fn a_place_is_taken_until_its_job_is_done_also_when_its_caller_has_gone() {
        let hasher = Hasher::start("test", Priority::Low).unwrap();
        let (alice, now) = (Id([1; 16]), Timestamp(0));
        let (begun, has_begun) = sync_channel(1);
        let (end, may_end) = sync_channel::<()>(0);
        let place = hasher.enter(alice, now).unwrap();
        let mut run = Box::pin(place.run(move || {
            begun.send(()).unwrap();
            may_end.recv()
        }));
        assert!(run.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        has_begun.recv().unwrap();
        drop(run);
        drop(place);
        assert!(matches!(hasher.enter(alice, now), Err(MfaError::Throttled { .. })));
        drop(end);
        while hasher.enter(alice, now).is_err() {
            std::thread::yield_now();
        }
    }

    #[test]
    fn a_rest_leaves_half_of_the_core_to_others() {
        let ms = Duration::from_millis;
        assert_eq!(rest(ms(20), ms(20)), ms(20));
        assert_eq!(rest(ms(20), ms(35)), ms(5));
        assert_eq!(rest(ms(20), ms(90)), ms(0));
    }

    #[test]
    fn the_time_on_a_core_is_counted_and_waiting_is_not() {
        let used = processor_time();
        while processor_time() == used {
            std::hint::spin_loop();
        }
        assert!(processor_time() > used);
    }

    #[test]
    fn places_are_bounded() {
        let hasher = Hasher::start("test", Priority::Low).unwrap();
        let user = |n: usize| Id((n as u128).to_be_bytes());
        let places: Vec<_> = (0..QUEUE).map(|n| hasher.enter(user(n), Timestamp(0)).unwrap()).collect();
        assert!(matches!(hasher.enter(user(QUEUE), Timestamp(0)), Err(MfaError::HasherBusy)));
        drop(places);
        assert!(hasher.enter(user(QUEUE), Timestamp(0)).is_ok());
    }
}
