//! A fresh proof by a factor, asked for before what is enrolled is changed.

use super::error::MfaError;
use crate::domain::login::Proof;
use crate::domain::secret::TokenDigest;
use crate::domain::time::Timestamp;
use crate::store::users::User;
use crate::store::{self, Db};

/// The login that a client names as its user's proof, if any.
#[derive(Debug, Clone, Copy)]
pub struct StepUp(Option<TokenDigest>);

impl StepUp {
    /// The id of a login, as the client presents it.
    pub fn by_login(id: Option<&str>) -> Self {
        Self(id.map(TokenDigest::of_login))
    }

    /// Refuses unless the login belongs to this very user and still proves it. Who has no authenticator has nothing to
    /// prove by.
    pub(super) fn check(
        self,
        db: &mut Db,
        user: &User,
        wanted: Proof,
        now: Timestamp,
    ) -> Result<(), MfaError> {
        if !user.enrolled {
            return Ok(());
        }
        let digest = self.0.ok_or(MfaError::StepUpRequired)?;
        let login = store::logins::find(db, user.site, &digest)?;
        let proven = login.is_some_and(|login| {
            login.user == user.id && login.state.proves_step_up(login.factor, wanted, now, user.epoch)
        });
        if proven { Ok(()) } else { Err(MfaError::StepUpRequired) }
    }
}
