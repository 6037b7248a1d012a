//! Once a key is the newest one, nothing more is written under an older one, whoever is about to.

use crate::{NOW, Place};
use mfa_sidecar::domain::id::Id;
use mfa_sidecar::domain::shard::Shard;
use mfa_sidecar::domain::time::Timestamp;
use mfa_sidecar::store::master_keys::{hold, hold_alone, insert, known, remove, renew};
use mfa_sidecar::store::replicas::{Replica, announce, seen_since};
use mfa_sidecar::store::{Db, StoreError};
use tokio::task::JoinSet;

/// Writes, as whoever seals does, a row that says which key was the newest.
fn seal(db: &mut Db, number: u16) -> Result<(), StoreError> {
    hold(db)?;
    let newest = known(db)?.pop().ok_or(StoreError::Corrupt("master_keys"))?;
    let [a, b] = number.to_be_bytes();
    let id = Id([a, b, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    announce(db, &Replica { id, key_ids: newest.id }, NOW)
}

fn sealed_under(db: &mut Db, key: u8) -> Result<usize, StoreError> {
    let all = seen_since(db, Timestamp(0))?;
    Ok(all.iter().filter(|row| row.key_ids == [key; 8]).count())
}

#[actix_web::test]
async fn who_seals_while_another_key_becomes_the_newest_is_waited_for_or_seals_under_that_one() {
    const ROWS: u16 = 400;
    let place = Place::new();
    let (one, two) = (place.open(), place.open());
    one.write(Shard::NONE, |db| insert(db, &[1; 8], b"known", NOW)).await.unwrap();
    let mut tasks = JoinSet::new();
    for number in 0..ROWS {
        let store = if number % 2 == 0 { one.clone() } else { two.clone() };
        let shard = Shard::of_login(&char::from(b'A' + u8::try_from(number % 26).unwrap()).to_string());
        tasks.spawn(async move { store.write(shard, move |db| seal(db, number)).await.unwrap() });
    }
    for _ in 0..ROWS / 8 {
        tasks.join_next().await.unwrap().unwrap();
    }
    let before = two
        .write(Shard::NONE, |db| {
            hold_alone(db)?;
            renew(db, &[1; 8], b"known again")?;
            insert(db, &[2; 8], b"known", Timestamp(NOW.0 + 1))?;
            sealed_under(db, 1)
        })
        .await
        .unwrap();
    while let Some(task) = tasks.join_next().await {
        task.unwrap();
    }
    let (old, new) =
        one.read(|db| Ok::<_, StoreError>((sealed_under(db, 1)?, sealed_under(db, 2)?))).await.unwrap();
    assert_eq!(old, before, "none under the old key after that");
    assert_eq!(old + new, usize::from(ROWS));
}

#[actix_web::test]
async fn keys_are_known_in_the_order_of_their_time() {
    let place = Place::new();
    let store = place.open();
    let ids = store
        .write(Shard::NONE, |db| {
            insert(db, &[2; 8], b"second", Timestamp(2))?;
            insert(db, &[1; 8], b"third", Timestamp(3))?;
            insert(db, &[3; 8], b"first", Timestamp(1))?;
            renew(db, &[1; 8], b"renewed")?;
            remove(db, &[2; 8])?;
            Ok::<_, StoreError>(known(db)?.into_iter().map(|key| (key.id, key.sealed)).collect::<Vec<_>>())
        })
        .await
        .unwrap();
    assert_eq!(ids, [(vec![3; 8], b"first".to_vec()), (vec![1; 8], b"renewed".to_vec())]);
}
