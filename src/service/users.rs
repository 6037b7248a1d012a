//! Users as the host names them, and what is known of each.

use super::Service;
use super::caller::{AuditorCaller, BridgeCaller, ReaderCaller};
use super::error::MfaError;
use super::trusted_devices::is_trusted;
use crate::domain::audit::{Action, Actor, AuditEvent};
use crate::domain::destination::Destination;
use crate::domain::factor::Method;
use crate::domain::id::{Id, UserId};
use crate::domain::policy::Grace;
use crate::domain::shard::Shard;
use crate::domain::throttle::Throttle;
use crate::domain::time::Timestamp;
use crate::store::authenticators::Authenticator;
use crate::store::trusted_devices::TrustedDevice;
use crate::store::users::{Profile, User};
use crate::store::{self, Db};

/// An authenticator as its user sees it.
#[derive(Debug, Clone)]
pub struct AuthenticatorView {
    /// Ours.
    pub id: Id,
    /// Its kind.
    pub method: Method,
    /// For its user.
    pub name: String,
    /// Where its codes go, masked, for a method that sends them.
    pub destination: Option<String>,
    /// When it was confirmed.
    pub created_at: Timestamp,
    /// When it last passed or proved a login.
    pub last_used_at: Option<Timestamp>,
    /// Whether its secret is shorter than it should be.
    pub weak: bool,
}

/// What is known of a user; never a secret.
#[derive(Debug, Clone)]
pub struct UserState {
    /// The host's id.
    pub user_id: UserId,
    /// As the host named the user.
    pub name: String,
    /// Whether a confirmed authenticator exists.
    pub enrolled: bool,
    /// The method to offer first.
    pub preferred_method: Option<Method>,
    /// Oldest first.
    pub authenticators: Vec<AuthenticatorView>,
    /// Unspent recovery codes.
    pub recovery_codes_remaining: i64,
    /// When the lock ends, while one holds.
    pub locked_until: Option<Timestamp>,
    /// The browsers that are trusted now, oldest first.
    pub trusted_devices: Vec<TrustedDevice>,
    /// Whether the policy requires the user to have an authenticator, in grace or not.
    pub required: bool,
    /// The methods that the policy names and this service can serve.
    pub enrollable: Vec<Method>,
    /// What the host knows of the user that a new authenticator could send codes to, masked.
    pub known_destinations: Vec<(Method, String)>,
}

/// A page of the roster.
#[derive(Debug, Clone)]
pub struct RosterPage {
    /// In the order of the host's ids.
    pub users: Vec<UserState>,
    /// The last user of the page, if more follow.
    pub next: Option<UserId>,
}

/// Which users to list.
#[derive(Debug, Clone)]
pub enum RosterFilter {
    /// These, each once; who is not known is left out.
    Ids(Vec<UserId>),
    /// A page of all.
    Page {
        /// Only who has enrolled, or only who has not.
        enrolled: Option<bool>,
        /// Only users behind this one.
        after: Option<UserId>,
        /// At most this many.
        limit: usize,
    },
}

/// Makes the user known, or refreshes what the host knows of it. A changed credential version raises the security
/// epoch: what was open under the old password is void.
pub(super) fn make_known(
    service: &Service,
    db: &mut Db,
    site: Id,
    user_id: &UserId,
    profile: &Profile,
    actor: &Actor,
    now: Timestamp,
) -> Result<User, MfaError> {
    let Some(mut user) = store::users::lock_or_deleted(db, site, user_id)? else {
        let user = User {
            id: Id::new(now, &mut service.random()),
            site,
            user_id: user_id.clone(),
            profile: profile.clone(),
            epoch: 0,
            throttle: Throttle::default(),
            first_seen_at: now,
            grace: Grace::NotBegun { first_seen: now },
            preferred_method: None,
            enrolled: false,
            deleted: false,
        };
        store::users::insert(db, &user)?;
        return Ok(user);
    };
    if user.deleted {
        // The host gave the id to someone again, who inherits nothing but the epoch.
        user.deleted = false;
        user.first_seen_at = now;
        user.grace = Grace::NotBegun { first_seen: now };
    } else if user.profile == *profile {
        return Ok(user);
    } else if user.profile.credential_version.is_some()
        && user.profile.credential_version != profile.credential_version
    {
        user.epoch += 1;
        let event = AuditEvent::new(Action::CredentialChanged, actor.clone()).about(user_id);
        service.append(db, site, &event, now)?;
    }
    user.profile = profile.clone();
    store::users::update(db, &user)?;
    Ok(user)
}

