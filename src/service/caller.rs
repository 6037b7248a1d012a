//! Authority as values: a story takes the caller that it may be told by, and only [`super::keys`] and the command
//! line make callers.

use super::error::MfaError;
use crate::domain::audit::Actor;
use crate::domain::id::{Id, UserId};
use crate::store::api_keys::Role;
use crate::store::sites::Site;
use std::sync::Arc;

/// Who calls, for which site, and what it may do.
#[derive(Debug, Clone)]
pub struct Caller {
    site: Arc<Site>,
    roles: Vec<Role>,
    actor: Actor,
}

impl Caller {
    pub(super) fn with_key(site: Arc<Site>, roles: Vec<Role>, key: Id) -> Self {
        Self { site, roles, actor: Actor::Key { id: key, claimed: None } }
    }

    /// The site that the caller is for.
    pub fn site(&self) -> &Site {
        &self.site
    }

    /// Who is recorded.
    pub fn actor(&self) -> Actor {
        self.actor.clone()
    }

    /// What the caller may do.
    pub fn roles(&self) -> &[Role] {
        &self.roles
    }

    /// The same caller, who says that it acts for `user`. Recorded as claimed; gives no authority.
    pub fn claiming(self, user: UserId) -> Self {
        let actor = match self.actor {
            Actor::Key { id, .. } => Actor::Key { id, claimed: Some(user) },
            Actor::Cli => Actor::Cli,
        };
        Self { actor, ..self }
    }
}

macro_rules! authority {
    ($(#[$doc:meta])* $name:ident: $($role:ident)|+) => {
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $name(Caller);

        impl TryFrom<Caller> for $name {
            type Error = MfaError;

            fn try_from(caller: Caller) -> Result<Self, MfaError> {
                let allowed = caller.roles.iter().any(|role| matches!(role, $(Role::$role)|+));
                if allowed { Ok(Self(caller)) } else { Err(MfaError::Forbidden) }
            }
        }

        impl std::ops::Deref for $name {
            type Target = Caller;

            fn deref(&self) -> &Caller {
                &self.0
            }
        }
    };
}

authority!(
    /// May begin and answer logins, and speak for a user.
    BridgeCaller: Bridge
);
authority!(
    /// May change policy and users.
    AdminCaller: Admin
);
authority!(
    /// May read what an administrator reads.
    AuditorCaller: Admin | Auditor
);
authority!(
    /// May read the policy and a user's state.
    ReaderCaller: Bridge | Admin | Auditor
);

impl AdminCaller {
    /// Someone with a shell on the machine.
    pub fn cli(site: Site) -> Self {
        Self(Caller { site: Arc::new(site), roles: vec![Role::Admin], actor: Actor::Cli })
    }
}

impl From<AdminCaller> for AuditorCaller {
    fn from(admin: AdminCaller) -> Self {
        Self(admin.0)
    }
}

impl From<AdminCaller> for ReaderCaller {
    fn from(admin: AdminCaller) -> Self {
        Self(admin.0)
    }
}
