//! A new version is brought in while logins go on: one replica is stopped and started, then the other one.

use crate::load::Load;
use crate::pair::Pair;
use std::sync::Arc;

#[tokio::test]
async fn a_rolling_restart_loses_no_login_and_takes_no_code_twice() {
    let pair = Pair::with_totp_required();
    let load = Load::start(&pair, 8);
    load.passes(40).await;
    for (n, replica) in [&pair.a, &pair.b].into_iter().enumerate() {
        replica.terminate();
        load.passes(40).await;
        let installation = Arc::clone(&pair.place.installations[n]);
        let started = tokio::task::spawn_blocking(move || installation.serve(&[])).await.unwrap();
        load.replace(n, Arc::new(started));
        load.passes(40).await;
        assert!(replica.log().contains("stopped"), "it has come to its end");
    }
    let (passed, turned_away) = load.end().await;
    assert!(passed >= 200);
    println!("{passed} logins passed, {turned_away} calls went to the other replica");
}
