//! Faults, made for real while logins go on: processes killed, disks filled, networks cut, clocks moved, rows damaged.
//! After each, what was answered must hold and no code may have been accepted twice ([`judge`]), and the service must
//! be back by itself or have said what it needs.
//!
//! `make test` runs one short round of each, `make chaos` as many as `CHAOS_ROUNDS` says; both leave a line for each
//! fault in `target/tmp/chaos`. Database servers are the harness's own ([`servers`]), on a disk and with fsync, as they
//! come; file systems are images that it mounts, which needs root.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

#[path = "../support/answer.rs"]
#[allow(dead_code, reason = "the tests of processes use more of it")]
mod answer;
mod caller;
#[path = "../support/client.rs"]
mod client;
mod clocks;
mod damaged;
#[path = "../support/installation.rs"]
#[allow(dead_code, reason = "the tests of processes use more of it")]
mod installation;
mod judge;
mod killed;
mod load;
mod locked;
mod master_key;
mod network;
#[path = "../support/phone.rs"]
#[allow(dead_code, reason = "the load needs more codes than a program can be started for")]
mod phone;
mod proxy;
mod records;
mod restored;
mod servers;
mod site;
mod storage;
mod two_services;
mod users;
mod volume;

/// How many rounds of a fault to make: `short` in `make test`, up to `full` where `CHAOS_ROUNDS` asks for so many.
fn rounds(short: usize, full: usize) -> usize {
    let asked = std::env::var("CHAOS_ROUNDS").ok();
    asked.map_or(short, |text| text.parse::<usize>().expect("CHAOS_ROUNDS is a number").clamp(1, full))
}
