//! Batches: what items write together is what each of them alone would have written.

use super::lane::close_gate;
use super::{NOW, insert_user, new_store};
use mfa_sidecar::domain::audit::{Action, Actor, AuditEvent};
use mfa_sidecar::domain::factor::{Factor, Method};
use mfa_sidecar::domain::id::{Id, UserId};
use mfa_sidecar::domain::login::{LoginState, LoginStatus, Purpose, Reason};
use mfa_sidecar::domain::policy::{Enforcement, MfaPolicy, Mode};
use mfa_sidecar::domain::secret::TokenDigest;
use mfa_sidecar::domain::shard::Shard;
use mfa_sidecar::domain::throttle::Throttle;
use mfa_sidecar::domain::time::Timestamp;
use mfa_sidecar::service::os_random;
use mfa_sidecar::store::audit::Filter;
use mfa_sidecar::store::authenticators::Authenticator;
use mfa_sidecar::store::logins::Login;
use mfa_sidecar::store::policies::StoredPolicy;
use mfa_sidecar::store::{self, Db, ReadAhead, Store, StoreError};
use std::time::Duration;

const USER: Id = Id([9; 16]);
const AUTHENTICATOR: Id = Id([5; 16]);
/// What a text or an id may hold that a statement or JSON could stumble over.
const NASTY: &str = "á'\"\\$[*]?:json \u{1F511}";

fn authenticator() -> Authenticator {
    Authenticator {
        id: AUTHENTICATOR,
        user: USER,
        method: Method::Totp,
        name: String::new(),
        sealed_state: vec![1],
        marker: i64::MIN,
        created_at: NOW,
        last_used_at: None,
        weak: false,
    }
}

/// A login in which every column has a value.
fn full_login(site: Id, number: u8) -> Login {
    Login {
        digest: TokenDigest([number; 32]),
        site,
        user: USER,
        purpose: Purpose::Login,
        state: LoginState {
            status: LoginStatus::ChallengeRequired,
            wrong_answers: 3,
            epoch: i64::MAX,
            expires_at: NOW.plus(Duration::from_secs(120)),
            extended: true,
            ended_at: Some(NOW),
        },
        reason: Some(Reason::GracePeriod),
        policy_methods: vec![Method::Totp, Method::Email],
        created_at: NOW,
        grace_ends_at: Some(NOW),
        client_ip: "2001:db8::1".parse().ok(),
        factor: Some(Factor::RecoveryCode),
        enrolled_now: true,
        pending_state: Some((0..=255).collect()),
        sent_code: Some(vec![0; 300]),
        trusted_device_days: 90,
        trust_generation: i64::MAX,
        authenticator_name: Some(NASTY.into()),
        browser: Some(NASTY.into()),
        replaces_weak: true,
    }
}

/// A login in which every column that may be empty is.
fn bare_login(site: Id, number: u8) -> Login {
    let full = full_login(site, number);
    Login {
        state: LoginState { extended: false, ended_at: None, ..full.state },
        reason: None,
        grace_ends_at: None,
        client_ip: None,
        factor: None,
        enrolled_now: false,
        pending_state: None,
        sent_code: None,
        authenticator_name: None,
        browser: None,
        replaces_weak: false,
        ..full
    }
}

async fn prepared() -> (super::Place, Store, Id) {
    let (place, store, site) = new_store().await;
    let prepare = move |db: &mut Db| {
        insert_user(db, site, 9, "42")?;
        store::authenticators::insert(db, &authenticator())
    };
    store.write(Shard::NONE, prepare).await.unwrap();
    (place, store, site)
}

/// Queues the work for the batch that begins when the gate opens.
fn queue<T: Send + 'static>(
    store: &Store,
    work: impl FnMut(&mut Db) -> Result<T, StoreError> + Send + 'static,
) -> tokio::task::JoinHandle<Result<T, StoreError>> {
    let store = store.clone();
    tokio::spawn(async move { store.write_ahead(Shard::NONE, ReadAhead::Nothing, work).await })
}

