//! What to measure.

use crate::database::Kind;
use clap::{ArgAction, Parser, ValueEnum};
use std::path::PathBuf;
use std::time::Duration;

/// A part of the benchmark.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// No-op, beginning and check at each concurrency, beside a transaction for each request
    Levels,
    /// Beginning and answer together
    Logins,
    /// Beginning, enrolment and confirmation, with recovery codes at the real cost
    Enrollments,
    /// Logins while others try wrong recovery codes
    Flood,
    /// Checks among so many users
    Sizes,
    /// What the PHP client adds to its calls
    Php,
}

/// Measures the running service; for a try: make bench BENCH='--databases sqlite --seconds 1 --docs target'
#[derive(Parser)]
// What `make` gives can be given again, otherwise.
#[command(args_override_self = true)]
pub struct Options {
    /// Databases to run on; the servers are those of TEST_POSTGRES_URL and TEST_MYSQL_URL
    #[arg(long, value_delimiter = ',', action = ArgAction::Set, default_value = "sqlite,postgres,mariadb")]
    pub databases: Vec<Kind>,
    /// Parts to run; levels, logins, enrollments and flood run on every database
    #[arg(long, value_delimiter = ',', action = ArgAction::Set, default_value = "levels,logins,enrollments,flood,sizes,php")]
    pub parts: Vec<Part>,
    /// Simultaneous requests
    #[arg(long, value_delimiter = ',', action = ArgAction::Set, default_value = "1,16,64,256")]
    pub levels: Vec<usize>,
    /// Seconds that each figure is measured, after a tenth of that to warm up
    #[arg(long, default_value_t = 3.0)]
    pub seconds: f64,
    /// How often each figure is measured
    #[arg(long, default_value_t = 3)]
    pub repeat: usize,
    /// Numbers of users for the part "sizes"
    #[arg(long, value_delimiter = ',', action = ArgAction::Set, default_value = "10000,1000000")]
    pub users: Vec<u32>,
    /// Databases for the part "sizes"
    #[arg(long, value_delimiter = ',', action = ArgAction::Set, default_value = "sqlite")]
    pub sizes_on: Vec<Kind>,
    /// Directory for bench.json
    #[arg(long, default_value = "target")]
    pub results: PathBuf,
    /// Directory for benchmark.md and benchmark.svg
    #[arg(long, default_value = "target")]
    pub docs: PathBuf,
    /// Directory for databases; those of the part "sizes" stay there for the next time
    #[arg(long, default_value = "target/bench-data")]
    pub data: PathBuf,
    /// Another executable of the service, with the same schema
    #[arg(long, default_value = env!("CARGO_BIN_EXE_mfa-sidecar"), hide_default_value = true)]
    pub executable: PathBuf,
    /// Given by cargo.
    #[arg(long, hide = true)]
    bench: bool,
}

impl Options {
    /// How long a figure is measured.
    pub fn measured(&self) -> Duration {
        Duration::from_secs_f64(self.seconds)
    }

    /// How long it runs before.
    pub fn warm_up(&self) -> Duration {
        self.measured() / 10
    }

    pub fn runs(&self, part: Part) -> bool {
        self.parts.contains(&part)
    }
}
