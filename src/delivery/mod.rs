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

mod catalogue;
pub mod memory;
pub mod sms;
pub mod smtp;
pub mod text;
mod trust;

use crate::domain::destination::Destination;
use std::fmt;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
pub use trust::Trust;

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

/// Why a message is not on its way. The words are for the log: no code, no address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryError {
    /// The server said no, and will say no to the same message again.
    #[error("refused: {0}")]
    Refused(String),
    /// No server was reached that can be used, it did not answer in time, or it said "not now": the same message may go
    /// later, some of them only after the operator has mended a setting.
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

/// What the operator sets of delivery.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The mail server, if there is one.
    pub mail: Option<smtp::Settings>,
    /// The SMS gateway, if there is one.
    pub sms: Option<sms::Settings>,
    /// Certificates that are trusted beside the system's.
    pub ca_file: Option<PathBuf>,
}

/// A setting that only shows to be wrong when it is used: one line.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("setting {setting}: {message}")]
pub struct SetupError {
    setting: &'static str,
    message: String,
}

impl SetupError {
    fn new(setting: &'static str, message: impl fmt::Display) -> Self {
        Self { setting, message: message.to_string() }
    }
}

/// The senders that the settings describe. Reads the file of certificates; connects to nobody.
pub fn senders(settings: &Settings) -> Result<Senders, SetupError> {
    let trust = Trust::load(settings.ca_file.as_deref())?;
    let mut senders = Senders::default();
    if let Some(mail) = &settings.mail {
        senders.email = Some(Arc::new(smtp::SmtpSender::new(mail, &trust)?));
    }
    if let Some(sms) = &settings.sms {
        senders.sms = Some(Arc::new(sms::SmsSender::new(sms, &trust)?));
    }
    Ok(senders)
}

/// Whether a host is this machine: what goes there passes no wire.
fn is_loopback(host: &url::Host<&str>) -> bool {
    match host {
        url::Host::Domain(name) => *name == "localhost" || name.ends_with(".localhost"),
        url::Host::Ipv4(address) => address.is_loopback(),
        url::Host::Ipv6(address) => address.is_loopback(),
    }
}

/// What an error stems from in the end, for the log: what wraps it says little, or says it twice. Only for errors that
/// hold no part of a message.
fn cause(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::factor::Method;

    #[test]
    fn messages_do_not_print() {
        let message = Message {
            to: Destination::stored(Method::Email, b"alice@example.org").unwrap(),
            subject: "Your code".into(),
            text: "123456".into(),
            html: Some("<p>123456</p>".into()),
        };
        assert_eq!(format!("{message:?}"), "Message(..)");
    }

    #[test]
    fn this_machine_is_known_by_name_and_address() {
        let loopback =
            |host| is_loopback(&url::Url::parse(&format!("http://{host}/")).unwrap().host().unwrap());
        assert!(["localhost", "a.localhost", "127.0.0.1", "127.8.9.1", "[::1]"].into_iter().all(loopback));
        assert!(
            !["localhost.example.org", "127.0.0.1.example.org", "10.0.0.1", "[::2]"]
                .into_iter()
                .any(loopback)
        );
    }

    #[test]
    fn nothing_set_is_nobody_to_send() {
        let senders = senders(&Settings::default()).unwrap();
        assert!(senders.email.is_none() && senders.sms.is_none());
    }
}
