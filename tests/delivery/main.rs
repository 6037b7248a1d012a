//! Messages over real connections: a mail server and an SMS gateway on this machine, as they should be and as they
//! should not.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

mod certificates;
mod doctor;
#[path = "../support/gateway.rs"]
mod gateway;
mod log;
#[path = "../support/sink.rs"]
mod sink;
mod sms;
mod smtp;

use mfa_sidecar::delivery::DeliveryError;
use std::net::TcpListener;
use std::time::Duration;

/// What a sender waits here for a server that says nothing.
const SHORT: Duration = Duration::from_millis(300);

/// A server that accepts connections and never says a word, as long as it is kept; and its port.
fn mute() -> (TcpListener, u16) {
    // The system accepts for it: nobody needs to.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

/// A port that nobody listens on.
fn gone() -> u16 {
    mute().1
}

#[track_caller]
fn refused(result: Result<(), DeliveryError>) -> String {
    match result {
        Err(DeliveryError::Refused(text)) => text,
        other => panic!("refused: {other:?}"),
    }
}

#[track_caller]
fn no_answer(result: Result<(), DeliveryError>) -> String {
    match result {
        Err(DeliveryError::NoAnswer(text)) => text,
        other => panic!("no answer: {other:?}"),
    }
}
