//! What has served its time goes by itself; what has not, stays.

use crate::support::{Setup, TestApp, id, open};
use diesel::sql_types::BigInt;
use diesel::{QueryableByName, RunQueryDsl as _, sql_query};
use mfa_sidecar::service::retention::Step;
use serde_json::json;
use std::time::Duration;

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

fn count(app: &TestApp, table: &str) -> i64 {
    let count: Count =
        sql_query(format!("SELECT count(*) AS n FROM {table}")).get_result(&mut open(app)).unwrap();
    count.n
}

/// Sweeps for as long as there is more; how many rows went, in how many steps.
async fn sweep(app: &TestApp) -> (usize, usize) {
    let (mut rows, mut steps) = (0, 0);
    loop {
        let step = app.service.sweep().await.unwrap();
        rows += step.rows;
        steps += 1;
        if !step.more {
            return (rows, steps);
        }
    }
}

#[tokio::test]
async fn logins_codes_passes_and_notices_go_when_their_time_is_over_and_not_before() {
    let app = TestApp::requiring(json!(["totp", "email"])).await;
    let alice = app.enrolled(json!({"id": "alice", "name": "alice", "email": "alice@example.org"})).await;
    let login = app.begin("bob").await;
    app.enroll_with(id(&login), json!({"method": "email", "destination": "bob@example.org"}))
        .await
        .status(200);
    app.issue_pass("alice", json!({"expires_in": 900})).await.status(201);
    let logins = count(&app, "logins");
    assert!(logins >= 2 && count(&app, "deliveries") == 1 && count(&app, "one_time_passes") == 1);
    app.advance(899);
    assert_eq!(app.service.sweep().await.unwrap(), Step::default());
    app.advance(1);
    assert_eq!(sweep(&app).await.0, 1);
    assert_eq!((count(&app, "one_time_passes"), count(&app, "logins")), (0, logins));
    app.advance(2 * 3600 - 900);
    sweep(&app).await;
    assert_eq!(count(&app, "logins"), 1, "alice's was older, bob's has just this moment");
    app.advance(1);
    sweep(&app).await;
    assert_eq!((count(&app, "logins"), count(&app, "deliveries")), (0, 1));
    app.advance(2 * 86_400);
    sweep(&app).await;
    assert_eq!((count(&app, "deliveries"), count(&app, "outbox")), (0, 2));
    app.advance(86_400);
    sweep(&app).await;
    assert_eq!(count(&app, "outbox"), 0, "nobody tries to send it");
    app.sign_in(&alice).await.status(200);
}

#[tokio::test]
async fn audit_events_are_kept_for_as_long_as_is_set_in_every_site() {
    let mut app =
        TestApp::start_with(Setup { audit_kept: Some(Duration::from_secs(86_400)), ..Setup::default() })
            .await;
    let second = app.with_site("second", "Second").await;
    app.begin("alice").await;
    let before = count(&app, "audit_events");
    assert!(before >= 2);
    app.advance(86_400);
    sweep(&app).await;
    assert_eq!(count(&app, "audit_events"), before);
    app.advance(1);
    second.begin("bob").await;
    let fresh = count(&app, "audit_events") - before;
    sweep(&app).await;
    assert_eq!(count(&app, "audit_events"), fresh, "what is younger stays");
    app = app.replica_with(Setup { audit_kept: None, ..Setup::default() });
    app.advance(100 * 365 * 86_400);
    sweep(&app).await;
    assert_eq!(count(&app, "audit_events"), fresh, "for ever");
}

#[tokio::test]
async fn a_backlog_goes_step_by_step_from_two_replicas_at_once() {
    let app = TestApp::start().await;
    let other = app.replica();
    for n in 0..600 {
        app.begin(format!("user{n}").as_str()).await;
    }
    app.advance(3 * 3600);
    let newest = app.begin("newest").await;
    let ((here, steps), (there, others)) = tokio::join!(sweep(&app), sweep(&other));
    assert!(steps + others > 2, "{steps} and {others} steps");
    assert!(here + there >= 600, "each row by one of them, or by both: {here} and {there}");
    assert_eq!(count(&app, "logins"), 1);
    app.read(id(&newest)).await.status(200);
}
