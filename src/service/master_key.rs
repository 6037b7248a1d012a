//! The master keys: which one seals, whether those at hand open the data, and who else has which.
//!
//! # Design
//! The key file says which keys there are, the database which of them seals: the newest that it knows. So all replicas
//! change to another key in one transaction ([`super::rotation`]), and none has to be told. A key that the database
//! knows and the file lacks stops the start: something may be sealed under it. A key that the file has and the database
//! does not know yet opens nothing and does no harm.
//!
//! Each running service says every now and then that it is there, and which keys it has ([`Service::announce`]). A
//! rotation waits for all of them, a copy of the data refuses while there is one, and the first of them sweeps.

use super::Service;
use super::error::MfaError;
use crate::domain::id::Id;
use crate::domain::time::Timestamp;
use crate::keyring::{KeyId, KeyringError};
use crate::store::master_keys::KnownKey;
use crate::store::replicas::{Replica, SILENCE};
use crate::store::sealed::Kind;
use crate::store::users::User;
use crate::store::{self, Db, StoreError};
use std::time::Duration;

/// What is sealed to recognise a key by.
const KNOWN_TEXT: &[u8] = b"mfa-sidecar";

/// How often a service says that it is there.
pub const ANNOUNCEMENTS: Duration = Duration::from_secs(20);

/// What a blob of that kind is bound to: it opens only there.
pub(super) fn place<'a>(kind: Kind, site: &'a Id, user_id: &'a [u8], id: &'a [u8]) -> Vec<&'a [u8]> {
    match kind {
        Kind::Authenticator => vec![&site.0, user_id, id, b"authenticator"],
        Kind::Pending => vec![&site.0, user_id, id, b"pending"],
        Kind::SentCode => vec![&site.0, user_id, id, b"sent code"],
        Kind::Notice => vec![b"outbox", id],
    }
}

/// The same, of a user at hand.
pub(super) fn place_of<'a>(kind: Kind, user: &'a User, id: &'a [u8]) -> Vec<&'a [u8]> {
    place(kind, &user.site, user.user_id.as_str().as_bytes(), id)
}

pub(super) fn key_id(known: &KnownKey) -> Result<KeyId, StoreError> {
    known.id.as_slice().try_into().map_err(|_| StoreError::Corrupt("master_keys"))
}

impl Service {
    /// Opens the known texts of all keys that something may be sealed under. At the first start the newest key of the
    /// file becomes the one that seals.
    pub(super) fn check_master_keys(&self, db: &mut Db, now: Timestamp) -> Result<(), MfaError> {
        let known = store::master_keys::known(db)?;
        if known.is_empty() {
            let newest = self.0.keyring.ids().pop().ok_or(KeyringError::UnknownKey)?;
            let sealed = self.seal_known_text(&newest)?;
            return Ok(store::master_keys::insert(db, &newest, &sealed, now)?);
        }
        known.iter().try_for_each(|key| self.check_known_text(key))
    }

    fn check_known_text(&self, key: &KnownKey) -> Result<(), MfaError> {
        let opened = self.0.keyring.open(&[b"master key", &key.id], &key.sealed)?;
        if opened.as_slice() == KNOWN_TEXT { Ok(()) } else { Err(KeyringError::DoesNotOpen.into()) }
    }

    pub(super) fn seal_known_text(&self, key: &KeyId) -> Result<Vec<u8>, MfaError> {
        Ok(self.0.keyring.seal(key, &[b"master key", key], KNOWN_TEXT, &mut self.random())?)
    }

    /// The key that seals, which it will be until this transaction ends.
    pub(super) fn sealing_key(&self, db: &mut Db) -> Result<KeyId, MfaError> {
        store::master_keys::hold(db)?;
        let newest = store::master_keys::known(db)?.pop().ok_or(KeyringError::UnknownKey)?;
        Ok(key_id(&newest)?)
    }

    /// What stands for `place` under the key that seals, and under those before it: what was written while they did
    /// still counts.
    pub(super) fn pseudonyms(
        &self,
        db: &mut Db,
        place: &[&[u8]],
    ) -> Result<([u8; 32], Vec<[u8; 32]>), MfaError> {
        store::master_keys::hold(db)?;
        let known = store::master_keys::known(db)?;
        let under = |key: &KnownKey| Ok(self.0.keyring.pseudonym(&key_id(key)?, place)?);
        let mut all = known.iter().map(under).collect::<Result<Vec<_>, MfaError>>()?;
        let newest = all.pop().ok_or(KeyringError::UnknownKey)?;
        Ok((newest, all))
    }

    /// Whether the database answers and the master keys open its data: for readiness.
    pub async fn check_ready(&self) -> Result<(), MfaError> {
        let service = self.clone();
        let check = move |db: &mut Db| {
            let known = store::master_keys::known(db)?;
            if known.is_empty() {
                return Err(KeyringError::UnknownKey.into());
            }
            known.iter().try_for_each(|key| service.check_known_text(key))
        };
        self.0.store.read(check).await
    }

    /// Says that this service, by the id of its start, is there, and which master keys it has. Fails if it lacks one: a
    /// rotation that has begun knows all services that it must wait for.
    pub async fn announce(&self, id: Id) -> Result<(), MfaError> {
        let (service, now) = (self.clone(), self.now());
        let announce = move |db: &mut Db| {
            store::master_keys::hold(db)?;
            service.check_master_keys(db, now)?;
            let replica = Replica { id, key_ids: service.0.keyring.ids().concat() };
            Ok::<_, MfaError>(store::replicas::announce(db, &replica, now)?)
        };
        self.0.store.write(crate::domain::shard::Shard::NONE, announce).await
    }

    /// Takes back what [`Self::announce`] said: this service ends.
    pub async fn take_leave(&self, id: Id) -> Result<(), MfaError> {
        let leave = move |db: &mut Db| Ok(store::replicas::remove(db, id)?);
        self.0.store.write(crate::domain::shard::Shard::NONE, leave).await
    }

    /// Whether of all running services this one comes first.
    pub async fn is_first(&self, id: Id) -> Result<bool, MfaError> {
        let since = self.now().minus(SILENCE);
        let others = self.0.store.read(move |db| store::replicas::seen_since(db, since)).await?;
        Ok(others.first().is_none_or(|first| first.id == id))
    }

    /// Reads the key file again. Whether it had other keys.
    pub async fn refresh_keys(&self) -> Result<bool, MfaError> {
        if !self.0.keyring.is_outdated().map_err(KeyringError::from)? {
            return Ok(false);
        }
        let known = self.0.store.read(store::master_keys::known).await?;
        let needed = known.iter().map(key_id).collect::<Result<Vec<_>, _>>()?;
        self.0.keyring.refresh(&needed).map_err(KeyringError::from)?;
        Ok(true)
    }
}
