//! What the running service does by itself.

use crate::installation::{Installation, poll};
use diesel::sql_types::BigInt;
use diesel::{QueryableByName, RunQueryDsl as _, sql_query};
use mfa_sidecar::store::AnyConnection;

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

#[tokio::test]
async fn a_backlog_of_old_logins_is_gone_soon_after_the_start() {
    let installation = Installation::new();
    let sidecar = installation.serve_required();
    for n in 0..600 {
        sidecar.begin(&n.to_string()).await;
    }
    sidecar.kill_9();
    let mut db =
        AnyConnection::open(&format!("sqlite:{}", installation.data().join("mfa.sqlite3").display()))
            .unwrap();
    // As if the service had stood still for a day; the one that was killed is silent since then.
    for table in
        ["logins SET created_at = created_at - 86400000", "replicas SET seen_at = seen_at - 86400000"]
    {
        sql_query(format!("UPDATE {table}")).execute(&mut db).unwrap();
    }
    let sidecar = installation.serve(&[]);
    poll("the old logins are gone", || {
        let left: Count = sql_query("SELECT count(*) AS n FROM logins").get_result(&mut db).unwrap();
        (left.n == 0).then_some(())
    });
    let metrics =
        sidecar.client.get(format!("{}/metrics", sidecar.base)).send().await.unwrap().text().await.unwrap();
    assert!(metrics.contains("mfa_swept_rows_total{kind=\"logins\"} 600"), "{metrics}");
    sidecar.begin("alice").await;
}
