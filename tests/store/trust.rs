//! Trusted browsers and one-time passes: a token and a pass are spent once, and only by their user.

use super::{NOW, insert_user, new_store};
use mfa_sidecar::domain::id::Id;
use mfa_sidecar::domain::secret::TokenDigest;
use mfa_sidecar::domain::shard::Shard;
use mfa_sidecar::domain::time::Timestamp;
use mfa_sidecar::domain::trusted_device::Secrets;
use mfa_sidecar::store::trusted_devices::TrustedDevice;
use mfa_sidecar::store::{self, StoreError};
use std::time::Duration;

const ALICE: Id = Id([9; 16]);
const BOB: Id = Id([8; 16]);

fn digest(n: u8) -> TokenDigest {
    TokenDigest([n; 32])
}

/// A browser of the user, by its number: the family is `number`, the first secret `number + 100`.
fn device(number: u8, user: Id) -> TrustedDevice {
    TrustedDevice {
        id: Id([number; 16]),
        user,
        family: digest(number),
        secrets: Secrets { current: digest(number + 100), previous: None, rotated_at: NOW },
        epoch: 3,
        generation: 7,
        name: "Firefox on Linux".into(),
        created_at: NOW,
        last_used_at: None,
        expires_at: NOW.plus(Duration::from_secs(86_400)),
    }
}

#[actix_web::test]
async fn a_browser_is_read_back_as_it_was_written_and_found_by_its_family_alone() {
    let (_directory, store, site) = new_store().await;
    let (found, unknown, of_both) = store
        .write(Shard::NONE, move |db| {
            insert_user(db, site, 9, "alice")?;
            insert_user(db, site, 8, "bob")?;
            let with_history = TrustedDevice {
                secrets: Secrets { previous: Some(digest(50)), ..device(1, ALICE).secrets },
                last_used_at: Some(NOW),
                ..device(1, ALICE)
            };
            store::trusted_devices::insert(db, &with_history)?;
            store::trusted_devices::insert(db, &device(2, BOB))?;
            let found = store::trusted_devices::find(db, digest(1))?;
            assert_eq!(found, Some(with_history));
            let unknown = store::trusted_devices::find(db, digest(101))?;
            Ok::<_, StoreError>((found, unknown, store::trusted_devices::of_users(db, &[ALICE, BOB])?))
        })
        .await
        .unwrap();
    assert!(unknown.is_none(), "a secret is no family");
    assert_eq!(found.as_ref(), of_both.first());
    assert_eq!(of_both[1], device(2, BOB));
}

#[actix_web::test]
async fn a_token_is_rotated_once_and_remembers_its_predecessor() {
    let (_directory, store, site) = new_store().await;
    let later = NOW.plus(Duration::from_secs(60));
    let (rotated, after) = store
        .write(Shard::NONE, move |db| {
            insert_user(db, site, 9, "alice")?;
            store::trusted_devices::insert(db, &device(1, ALICE))?;
            store::trusted_devices::insert(db, &device(2, ALICE))?;
            let id = Id([1; 16]);
            let rotated = [
                store::trusted_devices::rotate(db, id, digest(102), digest(7), later)?,
                store::trusted_devices::rotate(db, id, digest(101), digest(7), later)?,
                store::trusted_devices::rotate(db, id, digest(101), digest(8), later)?,
            ];
            let after = [digest(1), digest(2)].map(|family| store::trusted_devices::find(db, family));
            Ok::<_, StoreError>((rotated, after))
        })
        .await
        .unwrap();
    assert_eq!(rotated, [false, true, false], "neither by another browser's secret nor twice");
    let [rotated, other] = after.map(|found| found.unwrap().unwrap());
    let secrets = Secrets { current: digest(7), previous: Some(digest(101)), rotated_at: later };
    assert_eq!((rotated.secrets, rotated.last_used_at), (secrets, Some(later)));
    assert_eq!(rotated.expires_at, device(1, ALICE).expires_at, "it lives no longer for it");
    assert_eq!(other, device(2, ALICE));
}

#[actix_web::test]
async fn of_many_rotations_at_once_over_two_replicas_one_wins() {
    let (place, store, site) = new_store().await;
    let replica = place.open();
    let insert = move |db: &mut store::Db| {
        insert_user(db, site, 9, "alice")?;
        store::trusted_devices::insert(db, &device(1, ALICE))
    };
    store.write(Shard::NONE, insert).await.unwrap();
    let mut rotations = tokio::task::JoinSet::new();
    for n in 0..20_u8 {
        let store = if n % 2 == 0 { store.clone() } else { replica.clone() };
        rotations.spawn(async move {
            let rotate = move |db: &mut store::Db| {
                store::trusted_devices::rotate(db, Id([1; 16]), digest(101), digest(n), NOW)
            };
            (n, store.write::<bool, StoreError>(Shard::NONE, rotate).await.unwrap())
        });
    }
    let won: Vec<_> = rotations.join_all().await.into_iter().filter(|(_, won)| *won).collect();
    assert_eq!(won.len(), 1);
    let kept = store.read(|db| store::trusted_devices::find(db, digest(1))).await.unwrap().unwrap();
    assert_eq!(kept.secrets.current, digest(won[0].0), "what is kept is the winner's");
}

