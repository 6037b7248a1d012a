//! `backup FILE`: a copy of the embedded database, made while the service runs.
//!
//! # Design
//! SQLite writes the copy from one snapshot (`VACUUM INTO`), so that it is consistent and holds nothing that was deleted.
//! The master key is not in it: who has both has the secrets, so the two are kept apart.

use super::Failure;
use crate::config::Config;
use crate::store;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub(super) struct Args {
    /// Where the copy goes; must not exist yet
    file: PathBuf,
}

pub(super) fn run(config: &Config, args: &Args) -> Result<(), Failure> {
    let cannot = |error: io::Error| Failure::Said(format!("cannot write {}: {error}", args.file.display()));
    // Made by us, since SQLite would let everybody read it.
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(&args.file).map_err(cannot)?;
    let sync = || File::open(&args.file).and_then(|file| file.sync_all()).map_err(cannot);
    let copied = copy(config, &args.file).and_then(|()| sync());
    if let Err(error) = copied {
        // Half a copy is none.
        let _ = std::fs::remove_file(&args.file);
        return Err(error);
    }
    println!(
        "Copied. Keep the master key, {}, somewhere else: the copy opens only with it.",
        config.master_key_file.display()
    );
    Ok(())
}

fn copy(config: &Config, file: &Path) -> Result<(), Failure> {
    store::backup(config.database.expose(), file).map_err(|error| Failure::Said(error.to_string()))
}
