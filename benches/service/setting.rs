//! A seeded database, who logs in there, and the ways to start the service on it.

use crate::Failure;
use crate::database::{Database, Kind};
use crate::jobs::Host;
use crate::load::Plan;
use crate::options::Options;
use crate::population::Population;
use crate::sidecar::{self, Sidecar};
use std::ops::Range;
use std::rc::Rc;

/// What a part of the benchmark works with.
pub struct Setting<'a> {
    pub options: &'a Options,
    pub database: Database,
    pub host: Rc<Host>,
    pub key: String,
    pub users: Rc<Population>,
}

/// Users in the parts in which their number is not the point.
const USERS: u32 = 200_000;

/// Those of them whose recovery codes are guessed, and who do not log in otherwise.
pub const GUESSED: Range<u32> = USERS - 1000..USERS;

impl<'a> Setting<'a> {
    /// A new database for most parts.
    pub async fn create(kind: Kind, options: &'a Options) -> Result<Self, Failure> {
        let database = Database::create(kind, options)?;
        database.seed(USERS).await?;
        Self::on(database, 0..GUESSED.start, options)
    }

    /// These users on a database that has them.
    pub fn on(database: Database, users: Range<u32>, options: &'a Options) -> Result<Self, Failure> {
        let key = sidecar::prepare(&options.executable, &database)?;
        let (host, users) = (Rc::new(Host::new(&key)), Rc::new(Population::new(users)));
        Ok(Self { options, database, host, key, users })
    }

    /// Starts the service as it is.
    pub fn start(&self) -> Result<Sidecar, Failure> {
        Sidecar::start(&self.options.executable, &self.database, &[])
    }

    /// Starts it with a connection of a pool, and a transaction, for each request.
    pub fn start_baseline(&self) -> Result<Sidecar, Failure> {
        let lanes = self.database.kind.pool().to_string();
        let arguments = ["--database-batch", "1", "--database-lanes", &lanes].map(str::to_owned);
        Sidecar::start(&self.options.executable, &self.database, &arguments)
    }

    pub fn plan(&self, concurrency: usize) -> Plan {
        Plan { concurrency, warm_up: self.options.warm_up(), measured: self.options.measured() }
    }

    /// Says on stderr what is under way.
    pub fn progress(&self, what: &str) {
        eprintln!("{}: {what}", self.database.kind.name());
    }
}
