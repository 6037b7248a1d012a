//! Notices to users by mail: written in the transaction that they tell of, sent after it.
//!
//! # Design
//! No login waits for a mail server. A notice is taken for one attempt by one conditional write that also sets the next
//! attempt, so that of several replicas one sends it, and a process that dies in the middle of it costs a delay, not
//! the notice. So a notice may arrive twice, but is not lost, until the mail server refuses it for good or three days have
//! passed.

use super::error::MfaError;
use super::master_key::{place, place_of};
use super::{Service, telemetry};
use crate::delivery::text::notice_message;
use crate::delivery::{DeliveryError, Message};
use crate::domain::destination::Destination;
use crate::domain::factor::Method;
use crate::domain::id::Id;
use crate::domain::notice::Notice;
use crate::domain::shard::Shard;
use crate::domain::time::Timestamp;
use crate::store::authenticators::Authenticator;
use crate::store::outbox::Waiting;
use crate::store::sealed::Kind;
use crate::store::users::User;
use crate::store::{self, Db, StoreError};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// After this time a notice is given up.
pub(super) const KEPT: Duration = Duration::from_secs(3 * 86_400);

/// Notices taken at once.
const BATCH: i64 = 50;

/// What is kept, sealed, of a notice.
#[derive(Serialize, Deserialize)]
struct Entry {
    site: String,
    to: String,
    locale: Option<String>,
    user: String,
    at: i64,
    name: String,
    method: Option<String>,
    number: Option<i64>,
    text: Option<String>,
}

/// Why a notice was not sent.
#[derive(Debug, thiserror::Error)]
enum NotSent {
    #[error(transparent)]
    Delivery(#[from] DeliveryError),
    /// It does not open. It is kept all the same: the master key may be back at the next attempt.
    #[error(transparent)]
    Sealed(#[from] MfaError),
}

/// How long to wait after an attempt: a minute, doubled by each further one, at most an hour.
fn pause_after(attempts: i32) -> Duration {
    let doublings = u32::try_from(attempts).unwrap_or(0).min(6);
    Duration::from_secs((60 * 2_u64.pow(doublings)).min(3600))
}

impl Service {
    /// Writes a notice for the user, where there is a way to send it.
    pub(super) fn notify(
        &self,
        db: &mut Db,
        user: &User,
        notice: &Notice,
        now: Timestamp,
    ) -> Result<(), MfaError> {
        if self.0.senders.email.is_none() {
            return Ok(());
        }
        let Some(to) = self.mail_address(db, user)? else { return Ok(()) };
        let (name, method, number, text) = notice.to_parts();
        let entry = Entry {
            site: store::sites::get(db, user.site)?.issuer,
            to: to.expose().to_owned(),
            locale: user.profile.locale.clone(),
            user: user.profile.name.clone(),
            at: now.0,
            name: name.to_owned(),
            method: method.map(|method| method.as_str().to_owned()),
            number,
            text: text.map(str::to_owned),
        };
        let id = Id::new(now, &mut self.random());
        let plain = serde_json::to_vec(&entry).map_err(|_| StoreError::Corrupt("outbox"))?;
        let (key, place) = (self.sealing_key(db)?, place_of(Kind::Notice, user, &id.0));
        let sealed = self.0.keyring.seal(&key, &place, &plain, &mut self.random())?;
        Ok(store::outbox::insert(db, id, user.id, &sealed, now)?)
    }

    /// Where notices go: to the address that the host knows, else to one that the user has enrolled.
    fn mail_address(&self, db: &mut Db, user: &User) -> Result<Option<Destination>, MfaError> {
        if let Some(known) = self.known_destination(&user.profile, Method::Email) {
            return Ok(Some(known));
        }
        // One that does not open must not keep anybody from removing it.
        let open = |row: &Authenticator| self.open_authenticator(user, row).ok()?.destination().cloned();
        let authenticators = store::authenticators::of_user(db, user.id)?;
        Ok(authenticators.iter().filter(|row| row.method == Method::Email).find_map(open))
    }

    /// Sends the notices that are due; how many were taken by the mail server. Run often: without any it costs one
    /// look-up.
    pub async fn send_notices(&self) -> Result<usize, MfaError> {
        let Some(sender) = self.0.senders.email.clone() else { return Ok(0) };
        let now = self.now();
        let due = self.0.store.read(move |db| Ok::<_, MfaError>(store::outbox::due(db, now, BATCH)?)).await?;
        let mut sent = 0;
        for waiting in due {
            // Read anew: with a slow server the batch takes longer than the first pause.
            let now = self.now();
            let next = now.plus(pause_after(waiting.attempts));
            let id = waiting.id;
            let claimed = waiting.clone();
            let is_ours = self
                .0
                .store
                .write(Shard::NONE, move |db| Ok::<_, MfaError>(store::outbox::claim(db, &claimed, next)?))
                .await?;
            if !is_ours {
                continue;
            }
            let outcome = match self.open_notice(&waiting) {
                Ok(message) => sender.send(message).await.map_err(NotSent::from),
                Err(error) => Err(error.into()),
            };
            let is_hopeless = matches!(outcome, Err(NotSent::Delivery(DeliveryError::Refused(_))));
            let given_up = is_hopeless || now >= waiting.created_at.plus(KEPT);
            if outcome.is_ok() || given_up {
                self.0
                    .store
                    .write(Shard::NONE, move |db| Ok::<_, MfaError>(store::outbox::remove(db, id)?))
                    .await?;
            }
            match outcome {
                Ok(()) => sent += 1,
                Err(error) => {
                    telemetry::notice_failed();
                    tracing::warn!(%error, attempts = waiting.attempts + 1, given_up, "a notice was not sent");
                    // The others would wait for the same server in vain.
                    if matches!(error, NotSent::Delivery(DeliveryError::NoAnswer(_))) {
                        break;
                    }
                }
            }
        }
        telemetry::notices_sent(sent);
        Ok(sent)
    }

    fn open_notice(&self, waiting: &Waiting) -> Result<Message, MfaError> {
        const CORRUPT: MfaError = MfaError::Store(StoreError::Corrupt("outbox"));
        let plain =
            self.0.keyring.open(&place(Kind::Notice, &waiting.user, &[], &waiting.id.0), &waiting.sealed)?;
        let entry: Entry = serde_json::from_slice(&plain).map_err(|_| CORRUPT)?;
        let method = entry.method.as_deref().map(|name| Method::parse(name).ok_or(CORRUPT)).transpose()?;
        let notice = Notice::from_parts(&entry.name, method, entry.number, entry.text).ok_or(CORRUPT)?;
        let to = Destination::stored(Method::Email, entry.to.as_bytes()).ok_or(CORRUPT)?;
        let at = Timestamp(entry.at);
        Ok(notice_message(entry.locale.as_deref(), &entry.site, to, &notice, at, &entry.user))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_grow_apart_up_to_an_hour() {
        let minutes: Vec<_> = (0..8).map(|n| pause_after(n).as_secs() / 60).collect();
        assert_eq!(minutes, [1, 2, 4, 8, 16, 32, 60, 60]);
    }
}
