//! What must be true before anything is served: the master key opens the data, and the site `default` exists. And the
//! sites, which only the command line adds.

use super::Service;
use super::error::MfaError;
use crate::domain::audit::{Action, Actor, AuditEvent};
use crate::domain::id::{Id, SiteName};
use crate::domain::out_of_band::DAY;
use crate::domain::policy::{Enforcement, MfaPolicy};
use crate::domain::shard::Shard;
use crate::domain::time::Timestamp;
use crate::keyring::KeyringError;
use crate::store::policies::StoredPolicy;
use crate::store::sites::Site;
use crate::store::{self, Db, StoreError};
use std::time::Duration;

/// What is sealed to recognise a key by.
const KNOWN_TEXT: &[u8] = b"mfa-sidecar";

/// The site that exists from the first start.
pub const DEFAULT_SITE: &str = "default";

impl Service {
    /// Checks the master key against the data, remembers it at the first start, and adds the site `default`.
    pub async fn prepare(&self) -> Result<(), MfaError> {
        let (service, now) = (self.clone(), self.now());
        self.0
            .store
            .write(Shard::NONE, move |db| {
                service.check_master_key(db, now)?;
                let name = SiteName::parse(DEFAULT_SITE).map_err(|_| StoreError::Corrupt("sites"))?;
                if store::sites::find(db, &name)?.is_none() {
                    service.insert_site(db, name, "mfa-sidecar".into(), now)?;
                }
                Ok(())
            })
            .await
    }

    fn check_master_key(&self, db: &mut Db, now: Timestamp) -> Result<(), MfaError> {
        let id = self.0.keyring.active_key();
        let place: [&[u8]; 2] = [b"master key", &id];
        match store::master_keys::find(db, &id)? {
            Some(sealed) => {
                let opened = self.0.keyring.open(&place, &sealed)?;
                if opened.as_slice() == KNOWN_TEXT { Ok(()) } else { Err(KeyringError::DoesNotOpen.into()) }
            }
            // Data that was sealed under other keys, and none of them is the one at hand.
            None if store::master_keys::count(db)? > 0 => Err(KeyringError::UnknownKey.into()),
            None => {
                let sealed = self.0.keyring.seal(&place, KNOWN_TEXT, &mut self.random())?;
                Ok(store::master_keys::insert(db, &id, &sealed, now)?)
            }
        }
    }

    fn insert_site(
        &self,
        db: &mut Db,
        name: SiteName,
        issuer: String,
        now: Timestamp,
    ) -> Result<Site, MfaError> {
        let site = Site { id: Id::new(now, &mut self.random()), name, issuer, created_at: now };
        store::sites::insert(db, &site)?;
        let policy = StoredPolicy {
            policy: MfaPolicy::default(),
            enforcement: Enforcement::default(),
            trust_generation: 0,
            version: 1,
            updated_at: now,
            updated_by: "default".into(),
        };
        store::policies::insert(db, site.id, &policy)?;
        self.append(db, site.id, &AuditEvent::new(Action::SiteAdded, Actor::Cli), now)?;
        Ok(site)
    }

    /// Adds a site; `None` if there is one of that name.
    pub async fn add_site(&self, name: SiteName, issuer: String) -> Result<Option<Site>, MfaError> {
        let (service, now) = (self.clone(), self.now());
        self.0
            .store
            .write(Shard::NONE, move |db| {
                if store::sites::find(db, &name)?.is_some() {
                    return Ok(None);
                }
                service.insert_site(db, name.clone(), issuer.clone(), now).map(Some)
            })
            .await
    }

    /// All sites, by name.
    pub async fn list_sites(&self) -> Result<Vec<Site>, MfaError> {
        self.0.store.read(|db| Ok(store::sites::list(db)?)).await
    }

    /// The site of that name.
    pub async fn find_site(&self, name: SiteName) -> Result<Option<Site>, MfaError> {
        self.0.store.read(move |db| Ok(store::sites::find(db, &name)?)).await
    }

    /// Whether the database answers and the master key opens its data: for readiness.
    pub async fn check_ready(&self) -> Result<(), MfaError> {
        let service = self.clone();
        self.0
            .store
            .read(move |db| {
                let id = service.0.keyring.active_key();
                let sealed = store::master_keys::find(db, &id)?.ok_or(KeyringError::UnknownKey)?;
                service.0.keyring.open(&[b"master key", &id], &sealed).map(|_| ()).map_err(MfaError::from)
            })
            .await
    }

    /// Forgets what has served its time (logins, deliveries, trusted browsers); how many there were. Run now and then.
    pub async fn sweep(&self) -> Result<usize, MfaError> {
        /// The longest life of a login, with room for reading it afterwards and for step-ups that refer to it.
        const LOGINS_KEPT: Duration = Duration::from_secs(2 * 3600);
        /// Rows of a kind at a time, since it shares the lane with logins.
        const MOST: i64 = 500;
        let now = self.now();
        self.0
            .store
            .write(Shard::NONE, move |db| {
                let logins = store::logins::sweep(db, now.minus(LOGINS_KEPT), MOST)?;
                let deliveries = store::deliveries::sweep(db, now.minus(2 * DAY), MOST)?;
                let devices = store::trusted_devices::sweep(db, now, MOST)?;
                Ok(logins + deliveries + devices)
            })
            .await
    }
}
