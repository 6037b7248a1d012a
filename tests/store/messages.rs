//! What was sent and what waits to be sent: counted for the right user, destination and site, and taken once.

use super::{NOW, insert_user, new_store};
use mfa_sidecar::domain::factor::Method;
use mfa_sidecar::domain::id::{Id, SiteName};
use mfa_sidecar::domain::out_of_band::{DAY, HOUR, Sent};
use mfa_sidecar::domain::shard::Shard;
use mfa_sidecar::domain::time::Timestamp;
use mfa_sidecar::store::deliveries::{Delivery, DeliveryState};
use mfa_sidecar::store::sites::Site;
use mfa_sidecar::store::{self, Db, Store, StoreError};
use std::time::Duration;

const ALICE: Id = Id([9; 16]);
const BOB: Id = Id([8; 16]);

fn ago(seconds: u64) -> Timestamp {
    NOW.minus(Duration::from_secs(seconds))
}

/// A text message of Alice's to one number, by its own number.
fn delivery(number: u8, site: Id, sent_at: Timestamp) -> Delivery {
    Delivery {
        id: Id([number; 16]),
        site,
        user: ALICE,
        method: Method::Sms,
        destination: [1; 32],
        formerly: vec![],
        sent_at,
    }
}

fn insert_all(db: &mut Db, deliveries: &[Delivery]) -> Result<(), StoreError> {
    deliveries.iter().try_for_each(|delivery| store::deliveries::insert(db, delivery))
}

fn sent(count: i64, oldest: Timestamp) -> Sent {
    Sent { count, oldest: Some(oldest) }
}

#[actix_web::test]
async fn what_was_sent_counts_for_its_user_its_destination_and_its_site() {
    let (_directory, store, site) = new_store().await;
    let other_site = Site {
        id: Id([2; 16]),
        name: SiteName::parse("other").unwrap(),
        issuer: "Other".into(),
        created_at: NOW,
    };
    let history = store
        .write(Shard::NONE, move |db| {
            store::sites::insert(db, &other_site)?;
            insert_user(db, site, 9, "alice")?;
            insert_user(db, site, 8, "bob")?;
            insert_user(db, other_site.id, 7, "alice")?;
            let to_elsewhere = Delivery { destination: [2; 32], ..delivery(2, site, ago(300)) };
            let by_mail =
                Delivery { method: Method::Email, destination: [3; 32], ..delivery(3, site, ago(200)) };
            let of_bob = Delivery { user: BOB, ..delivery(4, site, ago(100)) };
            let elsewhere = Delivery { user: Id([7; 16]), ..delivery(5, other_site.id, ago(50)) };
            insert_all(db, &[delivery(1, site, ago(400)), to_elsewhere, by_mail, of_bob, elsewhere])?;
            store::deliveries::history(db, &delivery(6, site, NOW), false)
        })
        .await
        .unwrap();
    assert_eq!(history.last, Some(ago(400)), "not what went elsewhere, nor what Bob was sent");
    assert_eq!(history.by_user, sent(3, ago(400)), "by every way");
    assert_eq!(history.to_destination, sent(2, ago(400)), "whoever asked, in this site");
    assert_eq!(history.by_site, sent(3, ago(400)), "by this way, in this site");
}

#[actix_web::test]
async fn counts_forget_after_an_hour_and_a_sites_after_a_day() {
    let (_directory, store, site) = new_store().await;
    let histories = store
        .write(Shard::NONE, move |db| {
            insert_user(db, site, 9, "alice")?;
            let at_the_edge = delivery(1, site, NOW.minus(DAY));
            let within_the_day = delivery(2, site, NOW.minus(HOUR));
            insert_all(db, &[at_the_edge, within_the_day])?;
            let now = store::deliveries::history(db, &delivery(3, site, NOW), false)?;
            let before = store::deliveries::history(db, &delivery(4, site, Timestamp(NOW.0 - 1)), false)?;
            Ok::<_, StoreError>((now, before))
        })
        .await
        .unwrap();
    let (now, before) = histories;
    assert_eq!((now.by_user, now.to_destination, now.last), (Sent::default(), Sent::default(), None));
    assert_eq!(now.by_site, sent(1, NOW.minus(HOUR)));
    assert_eq!(before.by_user, sent(1, NOW.minus(HOUR)), "a millisecond earlier it still counts");
    assert_eq!(before.by_site, sent(2, NOW.minus(DAY)));
}

