//! Moves SQLite's write-ahead log into the database, beside the lane.
//!
//! # Design
//! By itself SQLite does so at the commit that fills the log, and whoever waits for that commit waits for the copying as
//! well: some 80 ms on a disk that takes a commit in one. So when the log is nearly full a thread copies what is there,
//! while the lane goes on writing; then what came meanwhile, and so on until little is left. The log can only begin anew
//! when nothing is left at all, and the lane is the one to see to that: it copies the rest between two batches. SQLite
//! has the database written to the disk only then, so the thread sees to that for its own part before.
//!
//! What the thread does not manage SQLite does by itself at twice the size.

use super::connection::{AnyConnection, CHECKPOINT_PAGES, WriteAheadLog};
use super::{Db, StoreError};
use std::fs::File;
use std::mem::ManuallyDrop;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};

/// Where the thread begins: it needs about the rest of the log for the first part of its work.
const BEGIN: i32 = CHECKPOINT_PAGES / 8 * 7;

/// Few enough for the lane to copy: some 3 ms.
const REST: i32 = 1024;

/// The lane's part.
#[derive(Clone)]
pub(super) struct Checkpoints(Option<Lane>);

#[derive(Clone)]
struct Lane {
    commits: SyncSender<()>,
    little_is_left: Arc<AtomicBool>,
}

impl Checkpoints {
    /// Starts the thread, with a connection of its own; for a server, none. It ends when the lane does.
    pub fn start(url: &str) -> Result<Self, StoreError> {
        let Some(path) = url.strip_prefix("sqlite:") else { return Ok(Self(None)) };
        let connection = AnyConnection::open(url)?;
        let database = ManuallyDrop::new(File::open(path).map_err(failed)?);
        // One that waits is enough: it tells of all commits before it is taken.
        let (sender, receiver) = sync_channel(1);
        let little_is_left = Arc::new(AtomicBool::new(false));
        let lane = Lane { commits: sender, little_is_left: Arc::clone(&little_is_left) };
        let mut copier = Copier { connection, database, little_is_left };
        std::thread::Builder::new()
            .name("checkpoint".into())
            .spawn(move || {
                while receiver.recv().is_ok() {
                    log_failure(copier.copy_if_due());
                }
            })
            .map_err(failed)?;
        Ok(Self(Some(lane)))
    }

    /// After the lane's commits.
    pub fn committed(&self, db: &mut Db) {
        let Some(lane) = &self.0 else { return };
        if lane.little_is_left.swap(false, Ordering::Relaxed) {
            // The thread is not woken: a look of its at the log now could keep the next batch from beginning it anew.
            log_failure(db.checkpoint());
        } else {
            let _ = lane.commits.try_send(());
        }
    }
}

/// The thread's part.
struct Copier {
    connection: AnyConnection,
    /// Never closed: that would end every lock that SQLite holds on this file for the process (POSIX.1-2017, fcntl).
    database: ManuallyDrop<File>,
    little_is_left: Arc<AtomicBool>,
}

impl Copier {
    fn copy_if_due(&mut self) -> Result<(), StoreError> {
        let WriteAheadLog { pages, copied } = self.connection.write_ahead_log()?;
        if pages < BEGIN {
            return Ok(());
        }
        if pages - copied > REST {
            self.connection.checkpoint()?;
            self.database.sync_data().map_err(failed)?;
        }
        let WriteAheadLog { pages, copied } = self.connection.write_ahead_log()?;
        self.little_is_left.store(pages >= BEGIN && pages - copied <= REST, Ordering::Relaxed);
        Ok(())
    }
}

fn failed(error: std::io::Error) -> StoreError {
    StoreError::Connection(error.to_string())
}

fn log_failure(checkpoint: Result<(), StoreError>) {
    if let Err(error) = checkpoint {
        tracing::debug!(%error, "the write-ahead log was not copied");
    }
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use super::*;
    use diesel::connection::SimpleConnection as _;

    #[test]
    fn the_log_begins_anew_once_the_lane_has_copied_the_rest() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("x.sqlite3");
        let url = format!("sqlite:{}", path.display());
        let mut db = Db::open(&url).unwrap();
        let (sender, _receiver) = sync_channel(1);
        let flag = Arc::new(AtomicBool::new(false));
        let lane = Checkpoints(Some(Lane { commits: sender, little_is_left: Arc::clone(&flag) }));
        let mut copier = Copier {
            connection: AnyConnection::open(&url).unwrap(),
            database: ManuallyDrop::new(File::open(path).unwrap()),
            little_is_left: Arc::clone(&flag),
        };
        fn write(db: &mut Db, sql: &str) {
            db.for_write().unwrap().batch_execute(sql).unwrap();
        }

        write(&mut db, "CREATE TABLE x (y BLOB)");
        copier.copy_if_due().unwrap();
        assert!(!flag.load(Ordering::Relaxed), "a small log is left alone");

        write(&mut db, &format!("INSERT INTO x VALUES (zeroblob({}))", BEGIN * 4096));
        // As long as somebody reads, what is written goes to the end of the log.
        let mut reader = AnyConnection::open(&url).unwrap();
        reader.batch_execute("BEGIN; SELECT y IS NULL FROM x").unwrap();
        copier.copy_if_due().unwrap();
        assert!(flag.load(Ordering::Relaxed), "all is copied");
        write(&mut db, "INSERT INTO x VALUES (1)");
        let log = copier.connection.write_ahead_log().unwrap();
        assert!(log.pages > BEGIN && log.pages > log.copied, "{log:?}");
        reader.batch_execute("COMMIT").unwrap();

        lane.committed(&mut db);
        let log = copier.connection.write_ahead_log().unwrap();
        assert_eq!(log.pages, log.copied);
        write(&mut db, "INSERT INTO x VALUES (1)");
        assert!(copier.connection.write_ahead_log().unwrap().pages < REST);
    }
}
