//! Answering with a recovery code.
//!
//! # Design
//! The hash takes 20 ms and runs between two transactions. The first *reserves* the failure, for the login and for the
//! user; the second takes it back and passes the login, or settles it. So guesses sent at once are counted before any
//! of them is checked, and a crash in between counts as a failure. The second asks again whether the user is locked.

use super::Service;
use super::answer::{Answered, Failure, Proven, lasting};
use super::caller::BridgeCaller;
use super::error::MfaError;
use super::login::{OpenLogin, advance, open_login, peek_login};
use super::login_view::LoginView;
use crate::domain::audit::{Action, Cause};
use crate::domain::factor::Factor;
use crate::domain::id::Id;
use crate::domain::login::{Call, Purpose};
use crate::domain::notice::Notice;
use crate::domain::recovery_code::{HashSetting, RecoveryCodeDigest};
use crate::domain::secret::{SubmittedCode, TokenDigest};
use crate::domain::shard::Shard;
use crate::store::{self, Db};
use std::sync::Arc;

/// What came of the second transaction.
enum Settled {
    Passed(Box<LoginView>),
    Failed(Failure, Purpose),
    /// The login or the user changed while the code was hashed; nothing is spent, nothing counted.
    Refused(MfaError),
}

impl Service {
    pub(super) async fn answer_with_recovery_code(
        &self,
        by: &BridgeCaller,
        id: &str,
        code: SubmittedCode,
    ) -> Result<Answered, MfaError> {
        let (now, site) = (self.now(), by.site().id);
        let (digest, shard) = (TokenDigest::of_login(id), Shard::of_login(id));
        let actor = by.actor();
        let user = self.user_of_login(site, digest).await?;
        // The place is taken before the reservation, so that a full queue costs nobody an answer. Who may not answer
        // at all hears that first.
        let place = {
            let actor = actor.clone();
            self.0
                .store
                .read(move |db| peek_login(db, site, &digest, Call::Answer, &actor, now).map(|_| ()))
                .await?;
            self.0.code_hasher.enter(user, now)?
        };

        let reserving = actor.clone();
        let setting = self
            .0
            .store
            .write(shard, move |db| {
                let mut open = open_login(db, site, &digest, Call::Answer, &reserving, now)?;
                let setting = usable_setting(db, &open)?.ok_or(MfaError::MethodNotAvailable)?;
                let from = open.login.state.status;
                open.login.state = open.login.state.reserve_answer();
                advance(db, from, &open.login)?;
                store::users::set_throttle(db, open.user.id, open.user.throttle.reserve())?;
                Ok::<_, MfaError>(setting)
            })
            .await?;

        let code = Arc::new(code);
        let submitted = Arc::clone(&code);
        let hashed = place.run(move || setting.digest_submitted(&submitted)).await?;

        let service = self.clone();
        let settled = self
            .0
            .store
            .write(shard, move |db| service.settle(db, site, &digest, &actor, now, hashed.as_ref()))
            .await?;
        drop(place);
        match settled {
            Settled::Passed(view) => Ok(Answered::Accepted(view)),
            Settled::Failed(failure, purpose) => {
                failure.record(purpose);
                Ok(Answered::Rejected { attempts_remaining: failure.attempts_remaining })
            }
            Settled::Refused(error) => Err(error),
        }
    }

    async fn user_of_login(&self, site: Id, digest: TokenDigest) -> Result<Id, MfaError> {
        let login =
            self.0.store.read(move |db| Ok::<_, MfaError>(store::logins::find(db, site, &digest)?)).await?;
        login.map(|login| login.user).ok_or(MfaError::LoginNotFound)
    }

    fn settle(
        &self,
        db: &mut Db,
        site: Id,
        digest: &TokenDigest,
        actor: &crate::domain::audit::Actor,
        now: crate::domain::time::Timestamp,
        hashed: Option<&RecoveryCodeDigest>,
    ) -> Result<Settled, MfaError> {
        let (login, user) = store::logins::lock(db, site, digest)?.ok_or(MfaError::LoginNotFound)?;
        let mut open = OpenLogin { login, user, actor: actor.clone(), now };

        open.login.state = open.login.state.release_answer();
        open.user.throttle = open.user.throttle.release();
        let lock = open.user.throttle.lock_at(now);
        if let Err(refusal) = open.login.state.admit(Call::Answer, now, open.user.epoch, lock) {
            if open.login.state.epoch == open.user.epoch {
                advance(db, open.login.state.status, &open.login)?;
                store::users::set_throttle(db, open.user.id, open.user.throttle)?;
            }
            return Ok(Settled::Refused(MfaError::refused(refusal, now)));
        }

        let factor = Factor::RecoveryCode;
        let spent = match hashed {
            Some(hashed) => store::recovery_codes::spend(db, open.user.id, hashed, now)?,
            None => false,
        };
        if !spent {
            let cause = if hashed.is_some() { Cause::UnknownOrSpent } else { Cause::Malformed };
            let purpose = open.login.purpose;
            return Ok(Settled::Failed(self.fail(db, &mut open, factor, cause)?, purpose));
        }
        // `succeed` writes the throttle only if it changed from what it was; here the row still has the reservation.
        store::users::set_throttle(db, open.user.id, open.user.throttle)?;
        let left = store::recovery_codes::remaining(db, open.user.id)?;
        self.append(db, site, &open.event(Action::RecoveryCodeUsed).by(factor).number(left), now)?;
        self.notify(db, &open.user, &Notice::RecoveryCodeUsed(left), now)?;
        let authenticators = store::authenticators::of_user(db, open.user.id)?;
        let lasting = lasting(&open, &authenticators, Proven::default());
        Ok(Settled::Passed(Box::new(self.succeed(db, &mut open, factor, &lasting, false)?)))
    }
}

/// How the user's codes are hashed, if there is an unspent one.
fn usable_setting(db: &mut Db, open: &OpenLogin) -> Result<Option<HashSetting>, MfaError> {
    if store::recovery_codes::remaining(db, open.user.id)? == 0 {
        return Ok(None);
    }
    Ok(store::recovery_codes::setting(db, open.user.id)?)
}