impl Service {
    /// Makes the user known or refreshes what the host knows; changes nothing enrolled.
    pub async fn put_user(&self, by: &BridgeCaller, user: UserId, profile: Profile) -> Result<(), MfaError> {
        let (service, now, site, actor) = (self.clone(), self.now(), by.site().id, by.actor());
        let shard = Shard::of_user(site, &user);
        self.0
            .store
            .write(shard, move |db| make_known(&service, db, site, &user, &profile, &actor, now).map(|_| ()))
            .await
    }

    /// What is known of one user.
    pub async fn user_state(&self, by: &ReaderCaller, user: UserId) -> Result<UserState, MfaError> {
        let (service, now, site) = (self.clone(), self.now(), by.site().id);
        self.0
            .store
            .read(move |db| {
                let user = store::users::find(db, site, &user)?.ok_or(MfaError::UserNotFound)?;
                let mut states = service.states_of(db, site, vec![user], now)?;
                states.pop().ok_or(MfaError::UserNotFound)
            })
            .await
    }

    /// The roster.
    pub async fn list_users(&self, by: &AuditorCaller, filter: RosterFilter) -> Result<RosterPage, MfaError> {
        let (service, now, site) = (self.clone(), self.now(), by.site().id);
        self.0
            .store
            .read(move |db| {
                let (users, next) = match filter {
                    RosterFilter::Ids(ids) => {
                        let mut users: Vec<User> = Vec::with_capacity(ids.len());
                        for (n, id) in ids.iter().enumerate() {
                            if !ids[..n].contains(id) {
                                users.extend(store::users::find(db, site, id)?);
                            }
                        }
                        (users, None)
                    }
                    RosterFilter::Page { enrolled, after, limit } => {
                        let one_more = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
                        let mut users = store::users::page(db, site, enrolled, after.as_ref(), one_more)?;
                        let more = users.len() > limit;
                        users.truncate(limit);
                        let next = users.last().filter(|_| more).map(|user| user.user_id.clone());
                        (users, next)
                    }
                };
                Ok(RosterPage { users: service.states_of(db, site, users, now)?, next })
            })
            .await
    }

    fn states_of(
        &self,
        db: &mut Db,
        site: Id,
        users: Vec<User>,
        now: Timestamp,
    ) -> Result<Vec<UserState>, MfaError> {
        let policy = store::policies::get(db, site)?;
        let enrollable: Vec<_> =
            policy.policy.methods.iter().copied().filter(|method| self.offers(*method)).collect();
        let ids: Vec<_> = users.iter().map(|user| user.id).collect();
        let mut authenticators = store::authenticators::of_users(db, &ids)?;
        let mut devices = store::trusted_devices::of_users(db, &ids)?;
        let remaining = store::recovery_codes::remaining_of(db, &ids)?;
        let state = |user: User| {
            let own = authenticators.extract_if(.., |row| row.user == user.id);
            let trusted = devices
                .extract_if(.., |device| device.user == user.id)
                .filter(|device| is_trusted(device, &policy, &user, now));
            UserState {
                recovery_codes_remaining: remaining.get(&user.id).copied().unwrap_or(0),
                authenticators: own.map(|row| self.authenticator_view(&user, row)).collect(),
                trusted_devices: trusted.collect(),
                required: policy.policy.requires(user.profile.roles.as_deref()),
                known_destinations: self.known_destinations(&user.profile, &enrollable),
                enrollable: enrollable.clone(),
                enrolled: user.enrolled,
                preferred_method: user.preferred_method,
                locked_until: user.throttle.lock_at(now),
                name: user.profile.name,
                user_id: user.user_id,
            }
        };
        Ok(users.into_iter().map(state).collect())
    }

    /// One that does not open is shown without its destination: an administrator must see it to remove it.
    pub(super) fn authenticator_view(&self, user: &User, row: Authenticator) -> AuthenticatorView {
        let destination = self.masked_destination(user, &row).unwrap_or_else(|error| {
            tracing::error!(%error, authenticator = %row.id, "an authenticator does not open");
            None
        });
        AuthenticatorView {
            destination,
            id: row.id,
            method: row.method,
            name: row.name,
            created_at: row.created_at,
            last_used_at: row.last_used_at,
            weak: row.weak,
        }
    }

    /// Where an authenticator's codes go, masked, for a method that sends them.
    fn masked_destination(&self, user: &User, row: &Authenticator) -> Result<Option<String>, MfaError> {
        if !row.method.is_out_of_band() {
            return Ok(None);
        }
        Ok(self.open_authenticator(user, row)?.destination().map(Destination::masked))
    }
}
