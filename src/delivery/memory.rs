//! A sender that keeps what it is given: for tests.

use super::{DeliveryError, Message, Sender, Sending};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Keeps messages, or refuses them as it is told. A clone is the same sender.
#[derive(Debug, Clone, Default)]
pub struct MemorySender(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    messages: Vec<Message>,
    error: Option<DeliveryError>,
}

impl MemorySender {
    /// A sender that accepts everything.
    pub fn new() -> Self {
        Self::default()
    }

    /// From now on answers every message with this error, or, with `None`, accepts again.
    pub fn fail_with(&self, error: Option<DeliveryError>) {
        self.state().error = error;
    }

    /// What was accepted so far, oldest first.
    pub fn messages(&self) -> Vec<Message> {
        self.state().messages.clone()
    }

    /// What was accepted since the last call, oldest first.
    pub fn take(&self) -> Vec<Message> {
        std::mem::take(&mut self.state().messages)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sender for MemorySender {
    fn send(&self, message: Message) -> Sending {
        let sender = self.clone();
        // Only when it is polled, as with a real one: a future that is dropped has sent nothing.
        Box::pin(async move {
            let mut state = sender.state();
            match &state.error {
                Some(error) => Err(error.clone()),
                None => {
                    state.messages.push(message);
                    Ok(())
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::destination::Destination;
    use crate::domain::factor::Method;

    fn message(text: &str) -> Message {
        let to = Destination::stored(Method::Sms, b"+15550100").unwrap();
        Message { to, subject: String::new(), text: text.into(), html: None }
    }

    #[tokio::test]
    async fn messages_are_kept_unless_it_is_told_to_refuse() {
        let sender = MemorySender::new();
        sender.send(message("one")).await.unwrap();
        let refused = DeliveryError::Refused("told so".into());
        sender.fail_with(Some(refused.clone()));
        assert_eq!(sender.clone().send(message("two")).await, Err(refused));
        sender.fail_with(None);
        sender.send(message("three")).await.unwrap();
        drop(sender.send(message("four")));
        assert_eq!(sender.messages(), sender.take());
        assert!(sender.take().is_empty());
    }
}
