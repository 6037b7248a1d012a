//! Another master key in the place of the present one, while logins go on.
//!
//! # Design
//! Four steps, each of which can be repeated, so that a rotation that was killed goes on where it was:
//!
//! 1. The key file gains a key, which the database does not know yet: it opens nothing and seals nothing.
//! 2. Once every running service has it (they read the file again by themselves; one with a copy of the file must be
//!    brought the new one), the database is told of it, and from that commit on it seals, on all replicas
//!    ([`crate::store::master_keys`]). Nobody is asked whether all have it: each service says so itself, and one that
//!    lacks a key which the database knows does not start.
//! 3. What lies under older keys is sealed anew, page by page, each row by one conditional write, so that whoever
//!    changes it meanwhile wins. A login is written back by whoever holds its user, so this holds the user as well.
//!    Pages are small, and after each one the database is left alone for as long as it took.
//! 4. When a whole pass has found nothing more under older keys, the database forgets them, and then they leave the
//!    file.
//!
//! What does not open is left as it is, and the older keys stay while there is any: it may be mended. Pseudonyms of
//! destinations cannot be made anew. They are looked for under all keys, and the older ones stay until no code counts
//! any more that was sent under them, an hour: a rotation is no way around the limits.

use super::Service;
use super::error::MfaError;
use super::master_key::{key_id, place};
use crate::domain::audit::{Action, Actor, AuditEvent};
use crate::domain::id::Id;
use crate::domain::shard::Shard;
use crate::domain::time::Timestamp;
use crate::keyring::{KeyId, KeyringError, key_of};
use crate::store::deliveries::COUNTED;
use crate::store::master_keys::KnownKey;
use crate::store::replicas::{Replica, SILENCE};
use crate::store::sealed::{Kind, Sealed};
use crate::store::{self, Db};
use std::time::{Duration, Instant};

/// Rows looked at and sealed anew at a time.
const PAGE: i64 = 200;

/// The least pause after a page with changes.
const PAUSE: Duration = Duration::from_millis(2);

/// Where the keys stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keys {
    /// One key, which seals.
    One,
    /// The file has a newer one, which does not seal yet.
    Prepared(KeyId),
    /// The newest one seals; something may still lie under older ones.
    UnderWay,
    /// The file has keys that nothing needs any more.
    LeftOver,
}

/// How far a pass has come.
#[derive(Debug, Clone, Default)]
pub struct Pass {
    /// What is being looked at.
    pub kind: Option<Kind>,
    /// Rows of it that were looked at.
    pub seen: u64,
    /// Blobs sealed anew, of all kinds.
    pub resealed: u64,
    /// What does not open: its kind, and its row's id in hexadecimal.
    pub damaged: Vec<(Kind, String)>,
}

/// A blob that takes the place of another one.
#[derive(Clone)]
struct Change {
    user: Id,
    id: Vec<u8>,
    from: Vec<u8>,
    to: Vec<u8>,
}

/// What came of the last step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retired {
    /// The database knows the newest key only.
    Done,
    /// Codes that were sent count by an older key, until then.
    CountedUntil(Timestamp),
}

impl Service {
    /// Where the keys stand.
    pub async fn keys(&self) -> Result<Keys, MfaError> {
        let service = self.clone();
        self.0.store.read(move |db| service.keys_in(db)).await
    }

    fn keys_in(&self, db: &mut Db) -> Result<Keys, MfaError> {
        let known = store::master_keys::known(db)?;
        let newest = known.last().map(key_id).transpose()?.ok_or(KeyringError::UnknownKey)?;
        let file = self.0.keyring.ids();
        let at = file.iter().position(|id| *id == newest).ok_or(KeyringError::UnknownKey)?;
        Ok(match (known.len(), file.last()) {
            (2.., _) => Keys::UnderWay,
            (_, Some(last)) if at + 1 < file.len() => Keys::Prepared(*last),
            _ if at > 0 => Keys::LeftOver,
            _ => Keys::One,
        })
    }

    /// The running services that do not have that key yet.
    pub async fn without_key(&self, key: KeyId) -> Result<usize, MfaError> {
        let now = self.now();
        self.0.store.read(move |db| count_without(db, &key, now)).await
    }

    /// Makes the key the one that seals, if all running services have it; false if one has not.
    pub async fn activate_key(&self, key: KeyId) -> Result<bool, MfaError> {
        let (service, now) = (self.clone(), self.now());
        let activate = move |db: &mut Db| {
            store::master_keys::hold_alone(db)?;
            if service.keys_in(db)? != Keys::Prepared(key) {
                return Err(KeyringError::Overtaken.into());
            }
            if count_without(db, &key, now)? > 0 {
                return Ok(false);
            }
            let known = store::master_keys::known(db)?;
            for older in &known {
                let sealed = service.seal_known_text(&key_id(older)?)?;
                store::master_keys::renew(db, &older.id, &sealed)?;
            }
            // In the order of time even where the clock was set back.
            let after = known.iter().map(|key| key.created_at.0 + 1).max();
            let at = Timestamp(after.map_or(now.0, |after| after.max(now.0)));
            store::master_keys::insert(db, &key, &service.seal_known_text(&key)?, at)?;
            service.append_everywhere(db, Action::MasterKeyActivated, now)?;
            Ok::<_, MfaError>(true)
        };
        self.0.store.write(Shard::NONE, activate).await
    }

