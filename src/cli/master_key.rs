//! `master-key rotate`: another master key, while the service runs. [`crate::service::rotation`] says how.

use super::Failure;
use crate::config::Config;
use crate::keyring::{FileError, KeyFile, KeyFileLock, KeyId};
use crate::service::Service;
use crate::service::os_random;
use crate::service::rotation::{Keys, Pass, Retired};
use crate::store::sealed::Kind;
use std::time::{Duration, Instant};

#[derive(clap::Subcommand)]
pub(super) enum Command {
    /// Put a new master key in the place of the present one, while the service runs
    ///
    /// Adds a key to the file, waits until every running service has it, seals everything under it, and takes the old
    /// key out of the file into another one, ….retired. Can be ended at any time, and goes on when it is run again.
    /// Services that read a copy of the file must be brought the new one when this says so.
    Rotate,
}

/// What does not open and is named; more are counted.
const NAMED: usize = 20;

pub(super) async fn run(service: &Service, config: &Config, command: Command) -> Result<(), Failure> {
    let Command::Rotate = command;
    let file = KeyFile::at(&config.master_key_file);
    let cannot = |error: FileError| Failure::Said(format!("{}: {error}", file.path().display()));
    let lock = file.lock().map_err(cannot)?;
    // What another rotation has done until the lock was free.
    service.refresh_keys().await?;
    match service.keys().await? {
        Keys::LeftOver => eprintln!("The rotation before was done but for the key file."),
        Keys::UnderWay => eprintln!("Going on with a rotation that has begun."),
        Keys::Prepared(key) => activate(service, &file, key).await?,
        Keys::One => {
            let key = lock.add(&mut os_random()).map_err(cannot)?;
            service.refresh_keys().await?;
            eprintln!("{} has a second key now, which does not seal yet.", file.path().display());
            activate(service, &file, key).await?;
        }
    }
    reseal(service).await?;
    if let Retired::CountedUntil(until) = service.retire_keys().await? {
        let minutes = until.seconds_after(service.now()).div_ceil(60);
        println!(
            "Everything is sealed under the new key. The old one stays for {minutes} more minutes, since codes that \
             were sent count by it: run this again then."
        );
        return Ok(());
    }
    finish(service, &file, &lock).await
}

/// Waits until every running service has the key, then has it seal.
async fn activate(service: &Service, file: &KeyFile, key: KeyId) -> Result<(), Failure> {
    let mut told = None;
    while !service.activate_key(key).await? {
        let lacking = service.without_key(key).await?;
        if lacking > 0 && told != Some(lacking) {
            eprintln!(
                "Waiting for running services that do not have the new key yet: {lacking}. They read it by \
                 themselves; where a service has a copy of {}, bring the new one there.",
                file.path().display()
            );
            told = Some(lacking);
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    eprintln!("The new key seals from now on.");
    Ok(())
}

async fn reseal(service: &Service) -> Result<(), Failure> {
    loop {
        let (mut said_at, mut kind) = (Instant::now(), None);
        let pass = service
            .reseal(|pass| {
                if kind != pass.kind || said_at.elapsed() >= Duration::from_secs(1) {
                    (said_at, kind) = (Instant::now(), pass.kind);
                    eprintln!(
                        "{}: {} looked at; {} sealed anew in all",
                        pass.kind.map_or("", Kind::name),
                        pass.seen,
                        pass.resealed
                    );
                }
            })
            .await?;
        if !pass.damaged.is_empty() {
            return Err(damaged(&pass));
        }
        // Only a pass without anything to do shows that nothing is left.
        if pass.resealed == 0 {
            return Ok(());
        }
        eprintln!("{} sealed anew; looking once more.", pass.resealed);
    }
}

fn damaged(pass: &Pass) -> Failure {
    for (kind, id) in pass.damaged.iter().take(NAMED) {
        eprintln!("does not open, left as it is: {}, row {id}", kind.name());
    }
    Failure::Said(format!(
        "{} rows do not open. Everything else is sealed under the new key; the old one stays until they are mended, \
         or their users reset, and this is run again.",
        pass.damaged.len()
    ))
}

async fn finish(service: &Service, file: &KeyFile, lock: &KeyFileLock) -> Result<(), Failure> {
    let kept = [service.newest_key().await?];
    match lock.retire_all_but(&kept) {
        Ok(_) => {
            println!(
                "Done. {} has the new key alone: keep a copy of it with your backups, and bring it to services that \
                 have copies. Backups of before open only with {}: remove that when you need none of them any more.",
                file.path().display(),
                file.retired().display()
            );
            Ok(())
        }
        Err(error) => Err(Failure::Said(format!(
            "the old key is not needed any more, but cannot be taken out of {}: {error}",
            file.path().display()
        ))),
    }
}
