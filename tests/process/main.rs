//! The executable as an operator knows it: started, killed, told by its command line, read in its logs. Codes come from
//! `oathtool` at the machine's own time; where another step is needed it is the next one, which the window admits.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

#[path = "../support/answer.rs"]
mod answer;
#[path = "../support/client.rs"]
mod client;
mod commands;
mod copying;
mod dashboard;
mod durability;
mod files;
#[path = "../support/gateway.rs"]
#[allow(dead_code, reason = "the tests of delivery use more of it")]
mod gateway;
mod house;
#[path = "../support/installation.rs"]
mod installation;
mod leaks;
mod outbox;
#[path = "../support/phone.rs"]
mod phone;
mod rotation;
mod serving;
mod settings;
#[path = "../support/sink.rs"]
mod sink;
