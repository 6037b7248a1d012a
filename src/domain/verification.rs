//! The verdict on a code.

/// The verdict on one code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verification {
    /// Right and unspent; `marker` is to be stored by one conditional write, which decides.
    Accepted {
        /// The new replay marker.
        marker: i64,
    },
    /// Right, but spent before.
    Replayed,
    /// Right, but too late.
    Expired,
    /// Wrong, or not a code at all.
    Rejected,
}