#[actix_web::test]
async fn every_column_arrives_as_it_does_for_one_item_alone() {
    let (_place, store, site) = prepared().await;
    let throttle = Throttle { failures: 7, locks: 2, locked_until: Some(Timestamp(i64::MAX)) };
    let event = || {
        let actor = Actor::Key { id: Id([0xab; 16]), claimed: Some(UserId::parse(NASTY).unwrap()) };
        AuditEvent::new(Action::LoginPassed, actor)
            .about(&UserId::parse(NASTY).unwrap())
            .by(Factor::Authenticator(Method::Totp))
            .from_ip("203.0.113.9".parse().ok())
            .number(i64::MIN)
    };
    let gate = close_gate(&store).await;
    let full = queue(&store, move |db| {
        store::logins::insert(db, &full_login(site, 1))?;
        store::users::set_throttle(db, USER, throttle)?;
        store::audit::append(db, site, &event(), NOW, &mut os_random())
    });
    let bare = queue(&store, move |db| {
        store::logins::insert(db, &bare_login(site, 2))?;
        store::audit::append(
            db,
            site,
            &AuditEvent::new(Action::LoginFailed, Actor::Cli),
            NOW,
            &mut os_random(),
        )
    });
    let accepted = queue(&store, |db| store::authenticators::accept(db, AUTHENTICATOR, 100, NOW));
    tokio::task::yield_now().await;
    gate.open().await;
    full.await.unwrap().unwrap();
    bare.await.unwrap().unwrap();
    assert!(accepted.await.unwrap().unwrap());

    let (logins, user, row, events) = store
        .read(move |db| {
            let logins = [1, 2].map(|n| store::logins::find(db, site, &TokenDigest([n; 32])));
            let row = store::authenticators::of_user(db, USER)?.remove(0);
            let events = store::audit::list(db, site, &Filter::default(), 10)?;
            Ok::<_, StoreError>((logins, store::users::get(db, USER)?, row, events))
        })
        .await
        .unwrap();
    let logins = logins.map(|login| format!("{:?}", login.unwrap().expect("the login")));
    assert_eq!(logins[0], format!("{:?}", full_login(site, 1)));
    assert_eq!(logins[1], format!("{:?}", bare_login(site, 2)));
    assert_eq!(user.throttle, throttle);
    assert_eq!((row.marker, row.last_used_at), (100, Some(NOW)));
    assert_eq!(events.len(), 2);
    assert!(events.iter().any(|recorded| recorded.event == event() && recorded.at == NOW));
    let other = AuditEvent::new(Action::LoginFailed, Actor::Cli);
    assert!(events.iter().any(|recorded| recorded.event == other));
}

#[actix_web::test]
async fn a_login_that_is_moved_by_a_batch_has_all_that_was_changed() {
    let (_place, store, site) = prepared().await;
    let begin = move |db: &mut Db| {
        store::logins::insert(db, &bare_login(site, 1))?;
        store::logins::insert(db, &full_login(site, 2))
    };
    store.write(Shard::NONE, begin).await.unwrap();
    let from = LoginStatus::ChallengeRequired;
    let gate = close_gate(&store).await;
    let filled = queue(&store, move |db| store::logins::advance(db, from, &full_login(site, 1)));
    let emptied = queue(&store, move |db| {
        let mut emptied = bare_login(site, 2);
        emptied.state.status = LoginStatus::Passed;
        store::logins::advance(db, from, &emptied)
    });
    tokio::task::yield_now().await;
    gate.open().await;
    assert!(filled.await.unwrap().unwrap() && emptied.await.unwrap().unwrap());
    let states = store
        .read(move |db| {
            let logins = [1, 2].map(|n| store::logins::find(db, site, &TokenDigest([n; 32])));
            Ok::<_, StoreError>(logins.map(|login| login.unwrap().expect("the login")))
        })
        .await
        .unwrap();
    let what_moves = |login: &Login| {
        format!(
            "{:?}",
            (&login.state, login.factor, login.enrolled_now, &login.pending_state, &login.sent_code)
        )
    };
    assert_eq!(what_moves(&states[0]), what_moves(&full_login(site, 1)));
    let mut passed = bare_login(site, 2);
    passed.state.status = LoginStatus::Passed;
    assert_eq!(what_moves(&states[1]), what_moves(&passed));
}

#[actix_web::test]
async fn of_items_that_spend_the_same_in_one_batch_one_is_told_that_it_did() {
    let (_place, store, _site) = prepared().await;
    let gate = close_gate(&store).await;
    let all: Vec<_> = (0..20)
        .map(|_| queue(&store, |db| store::authenticators::accept(db, AUTHENTICATOR, 100, NOW)))
        .collect();
    tokio::task::yield_now().await;
    gate.open().await;
    let mut won = 0;
    for item in all {
        won += usize::from(item.await.unwrap().unwrap());
    }
    assert_eq!(won, 1);
}

#[actix_web::test]
async fn a_policy_is_read_in_a_batch_as_it_is_by_then() {
    let (_place, store, site) = prepared().await;
    let policy = move |version: i64| StoredPolicy {
        policy: MfaPolicy::new(Mode::Disabled, vec![Method::Totp]),
        enforcement: Enforcement::default(),
        trust_generation: 0,
        version,
        updated_at: NOW,
        updated_by: String::new(),
    };
    store.write(Shard::NONE, move |db| store::policies::insert(db, site, &policy(1))).await.unwrap();
    let read = move |db: &mut Db| Ok(store::policies::get(db, site)?.version);
    let replace = move |db: &mut Db| store::policies::replace(db, site, &policy(2));
    let replace_and_fail = move |db: &mut Db| -> Result<(), StoreError> {
        assert!(store::policies::replace(db, site, &policy(3))?);
        assert_eq!(read(db)?, 3);
        insert_user(db, site, 9, "again")
    };

    let gate = close_gate(&store).await;
    let (before, replaced, after) = (queue(&store, read), queue(&store, replace), queue(&store, read));
    tokio::task::yield_now().await;
    gate.open().await;
    assert_eq!(before.await.unwrap().unwrap(), 1);
    assert!(replaced.await.unwrap().unwrap());
    assert_eq!(after.await.unwrap().unwrap(), 2);

    let gate = close_gate(&store).await;
    let (undone, after) = (queue(&store, replace_and_fail), queue(&store, read));
    tokio::task::yield_now().await;
    gate.open().await;
    assert!(undone.await.unwrap().is_err());
    assert_eq!(after.await.unwrap().unwrap(), 2);
}
