//! `make bench`: drives the running service over HTTP, on each database, and reports what it does.
//!
//! A *check* is one right TOTP answer: the login is looked up, the code verified, spent by a conditional write, the
//! login passed and audited, all durable before the answer. Beside it, in the same run and on the same server: the
//! beginning of those logins; a POST that reads its key and body and writes nothing (`/v1/ping`), which is what the
//! machine could do at best; and the same checks by the same executable with a transaction for each request.
//!
//! # Design
//! The load comes from one thread of this process ([`load`]), which takes its share of the machine; how much is measured
//! and said. It is a closed loop: a connection sends when it has been answered, so a rate is what so many clients get,
//! and what it would be with more clients at a time is the next row. Each figure is measured several times, in turn with
//! what it is compared with; the rate is the median, and the slowest and fastest are said. Percentiles are of all
//! requests of a row, but for those of the time to warm up.

mod aims;
mod database;
mod figure;
mod jobs;
mod levels;
mod load;
mod logins;
mod machine;
mod options;
mod phone;
mod php;
mod plot;
mod population;
mod report;
mod setting;
mod sidecar;
mod sizes;
mod table;
mod tables;

use clap::Parser as _;
use database::Kind;
use machine::Machine;
use options::{Options, Part};
use report::{OnDatabase, Report};
use setting::Setting;
use std::fs;
use std::io::Write as _;

type Failure = Box<dyn std::error::Error>;

/// Above this many busy cores the machine has other things to do than this.
const IDLE: f64 = 0.2;

async fn run(options: &Options) -> Result<Report, Failure> {
    fs::create_dir_all(&options.data)?;
    let mut report = Report {
        machine: Machine::look(&options.data, &options.executable)?,
        seconds: options.seconds,
        repeat: options.repeat,
        databases: Vec::new(),
        sizes: Vec::new(),
        php: Vec::new(),
        aims: Vec::new(),
    };
    if report.machine.busy_before > IDLE {
        eprintln!("others use {:.1} cores: the figures will be too low", report.machine.busy_before);
    }
    for &kind in &options.databases {
        on_database(kind, options, &mut report).await?;
    }
    if options.runs(Part::Sizes) {
        report.sizes = sizes::measure(options).await?;
    }
    report.aims = aims::of(&report);
    Ok(report)
}

async fn on_database(kind: Kind, options: &Options, report: &mut Report) -> Result<(), Failure> {
    let with_php = kind == Kind::Sqlite && options.runs(Part::Php);
    let parts = [Part::Levels, Part::Logins, Part::Enrollments, Part::Flood];
    if !with_php && !parts.iter().any(|part| options.runs(*part)) {
        return Ok(());
    }
    let setting = Setting::create(kind, options).await?;
    let mut found = OnDatabase {
        kind,
        version: setting.database.version()?,
        settings: setting.database.settings()?,
        start: None,
        levels: Vec::new(),
        logins: Vec::new(),
        enrollments: Vec::new(),
        flood: None,
    };
    if options.runs(Part::Levels) {
        let (start, levels) = levels::measure(&setting).await?;
        (found.start, found.levels) = (Some(start), levels);
    }
    if options.runs(Part::Logins) {
        found.logins = logins::measure(&setting).await?;
    }
    if options.runs(Part::Enrollments) {
        found.enrollments = logins::enroll(&setting).await?;
    }
    if options.runs(Part::Flood) {
        found.flood = Some(logins::flood(&setting).await?);
    }
    if with_php {
        report.php = php::measure(&setting)?;
    }
    report.databases.push(found);
    Ok(())
}

const INTRODUCTION: &str = "\
# Benchmark

Written by `make bench`. A *check* is one right TOTP answer: the login is looked up, the code verified and spent by a
conditional write, the login passed and audited, and all of it durable before the answer. The *no-op* is a POST that
reads its key and body and writes nothing: what the web server, this load and this machine do at best.
Where a table does not say otherwise, the database has 200 thousand users, who come in random order.

Load, service and database share the machine; \"load\", \"service\" and \"all\" are the cores that each kept busy, the
last one with the database server and everything else. The load is a closed loop: each of so many connections sends its
next request when the one before is answered. A rate is the median of the measurements, percentiles are of all
requests of a row, but for those of the time to warm up.

![Durable checks a second by concurrency](benchmark.svg)
";

fn write(options: &Options, report: &Report) -> Result<(), Failure> {
    let tables = tables::of(report);
    let text: String = tables.iter().map(table::Table::to_text).collect();
    std::io::stdout().write_all(text.as_bytes())?;
    fs::create_dir_all(&options.results)?;
    fs::write(options.results.join("bench.json"), serde_json::to_vec_pretty(report)?)?;
    fs::create_dir_all(&options.docs)?;
    let markdown: String = tables.iter().map(table::Table::to_markdown).collect();
    fs::write(options.docs.join("benchmark.md"), format!("{INTRODUCTION}{markdown}"))?;
    if let Some(plot) = plot::of(report) {
        fs::write(options.docs.join("benchmark.svg"), plot)?;
    }
    Ok(())
}

fn main() -> Result<(), Failure> {
    let options = Options::parse();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let report = tokio::task::LocalSet::new().block_on(&runtime, run(&options))?;
    write(&options, &report)
}
