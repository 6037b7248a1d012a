//! How often a user may answer wrongly: NIST SP 800-63B-4 §3.2.2 (rate limiting).
//!
//! # Design
//! ```text
//!                failure 1..4          failure 5, 10, 15 … 95
//!   ┌──────┐ ───────────────────▶ ┌──────────┐ ──────────────▶ ┌────────┐  30 s, 60 s, 120 s … 15 min
//!   │ calm │                      │ counting │                 │ locked │ ───────────┐
//!   └──────┘ ◀─────────────────── └──────────┘ ◀────────────── └────────┘            │
//!       ▲      success, unlock,        ▲          time passes      │                 │
//!       │      removal                 └───────────────────────────┘     failure 100 ▼
//!       └──────────────────────────────────────────────────────────── locked until unlock or removal
//! ```
//! Failures count only after the host has proven the password, so that who does not know it can lock nobody out.
//!
//! A failure can be *reserved* before a slow check runs and taken back if the check succeeds, so that guesses sent at
//! once cannot outrun the count. A reserved failure counts but does not lock; the lock begins when one is settled.
//! That is why the number of locks begun is kept beside the number of failures: a lock is due whenever the count has
//! passed a multiple of five for which none has begun.

use super::time::Timestamp;
use std::time::Duration;

/// Wrong answers that one login may take.
pub const ANSWERS_PER_LOGIN: i32 = 5;

/// A lock is due at each multiple of this many consecutive failures.
const FAILURES_PER_LOCK: i32 = 5;

/// SP 800-63B-4 §3.2.2: no more than 100 consecutive failed attempts on a single account.
const FAILURES_UNTIL_PERMANENT: i32 = 100;

const FIRST_LOCK: Duration = Duration::from_secs(30);
const LONGEST_LOCK: Duration = Duration::from_secs(15 * 60);

/// What is remembered of one user's failures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Throttle {
    /// Consecutive failures, reserved ones included.
    pub failures: i32,
    /// Locks begun since the count was last 0.
    pub locks: i32,
    /// When the present or last lock ends.
    pub locked_until: Option<Timestamp>,
}

impl Throttle {
    /// The end of the lock, while one holds.
    pub fn lock_at(&self, now: Timestamp) -> Option<Timestamp> {
        self.locked_until.filter(|until| now < *until)
    }

    /// Counts one failure in advance.
    pub fn reserve(self) -> Self {
        Self { failures: self.failures.saturating_add(1), ..self }
    }

    /// Takes a reserved failure back without counting a success.
    pub fn release(self) -> Self {
        Self { failures: (self.failures - 1).max(0), ..self }
    }

    /// A reserved failure has proven to be one: the lock begins if one is due.
    pub fn settle(self, now: Timestamp) -> Self {
        let due = self.failures / FAILURES_PER_LOCK;
        if self.failures >= FAILURES_UNTIL_PERMANENT {
            Self { locks: due, locked_until: Some(Timestamp::FAR_FUTURE), ..self }
        } else if due > self.locks {
            Self { locks: due, locked_until: Some(now.plus(lock_length(due))), ..self }
        } else {
            self
        }
    }

    /// One failed answer.
    pub fn fail(self, now: Timestamp) -> Self {
        self.reserve().settle(now)
    }
}

/// 30 s, doubled by each further lock, at most 15 minutes.
fn lock_length(nth: i32) -> Duration {
    let doublings = u32::try_from(nth - 1).unwrap_or(0).min(5);
    (FIRST_LOCK * 2_u32.pow(doublings)).min(LONGEST_LOCK)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000);

    fn after(failures: i32) -> Throttle {
        (0..failures).fold(Throttle::default(), |t, _| t.fail(NOW))
    }

    fn lock_seconds(failures: i32) -> Option<u64> {
        after(failures).lock_at(NOW).map(|until| until.seconds_after(NOW))
    }

    #[test]
    fn four_failures_do_not_lock_and_the_fifth_does() {
        assert_eq!(lock_seconds(4), None);
        assert_eq!(lock_seconds(5), Some(30));
    }

    #[test]
    fn each_further_five_double_the_lock_up_to_fifteen_minutes() {
        let locks: Vec<_> = (1..=7).map(|n| lock_seconds(5 * n).unwrap()).collect();
        assert_eq!(locks, [30, 60, 120, 240, 480, 900, 900]);
    }

    #[test]
    fn failures_between_the_fives_begin_no_lock() {
        let five = after(5);
        let later = NOW.plus(Duration::from_secs(30));
        assert_eq!(five.lock_at(later), None, "the lock ends at its end");
        assert_eq!(five.fail(later).lock_at(later), None);
    }

    #[test]
    fn the_hundredth_locks_until_an_administrator_unlocks() {
        assert_eq!(after(99).locked_until, after(95).locked_until);
        assert_eq!(after(100).locked_until, Some(Timestamp::FAR_FUTURE));
        assert_eq!(after(101).locked_until, Some(Timestamp::FAR_FUTURE));
    }

    #[test]
    fn a_reserved_failure_counts_but_locks_only_when_settled() {
        let reserved = after(4).reserve();
        assert_eq!((reserved.failures, reserved.locked_until), (5, None));
        assert_eq!(reserved.settle(NOW), after(5));
        assert_eq!(reserved.release(), after(4));
    }

    #[test]
    fn a_failure_beside_a_reservation_still_locks_at_the_fifth() {
        let both = after(3).reserve().fail(NOW);
        assert_eq!(both.failures, 5);
        assert!(both.lock_at(NOW).is_some());
        assert_eq!(both.settle(NOW), both, "the same five do not lock twice");
    }
}
