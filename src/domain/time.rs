//! Points in time, as the rules and the database see them.

use std::time::Duration;

/// Milliseconds since the Unix epoch, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The far end: a lock "until an administrator's unlock" lasts until then. 9999-12-30T22:00:00Z: in every time zone
    /// still a year of four digits, as RFC 3339 wants.
    pub const FAR_FUTURE: Self = Self(253_402_207_200_000);

    /// From whole seconds since the Unix epoch.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// Whole seconds since the Unix epoch, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// This point moved forward, at most to the end of the representable range.
    pub fn plus(self, by: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX)))
    }

    /// This point moved back.
    pub fn minus(self, by: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(by.as_millis()).unwrap_or(i64::MAX)))
    }

    /// Whole seconds from `now` to this point, rounded up so that waiting that long is enough; 0 when it has passed.
    pub fn seconds_after(self, now: Self) -> u64 {
        u64::try_from(self.0.saturating_sub(now.0)).unwrap_or(0).div_ceil(1000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_times_round_up_and_never_go_below_zero() {
        assert_eq!(Timestamp(1001).seconds_after(Timestamp(0)), 2);
        assert_eq!(Timestamp(1000).seconds_after(Timestamp(0)), 1);
        assert_eq!(Timestamp(0).seconds_after(Timestamp(5000)), 0);
    }
}
