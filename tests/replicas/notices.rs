//! Notices: two replicas send, and each is sent once.

use crate::installation::{now, poll};
use crate::pair::Pair;
use crate::sink::Sink;
use diesel::sql_types::BigInt;
use diesel::{QueryableByName, RunQueryDsl as _, sql_query};
use serde_json::json;
use std::collections::HashSet;

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    waiting: i64,
}

#[tokio::test]
async fn two_replicas_send_each_notice_once() {
    const USERS: usize = 30;
    let sink = Sink::start(&[]);
    let directory = tempfile::tempdir().unwrap();
    let config = directory.path().join("mail.toml");
    let text = format!("smtp_url = \"smtp://localhost:{}\"\nmail_from = \"mfa@example.org\"\n", sink.port);
    std::fs::write(&config, text).unwrap();
    let pair = Pair::requiring(&["totp"], &["--config", config.to_str().unwrap()]);
    for n in 0..USERS {
        let user = json!({"id": n.to_string(), "name": "x", "email": format!("{n}@example.org")});
        let login = pair.nth(n).post("/v1/logins", json!({"user": user})).await.status(201);
        let confirm = json!({"code": pair.nth(n).scan(&login).await.code_at(now())});
        pair.nth(n / 2).of(&login, "enrollment/confirm", confirm).await.status(200);
    }
    let mut database = pair.place.open(0);
    poll("all are sent", || {
        let count = sql_query("SELECT count(*) AS waiting FROM outbox").get_result::<Count>(&mut database);
        (count.unwrap().waiting == 0).then_some(())
    });
    let sent = sink.end();
    let to: HashSet<_> = sent.iter().map(|mail| mail["to"][0].as_str().unwrap()).collect();
    assert_eq!((sent.len(), to.len()), (USERS, USERS));
}
