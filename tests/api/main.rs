//! The API as its clients see it: each file tells one story against the real server. Codes come from `oathtool`; the
//! clock is moved, never waited for.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

#[path = "../support/answer.rs"]
mod answer;
mod enrollment;
mod later_login;
mod login_states;
#[path = "../support/phone.rs"]
mod phone;
mod policy;
mod recovery_codes;
mod support;
mod throttle;
