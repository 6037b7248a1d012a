//! Rows: names compare byte for byte, and what may happen once happens once.

use super::{NOW, insert_user, new_store, new_user};
use mfa_sidecar::domain::factor::{Factor, Method};
use mfa_sidecar::domain::id::{Id, UserId};
use mfa_sidecar::domain::login::{LoginState, LoginStatus, Purpose};
use mfa_sidecar::domain::recovery_code::{HashCost, HashSetting, RecoveryCodeDigest};
use mfa_sidecar::domain::secret::TokenDigest;
use mfa_sidecar::domain::shard::Shard;
use mfa_sidecar::store::authenticators::Authenticator;
use mfa_sidecar::store::logins::Login;
use mfa_sidecar::store::{self, StoreError};
use std::time::Duration;

const USER: Id = Id([9; 16]);

#[actix_web::test]
async fn names_are_compared_byte_for_byte() {
    let (_directory, store, site) = new_store().await;
    let names = ["a", "A", "á", "a\u{301}", "a+b/c,d%2F", "a b", "%", "0", "00"];
    let found = store
        .write(Shard::NONE, move |db| {
            for (n, name) in names.iter().enumerate() {
                insert_user(db, site, u8::try_from(n).unwrap() + 10, name)?;
            }
            let mut found = Vec::new();
            for name in names {
                let user = store::users::find(db, site, &UserId::parse(name).unwrap())?;
                found.push(user.map(|user| (user.id, user.user_id.as_str().to_owned())));
            }
            Ok::<_, StoreError>(found)
        })
        .await
        .unwrap();
    for (n, name) in names.iter().enumerate() {
        let expected = (Id([u8::try_from(n).unwrap() + 10; 16]), (*name).to_owned());
        assert_eq!(found[n], Some(expected));
    }
}

#[actix_web::test]
async fn a_user_is_read_back_as_it_was_written() {
    let (_directory, store, site) = new_store().await;
    let mut user = new_user(site, USER, "42");
    user.profile.email = Some("a@example.org".into());
    user.profile.credential_version = Some([7; 32]);
    user.epoch = 3;
    let written = user.clone();
    let read = store
        .write(Shard::NONE, move |db| {
            store::users::insert(db, &written)?;
            store::users::update(db, &written)?;
            store::users::get(db, USER)
        })
        .await
        .unwrap();
    assert_eq!(read, user);
}

#[actix_web::test]
async fn the_replay_marker_only_moves_forward() {
    let (_directory, store, site) = new_store().await;
    let accepted = store
        .write(Shard::NONE, move |db| {
            insert_user(db, site, 9, "42")?;
            let row = Authenticator {
                id: Id([5; 16]),
                user: USER,
                method: Method::Totp,
                name: String::new(),
                sealed_state: vec![1],
                marker: 100,
                created_at: NOW,
                last_used_at: None,
                weak: false,
            };
            store::authenticators::insert(db, &row)?;
            [99, 100, 101, 101, 100, 102]
                .map(|marker| store::authenticators::accept(db, row.id, marker, NOW))
                .into_iter()
                .collect::<Result<Vec<_>, StoreError>>()
        })
        .await
        .unwrap();
    assert_eq!(accepted, [false, false, true, false, false, true]);
}

#[actix_web::test]
async fn a_recovery_code_is_spent_once_and_only_by_its_user() {
    let (_directory, store, site) = new_store().await;
    let spent = store
        .write(Shard::NONE, move |db| {
            insert_user(db, site, 9, "42")?;
            insert_user(db, site, 8, "43")?;
            let setting = HashSetting::new(HashCost::DEFAULT, &mut mfa_sidecar::service::os_random());
            let digests = [RecoveryCodeDigest([1; 32]), RecoveryCodeDigest([2; 32])];
            store::recovery_codes::replace(db, USER, &setting, &digests, NOW)?;
            let spent = [
                store::recovery_codes::spend(db, Id([8; 16]), &digests[0], NOW)?,
                store::recovery_codes::spend(db, USER, &digests[0], NOW)?,
                store::recovery_codes::spend(db, USER, &digests[0], NOW)?,
                store::recovery_codes::spend(db, USER, &RecoveryCodeDigest([3; 32]), NOW)?,
            ];
            Ok::<_, StoreError>((spent, store::recovery_codes::remaining(db, USER)?))
        })
        .await
        .unwrap();
    assert_eq!(spent, ([false, true, false, false], 1));
}

#[actix_web::test]
async fn a_login_leaves_a_status_once_and_is_found_in_its_site_only() {
    let (_directory, store, site) = new_store().await;
    let mut login = Login {
        digest: TokenDigest([3; 32]),
        site,
        user: USER,
        purpose: Purpose::Login,
        state: LoginState {
            status: LoginStatus::ChallengeRequired,
            wrong_answers: 0,
            epoch: 0,
            expires_at: NOW.plus(Duration::from_secs(120)),
            extended: false,
            ended_at: None,
        },
        reason: None,
        policy_methods: vec![Method::Totp],
        created_at: NOW,
        grace_ends_at: None,
        client_ip: "203.0.113.9".parse().ok(),
        factor: None,
        enrolled_now: false,
        pending_state: None,
        sent_code: None,
        trusted_device_days: 0,
        trust_generation: 0,
        authenticator_name: None,
        browser: None,
        replaces_weak: false,
    };
    let (first, second, found, elsewhere) = store
        .write(Shard::NONE, move |db| {
            insert_user(db, site, 9, "42")?;
            login.state.status = LoginStatus::ChallengeRequired;
            store::logins::insert(db, &login)?;
            login.state.status = LoginStatus::Passed;
            login.state.ended_at = Some(NOW);
            login.factor = Some(Factor::RecoveryCode);
            let first = store::logins::advance(db, LoginStatus::ChallengeRequired, &login)?;
            let second = store::logins::advance(db, LoginStatus::ChallengeRequired, &login)?;
            let found = store::logins::find(db, site, &login.digest)?;
            let elsewhere = store::logins::find(db, Id([77; 16]), &login.digest)?;
            Ok::<_, StoreError>((first, second, found, elsewhere))
        })
        .await
        .unwrap();
    assert!(first && !second && elsewhere.is_none());
    let found = found.expect("the login");
    assert_eq!((found.state.status, found.factor), (LoginStatus::Passed, Some(Factor::RecoveryCode)));
    assert_eq!(found.client_ip, "203.0.113.9".parse().ok());
}
