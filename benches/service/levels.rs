//! At each concurrency: no-op, beginning, check; and the same executable with a transaction for each request.

use crate::Failure;
use crate::figure::{Figure, Sample};
use crate::jobs::{Begin, Begun, Check, NoOp};
use crate::load::{Plan, drive};
use crate::report::Start;
use crate::setting::Setting;
use crate::sidecar::Sidecar;
use serde::Serialize;
use std::rc::Rc;
use std::time::Duration;

/// What was measured at one concurrency.
#[derive(Serialize)]
pub struct Level {
    pub concurrency: usize,
    /// A POST that reads key and body and writes nothing.
    pub no_op: Figure,
    /// Logins begun.
    pub begun: Figure,
    /// Right codes answered.
    pub check: Figure,
    /// The same with a transaction for each request.
    pub baseline_begun: Figure,
    pub baseline_check: Figure,
}

#[derive(Default)]
struct Samples {
    no_op: Vec<Sample>,
    begun: Vec<Sample>,
    check: Vec<Sample>,
    baseline_begun: Vec<Sample>,
    baseline_check: Vec<Sample>,
}

/// Takes turns between the two ways, so that what changes on the machine meanwhile touches both.
pub async fn measure(setting: &Setting<'_>) -> Result<(Start, Vec<Level>), Failure> {
    let levels = &setting.options.levels;
    let mut samples: Vec<Samples> = levels.iter().map(|_| Samples::default()).collect();
    let start = Start::measure(setting)?;
    let (mut idle_mib, mut loaded_mib) = (0.0, 0.0);
    for round in 0..setting.options.repeat {
        let service = setting.start()?;
        if round == 0 {
            idle_mib = service.resident_mib()?;
        }
        for (&concurrency, samples) in levels.iter().zip(&mut samples) {
            setting.progress(&format!("round {}, {concurrency} at a time", round + 1));
            let no_op = Rc::new(NoOp(Rc::clone(&setting.host)));
            // It waits for nothing, so that a third of the time shows as much.
            let plan = Plan { measured: setting.options.measured() / 3, ..setting.plan(concurrency) };
            samples.no_op.push(strict("no-op", drive(&service, plan, no_op).await?)?);
            let (begun, check) =
                begin_and_check(setting, &service, setting.plan(concurrency), usize::MAX).await?;
            samples.begun.push(strict("beginning", begun)?);
            samples.check.push(strict("check", check)?);
        }
        if round == 0 {
            loaded_mib = service.resident_mib()?;
        }
        drop(service);
        let service = setting.start_baseline()?;
        for (&concurrency, samples) in levels.iter().zip(&mut samples) {
            setting.progress(&format!("round {}, a transaction each, {concurrency} at a time", round + 1));
            let (begun, check) =
                begin_and_check(setting, &service, setting.plan(concurrency), usize::MAX).await?;
            samples.baseline_begun.push(begun);
            samples.baseline_check.push(check);
        }
    }
    let levels = levels.iter().zip(samples).map(|(&concurrency, samples)| Level {
        concurrency,
        no_op: Figure::of(samples.no_op),
        begun: Figure::of(samples.begun),
        check: Figure::of(samples.check),
        baseline_begun: Figure::of(samples.baseline_begun),
        baseline_check: Figure::of(samples.baseline_check),
    });
    Ok((Start { idle_mib, loaded_mib, ..start }, levels.collect()))
}

/// How long a login waits for its code, with some time to spare.
const LOGINS_LIVE: Duration = Duration::from_secs(90);

/// Begins logins for as long as planned, at most `wanted`, then answers them all.
pub async fn begin_and_check(
    setting: &Setting<'_>,
    service: &Sidecar,
    plan: Plan,
    wanted: usize,
) -> Result<(Sample, Sample), Failure> {
    setting.users.admit(wanted, &setting.database)?;
    let (host, users, begun) = (&setting.host, &setting.users, Begun::default());
    let begin = Begin { host: Rc::clone(host), users: Rc::clone(users), begun: Rc::clone(&begun) };
    let began = drive(service, plan, Rc::new(begin)).await?;
    let check = Check { host: Rc::clone(host), users: Rc::clone(users), begun };
    // Until all are answered, or those that are left would soon be too old.
    let plan = Plan { measured: LOGINS_LIVE, ..plan };
    Ok((began, drive(service, plan, Rc::new(check)).await?))
}

/// The service itself has no reason to refuse anything here.
pub fn strict(what: &str, sample: Sample) -> Result<Sample, Failure> {
    match &sample.refusal {
        None => Ok(sample),
        Some(refusal) => Err(format!("{what}: {} refused, first with {refusal}", sample.refused).into()),
    }
}
