//! API keys: made and revoked by the command line, presented by clients.
//!
//! # Design
//! A key that was found valid is remembered for less than a second, so that a busy login path does not ask the
//! database each time. The command line's `key revoke` returns only when that time has passed, so that a revocation
//! holds everywhere from the moment it is reported. Expiry is checked at each use.

use super::Service;
use super::caller::{AdminCaller, Caller};
use super::error::MfaError;
use crate::domain::audit::{Action, AuditEvent};
use crate::domain::id::Id;
use crate::domain::secret::{Token, TokenDigest};
use crate::domain::shard::Shard;
use crate::domain::time::Timestamp;
use crate::store::api_keys::{ApiKey, Role};
use crate::store::sites::Site;
use crate::store::{self, StoreError};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

/// How long a key that was found valid is believed to be.
const REMEMBERED: Duration = Duration::from_millis(500);

/// A revocation holds on every replica after this time.
pub const REVOCATION_HOLDS_AFTER: Duration = Duration::from_secs(1);

/// Keys remembered at most; a service has a handful.
const CACHE_SIZE: usize = 1024;

#[derive(Clone)]
struct Known {
    key: Arc<ApiKey>,
    site: Arc<Site>,
    loaded: Instant,
}

#[derive(Default)]
pub(super) struct KeyCache(RwLock<HashMap<TokenDigest, Known>>);

impl KeyCache {
    fn get(&self, digest: &TokenDigest) -> Option<Known> {
        let cache = self.0.read().unwrap_or_else(PoisonError::into_inner);
        cache.get(digest).filter(|known| known.loaded.elapsed() < REMEMBERED).cloned()
    }

    fn put(&self, digest: TokenDigest, known: Known) {
        let mut cache = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if cache.len() >= CACHE_SIZE {
            cache.clear();
        }
        cache.insert(digest, known);
    }

    fn forget(&self, key: Id) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).retain(|_, known| known.key.id != key);
    }
}

/// What secret scanners recognise a key by; the role says how bad a leak is.
fn key_prefix(roles: &[Role]) -> &'static str {
    if roles.contains(&Role::Admin) {
        "mfas_admin_"
    } else if roles.contains(&Role::Bridge) {
        "mfas_bridge_"
    } else {
        "mfas_auditor_"
    }
}

impl Service {
    /// Who presents `token`. An unknown, revoked or expired key is [`MfaError::Unauthenticated`], all alike.
    pub async fn authenticate(&self, token: &str) -> Result<Caller, MfaError> {
        let digest = TokenDigest::of(token);
        let known = match self.0.keys.get(&digest) {
            Some(known) => known,
            None => self.load_key(digest).await?,
        };
        if !known.key.is_valid(self.now()) {
            return Err(MfaError::Unauthenticated);
        }
        Ok(Caller::with_key(known.site, known.key.roles.clone(), known.key.id))
    }

    async fn load_key(&self, digest: TokenDigest) -> Result<Known, MfaError> {
        // Taken before the look-up: a revocation during it must not be remembered for longer than after it.
        let loaded = Instant::now();
        let found: Option<(ApiKey, Site)> = self
            .0
            .store
            .read(move |db| {
                let Some(key) = store::api_keys::find(db, &digest)? else { return Ok(None) };
                let site = store::sites::get(db, key.site)?;
                Ok::<_, StoreError>(Some((key, site)))
            })
            .await?;
        let (key, site) = found.ok_or(MfaError::Unauthenticated)?;
        let known = Known { key: Arc::new(key), site: Arc::new(site), loaded };
        self.0.keys.put(digest, known.clone());
        Ok(known)
    }

    /// Makes a key; the token is shown once and kept nowhere.
    pub async fn create_key(
        &self,
        by: &AdminCaller,
        name: String,
        roles: Vec<Role>,
        expires_at: Option<Timestamp>,
    ) -> Result<(Token, ApiKey), MfaError> {
        let now = self.now();
        let token = Token::generate(key_prefix(&roles), &mut self.random());
        let key = ApiKey {
            id: Id::new(now, &mut self.random()),
            site: by.site().id,
            name,
            roles,
            created_at: now,
            expires_at,
            revoked_at: None,
        };
        let (service, actor, digest, row) = (self.clone(), by.actor(), token.digest(), key.clone());
        self.0
            .store
            .write(Shard::NONE, move |db| {
                store::api_keys::insert(db, &row, &digest)?;
                service.append(db, row.site, &AuditEvent::new(Action::KeyCreated, actor.clone()), now)
            })
            .await?;
        Ok((token, key))
    }

    /// The keys of the caller's site.
    pub async fn list_keys(&self, by: &AdminCaller) -> Result<Vec<ApiKey>, MfaError> {
        let site = by.site().id;
        self.0.store.read(move |db| Ok(store::api_keys::list(db, site)?)).await
    }

    /// Revokes a key of the caller's site; false if there is none to revoke. Other processes may take the key for
    /// [`REVOCATION_HOLDS_AFTER`] more.
    pub async fn revoke_key(&self, by: &AdminCaller, id: Id) -> Result<bool, MfaError> {
        let (now, service, site, actor) = (self.now(), self.clone(), by.site().id, by.actor());
        let revoked = self
            .0
            .store
            .write(Shard::NONE, move |db| {
                let revoked = store::api_keys::revoke(db, site, id, now)?;
                if revoked {
                    service.append(db, site, &AuditEvent::new(Action::KeyRevoked, actor.clone()), now)?;
                }
                Ok::<_, MfaError>(revoked)
            })
            .await?;
        self.0.keys.forget(id);
        Ok(revoked)
    }
}
