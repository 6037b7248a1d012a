//! The real server, started in this process on a port of its own with a clock that only tests move, and a method for
//! each call of the API.

mod calls;
mod database;
mod server;
mod stories;

pub use calls::{User, id};
pub use database::{edit, open, run};
pub use server::{START, Setup, TestApp};
pub use stories::{Enrolled, both, together};
