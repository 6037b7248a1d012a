//! mfa-sidecar: multi-factor authentication beside a login that has only a password.
//!
//! Read in this order: [`domain`] (the rules, pure), [`store`] (what is kept), [`keyring`] (how secrets are sealed),
//! [`delivery`] (how people are written to), [`service`] (the stories: what happens in one transaction), [`http`] (the
//! API), [`cli`] (the command line), [`config`] and [`app`] (how it all is put together).
//!
//! # Glossary
//! *Host*: the CMS or CRM whose login is protected. *Site*: one host installation with its own policy, users and keys.
//! *User*: the host's user. *Authenticator*: something that a user has enrolled. *Method*: its kind. *Login*: one
//! attempt by one user, begun by the host after it has proven the password. *Epoch*: a user's security epoch; what began
//! in an older one is void.

#[cfg(not(any(feature = "sqlite", feature = "postgres", feature = "mysql")))]
compile_error!("build with a database: at least one of the features `sqlite`, `postgres` and `mysql`");

pub mod app;
pub mod cli;
pub mod config;
pub mod delivery;
pub mod domain;
pub mod http;
pub mod keyring;
pub mod service;
pub mod store;
