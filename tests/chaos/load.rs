//! Logins, all the time: some clients that each send a code twice at once and again, older codes after newer ones,
//! wrong codes until the user is locked; and an administrator who removes authenticators.

use crate::caller::Caller;
use crate::installation::poll;
use crate::records::{Records, Said};
use reqwest::Method;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

const CLIENTS: usize = 8;

/// What a client waits after something that did not work.
const PAUSE: Duration = Duration::from_millis(20);

/// Running until it is stopped.
pub struct Load {
    caller: Caller,
    ends: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Load {
    pub fn start(caller: &Caller) -> Self {
        let (caller, ends) = (caller.afresh(), Arc::new(AtomicBool::new(false)));
        let (host, stop) = (caller.clone(), Arc::clone(&ends));
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(run(&host, &stop));
        });
        Self { caller, ends, thread }
    }

    /// Waits for so many more answers.
    pub fn goes_on(&self, answers: usize) {
        let counted = || self.caller.records.lock().unwrap().answers;
        let wanted = counted() + answers;
        poll("the load is answered", || {
            // A client that found a breach of the contract has panicked; the cause is told at the end.
            (counted() >= wanted || self.thread.is_finished()).then_some(())
        });
    }

    /// Waits until so many more calls were told that the service is unavailable.
    pub fn is_denied(&self, calls: usize) {
        let counted = || self.caller.records.lock().unwrap().unavailable;
        let wanted = counted() + calls;
        poll("the load is denied", || (counted() >= wanted || self.thread.is_finished()).then_some(()));
    }

    /// Lets every client finish what it does; what was answered.
    pub fn stop(self) -> Records {
        self.ends.store(true, Ordering::SeqCst);
        if let Err(panic) = self.thread.join() {
            std::panic::resume_unwind(panic);
        }
        std::mem::take(&mut *self.caller.records.lock().unwrap())
    }
}

async fn run(caller: &Caller, ends: &Arc<AtomicBool>) {
    let turns = Arc::new(AtomicUsize::new(0));
    let mut clients = tokio::task::JoinSet::new();
    for _ in 0..CLIENTS {
        let (caller, ends, turns) = (caller.clone(), Arc::clone(ends), Arc::clone(&turns));
        clients.spawn(async move {
            while !ends.load(Ordering::SeqCst) {
                turn(&caller, turns.fetch_add(1, Ordering::Relaxed)).await;
            }
        });
    }
    clients.join_all().await;
}

async fn turn(caller: &Caller, number: usize) {
    let Some((user, step)) = caller.users.take(caller.clock.step()) else {
        return tokio::time::sleep(PAUSE).await;
    };
    // Who is locked or removed is not asked to log in again.
    match number % 50 {
        5 => return lock(caller, user).await,
        25 => return remove(caller, user).await,
        _ => {}
    }
    let accepted = log_in(caller, user, step, number % 10 == 3).await;
    if accepted != Some(true) {
        tokio::time::sleep(PAUSE).await;
    }
    caller.users.give_back(user, if accepted.is_some() { step } else { step - 1 });
}

/// One code for two logins at once, and again; then an older one. Whether the code was accepted; nothing if it was not
/// sent.
async fn log_in(caller: &Caller, user: u64, step: i64, wrong_first: bool) -> Option<bool> {
    let (one, other) = tokio::join!(caller.begin(0, user), caller.begin(1, user));
    let (one, other) = (one?, other?);
    if wrong_first {
        caller.guess(0, &one).await;
    }
    let said = tokio::join!(caller.answer(0, &one, step), caller.answer(1, &other, step));
    for (at, (login, said)) in [(&one, said.0), (&other, said.1)].into_iter().enumerate() {
        if said != Said::Passed {
            caller.answer(at + 1, login, step).await;
        }
    }
    let passed = [said.0, said.1].contains(&Said::Passed);
    if passed && let Some(third) = caller.begin(0, user).await {
        caller.answer(1, &third, step - 1).await;
    }
    Some(passed)
}

/// Wrong codes until the login has failed, which locks the user.
async fn lock(caller: &Caller, user: u64) {
    let Some(login) = caller.begin(0, user).await else { return };
    for at in 0..5 {
        if caller.guess(at, &login).await == (Said::Rejected { remaining: 0 }) {
            let now = caller.clock.now();
            caller.records.lock().unwrap().locked.push((user, now));
        }
    }
}

async fn remove(caller: &Caller, user: u64) {
    let path = format!("/v1/users/{user}/authenticators");
    // A user who has never logged in is known all the same: seeded.
    let answer = caller.call(0, Method::DELETE, &path, None).await;
    let mut records = caller.records.lock().unwrap();
    match answer {
        Some(answer) if answer.status == 200 => records.removed.push(user),
        Some(answer) if answer.status != 503 => {
            records.wrong.push(format!("a removal was answered by {answer:?}"))
        }
        _ => {}
    }
}
