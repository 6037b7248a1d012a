//! The API as its clients see it: each file tells one story against the real server. Codes come from `oathtool`; the
//! clock is moved, never waited for.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

mod administration;
mod adversarial;
#[path = "../support/answer.rs"]
mod answer;
mod audit;
mod authority;
#[path = "../support/client.rs"]
mod client;
mod code_binding;
mod concurrency;
mod copied;
mod deliveries;
mod destinations;
mod enrollment;
mod import;
mod later_login;
mod login_states;
mod notices;
mod old_factor;
mod one_time_pass;
mod out_of_band;
mod own_ids;
mod parallel_enrollments;
#[path = "../support/phone.rs"]
mod phone;
mod policy;
mod policy_at_login;
mod recovery_codes;
mod requests;
mod retention;
mod roster;
mod rotation;
mod sealed_rows;
mod seed;
mod self_service;
mod sending_limits;
mod step_up;
mod support;
#[path = "../support/test_database.rs"]
mod test_database;
mod throttle;
mod trusted_devices;
mod user_ids;
