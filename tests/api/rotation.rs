//! Another master key, as replicas see it that serve meanwhile.

use crate::support::{TestApp, edit, id};
use mfa_sidecar::domain::id::Id;
use mfa_sidecar::keyring::{KeyFile, KeyId};
use mfa_sidecar::service::os_random;
use mfa_sidecar::service::rotation::{Keys, Retired};
use serde_json::json;

fn add_key(app: &TestApp) -> KeyId {
    KeyFile::at(&app.master_key_file()).lock().unwrap().add(&mut os_random()).unwrap()
}

/// All steps, with nothing in the way.
async fn rotate(app: &TestApp) -> Retired {
    let key = add_key(app);
    app.service.refresh_keys().await.unwrap();
    assert!(app.service.activate_key(key).await.unwrap());
    reseal(app).await;
    app.service.retire_keys().await.unwrap()
}

async fn reseal(app: &TestApp) -> u64 {
    let pass = app.service.reseal(|_| {}).await.unwrap();
    assert!(pass.damaged.is_empty(), "{pass:?}");
    let again = app.service.reseal(|_| {}).await.unwrap();
    assert_eq!((again.resealed, again.damaged.len()), (0, 0), "one pass is enough");
    pass.resealed
}

#[tokio::test]
async fn replicas_go_on_through_every_step_and_everything_sealed_is_carried_over() {
    let app = TestApp::requiring(json!(["totp", "email"])).await;
    let other = app.replica();
    let alice = app.enrolled("alice").await;
    let pending = app.begin("bob").await;
    let bob = app.scan(&pending).await;
    let by_mail = app.begin("carol").await;
    let to = json!({"method": "email", "destination": "carol@example.org"});
    app.enroll_with(id(&by_mail), to).await.status(200);
    let code = app.received("email");
    assert_eq!(app.service.keys().await.unwrap(), Keys::One);

    let key = add_key(&app);
    app.service.refresh_keys().await.unwrap();
    assert_eq!(app.service.keys().await.unwrap(), Keys::Prepared(key));
    app.next_step();
    app.sign_in(&alice).await.status(200);
    assert!(app.service.activate_key(key).await.unwrap());
    assert_eq!(app.service.keys().await.unwrap(), Keys::UnderWay);
    app.next_step();
    // The other one has never read the file again: it does when it meets the key.
    other.sign_in(&alice).await.status(200);
    let dave = other.enrolled("dave").await;
    other.service.check_ready().await.unwrap();
    // alice's and bob's state, carol's and the code that she got.
    assert_eq!(reseal(&app).await, 4);
    app.next_step();
    for (replica, user) in [(&app, &dave), (&other, &alice)] {
        replica.sign_in(user).await.status(200);
    }
    other.confirm(id(&pending), &app.code(&bob)).await.status(200);
    other.confirm(id(&by_mail), &code).await.status(200);

    app.advance(3700);
    assert_eq!(app.service.retire_keys().await.unwrap(), Retired::Done);
    KeyFile::at(&app.master_key_file()).lock().unwrap().retire_all_but(&[key]).unwrap();
    assert!(app.service.refresh_keys().await.unwrap());
    assert_eq!(app.service.keys().await.unwrap(), Keys::One);
    let later = other.replica();
    for replica in [&app, &other, &later] {
        app.next_step();
        replica.sign_in(&alice).await.status(200);
    }
}

#[tokio::test]
async fn a_key_does_not_seal_before_every_running_service_has_it() {
    let app = TestApp::with_totp_required().await;
    let other = app.replica();
    let (one, two) = (Id([1; 16]), Id([2; 16]));
    app.service.announce(one).await.unwrap();
    other.service.announce(two).await.unwrap();
    let key = add_key(&app);
    app.service.refresh_keys().await.unwrap();
    assert!(!app.service.activate_key(key).await.unwrap());
    app.service.announce(one).await.unwrap();
    assert_eq!(app.service.without_key(key).await.unwrap(), 1);
    assert!(!app.service.activate_key(key).await.unwrap());
    other.service.refresh_keys().await.unwrap();
    other.service.announce(two).await.unwrap();
    assert!(app.service.activate_key(key).await.unwrap());

    // One that was killed is waited for a minute.
    assert_eq!(rotate_to_the_end(&app).await, Retired::Done);
    let next = add_key(&app);
    app.service.refresh_keys().await.unwrap();
    app.service.announce(one).await.unwrap();
    assert!(!app.service.activate_key(next).await.unwrap(), "the other one was seen a moment ago");
    app.advance(61);
    app.service.announce(one).await.unwrap();
    assert!(app.service.is_first(one).await.unwrap() && !app.service.is_first(two).await.unwrap());
    assert!(app.service.activate_key(next).await.unwrap());
    app.service.take_leave(one).await.unwrap();
    assert_eq!(app.service.without_key(KeyId::default()).await.unwrap(), 0);
}

async fn rotate_to_the_end(app: &TestApp) -> Retired {
    reseal(app).await;
    let newest = app.service.newest_key().await.unwrap();
    let retired = app.service.retire_keys().await.unwrap();
    KeyFile::at(&app.master_key_file()).lock().unwrap().retire_all_but(&[newest]).unwrap();
    app.service.refresh_keys().await.unwrap();
    retired
}

#[tokio::test]
async fn limits_on_sent_codes_count_on_under_another_key() {
    let app = TestApp::requiring(json!(["email"])).await;
    let to = || json!({"method": "email", "destination": "shared@example.org"});
    for n in 0..10 {
        let login = app.begin(format!("user{n}").as_str()).await;
        app.enroll_with(id(&login), to()).await.status(200);
        app.advance(31);
    }
    let until = match rotate(&app).await {
        Retired::CountedUntil(until) => until,
        Retired::Done => panic!("the old key still counts"),
    };
    let login = app.begin("user10").await;
    app.enroll_with(id(&login), to()).await.problem("throttled");
    let left = until.seconds() - app.now();
    assert!((3500..3700).contains(&left), "{left}");
    app.advance(u64::try_from(left).unwrap());
    assert_eq!(app.service.retire_keys().await.unwrap(), Retired::Done);
    let login = app.begin("user10").await;
    app.enroll_with(id(&login), to()).await.status(200);
}

#[tokio::test]
async fn a_blob_under_a_key_that_nobody_has_is_an_error_and_keeps_the_older_keys() {
    let app = TestApp::with_totp_required().await;
    let (alice, bob) = (app.enrolled("alice").await, app.enrolled("bob").await);
    edit(
        &app,
        &["UPDATE authenticators SET state = CAST(x'0000000000000000' || substr(state, 9) AS BLOB) \
           WHERE user_id = (SELECT id FROM users WHERE user_id = CAST('alice' AS BLOB))"],
    );
    let key = add_key(&app);
    app.service.refresh_keys().await.unwrap();
    assert!(app.service.activate_key(key).await.unwrap());
    let pass = app.service.reseal(|_| {}).await.unwrap();
    assert_eq!((pass.resealed, pass.damaged.len()), (1, 1));
    app.next_step();
    let login = app.begin("alice").await;
    app.answer(id(&login), &app.code(&alice.phone)).await.problem("unavailable");
    app.sign_in(&bob).await.status(200);
}
