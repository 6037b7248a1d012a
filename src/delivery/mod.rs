//! Messages to people: by mail and by text message.
//!
//! # Design
//! A [`Sender`] takes one [`Message`] to one person and says whether the next server took it; whether it arrives nobody
//! knows. It neither repeats nor stores: that is the outbox's, which lives where the transactions are. Nothing here
//! knows logins, users or the database, and nothing sends within a transaction.
//!
//! A message holds a code and an address. So neither prints, and an error carries what an operator needs (the server's
//! number for it) and never the server's words, since those quote the address, and some quote the text.
//!
//! Each message has a connection of its own: a pooled one that a server closed meanwhile would cost the first user
//! after a quiet hour a failed code, and the second factor is no mass mail.

pub mod memory;
pub mod text;

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// The longest that a server may take over a message. A person waits for it, with a page that is loading.
pub const TIMEOUT: Duration = Duration::from_secs(8);

/// What is sent, to one person.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// To whom.
    pub to: Destination,
    /// A mail's subject; a text message has none. Never holds a code: subjects are shown on locked screens and logged.
    pub subject: String,
    /// The words.
    pub text: String,
    /// The same words for a mail program that shows HTML.
    pub html: Option<String>,
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Message(..)")
    }
}

/// Where a message goes.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Destination {
    /// An e-mail address.
    Email(String),
    /// A telephone number, in E.164: `+` and digits.
    Phone(String),
}

impl From<&crate::domain::destination::Destination> for Destination {
    fn from(known: &crate::domain::destination::Destination) -> Self {
        use crate::domain::destination::Destination as Known;
        match known {
            Known::Email(_) => Self::Email(known.expose().to_owned()),
            Known::Phone(_) => Self::Phone(known.expose().to_owned()),
        }
    }
}

impl fmt::Debug for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Email(_) => "Email(..)",
            Self::Phone(_) => "Phone(..)",
        })
    }
}

/// Why a message is not on its way. The words are for the log: no code, no address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryError {
    /// The server said no, and will say no to the same message again.
    #[error("refused: {0}")]
    Refused(String),
    /// No server was reached, it did not answer in time, or it said "not now": the same message may go later.
    #[error("no answer: {0}")]
    NoAnswer(String),
}

/// What [`Sender::send`] gives.
pub type Sending = Pin<Box<dyn Future<Output = Result<(), DeliveryError>> + Send>>;

/// Somebody who carries messages.
pub trait Sender: Send + Sync {
    /// Hands the message to the next server, within [`TIMEOUT`]; must be polled on a tokio runtime.
    fn send(&self, message: Message) -> Sending;
}

/// Who carries what. What is `None` cannot be sent, and a method that needs it is not on offer.
#[derive(Clone, Default)]
pub struct Senders {
    /// For [`Destination::Email`].
    pub email: Option<Arc<dyn Sender>>,
    /// For [`Destination::Phone`].
    pub sms: Option<Arc<dyn Sender>>,
}

impl fmt::Debug for Senders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { email, sms } = self;
        f.debug_struct("Senders").field("email", &email.is_some()).field("sms", &sms.is_some()).finish()
    }
}
