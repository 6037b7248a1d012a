//! What must be true before anything is served: the master key opens the data, and the site `default` exists. And the
//! sites, which only the command line adds.

use super::Service;
use super::error::MfaError;
use crate::domain::audit::{Action, Actor, AuditEvent};
use crate::domain::id::{Id, SiteName};
use crate::domain::policy::{Enforcement, MfaPolicy};
use crate::domain::shard::Shard;
use crate::domain::time::Timestamp;
use crate::store::policies::StoredPolicy;
use crate::store::sites::Site;
use crate::store::{self, Db, StoreError};

/// The site that exists from the first start.
pub const DEFAULT_SITE: &str = "default";

impl Service {
    /// Checks the master key against the data, remembers it at the first start, and adds the site `default`.
    pub async fn prepare(&self) -> Result<(), MfaError> {
        let (service, now) = (self.clone(), self.now());
        self.0
            .store
            .write(Shard::NONE, move |db| {
                service.check_master_keys(db, now)?;
                let name = SiteName::parse(DEFAULT_SITE).map_err(|_| StoreError::Corrupt("sites"))?;
                if store::sites::find(db, &name)?.is_none() {
                    service.insert_site(db, name, "mfa-sidecar".into(), now)?;
                }
                Ok(())
            })
            .await
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
}
