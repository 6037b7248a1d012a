//! Checks among so many users, who come in an order that has nothing to do with how they are stored.

use crate::Failure;
use crate::database::{Database, Kind};
use crate::figure::{Figure, Sample};
use crate::levels::{begin_and_check, strict};
use crate::load::Plan;
use crate::options::Options;
use crate::setting::Setting;
use serde::Serialize;
use std::time::Duration;

/// What was measured among so many users.
#[derive(Serialize)]
pub struct Size {
    pub database: Kind,
    pub users: u32,
    pub levels: Vec<(usize, Figure)>,
}

/// Logins begun and then answered at a time: as many as the smallest size has users, so that every size does the same.
const ROUND: usize = 10_000;

/// Each size on each database.
pub async fn measure(options: &Options) -> Result<Vec<Size>, Failure> {
    let mut sizes = Vec::new();
    for &kind in &options.sizes_on {
        for &users in &options.users {
            let database = Database::populated(kind, users, options).await?;
            let setting = Setting::on(database, 0..users, options)?;
            sizes.push(Size { database: kind, users, levels: levels(&setting).await? });
        }
    }
    Ok(sizes)
}

async fn levels(setting: &Setting<'_>) -> Result<Vec<(usize, Figure)>, Failure> {
    let service = setting.start()?;
    let mut levels = Vec::new();
    for concurrency in [64, 256] {
        setting.progress(&format!("{} users, {concurrency} at a time", setting.users.len()));
        // Ends when all have had their turn.
        let plan =
            Plan { concurrency, warm_up: Duration::from_millis(20), measured: Duration::from_secs(60) };
        // The first round finds nothing in memory, and is not counted.
        begin_and_check(setting, &service, plan, ROUND).await?;
        let mut samples = Vec::new();
        for _ in 0..setting.options.repeat {
            samples.push(rounds(setting, &service, plan).await?);
        }
        levels.push((concurrency, Figure::of(samples)));
    }
    Ok(levels)
}

/// Rounds until checks have been measured for as long as a figure should be.
async fn rounds(
    setting: &Setting<'_>,
    service: &crate::sidecar::Sidecar,
    plan: Plan,
) -> Result<Sample, Failure> {
    let mut checks: Vec<Sample> = Vec::new();
    while checks.iter().map(|sample| sample.elapsed).sum::<Duration>() < setting.options.measured() {
        let (begun, check) = begin_and_check(setting, service, plan, ROUND).await?;
        strict("beginning", begun)?;
        checks.push(strict("check", check)?);
    }
    Ok(Sample::joined(checks))
}

impl Size {
    /// The rate at this concurrency as a share of that with the fewest users.
    pub fn share(&self, concurrency: usize, all: &[Self]) -> Option<f64> {
        let rate = |size: &Self| size.levels.iter().find(|(c, _)| *c == concurrency).map(|(_, f)| f.rate);
        let smallest =
            all.iter().filter(|size| size.database == self.database).min_by_key(|size| size.users)?;
        Some(rate(self)? / rate(smallest)?)
    }
}
