//! Two processes of the service on one database, as an operator starts them. `TEST_REPLICA_URLS` names the server that
//! each of them talks to (on a cluster, another node), apart by blanks; where it names one, both talk to that.
//! Without it the tests fail. Codes come from `oathtool` at the machine's own time.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

#[path = "../support/answer.rs"]
mod answer;
#[path = "../support/client.rs"]
mod client;
#[path = "../support/installation.rs"]
#[allow(dead_code, reason = "the tests of the process use more of it")]
mod installation;
mod load;
mod notices;
mod pair;
#[path = "../support/phone.rs"]
mod phone;
mod rolling;
mod single_use;
#[path = "../support/sink.rs"]
mod sink;
mod start;
mod steps;
mod throttle;
