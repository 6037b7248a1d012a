//! What the items of a batch will read first, read for all of them at once.
//!
//! # Design
//! On a database server a statement costs a round trip, whatever it reads. Every beginning of a login and every answer
//! to one looks up the same few rows; a batch does so in ten statements for all of its items. The users are locked, in
//! the order of their ids, so what was read of them holds until the transaction ends, but for what its own items change.
//! So each row is handed out once, and a second item about the same user asks the database.

use super::authenticators::{self, Authenticator};
use super::logins::{self, Login};
use super::users::{self, User};
use super::{Db, StoreError, one_time_passes, policies, recovery_codes};
use crate::domain::id::{Id, UserId};
use crate::domain::secret::TokenDigest;
use crate::domain::time::Timestamp;
use std::collections::{BTreeSet, HashMap, HashSet};

/// What an item will read first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadAhead {
    /// Not known.
    Nothing,
    /// A login, its user, and the user's authenticators.
    Login(TokenDigest),
    /// A user, the site's policy, and what the user's next login offers.
    User {
        /// The site.
        site: Id,
        /// The host's id.
        user: UserId,
        /// Pending logins count that began after this time.
        since: Timestamp,
    },
}

/// What was read for the items of a batch.
#[derive(Default)]
pub(super) struct Ahead {
    logins: HashMap<TokenDigest, Login>,
    by_id: HashMap<Id, User>,
    by_name: HashMap<(Id, UserId), User>,
    authenticators: HashMap<Id, Vec<Authenticator>>,
    pending: HashMap<Id, i64>,
    recovery_codes: HashMap<Id, i64>,
    without_pass: HashSet<Id>,
}

impl Ahead {
    pub fn read<'a>(db: &mut Db, wanted: impl Iterator<Item = &'a ReadAhead>) -> Result<Self, StoreError> {
        let mut digests = Vec::new();
        let mut names: HashMap<Id, Vec<&UserId>> = HashMap::new();
        let mut earliest = Timestamp::FAR_FUTURE;
        for wanted in wanted {
            match wanted {
                ReadAhead::Nothing => {}
                ReadAhead::Login(digest) => digests.push(*digest),
                ReadAhead::User { site, user, since } => {
                    names.entry(*site).or_default().push(user);
                    earliest = earliest.min(*since);
                }
            }
        }
        let mut ahead = Self::default();
        let answering = if digests.is_empty() { Vec::new() } else { logins::users_of(db, &digests)? };
        let mut beginning = Vec::new();
        for (site, names) in &names {
            beginning.extend(users::ids_of(db, *site, names)?);
            policies::get(db, *site)?;
        }
        let all: BTreeSet<Id> = answering.iter().chain(&beginning).copied().collect();
        if all.is_empty() {
            return Ok(ahead);
        }
        let all: Vec<Id> = all.into_iter().collect();
        let users = users::lock_all(db, &all)?;
        // Read only now: another process may have moved a login while this one waited for its user.
        if !digests.is_empty() {
            let logins = logins::find_all(db, &digests)?;
            ahead.logins = logins.into_iter().map(|login| (login.digest, login)).collect();
        }
        ahead.authenticators = all.iter().map(|id| (*id, Vec::new())).collect();
        for row in authenticators::of_users(db, &all)? {
            ahead.authenticators.entry(row.user).or_default().push(row);
        }
        if !beginning.is_empty() {
            let pending = logins::count_pending_of(db, &beginning, earliest)?;
            let remaining = recovery_codes::remaining_of(db, &beginning)?;
            let holders = one_time_passes::holders(db, &beginning)?;
            for id in &beginning {
                ahead.pending.insert(*id, pending.get(id).copied().unwrap_or(0));
                ahead.recovery_codes.insert(*id, remaining.get(id).copied().unwrap_or(0));
            }
            ahead.without_pass = beginning.iter().filter(|id| !holders.contains(id)).copied().collect();
        }
        let beginning: HashSet<Id> = beginning.into_iter().collect();
        for user in users {
            if beginning.contains(&user.id) {
                ahead.by_name.insert((user.site, user.user_id.clone()), user);
            } else {
                ahead.by_id.insert(user.id, user);
            }
        }
        Ok(ahead)
    }

    /// The login of that digest with its user, who is locked.
    pub fn take_login(&mut self, digest: &TokenDigest) -> Option<(Login, User)> {
        let login = self.logins.remove(digest)?;
        let user = self.by_id.remove(&login.user)?;
        Some((login, user))
    }

    /// The user of that host's id, who is locked.
    pub fn take_user(&mut self, site: Id, user_id: &UserId) -> Option<User> {
        self.by_name.remove(&(site, user_id.clone()))
    }

    /// All authenticators of a user, oldest first.
    pub fn take_authenticators(&mut self, user: Id) -> Option<Vec<Authenticator>> {
        self.authenticators.remove(&user)
    }

    /// How many logins of a user are pending.
    pub fn take_pending(&mut self, user: Id) -> Option<i64> {
        self.pending.remove(&user)
    }

    /// How many recovery codes of a user are unspent.
    pub fn take_recovery_codes(&mut self, user: Id) -> Option<i64> {
        self.recovery_codes.remove(&user)
    }

    /// Whether it is known that the user has no one-time pass.
    pub fn has_no_pass(&self, user: Id) -> bool {
        self.without_pass.contains(&user)
    }
}
