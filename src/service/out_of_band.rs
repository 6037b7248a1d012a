//! Codes by e-mail and text message: made and counted in one transaction, sent after it.
//!
//! # Design
//! The caller waits for the gateway's word, since a person waits for the code and should hear at once that it will not
//! come. The code is good from the commit on, whatever becomes of the delivery: a gateway that answers late may have
//! sent it. What became of it is written down, shown with the login, and does not hold up another try.

use super::caller::BridgeCaller;
use super::error::MfaError;
use super::login::{OpenLogin, advance, open_login};
use super::login_view::accepted_methods;
use super::master_key::place_of;
use super::{Service, telemetry};
use crate::delivery::Message;
use crate::delivery::text::{CodePurpose, code_message};
use crate::domain::audit::{Action, AuditEvent};
use crate::domain::destination::Destination;
use crate::domain::factor::{Factor, Method};
use crate::domain::id::Id;
use crate::domain::login::{Call, Purpose};
use crate::domain::out_of_band::{Binding, CODE_LIFETIME, OutOfBandCode, RESEND_PAUSE, SentCode, may_send};
use crate::domain::secret::TokenDigest;
use crate::domain::shard::Shard;
use crate::domain::time::Timestamp;
use crate::store::authenticators::Authenticator;
use crate::store::deliveries::{Delivery, DeliveryState};
use crate::store::logins::Login;
use crate::store::sealed::Kind;
use crate::store::users::User;
use crate::store::{self, Db, StoreError};

/// A code that is on its way, as its user may see it.
#[derive(Debug, Clone)]
pub struct Challenge {
    /// By which way.
    pub method: Method,
    /// The authenticator that it proves; `None` for one that is being enrolled.
    pub authenticator: Option<Id>,
    /// Where it goes, masked.
    pub destination: String,
    /// Until when it is taken.
    pub expires_at: Timestamp,
    /// Seconds until another one can be sent.
    pub resend_after: u64,
}

/// A message that leaves once its transaction is committed.
pub(super) struct Outgoing {
    message: Message,
    delivery: Id,
    method: Method,
    site: Id,
    /// What is recorded if it cannot be delivered.
    event: AuditEvent,
}

impl Service {
    /// Has a code sent for a challenge: by the given authenticator of the method, or by the one used last.
    pub async fn challenge(
        &self,
        by: &BridgeCaller,
        id: &str,
        method: Method,
        authenticator: Option<Id>,
    ) -> Result<Challenge, MfaError> {
        let (service, now, site, actor) = (self.clone(), self.now(), by.site().clone(), by.actor());
        let digest = TokenDigest::of_login(id);
        let (challenge, outgoing) = self
            .0
            .store
            .write(Shard::of_login(id), move |db| {
                let mut open = open_login(db, site.id, &digest, Call::Challenge, &actor, now)?;
                let authenticators = store::authenticators::of_user(db, open.user.id)?;
                let accepted = accepted_methods(&open.login, &authenticators).contains(&method);
                let mut reached = Vec::new();
                for row in authenticators.iter().filter(|row| accepted && row.method == method) {
                    if authenticator.is_none_or(|id| row.id == id) {
                        let state = service.open_authenticator(&open.user, row)?;
                        let destination = state.destination().filter(|to| service.reaches(to)).cloned();
                        reached.extend(destination.map(|to| (row, to)));
                    }
                }
                let latest = reached.into_iter().max_by_key(|(row, _)| row.last_used_at);
                let (row, destination) = latest.ok_or(MfaError::MethodNotAvailable)?;
                let sent = service.prepare_code(db, &mut open, &site.issuer, Some(row), destination)?;
                advance(db, open.login.state.status, &open.login)?;
                Ok::<_, MfaError>(sent)
            })
            .await?;
        self.deliver(outgoing).await?;
        Ok(challenge)
    }