    fn append_everywhere(&self, db: &mut Db, action: Action, now: Timestamp) -> Result<(), MfaError> {
        for site in store::sites::list(db)? {
            self.append(db, site.id, &AuditEvent::new(action, Actor::Cli), now)?;
        }
        Ok(())
    }

    /// Goes once through everything that is sealed, and seals anew what lies under an older key. `progress` hears of it
    /// after each page.
    pub async fn reseal(&self, mut progress: impl FnMut(&Pass)) -> Result<Pass, MfaError> {
        let newest = self.0.store.read(store::master_keys::known).await?.pop();
        let newest = newest.as_ref().map(key_id).transpose()?.ok_or(KeyringError::UnknownKey)?;
        let mut pass = Pass::default();
        for kind in Kind::ALL {
            pass = Pass { kind: Some(kind), seen: 0, ..pass };
            let mut after = Vec::new();
            loop {
                let began = Instant::now();
                let from = std::mem::take(&mut after);
                let read = move |db: &mut Db| {
                    let rows = store::sealed::page(db, kind, &from, PAGE)?;
                    let users: Vec<Id> = rows.iter().map(|row| row.user).collect();
                    let owners = store::sealed::owners(db, &users)?;
                    Ok::<_, MfaError>((rows, owners))
                };
                let (rows, owners) = self.0.store.read(read).await?;
                let Some(last) = rows.last() else { break };
                after.clone_from(&last.id);
                let mut changes = Vec::new();
                for row in &rows {
                    let Some(blob) = row.blob.as_ref().filter(|blob| key_of(blob) != Some(newest)) else {
                        continue;
                    };
                    let owner = owners.get(&row.user).ok_or(store::StoreError::Corrupt("users"))?;
                    match self.seal_anew(kind, row, blob, owner, &newest)? {
                        Some(to) => {
                            let (id, from) = (row.id.clone(), blob.clone());
                            changes.push(Change { user: row.user, id, from, to });
                        }
                        None => pass.damaged.push((kind, data_encoding::HEXLOWER.encode(&row.id))),
                    }
                }
                pass.seen += rows.len() as u64;
                let changed = self.write_anew(kind, changes).await?;
                pass.resealed += changed;
                progress(&pass);
                if changed > 0 {
                    tokio::time::sleep(began.elapsed().max(PAUSE)).await;
                }
            }
        }
        Ok(pass)
    }

    /// The same under the newest key; `None` for what does not open.
    fn seal_anew(
        &self,
        kind: Kind,
        row: &Sealed,
        blob: &[u8],
        (site, user_id): &(Id, Vec<u8>),
        newest: &KeyId,
    ) -> Result<Option<Vec<u8>>, MfaError> {
        let place = place(kind, site, user_id, &row.id);
        match self.0.keyring.open(&place, blob) {
            Ok(plain) => Ok(Some(self.0.keyring.seal(newest, &place, &plain, &mut self.random())?)),
            Err(KeyringError::DoesNotOpen | KeyringError::UnknownKey) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    async fn write_anew(&self, kind: Kind, changes: Vec<Change>) -> Result<u64, MfaError> {
        // Held users one at a time, so that it never waits for one while logins wait for another.
        let most = match kind {
            Kind::Authenticator | Kind::Notice => changes.len().max(1),
            Kind::Pending | Kind::SentCode => 1,
        };
        let mut changed = 0;
        for some in changes.chunks(most) {
            let some = some.to_vec();
            let write = move |db: &mut Db| {
                let mut changed = 0;
                for Change { user, id, from, to } in &some {
                    if matches!(kind, Kind::Pending | Kind::SentCode) {
                        store::users::lock(db, *user)?;
                    }
                    changed += u64::from(store::sealed::replace(db, kind, id, from, to)?);
                }
                Ok::<_, MfaError>(changed)
            };
            changed += self.0.store.write(Shard::NONE, write).await?;
        }
        Ok(changed)
    }

    /// Lets the database forget all keys but the newest one. Only after a [`Self::reseal`] that has found nothing to do
    /// and nothing damaged.
    pub async fn retire_keys(&self) -> Result<Retired, MfaError> {
        let (service, now) = (self.clone(), self.now());
        let retire = move |db: &mut Db| {
            store::master_keys::hold_alone(db)?;
            let mut known = store::master_keys::known(db)?;
            let newest = known.pop().ok_or(KeyringError::UnknownKey)?;
            if known.is_empty() {
                return Ok(Retired::Done);
            }
            if let Some(last) = store::deliveries::last_counted(db, newest.created_at, now)? {
                return Ok(Retired::CountedUntil(last.plus(COUNTED)));
            }
            for KnownKey { id, .. } in &known {
                store::master_keys::remove(db, id)?;
            }
            service.append_everywhere(db, Action::MasterKeyRetired, now)?;
            Ok::<_, MfaError>(Retired::Done)
        };
        self.0.store.write(Shard::NONE, retire).await
    }

    /// The key that seals.
    pub async fn newest_key(&self) -> Result<KeyId, MfaError> {
        let known = self.0.store.read(store::master_keys::known).await?;
        Ok(known.last().map(key_id).transpose()?.ok_or(KeyringError::UnknownKey)?)
    }
}

fn count_without(db: &mut Db, key: &KeyId, now: Timestamp) -> Result<usize, MfaError> {
    let has = |replica: &Replica| replica.key_ids.chunks(key.len()).any(|id| id == key);
    let running = store::replicas::seen_since(db, now.minus(SILENCE))?;
    Ok(running.iter().filter(|replica| !has(replica)).count())
}
