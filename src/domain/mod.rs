//! The rules, pure: no web framework, database, runtime, environment or clock. Time and randomness are arguments.

pub mod audit;
pub mod destination;
pub mod enrollment;
pub mod factor;
pub mod id;
pub mod login;
pub mod look_up_secret;
pub mod notice;
pub mod one_time_pass;
pub mod out_of_band;
pub mod policy;
pub mod recovery_code;
pub mod secret;
pub mod shard;
pub mod sms_limits;
pub mod throttle;
pub mod time;
pub mod totp;
pub mod trusted_device;
pub mod verification;