    /// Makes a code for the login, if pauses and caps allow it: by a confirmed authenticator, or for one that is being
    /// enrolled. The caller writes the login back.
    pub(super) fn prepare_code(
        &self,
        db: &mut Db,
        open: &mut OpenLogin,
        site_name: &str,
        authenticator: Option<&Authenticator>,
        destination: Destination,
    ) -> Result<(Challenge, Outgoing), MfaError> {
        if !self.offers(destination.method()) || !self.reaches(&destination) {
            return Err(MfaError::MethodNotAvailable);
        }
        let (now, site, user) = (open.now, open.user.site, open.user.id);
        store::users::take_turn(db, user)?;
        let method = destination.method();
        let factor = Factor::Authenticator(method);
        let mailbox = destination.mailbox();
        let place = [b"destination", &site.0[..], mailbox.as_bytes()];
        let (destination_name, formerly) = self.pseudonyms(db, &place)?;
        let delivery = Delivery {
            id: Id::new(now, &mut self.random()),
            site,
            user,
            method,
            destination: destination_name,
            formerly,
            sent_at: now,
        };
        let site_limit = method.costs().then_some(i64::from(self.0.settings.sms_limits.daily_limit));
        if method.costs() {
            // Two users' codes at once must not both be the last one of the day.
            store::sites::lock(db, site)?;
        }
        // What others send there while they enrol must not lock out whose it is.
        let history = store::deliveries::history(db, &delivery, authenticator.is_some())?;
        if let Err(until) = may_send(&history, site_limit, now) {
            self.append(db, site, &open.event(Action::CodeWithheld).by(factor), now)?;
            return Err(MfaError::throttled(until, now));
        }

        let code = OutOfBandCode::generate(&mut self.random());
        open.login.state = open.login.state.after_sending(now.plus(CODE_LIFETIME));
        let expires_at = now.plus(CODE_LIFETIME).min(open.login.state.expires_at);
        let proves = authenticator.map(|row| (row.id, row.marker));
        let (to, lasts) = (destination.clone(), (now, expires_at));
        let sent = SentCode::new(&binding(open), &code, delivery.id, proves, to, lasts);
        let key = self.sealing_key(db)?;
        let place = place_of(Kind::SentCode, &open.user, &open.login.digest.0);
        let sealed = self.0.keyring.seal(&key, &place, &sent.encode(), &mut self.random())?;
        open.login.sent_code = Some(sealed);
        store::deliveries::insert(db, &delivery)?;
        self.append(db, site, &open.event(Action::CodeSent).by(factor), now)?;

        let purpose = match (open.login.state.status.is_enrollment(), open.login.purpose) {
            (true, _) | (false, Purpose::Enrollment) => CodePurpose::Enroll,
            (false, Purpose::Login) => CodePurpose::Login,
            (false, Purpose::StepUp) => CodePurpose::StepUp,
        };
        let minutes = expires_at.seconds_after(now).div_ceil(60);
        let (locale, masked) = (open.user.profile.locale.as_deref(), destination.masked());
        let outgoing = Outgoing {
            message: code_message(locale, site_name, destination, code.expose(), purpose, minutes),
            delivery: delivery.id,
            method,
            site,
            event: open.event(Action::CodeNotDelivered).by(factor),
        };
        let challenge = Challenge {
            method,
            authenticator: authenticator.map(|row| row.id),
            destination: masked,
            expires_at,
            resend_after: RESEND_PAUSE.as_secs(),
        };
        Ok((challenge, outgoing))
    }

    /// Hands the message to the gateway and writes down what it says. Goes on to the end even if the caller hangs up.
    pub(super) async fn deliver(&self, outgoing: Outgoing) -> Result<(), MfaError> {
        let service = self.clone();
        let delivered = tokio::spawn(async move { service.deliver_to_end(outgoing).await });
        delivered.await.map_err(|_| MfaError::WorkerGone)?
    }

    async fn deliver_to_end(&self, outgoing: Outgoing) -> Result<(), MfaError> {
        let Outgoing { message, delivery, method, site, event } = outgoing;
        let sender = self.sender(method).ok_or(MfaError::MethodNotAvailable)?;
        let sent = sender.send(message).await;
        if let Err(error) = &sent {
            tracing::warn!(%error, method = method.as_str(), "a code was not delivered");
        }
        let accepted = sent.is_ok();
        telemetry::code_sent(method, if accepted { "accepted" } else { "failed" });
        let state = if accepted { DeliveryState::Accepted } else { DeliveryState::Failed };
        let (service, now) = (self.clone(), self.now());
        let recorded = self
            .0
            .store
            .write(Shard::NONE, move |db| {
                store::deliveries::settle(db, delivery, state)?;
                if !accepted {
                    service.append(db, site, &event, now)?;
                }
                Ok::<_, MfaError>(())
            })
            .await;
        if let Err(error) = recorded {
            // The code has left all the same.
            tracing::warn!(%error, "what became of a code could not be written down");
        }
        if accepted { Ok(()) } else { Err(MfaError::DeliveryFailed) }
    }

    /// The code that was sent for this login, if any.
    pub(super) fn open_sent_code(&self, login: &Login, user: &User) -> Result<Option<SentCode>, MfaError> {
        let Some(sealed) = &login.sent_code else { return Ok(None) };
        let plain = self.0.keyring.open(&place_of(Kind::SentCode, user, &login.digest.0), sealed)?;
        SentCode::decode(&plain).map(Some).ok_or(MfaError::Store(StoreError::Corrupt("logins")))
    }
}

/// What a code sent now for this login is good for.
pub(super) fn binding(open: &OpenLogin) -> Binding {
    Binding {
        login: open.login.digest,
        purpose: open.login.purpose,
        enrolling: open.login.state.status.is_enrollment(),
    }
}
