//! What a signed-in user does with the own authenticators, through the host, which has checked the password or a
//! step-up. Everything here can be switched off by the policy.

use super::Service;
use super::admin::after_removal;
use super::caller::BridgeCaller;
use super::destinations::Wanted;
use super::enrollment::{BegunEnrollment, Confirmed, check_room};
use super::error::MfaError;
use super::login::{OpenLogin, advance};
use super::out_of_band::Challenge;
use super::step_up::StepUp;
use super::users::AuthenticatorView;
use crate::domain::audit::{Action, Actor, AuditEvent, Cause};
use crate::domain::factor::{Factor, Method};
use crate::domain::id::{Id, UserId};
use crate::domain::login::{Call, LoginState, LoginStatus, Proof, Purpose};
use crate::domain::notice::Notice;
use crate::domain::secret::{RecoveryCode, SubmittedCode, Token, TokenDigest};
use crate::domain::shard::Shard;
use crate::domain::time::Timestamp;
use crate::store::logins::Login;
use crate::store::policies::StoredPolicy;
use crate::store::sites::Site;
use crate::store::users::User;
use crate::store::{self, Db};

/// A user's own change, looked up and allowed.
struct Own {
    user: User,
    stored: StoredPolicy,
    actor: Actor,
    now: Timestamp,
}

impl Own {
    fn event(&self, action: Action) -> AuditEvent {
        AuditEvent::new(action, self.actor.clone()).about(&self.user.user_id).because(Cause::ByUser)
    }
}

/// What of a user's own change is asked of the one who asks for it.
#[derive(Clone, Copy)]
enum Guard {
    /// Nothing but the host's word.
    None,
    /// A step-up, where there is something to prove by.
    StepUp(StepUp, Proof),
}

fn open_own(
    db: &mut Db,
    site: Id,
    user: &UserId,
    guard: Guard,
    actor: &Actor,
    now: Timestamp,
) -> Result<Own, MfaError> {
    let stored = store::policies::get(db, site)?;
    if !stored.policy.self_service {
        return Err(MfaError::Forbidden);
    }
    let user = store::users::lock_known(db, site, user)?.ok_or(MfaError::UserNotFound)?;
    store::users::take_turn(db, user.id)?;
    if let Guard::StepUp(proof, wanted) = guard {
        proof.check(db, &user, wanted, now)?;
    }
    Ok(Own { user, stored, actor: actor.clone(), now })
}

/// The enrolment that this user has begun.
fn open_enrollment(db: &mut Db, own: Own, digest: &TokenDigest, call: Call) -> Result<OpenLogin, MfaError> {
    let Own { user, actor, now, .. } = own;
    let login =
        store::logins::find_enrollment(db, user.id, digest)?.ok_or(MfaError::AuthenticatorNotFound)?;
    OpenLogin { login, user, actor, now }.admit(call)
}

impl Service {
    /// Begins to enrol one more authenticator. The token names the enrolment.
    pub async fn begin_own_enrollment(
        &self,
        by: &BridgeCaller,
        user: UserId,
        method: Method,
        wanted: Wanted,
        name: Option<String>,
        proof: StepUp,
    ) -> Result<(Token, BegunEnrollment), MfaError> {
        let token = Token::of_login(Shard::of_user(by.site().id, &user), self.now(), &mut self.random());
        let (service, digest, issuer) = (self.clone(), token.login_digest(), by.site().issuer.clone());
        let lifetime = self.0.settings.enrollment_lifetime;
        let guard = Guard::StepUp(proof, Proof::AnyFactor);
        let (begun, expires_at) = self
            .change_own(by, user, guard, move |db, own, site| {
                if !own.stored.policy.methods.contains(&method) || !service.offers(method) {
                    return Err(MfaError::MethodNotAvailable);
                }
                let present = store::authenticators::of_user(db, own.user.id)?;
                check_room(method, &present)?;
                if method.is_out_of_band() {
                    let to = service.wanted_destination(&wanted, &own.user.profile, method)?;
                    service.check_new(&own.user, &present, Some(&to))?;
                }
                let Own { user, stored, actor, now } = own;
                let expires_at = now.plus(lifetime);
                let state = LoginState::begun(LoginStatus::EnrollmentRequired, user.epoch, now, expires_at);
                let login = Login {
                    authenticator_name: name.clone(),
                    ..Login::begun(digest, &user, Purpose::Enrollment, state, &stored, now)
                };
                let mut open = OpenLogin { login, user, actor, now }.admit(Call::Enroll)?;
                let begun = service.begin_pending(db, &mut open, &site.issuer, method, &wanted)?;
                service.cancel_surplus(db, &open.user, &open.actor, now)?;
                store::logins::insert(db, &open.login)?;
                Ok((begun, open.login.state.expires_at))
            })
            .await?;
        Ok((token, self.prompt(begun, &issuer, expires_at).await?))
    }