#[actix_web::test]
async fn browsers_are_forgotten_one_or_all_and_only_by_their_user() {
    let (_directory, store, site) = new_store().await;
    let (removed, left) = store
        .write(Shard::NONE, move |db| {
            insert_user(db, site, 9, "alice")?;
            insert_user(db, site, 8, "bob")?;
            for (number, user) in [(1, ALICE), (2, ALICE), (3, ALICE), (4, BOB)] {
                store::trusted_devices::insert(db, &device(number, user))?;
            }
            let removed = [
                store::trusted_devices::remove(db, ALICE, Some(Id([4; 16])))?,
                store::trusted_devices::remove(db, ALICE, Some(Id([2; 16])))?,
                store::trusted_devices::remove(db, ALICE, Some(Id([2; 16])))?,
                store::trusted_devices::remove(db, ALICE, None)?,
                store::trusted_devices::remove(db, ALICE, None)?,
            ];
            Ok::<_, StoreError>((removed, store::trusted_devices::of_users(db, &[ALICE, BOB])?))
        })
        .await
        .unwrap();
    assert_eq!(removed, [0, 1, 0, 2, 0]);
    assert_eq!(left, [device(4, BOB)]);
}

#[actix_web::test]
async fn browsers_whose_time_is_over_are_swept_and_no_others() {
    let (_directory, store, site) = new_store().await;
    let end = device(1, ALICE).expires_at;
    let (before, at_the_end, left) = store
        .write(Shard::NONE, move |db| {
            insert_user(db, site, 9, "alice")?;
            store::trusted_devices::insert(db, &device(1, ALICE))?;
            let longer = TrustedDevice { expires_at: Timestamp(end.0 + 1), ..device(2, ALICE) };
            store::trusted_devices::insert(db, &longer)?;
            let before = store::trusted_devices::sweep(db, Timestamp(end.0 - 1), 10)?;
            let at_the_end = store::trusted_devices::sweep(db, end, 10)?;
            Ok::<_, StoreError>((before, at_the_end, store::trusted_devices::of_users(db, &[ALICE])?))
        })
        .await
        .unwrap();
    assert_eq!((before.rows, at_the_end.rows), (0, 1));
    assert_eq!(left.iter().map(|device| device.id).collect::<Vec<_>>(), [Id([2; 16])]);
}

#[actix_web::test]
async fn a_pass_is_spent_once_by_its_user_and_before_its_end() {
    let (_directory, store, site) = new_store().await;
    let end = NOW.plus(Duration::from_secs(900));
    let (good, spent) = store
        .write(Shard::NONE, move |db| {
            insert_user(db, site, 9, "alice")?;
            insert_user(db, site, 8, "bob")?;
            store::one_time_passes::replace(db, ALICE, digest(1), end)?;
            let last = Timestamp(end.0 - 1);
            let good = [
                store::one_time_passes::is_good(db, BOB, NOW)?,
                store::one_time_passes::is_good(db, ALICE, end)?,
                store::one_time_passes::is_good(db, ALICE, last)?,
            ];
            let spent = [
                store::one_time_passes::spend(db, BOB, digest(1), NOW)?,
                store::one_time_passes::spend(db, ALICE, digest(2), NOW)?,
                store::one_time_passes::spend(db, ALICE, digest(1), end)?,
                store::one_time_passes::spend(db, ALICE, digest(1), last)?,
                store::one_time_passes::spend(db, ALICE, digest(1), NOW)?,
                store::one_time_passes::is_good(db, ALICE, NOW)?,
            ];
            Ok::<_, StoreError>((good, spent))
        })
        .await
        .unwrap();
    assert_eq!(good, [false, false, true]);
    assert_eq!(spent, [false, false, false, true, false, false]);
}

#[actix_web::test]
async fn a_new_pass_voids_the_one_before_and_a_removed_one_is_none() {
    let (_directory, store, site) = new_store().await;
    let end = NOW.plus(Duration::from_secs(900));
    let spent = store
        .write(Shard::NONE, move |db| {
            insert_user(db, site, 9, "alice")?;
            store::one_time_passes::replace(db, ALICE, digest(1), end)?;
            store::one_time_passes::replace(db, ALICE, digest(2), end)?;
            let old = store::one_time_passes::spend(db, ALICE, digest(1), NOW)?;
            let new = store::one_time_passes::spend(db, ALICE, digest(2), NOW)?;
            // Also after one that was spent.
            store::one_time_passes::replace(db, ALICE, digest(3), end)?;
            store::one_time_passes::remove(db, ALICE)?;
            Ok::<_, StoreError>([old, new, store::one_time_passes::spend(db, ALICE, digest(3), NOW)?])
        })
        .await
        .unwrap();
    assert_eq!(spent, [false, true, false]);
}

#[actix_web::test]
async fn of_many_that_spend_a_pass_over_two_replicas_one_does() {
    let (place, store, site) = new_store().await;
    let replica = place.open();
    let end = NOW.plus(Duration::from_secs(900));
    let issue = move |db: &mut store::Db| {
        insert_user(db, site, 9, "alice")?;
        store::one_time_passes::replace(db, ALICE, digest(1), end)
    };
    store.write(Shard::NONE, issue).await.unwrap();
    let mut uses = tokio::task::JoinSet::new();
    for n in 0..20_u8 {
        let store = if n % 2 == 0 { store.clone() } else { replica.clone() };
        uses.spawn(async move {
            let spend = move |db: &mut store::Db| store::one_time_passes::spend(db, ALICE, digest(1), NOW);
            store.write::<bool, StoreError>(Shard::NONE, spend).await.unwrap()
        });
    }
    let spent = uses.join_all().await;
    assert_eq!(spent.into_iter().filter(|spent| *spent).count(), 1);
}