#[actix_web::test]
async fn what_a_clock_that_was_set_back_has_still_to_come_does_not_count() {
    let (_directory, store, site) = new_store().await;
    let history = store
        .write(Shard::NONE, move |db| {
            insert_user(db, site, 9, "alice")?;
            let ahead = |n, millis| delivery(n, site, Timestamp(NOW.0 + millis));
            insert_all(db, &[ahead(1, 60_000), ahead(2, 60_001)])?;
            store::deliveries::history(db, &delivery(3, site, NOW), false)
        })
        .await
        .unwrap();
    // Another replica's clock may be a minute ahead.
    let counted = Timestamp(NOW.0 + 60_000);
    assert_eq!((history.last, history.by_user), (Some(counted), sent(1, counted)));
    assert_eq!((history.to_destination, history.by_site), (sent(1, counted), sent(1, counted)));
}

#[actix_web::test]
async fn a_proven_destination_has_no_count_of_others_nor_a_site_of_what_costs_nothing() {
    let (_directory, store, site) = new_store().await;
    let history = store
        .write(Shard::NONE, move |db| {
            insert_user(db, site, 9, "alice")?;
            let by_mail = |n, at| Delivery { method: Method::Email, ..delivery(n, site, at) };
            insert_all(db, &[by_mail(1, ago(400))])?;
            store::deliveries::history(db, &by_mail(2, NOW), true)
        })
        .await
        .unwrap();
    assert_eq!(history.by_user, sent(1, ago(400)));
    assert_eq!((history.to_destination, history.by_site), (Sent::default(), Sent::default()));
}

#[actix_web::test]
async fn a_delivery_is_pending_until_it_is_settled_and_makes_nobody_wait_once_it_failed() {
    let (_directory, store, site) = new_store().await;
    let (states, waits, counted, unknown) = store
        .write(Shard::NONE, move |db| {
            insert_user(db, site, 9, "alice")?;
            let first = delivery(1, site, ago(10));
            store::deliveries::insert(db, &first)?;
            let (mut states, mut waits) = (Vec::new(), Vec::new());
            for settled in [None, Some(DeliveryState::Accepted), Some(DeliveryState::Failed)] {
                if let Some(state) = settled {
                    store::deliveries::settle(db, first.id, state)?;
                }
                states.push(store::deliveries::state(db, first.id)?);
                waits.push(store::deliveries::history(db, &delivery(2, site, NOW), false)?.last);
            }
            let counted = store::deliveries::history(db, &delivery(2, site, NOW), false)?.by_user;
            Ok::<_, StoreError>((states, waits, counted, store::deliveries::state(db, Id([77; 16]))?))
        })
        .await
        .unwrap();
    assert_eq!(states, [DeliveryState::Pending, DeliveryState::Accepted, DeliveryState::Failed]);
    assert_eq!(waits, [Some(ago(10)), Some(ago(10)), None]);
    assert_eq!(counted, sent(1, ago(10)), "it counts for the caps all the same");
    assert_eq!(unknown, DeliveryState::Failed);
}

#[actix_web::test]
async fn old_deliveries_are_swept_a_few_at_a_time_and_newer_ones_stay() {
    let (_directory, store, site) = new_store().await;
    let swept = store
        .write(Shard::NONE, move |db| {
            insert_user(db, site, 9, "alice")?;
            let old = (1..=3).map(|n| delivery(n, site, ago(100 + u64::from(n))));
            insert_all(db, &old.chain([delivery(4, site, ago(100))]).collect::<Vec<_>>())?;
            let swept = [
                store::deliveries::sweep(db, ago(100), 2)?,
                store::deliveries::sweep(db, ago(100), 2)?,
                store::deliveries::sweep(db, ago(100), 2)?,
            ];
            Ok::<_, StoreError>((swept, store::deliveries::state(db, Id([4; 16]))?))
        })
        .await
        .unwrap();
    assert_eq!((swept.0.map(|swept| swept.rows), swept.1), ([2, 1, 0], DeliveryState::Pending));
}