    /// Sends the code of an enrolment once more; the one before is void.
    pub async fn resend_own_enrollment(
        &self,
        by: &BridgeCaller,
        user: UserId,
        id: &str,
        proof: StepUp,
    ) -> Result<Challenge, MfaError> {
        let (service, digest) = (self.clone(), TokenDigest::of_login(id));
        let guard = Guard::StepUp(proof, Proof::AnyFactor);
        let (challenge, outgoing) = self
            .change_own(by, user, guard, move |db, own, site| {
                let mut open = open_enrollment(db, own, &digest, Call::Enroll)?;
                let state =
                    service.open_pending(&open.login, &open.user)?.ok_or(MfaError::LoginNotPending)?;
                let destination = state.destination().ok_or(MfaError::MethodNotAvailable)?.clone();
                let sent = service.prepare_code(db, &mut open, &site.issuer, None, destination)?;
                advance(db, open.login.state.status, &open.login)?;
                Ok(sent)
            })
            .await?;
        self.deliver(outgoing).await?;
        Ok(challenge)
    }

    /// Proves an enrolment with the first code. Who enrols needs a step-up if the user has an authenticator by now.
    pub async fn confirm_own_enrollment(
        &self,
        by: &BridgeCaller,
        user: UserId,
        id: &str,
        code: SubmittedCode,
        proof: StepUp,
    ) -> Result<Confirmed, MfaError> {
        let (site, actor, now, digest) = (by.site().id, by.actor(), self.now(), TokenDigest::of_login(id));
        let shard = Shard::of_user(site, &user);
        let open = move |db: &mut Db| {
            let guard = Guard::StepUp(proof, Proof::AnyFactor);
            let own = open_own(db, site, &user, guard, &actor, now)?;
            open_enrollment(db, own, &digest, Call::Confirm)
        };
        self.confirm(shard, open, code, now).await
    }

    /// Gives an authenticator another name.
    pub async fn rename_own_authenticator(
        &self,
        by: &BridgeCaller,
        user: UserId,
        id: Id,
        name: String,
    ) -> Result<AuthenticatorView, MfaError> {
        let service = self.clone();
        self.change_own(by, user, Guard::None, move |db, own, _| {
            if !store::authenticators::rename(db, own.user.id, id, &name)? {
                return Err(MfaError::AuthenticatorNotFound);
            }
            let mut rows = store::authenticators::of_user(db, own.user.id)?;
            rows.retain(|row| row.id == id);
            let row = rows.pop().ok_or(MfaError::AuthenticatorNotFound)?;
            let event = own.event(Action::AuthenticatorRenamed).by(Factor::Authenticator(row.method));
            service.append(db, own.user.site, &event, own.now)?;
            Ok(service.authenticator_view(&own.user, row))
        })
        .await
    }

    /// Removes an authenticator, unless a policy that requires one needs it.
    pub async fn remove_own_authenticator(
        &self,
        by: &BridgeCaller,
        user: UserId,
        id: Id,
        proof: StepUp,
    ) -> Result<(), MfaError> {
        let service = self.clone();
        self.change_own(by, user, Guard::StepUp(proof, Proof::AnyFactor), move |db, mut own, _| {
            let rows = store::authenticators::of_user(db, own.user.id)?;
            let row = rows.iter().find(|row| row.id == id).ok_or(MfaError::AuthenticatorNotFound)?;
            let present: Vec<_> = rows.iter().map(|row| row.method).collect();
            let left: Vec<_> = rows.iter().filter(|row| row.id != id).map(|row| row.method).collect();
            if !own.stored.policy.may_remove(own.user.profile.roles.as_deref(), &present, &left) {
                return Err(MfaError::LastAuthenticator);
            }
            if left.is_empty() {
                // As switching off: a recovery code alone does not allow it.
                proof.check(db, &own.user, Proof::Authenticator, own.now)?;
            }
            service.notify(db, &own.user, &Notice::AuthenticatorRemoved(row.method), own.now)?;
            store::authenticators::remove_one(db, own.user.id, id)?;
            after_removal(db, &mut own.user)?;
            store::users::update(db, &own.user)?;
            let event =
                own.event(Action::AuthenticatorRemoved).by(Factor::Authenticator(row.method)).number(1);
            service.append(db, own.user.site, &event, own.now)
        })
        .await
    }

