//! What the service is to reach, beside what it reaches.

use crate::database::Kind;
use crate::report::Report;
use serde::Serialize;

/// A ratio or a time, and where it should be.
#[derive(Serialize)]
pub struct Aim {
    pub what: String,
    pub is: f64,
    pub unit: &'static str,
    /// The least, if more is better; else the most.
    pub bound: f64,
    pub more_is_better: bool,
}

impl Aim {
    fn at_least(what: String, is: f64, unit: &'static str, bound: f64) -> Self {
        Self { what, is, unit, bound, more_is_better: true }
    }

    fn at_most(what: String, is: f64, unit: &'static str, bound: f64) -> Self {
        Self { what, is, unit, bound, more_is_better: false }
    }

    pub fn is_met(&self) -> bool {
        if self.more_is_better { self.is >= self.bound } else { self.is <= self.bound }
    }
}

/// The aims that the run says something about.
pub fn of(report: &Report) -> Vec<Aim> {
    let mut aims = Vec::new();
    for database in &report.databases {
        let name = database.kind.name();
        for level in &database.levels {
            let at = level.concurrency;
            let to_no_op = 100.0 * level.check.rate / level.no_op.rate;
            let to_baseline = level.check.rate / level.baseline_check.rate;
            let (share, factor) = match (database.kind, at) {
                (Kind::Sqlite, 64 | 256) => (Some(25.0), 6.0),
                (Kind::Postgres, 256) => (Some(100.0 / 6.0), 4.0),
                (Kind::Mariadb, 256) => (None, 2.5),
                _ => continue,
            };
            let what = format!("{name}, {at} at a time: checks to no-ops");
            aims.extend(share.map(|share| Aim::at_least(what, to_no_op, " %", share)));
            let what = format!("{name}, {at} at a time: checks to a transaction each");
            aims.push(Aim::at_least(what, to_baseline, " times", factor));
        }
        if let Some(flood) = &database.flood {
            let what = format!("{name}: p99 of logins under a flood of recovery codes to p99 without");
            aims.push(Aim::at_most(what, flood.flooded.p99 / flood.alone.p99, " times", 2.0));
        }
        let at_64 = database.logins.iter().find(|at| at.concurrency == 64 && database.kind == Kind::Sqlite);
        aims.extend(at_64.map(|at| {
            Aim::at_most(format!("{name}, 64 at a time: p99 of whole logins"), at.figure.p99, " ms", 10.0)
        }));
    }
    for size in report.sizes.iter().filter(|size| size.users == 5_000_000) {
        for (concurrency, _) in &size.levels {
            let what = format!(
                "{}, {concurrency} at a time: checks with 5 million users to 10 thousand",
                size.database.name()
            );
            aims.extend(
                size.share(*concurrency, &report.sizes)
                    .map(|share| Aim::at_least(what, 100.0 * share, " %", 80.0)),
            );
        }
    }
    aims
}
