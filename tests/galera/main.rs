//! Two replicas on two nodes of a Galera cluster of three, while nodes die and are cut off. `TEST_REPLICA_URLS` names
//! the nodes, and `TEST_GALERA_PIDS` the files with their process ids, apart by blanks; who started them starts again
//! what dies. One test at a time: they share the cluster.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

#[path = "../support/answer.rs"]
mod answer;
#[path = "../support/client.rs"]
mod client;
#[path = "../support/installation.rs"]
#[allow(dead_code, reason = "the tests of the process use more of it")]
mod installation;
#[path = "../replicas/load.rs"]
#[allow(dead_code, reason = "the tests of replicas use more of it")]
mod load;
#[path = "../replicas/pair.rs"]
#[allow(dead_code, reason = "the tests of replicas use more of it")]
mod pair;
#[path = "../support/phone.rs"]
#[allow(dead_code, reason = "here all codes are right")]
mod phone;

use answer::Answer;
use diesel::connection::SimpleConnection as _;
use installation::{DEADLINE, Sidecar, now};
use load::Load;
use pair::Pair;
use reqwest::Method;
use rustix::process::{Pid, Signal, kill_process};
use std::time::{Duration, Instant};

/// Longer than a cluster takes to find that a node is gone, and to go on without it.
const PATIENCE: Duration = Duration::from_secs(10);

fn kill_node(node: usize) {
    let files = std::env::var("TEST_GALERA_PIDS").expect("TEST_GALERA_PIDS names the nodes: see make galera");
    let text = std::fs::read_to_string(files.split_whitespace().nth(node).unwrap()).unwrap();
    kill_process(Pid::from_raw(text.trim().parse().unwrap()).unwrap(), Signal::KILL).unwrap();
}

/// Asks again until the replica is ready, or not; how long it took.
async fn until_ready(replica: &Sidecar, ready: bool) -> Duration {
    let began = Instant::now();
    while (Answer::to(replica.call(Method::GET, "/readyz", "")).await.status == 200) != ready {
        assert!(began.elapsed() < DEADLINE, "ready: {ready}, within {DEADLINE:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    began.elapsed()
}

#[tokio::test]
async fn a_node_that_is_killed_under_load_costs_no_login_and_comes_back() {
    let pair = Pair::with_totp_required();
    let load = Load::start(&pair, 8);
    for (node, replica) in [&pair.a, &pair.b].into_iter().enumerate() {
        load.passes(40).await;
        kill_node(node);
        // The replica at the other node goes on.
        load.passes(40).await;
        let back = until_ready(replica, true).await;
        println!("the node is back after {back:?}");
    }
    load.passes(40).await;
    let (passed, turned_away) = load.end().await;
    println!("{passed} logins passed, {turned_away} calls went to the other replica");
    println!("{} conflicts between transactions", pair.conflicts().await);
}

#[tokio::test]
async fn a_node_that_is_cut_off_passes_nobody_and_learns_what_was_spent_meanwhile() {
    let pair = Pair::with_totp_required();
    let (phone, ..) = pair.a.enrolled("alice").await;
    let (login, other) = (pair.a.begin("alice").await, pair.b.begin("alice").await);
    let code = phone.code_at(now() + 30);
    let mut node = pair.place.open(0);
    let isolate = |on: u8| format!("SET GLOBAL wsrep_provider_options = 'gmcast.isolate={on}'");
    node.batch_execute(&isolate(1)).unwrap();

    // At once, before the nodes have noticed, and then for as long as it is cut off.
    let began = Instant::now();
    let mut first = None;
    for _ in 0..20 {
        pair.a.answer(&login, &code).await.problem("unavailable");
        first.get_or_insert_with(|| began.elapsed());
    }
    println!("the first answer came after {:?}", first.unwrap());
    assert!(first.unwrap() < PATIENCE);
    pair.a.post("/v1/logins", pair::user("bob")).await.problem("unavailable");
    until_ready(&pair.a, false).await;
    pair.b.answer(&login, &code).await.status(200);

    // Settings can be changed on a node that is cut off as well.
    node = pair.place.open(0);
    node.batch_execute(&isolate(0)).unwrap();
    println!("the node is back after {:?}", until_ready(&pair.a, true).await);
    assert_eq!(pair.a.read(&login).await.status(200)["status"], "passed");
    pair.a.answer(&other, &code).await.problem("code-rejected");
    pair.a.answer(&login, &code).await.problem("login-not-pending");
}

#[tokio::test]
async fn a_node_that_lags_behind_answers_when_it_has_caught_up() {
    let pair = Pair::with_totp_required();
    let mut node = pair.place.open(1);
    node.batch_execute("SET GLOBAL wsrep_desync = ON; FLUSH TABLES WITH READ LOCK").unwrap();
    let login = pair.a.begin("alice").await;
    let catch_up = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        node.batch_execute("UNLOCK TABLES; SET GLOBAL wsrep_desync = OFF").unwrap();
    };
    let (read, ()) = tokio::join!(pair.b.read(&login), catch_up);
    assert_eq!(read.status(200), login);
}
