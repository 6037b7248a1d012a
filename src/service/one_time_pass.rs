//! A pass for one login: issued by an administrator to someone whom they have recognised otherwise, answered once, and
//! followed by a new enrolment.

use super::Service;
use super::answer::{Answered, Proven};
use super::caller::{AdminCaller, BridgeCaller};
use super::error::MfaError;
use crate::domain::audit::{Action, Cause};
use crate::domain::factor::Factor;
use crate::domain::id::UserId;
use crate::domain::notice::Notice;
use crate::domain::one_time_pass::{OneTimePass, digest_submitted};
use crate::domain::secret::SubmittedCode;
use crate::domain::time::Timestamp;
use crate::store;
use std::time::Duration;

impl Service {
    /// Issues a pass that is good for `lifetime`; one issued before is void. Until when it is good.
    pub async fn issue_one_time_pass(
        &self,
        by: &AdminCaller,
        user: UserId,
        lifetime: Duration,
    ) -> Result<(OneTimePass, Timestamp), MfaError> {
        let pass = OneTimePass::generate(&mut self.random());
        let digest = pass.digest().ok_or(MfaError::WorkerGone)?;
        let seconds = i64::try_from(lifetime.as_secs()).unwrap_or(i64::MAX);
        let expires_at = self
            .change_user(by, user, Action::OneTimePassIssued, move |service, db, user, event, now| {
                let expires_at = now.plus(lifetime);
                store::one_time_passes::replace(db, user.id, digest, expires_at)?;
                service.append(db, user.site, &event.number(seconds), now)?;
                service.notify(db, &user, &Notice::OneTimePassIssued, now)?;
                Ok(expires_at)
            })
            .await?;
        Ok((pass, expires_at))
    }

    pub(super) async fn answer_with_one_time_pass(
        &self,
        by: &BridgeCaller,
        id: &str,
        code: SubmittedCode,
    ) -> Result<Answered, MfaError> {
        self.answer_by(by, id, Factor::OneTimePass, false, move |db, open, _| {
            if !store::one_time_passes::is_good(db, open.user.id, open.now)? {
                return Err(MfaError::MethodNotAvailable);
            }
            let Some(pass) = digest_submitted(&code) else { return Ok(Err(Cause::Malformed)) };
            let spent = store::one_time_passes::spend(db, open.user.id, pass, open.now)?;
            Ok(if spent { Ok(Proven::default()) } else { Err(Cause::UnknownOrSpent) })
        })
        .await
    }
}
