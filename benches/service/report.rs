//! Everything that a run has found, for bench.json.

use crate::Failure;
use crate::aims::Aim;
use crate::database::Kind;
use crate::levels::Level;
use crate::logins::{At, Flood};
use crate::machine::Machine;
use crate::php::Call;
use crate::setting::Setting;
use crate::sizes::Size;
use serde::Serialize;

/// The whole run.
#[derive(Serialize)]
pub struct Report {
    pub machine: Machine,
    /// Seconds that each figure was measured, and how often.
    pub seconds: f64,
    pub repeat: usize,
    pub databases: Vec<OnDatabase>,
    pub sizes: Vec<Size>,
    pub php: Vec<Call>,
    pub aims: Vec<Aim>,
}

/// What was measured on one database; a part that did not run is empty.
#[derive(Serialize)]
pub struct OnDatabase {
    pub kind: Kind,
    pub version: String,
    /// What says how durable a commit is.
    pub settings: Vec<(&'static str, String)>,
    pub start: Option<Start>,
    pub levels: Vec<Level>,
    pub logins: Vec<At>,
    pub enrollments: Vec<At>,
    pub flood: Option<Flood>,
}

/// The process itself.
#[derive(Default, Serialize)]
pub struct Start {
    /// Milliseconds from the start of the process until it is ready, the median of five.
    pub ready_ms: f64,
    /// In memory before any load.
    pub idle_mib: f64,
    /// In memory after it.
    pub loaded_mib: f64,
}

impl Start {
    /// Starts the service again and again; leaves open what load shows.
    pub fn measure(setting: &Setting<'_>) -> Result<Self, Failure> {
        let starts = (0..5).map(|_| Ok(setting.start()?.ready_after.as_secs_f64() * 1000.0));
        let mut starts = starts.collect::<Result<Vec<_>, Failure>>()?;
        starts.sort_by(f64::total_cmp);
        Ok(Self { ready_ms: starts[2], ..Self::default() })
    }
}