/// Notices that wait, in the order in which they are due.
async fn due(store: &Store, now: Timestamp) -> Vec<store::outbox::Waiting> {
    store.read(move |db| store::outbox::due(db, now, 50)).await.unwrap()
}

#[actix_web::test]
async fn a_notice_is_due_at_once_and_oldest_first_and_gone_once_it_is_removed() {
    let (_directory, store, site) = new_store().await;
    store
        .write(Shard::NONE, move |db| {
            insert_user(db, site, 9, "alice")?;
            insert_user(db, site, 8, "bob")?;
            store::outbox::insert(db, Id([2; 16]), ALICE, b"second", NOW)?;
            store::outbox::insert(db, Id([1; 16]), ALICE, b"first", ago(1))?;
            store::outbox::insert(db, Id([3; 16]), BOB, b"later", Timestamp(NOW.0 + 1))
        })
        .await
        .unwrap();
    let waiting = due(&store, NOW).await;
    let contents: Vec<_> = waiting.iter().map(|waiting| waiting.sealed.as_slice()).collect();
    assert_eq!(contents, [&b"first"[..], b"second"]);
    assert_eq!((waiting[0].attempts, waiting[0].created_at), (0, ago(1)));
    let left = store
        .write(Shard::NONE, |db| {
            store::outbox::remove(db, Id([1; 16]))?;
            store::outbox::count(db)
        })
        .await
        .unwrap();
    assert_eq!(left, 2);
    let left = store
        .write(Shard::NONE, |db| {
            store::outbox::remove_of_user(db, ALICE)?;
            store::outbox::count(db)
        })
        .await
        .unwrap();
    assert_eq!(left, 1, "another user's");
}

#[actix_web::test]
async fn of_many_that_claim_a_notice_for_an_attempt_one_gets_it() {
    let (place, store, site) = new_store().await;
    let replica = place.open();
    store
        .write(Shard::NONE, move |db| {
            insert_user(db, site, 9, "alice")?;
            store::outbox::insert(db, Id([1; 16]), ALICE, b"sealed", NOW)
        })
        .await
        .unwrap();
    let next = NOW.plus(Duration::from_secs(60));
    let (seen, also_seen) = (due(&store, NOW).await.remove(0), due(&replica, NOW).await.remove(0));
    let mut claims = tokio::task::JoinSet::new();
    for n in 0..20_u8 {
        let (store, seen) =
            if n % 2 == 0 { (store.clone(), seen.clone()) } else { (replica.clone(), also_seen.clone()) };
        claims.spawn(async move {
            store.write(Shard::NONE, move |db| store::outbox::claim(db, &seen, next)).await.unwrap()
        });
    }
    let claimed = claims.join_all().await;
    assert_eq!(claimed.into_iter().filter(|claimed| *claimed).count(), 1);
    assert!(due(&replica, NOW).await.is_empty(), "until the next attempt nobody sees it");

    // A process that died in the middle of it has cost a delay, and no more.
    let again = due(&replica, next).await.remove(0);
    assert_eq!((again.attempts, again.created_at), (1, NOW));
    let later = next.plus(Duration::from_secs(120));
    let (stale, fresh) = store
        .write(Shard::NONE, move |db| {
            let stale = store::outbox::claim(db, &seen, later)?;
            Ok::<_, StoreError>((stale, store::outbox::claim(db, &again, later)?))
        })
        .await
        .unwrap();
    assert_eq!(
        (stale, fresh),
        (false, true),
        "what was seen before the first attempt is no claim to the second"
    );
}
