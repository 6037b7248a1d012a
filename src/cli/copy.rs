//! `copy`: all data to another database, of whatever kind. [`crate::store::copy`] says how.

use super::Failure;
use crate::config::{ConfigError, Database, copy_ends};
use crate::service::clock::{Clock as _, SystemClock};
use crate::store::copy::{Progress, copy};
use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::time::{Duration, Instant};

#[derive(clap::Args)]
pub(super) struct Args {
    /// The database with the data [env: MFA_SIDECAR_COPY_FROM]
    #[arg(long, value_name = "URL")]
    from: Option<String>,
    /// An empty database, or one that a copy before has not finished [env: MFA_SIDECAR_COPY_TO]
    #[arg(long, value_name = "URL")]
    to: Option<String>,
}

pub(super) fn run(args: Args) -> Result<(), Failure> {
    let (from, to) = copy_ends(args.from, args.to)?;
    prepare_files(&from, &to)?;
    let began = Instant::now();
    let (mut said_at, mut said) = (Instant::now(), None);
    let copied = copy(from.expose(), to.expose(), SystemClock.now(), &mut |progress| {
        let (verb, table, rows) = match progress {
            Progress::Copied(table, rows) => ("copied", *table, *rows),
            Progress::Verified(table, rows) => ("verified", *table, *rows),
        };
        if said != Some((verb, table)) || said_at.elapsed() >= Duration::from_secs(1) {
            (said_at, said) = (Instant::now(), Some((verb, table)));
            eprintln!("{table}: {rows} rows {verb}");
        }
    })
    .map_err(|error| Failure::Said(error.to_string()))?;
    println!(
        "Copied and verified: {} rows, of which {} by this run, in {:.0} s; digest {}. Start the service on the new \
         database with the same master key.",
        copied.rows,
        copied.written,
        began.elapsed().as_secs_f64(),
        data_encoding::HEXLOWER.encode(&copied.digest)
    );
    Ok(())
}

/// SQLite would make a file of each name that it is given, which everybody could read.
fn prepare_files(from: &Database, to: &Database) -> Result<(), Failure> {
    if let Some(file) = from.file().filter(|file| !file.exists()) {
        return Err(Failure::Said(format!("there is no file {}", file.display())));
    }
    if let Some(file) = to.file() {
        let made = OpenOptions::new().append(true).create(true).mode(0o600).open(&file);
        made.map_err(|error| ConfigError::new("copy_to", format!("{}: {error}", file.display())))?;
    }
    Ok(())
}