    /// Says which method is asked for first.
    pub async fn prefer_method(
        &self,
        by: &BridgeCaller,
        user: UserId,
        method: Method,
        proof: StepUp,
    ) -> Result<(), MfaError> {
        let service = self.clone();
        self.change_own(by, user, Guard::StepUp(proof, Proof::AnyFactor), move |db, mut own, _| {
            let rows = store::authenticators::of_user(db, own.user.id)?;
            if !rows.iter().any(|row| row.method == method) {
                return Err(MfaError::MethodNotAvailable);
            }
            own.user.preferred_method = Some(method);
            store::users::update(db, &own.user)?;
            let event = own.event(Action::PreferredMethodChanged).by(Factor::Authenticator(method));
            service.append(db, own.user.site, &event, own.now)
        })
        .await
    }

    /// Replaces the recovery codes. A recovery code alone does not allow it: who found one must not mint more.
    pub async fn replace_recovery_codes(
        &self,
        by: &BridgeCaller,
        user: UserId,
        proof: StepUp,
    ) -> Result<Vec<RecoveryCode>, MfaError> {
        let guard = Guard::StepUp(proof, Proof::Authenticator);
        let id = self
            .change_own(by, user.clone(), guard, |_, own, _| {
                if own.user.enrolled { Ok(own.user.id) } else { Err(MfaError::MethodNotAvailable) }
            })
            .await?;
        let (codes, set) = self.new_recovery_codes(id, self.now()).await?;
        let service = self.clone();
        // Asked again: the user may have been reset while the set was made.
        self.change_own(by, user, guard, move |db, own, _| {
            if !own.user.enrolled {
                return Err(MfaError::MethodNotAvailable);
            }
            store::recovery_codes::replace(db, own.user.id, &set.setting, &set.digests, own.now)?;
            let event = own.event(Action::RecoveryCodesCreated).number(set.count());
            service.append(db, own.user.site, &event, own.now)?;
            service.notify(db, &own.user, &Notice::RecoveryCodesReplaced, own.now)
        })
        .await?;
        Ok(codes)
    }

    /// Switches multi-factor authentication off: everything enrolled goes, unless the policy requires it.
    pub async fn disable_own(&self, by: &BridgeCaller, user: UserId, proof: StepUp) -> Result<(), MfaError> {
        let service = self.clone();
        self.change_own(by, user, Guard::StepUp(proof, Proof::Authenticator), move |db, mut own, _| {
            if own.stored.policy.requires(own.user.profile.roles.as_deref()) {
                return Err(MfaError::LastAuthenticator);
            }
            if !own.user.enrolled {
                return Ok(());
            }
            service.notify(db, &own.user, &Notice::MfaDisabled, own.now)?;
            let removed = store::authenticators::remove(db, own.user.id, None)?;
            after_removal(db, &mut own.user)?;
            own.user.epoch += 1;
            store::users::update(db, &own.user)?;
            store::logins::wipe_pending(db, own.user.id)?;
            let event = own.event(Action::MfaDisabled).number(i64::try_from(removed).unwrap_or(i64::MAX));
            service.append(db, own.user.site, &event, own.now)
        })
        .await
    }

    /// One transaction about a user's own authenticators.
    async fn change_own<T: Send + 'static>(
        &self,
        by: &BridgeCaller,
        user: UserId,
        guard: Guard,
        mut change: impl FnMut(&mut Db, Own, &Site) -> Result<T, MfaError> + Send + 'static,
    ) -> Result<T, MfaError> {
        let (site, actor, now) = (by.site().clone(), by.actor(), self.now());
        let shard = Shard::of_user(site.id, &user);
        self.0
            .store
            .write(shard, move |db| {
                let own = open_own(db, site.id, &user, guard, &actor, now)?;
                change(db, own, &site)
            })
            .await
    }
}
