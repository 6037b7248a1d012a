//! What has served its time goes: a little at a time, for as long as there is more.
//!
//! # Design
//! Rows go by the times that they are indexed by, a bounded number in a transaction, since it shares the lane with
//! logins. Whoever calls goes on at once, with a pause as long as the step took, while a step has found as much of a
//! kind as it may take; so a backlog goes at half of the lane's speed at most, whether it is that of a busy day or of
//! a year. Of several replicas one sweeps ([`super::master_key`]); two at once, when one has just started, delete the
//! same rows, and that does no harm.
//!
//! Users, authenticators, API keys (also revoked and expired ones: the audit log names them) and the digests of
//! recovery codes, spent ones as well, stay until somebody removes or replaces them.

use super::error::MfaError;
use super::{Service, outbox, telemetry};
use crate::domain::out_of_band::DAY;
use crate::domain::shard::Shard;
use crate::store::{self, Db, Swept};
use std::time::Duration;

/// How long audit events are kept where nothing is set: a year, and a month to look back on it. They hold addresses and
/// names of people, so not for ever.
pub const AUDIT_KEPT: Duration = Duration::from_secs(400 * 86_400);

/// The longest life of a login, with room for reading it afterwards and for step-ups that refer to it.
const LOGINS_KEPT: Duration = Duration::from_secs(2 * 3600);

/// Notices that nobody has tried to send for so long: the service has no mail server any more.
const NOTICES_KEPT: Duration = outbox::KEPT;

/// Rows of a kind at a time.
const MOST: usize = 250;

/// What one step has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Step {
    /// Rows that went.
    pub rows: usize,
    /// Whether there may be more to do.
    pub more: bool,
}

impl Service {
    /// Forgets some of what has served its time.
    pub async fn sweep(&self) -> Result<Step, MfaError> {
        let (now, audit_kept) = (self.now(), self.0.settings.audit_kept);
        let sweep = move |db: &mut Db| {
            let ages = [
                ("logins", store::logins::sweep(db, now.minus(LOGINS_KEPT), MOST)?, LOGINS_KEPT),
                ("deliveries", store::deliveries::sweep(db, now.minus(2 * DAY), MOST)?, 2 * DAY),
                ("trusted_devices", store::trusted_devices::sweep(db, now, MOST)?, Duration::ZERO),
                ("one_time_passes", store::one_time_passes::sweep(db, now, MOST)?, Duration::ZERO),
                ("notices", store::outbox::sweep(db, now.minus(NOTICES_KEPT), MOST)?, NOTICES_KEPT),
            ];
            let mut swept = ages.to_vec();
            if let Some(kept) = audit_kept {
                for site in store::sites::list(db)? {
                    let events = store::audit::sweep(db, site.id, now.minus(kept), MOST)?;
                    swept.push(("audit_events", events, kept));
                }
            }
            store::replicas::sweep(db, now.minus(DAY))?;
            Ok::<_, MfaError>(swept)
        };
        let swept: Vec<(&'static str, Swept, Duration)> = self.0.store.write(Shard::NONE, sweep).await?;
        let mut step = Step::default();
        for (kind, Swept { rows, oldest }, kept) in swept {
            let overdue = oldest.map_or(0, |oldest| now.minus(kept).0.saturating_sub(oldest.0));
            telemetry::swept(kind, rows, Duration::from_millis(u64::try_from(overdue).unwrap_or(0)));
            step.rows += rows;
            step.more |= rows >= MOST;
        }
        Ok(step)
    }
}
