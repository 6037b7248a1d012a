//! The phones of all users, which share one secret, and their clock, which is the machine's.

use crate::Failure;
use std::cell::Cell;

/// The secret of every seeded user.
pub const KEY: &[u8; 20] = b"12345678901234567890";

/// Seconds that a code is shown (RFC 6238 §5.2).
const STEP_SECONDS: u64 = 30;

/// Six digits.
pub type Code = [u8; 6];

/// The number of the present time step.
pub fn step_now() -> u32 {
    u32::try_from(seconds_now() / STEP_SECONDS).unwrap_or(u32::MAX)
}

fn seconds_now() -> u64 {
    #[allow(clippy::disallowed_methods, reason = "the load plays phones, whose clock is the machine's")]
    let now = std::time::SystemTime::now();
    now.duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// The code that a phone with this secret shows now.
pub fn code_now(secret: &[u8]) -> Result<Code, Failure> {
    let totp = totp_rs::Builder::new().with_secret(secret.to_vec()).build_noncompliant();
    let code = totp.generate(seconds_now()).to_string();
    Ok(code.as_bytes().try_into()?)
}

/// Computes the code of [`KEY`] once a step.
#[derive(Default)]
pub struct Phone {
    shown: Cell<Option<(u32, Code)>>,
}

impl Phone {
    /// The present step, and its code.
    pub fn show(&self) -> Result<(u32, Code), Failure> {
        let step = step_now();
        if let Some(shown) = self.shown.get().filter(|shown| shown.0 == step) {
            return Ok(shown);
        }
        let shown = (step, code_now(KEY)?);
        self.shown.set(Some(shown));
        Ok(shown)
    }
}
