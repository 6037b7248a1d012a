//! The users of the load: seeded with one key, so that the phone of each is known, and used in turn.

use crate::installation::now;
use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

pub const KEY: &[u8; 20] = b"12345678901234567890";

/// For how long a login can be read after its end, in seconds.
const READABLE: i64 = 15 * 60;

/// The code that the phones show in this step.
pub fn code(step: i64) -> String {
    let phone = totp_rs::Builder::new().with_secret(KEY.to_vec()).build_noncompliant();
    phone.generate(u64::try_from(step * 30).unwrap()).to_string()
}

/// Six digits that are the code of no step near this one.
pub fn wrong_code(step: i64) -> String {
    let near: Vec<_> = (step - 3..=step + 3).map(code).collect();
    let mut candidates = (0..).map(|n: u32| format!("{:06}", 271_828 + n));
    candidates.find(|code| !near.contains(code)).unwrap()
}

/// The service's clock: the machine's, and how far it was moved.
#[derive(Default)]
pub struct Clock {
    offset: AtomicI64,
    has_jumped: AtomicBool,
}

impl Clock {
    /// In Unix seconds.
    pub fn now(&self) -> i64 {
        now() + self.offset.load(Ordering::SeqCst)
    }

    pub fn step(&self) -> i64 {
        self.now() / 30
    }

    /// Moves it to `seconds` beside the machine's.
    pub fn set_offset(&self, seconds: i64) {
        let before = self.offset.swap(seconds, Ordering::SeqCst);
        self.has_jumped.fetch_or((seconds - before).abs() > READABLE, Ordering::SeqCst);
    }

    /// Whether logins that ended a moment ago may be unknown, because it was far from now then.
    pub fn has_jumped(&self) -> bool {
        self.has_jumped.load(Ordering::SeqCst)
    }
}

/// Who can log in, each with the last step whose code was sent.
pub struct Users(Mutex<VecDeque<(u64, i64)>>);

impl Users {
    pub fn new(count: u64) -> Self {
        Self(Mutex::new((0..count).map(|user| (user, 0)).collect()))
    }

    /// A user and a step whose code was not sent yet and is in the window for half a minute to come; nobody else has this
    /// user meanwhile.
    pub fn take(&self, present: i64) -> Option<(u64, i64)> {
        let mut queue = self.0.lock().unwrap();
        let &(user, last) = queue.front()?;
        // Codes of two steps that are equal by chance would not tell which of them was spent.
        let mut fresh = (present..=present + 1).filter(|step| *step > last && code(*step) != code(step - 1));
        let step = fresh.next();
        queue.pop_front();
        match step {
            Some(step) => Some((user, step)),
            None => {
                queue.push_back((user, last));
                None
            }
        }
    }

    /// With the last step whose code was sent.
    pub fn give_back(&self, user: u64, step: i64) {
        self.0.lock().unwrap().push_back((user, step));
    }
}
