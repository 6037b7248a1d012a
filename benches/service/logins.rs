//! Whole logins, first logins, and logins while others guess recovery codes.

use crate::Failure;
use crate::figure::{Figure, Sample};
use crate::jobs::{Enroll, Guess, Login};
use crate::levels::strict;
use crate::load::{Plan, drive};
use crate::setting::{GUESSED, Setting};
use crate::sidecar::Sidecar;
use serde::Serialize;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

/// A figure at a concurrency.
#[derive(Serialize)]
pub struct At {
    pub concurrency: usize,
    #[serde(flatten)]
    pub figure: Figure,
}

/// Whole logins at each concurrency.
pub async fn measure(setting: &Setting<'_>) -> Result<Vec<At>, Failure> {
    let service = setting.start()?;
    let mut all = Vec::new();
    for &concurrency in &setting.options.levels {
        setting.progress(&format!("whole logins, {concurrency} at a time"));
        let mut samples = Vec::new();
        for _ in 0..setting.options.repeat {
            samples.push(whole_logins(setting, &service, setting.plan(concurrency)).await?);
        }
        all.push(At { concurrency, figure: Figure::of(samples) });
    }
    Ok(all)
}

async fn whole_logins(setting: &Setting<'_>, service: &Sidecar, plan: Plan) -> Result<Sample, Failure> {
    setting.users.admit(usize::MAX, &setting.database)?;
    let login = Login { host: Rc::clone(&setting.host), users: Rc::clone(&setting.users) };
    strict("whole login", drive(service, plan, Rc::new(login)).await?)
}

/// First logins, whose recovery codes cost 0.2 s of a core: few at a time.
pub async fn enroll(setting: &Setting<'_>) -> Result<Vec<At>, Failure> {
    /// In less there would be too few to say anything.
    const LEAST: Duration = Duration::from_secs(3);
    let service = setting.start()?;
    let host = Rc::clone(&setting.host);
    let enroll = Rc::new(Enroll { host, next: Cell::new(GUESSED.end) });
    let mut all = Vec::new();
    for concurrency in [1, 4] {
        setting.progress(&format!("enrolments, {concurrency} at a time"));
        let mut samples = Vec::new();
        for _ in 0..setting.options.repeat {
            let plan = setting.plan(concurrency);
            let plan = Plan { measured: plan.measured.max(LEAST), ..plan };
            let sample = drive(&service, plan, Rc::clone(&enroll)).await?;
            samples.push(strict("enrolment", sample)?);
        }
        all.push(At { concurrency, figure: Figure::of(samples) });
    }
    Ok(all)
}

/// Logins with and without a flood of guesses.
#[derive(Serialize)]
pub struct Flood {
    /// Logins at a time.
    pub concurrency: usize,
    /// Connections that guess.
    pub guessers: usize,
    pub alone: Figure,
    pub flooded: Figure,
    /// Guesses that were checked.
    pub guesses: Figure,
}

/// Whole logins, alone and beside a flood in turn.
pub async fn flood(setting: &Setting<'_>) -> Result<Flood, Failure> {
    const LOGINS: usize = 16;
    const GUESSERS: usize = 32;
    let service = setting.start()?;
    give_recovery_codes(setting, &service).await?;
    let guess = Rc::new(Guess { host: Rc::clone(&setting.host), users: Rc::new(RefCell::new(GUESSED)) });
    let (mut alone, mut flooded, mut guesses) = (Vec::new(), Vec::new(), Vec::new());
    let (plan, flood) = (setting.plan(LOGINS), setting.plan(GUESSERS));
    for round in 0..setting.options.repeat {
        setting.progress(&format!("logins under guesses, round {}", round + 1));
        alone.push(whole_logins(setting, &service, plan).await?);
        let (logins, guessed) =
            tokio::join!(whole_logins(setting, &service, plan), drive(&service, flood, Rc::clone(&guess)));
        flooded.push(logins?);
        guesses.push(guessed?);
    }
    Ok(Flood {
        concurrency: LOGINS,
        guessers: GUESSERS,
        alone: Figure::of(alone),
        flooded: Figure::of(flooded),
        guesses: Figure::of(guesses),
    })
}

/// Lets one user enrol, and gives that user's set to all who are to be guessed at: a wrong code costs the same.
async fn give_recovery_codes(setting: &Setting<'_>, service: &Sidecar) -> Result<(), Failure> {
    /// A user whom nothing else here enrols.
    const FIRST: u32 = 4_000_000_000;
    let enroll = Enroll { host: Rc::clone(&setting.host), next: Cell::new(FIRST) };
    let plan = Plan { concurrency: 1, warm_up: Duration::ZERO, measured: Duration::from_secs(3) };
    strict("enrolment", drive(service, plan, Rc::new(enroll)).await?)?;
    let names: Vec<String> = GUESSED.map(|n| format!("'user{n}'")).collect();
    let from =
        format!("(SELECT id FROM users WHERE name = 'user{FIRST}') AND u.name IN ({})", names.join(","));
    setting.database.execute(&format!(
        "INSERT INTO recovery_code_sets (user_id, setting, created_at) \
         SELECT u.id, s.setting, s.created_at FROM users u, recovery_code_sets s WHERE s.user_id = {from}"
    ))?;
    setting.database.execute(&format!(
        "INSERT INTO recovery_codes (user_id, digest) \
         SELECT u.id, c.digest FROM users u, recovery_codes c WHERE c.user_id = {from}"
    ))
}
