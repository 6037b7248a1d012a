//! The words of messages.

use super::{Destination, Message};
use crate::domain::notice::Notice;
use crate::domain::time::Timestamp;

/// What a code is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodePurpose {
    /// To sign in.
    Login,
    /// To confirm something sensitive.
    StepUp,
    /// To set up codes by this way.
    Enroll,
}

/// A message with a code.
pub fn code_message(
    _locale: Option<&str>,
    site: &str,
    to: Destination,
    code: &str,
    _purpose: CodePurpose,
    minutes: u64,
) -> Message {
    let text = format!("{code} is your code for {site}. It is good for {minutes} minutes.");
    Message { to, subject: format!("Your code for {site}"), text, html: None }
}

/// A message that tells of something that happened.
pub fn notice_message(
    _locale: Option<&str>,
    site: &str,
    to: Destination,
    notice: &Notice,
    _at: Timestamp,
    user: &str,
) -> Message {
    let text = format!("{user}, your account at {site} has changed: {}.", notice.to_parts().0);
    Message { to, subject: format!("Your account at {site}"), text, html: None }
}
