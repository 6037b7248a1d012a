//! Reading the audit log; it is written by the stories that it tells of.

use super::Service;
use super::caller::AuditorCaller;
use super::error::MfaError;
use crate::domain::id::Id;
use crate::domain::shard::Shard;
use crate::store::audit::{Filter, Recorded};
use crate::store::{self, Db};

/// A page of the audit log.
#[derive(Debug, Clone)]
pub struct AuditPage {
    /// Newest first.
    pub events: Vec<Recorded>,
    /// The last event of the page, if more follow.
    pub next: Option<Id>,
}

impl Service {
    /// The audit log, newest first, at most `limit`.
    pub async fn list_audit_events(
        &self,
        by: &AuditorCaller,
        filter: Filter,
        limit: usize,
    ) -> Result<AuditPage, MfaError> {
        let site = by.site().id;
        self.0
            .store
            .read(move |db| {
                let one_more = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
                let mut events = store::audit::list(db, site, &filter, one_more)?;
                let more = events.len() > limit;
                events.truncate(limit);
                let next = events.last().filter(|_| more).map(|recorded| recorded.id);
                Ok(AuditPage { events, next })
            })
            .await
    }

    /// Prepares a block of each site's log for the search by user ([`store::audit_blocks`]). Whether there was one to
    /// prepare: whoever calls goes on then, as with [`Self::sweep`].
    pub async fn prepare_audit_search(&self) -> Result<bool, MfaError> {
        let mut more = false;
        for site in self.0.store.read(store::sites::list).await? {
            let extend = move |db: &mut Db| store::audit_blocks::extend(db, site.id);
            more |= self.0.store.write(Shard::NONE, extend).await?;
        }
        Ok(more)
    }
}
