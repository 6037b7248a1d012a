//! The report as tables.

use crate::figure::Figure;
use crate::logins::At;
use crate::report::{OnDatabase, Report};
use crate::table::Table;

/// All tables of the parts that ran.
pub fn of(report: &Report) -> Vec<Table> {
    let mut tables = vec![machine(report)];
    for database in &report.databases {
        tables.extend((!database.levels.is_empty()).then(|| levels(database)));
    }
    tables.push(logins(report));
    tables.push(enrollments(report));
    tables.push(flood(report));
    tables.push(sizes(report));
    tables.push(php(report));
    tables.push(process(report));
    tables.push(aims(report));
    tables.retain(|table| !table.rows.is_empty());
    tables
}

/// The head over [`figure`], after the number of requests at a time.
const FIGURE: [&str; 9] =
    ["at a time", "a second", "least to most", "p50 ms", "p99 ms", "refused", "load", "service", "all"];

fn figure(figure: &Figure) -> Vec<String> {
    vec![
        rate(figure.rate),
        format!("{} to {}", rate(figure.least), rate(figure.most)),
        format!("{:.2}", figure.p50),
        format!("{:.2}", figure.p99),
        figure.refused.to_string(),
        format!("{:.2}", figure.used.generator),
        format!("{:.2}", figure.used.service),
        format!("{:.2}", figure.used.machine),
    ]
}

/// With a blank between thousands.
fn rate(rate: f64) -> String {
    if rate < 100.0 {
        return format!("{rate:.1}");
    }
    let digits = format!("{rate:.0}");
    let (first, rest) = digits.split_at(digits.len() % 3);
    let groups = rest.as_bytes().chunks(3).map(|group| String::from_utf8_lossy(group).into_owned());
    let groups: Vec<String> =
        std::iter::once(first.to_owned()).chain(groups).filter(|g| !g.is_empty()).collect();
    groups.join(" ")
}

fn machine(report: &Report) -> Table {
    let m = &report.machine;
    let mut table = Table::new("Machine", "", &["what", "value"], &[]);
    let mut row = |what: &str, value: String| table.row([what.to_owned(), value]);
    row("date", m.date.clone());
    row("commit", m.commit.clone());
    row("cores", format!("{} of {}", m.cores, m.processor));
    row("memory", format!("{:.0} GiB", m.memory_gib));
    row("kernel", m.kernel.clone());
    row("disk", m.disk.clone());
    row("4 KiB appended durably", format!("{:.2} ms", m.fdatasync_ms));
    row("cores busy before the run", format!("{:.2}", m.busy_before));
    row("each figure", format!("{} times {} s", report.repeat, report.seconds));
    for database in &report.databases {
        let settings: Vec<String> =
            database.settings.iter().map(|(name, value)| format!("{name} {value}")).collect();
        row(database.kind.name(), format!("{}; {}", database.version, settings.join(", ")));
    }
    table
}

fn levels(database: &OnDatabase) -> Table {
    let title = format!("{}: durable checks", database.kind.name());
    let note = format!(
        "\"A transaction each\" is the same executable with `--database-batch 1 --database-lanes {}`: what a service \
         with a pool of connections does.",
        database.kind.pool()
    );
    let mut table = Table::new(title, note, &[""], &FIGURE);
    for level in &database.levels {
        let rows = [
            ("no-op POST", &level.no_op),
            ("login begun", &level.begun),
            ("durable TOTP check", &level.check),
            ("login begun, a transaction each", &level.baseline_begun),
            ("durable TOTP check, a transaction each", &level.baseline_check),
        ];
        for (name, row) in rows {
            table.row([name.to_owned(), level.concurrency.to_string()].into_iter().chain(figure(row)));
        }
        let (check, no_op) = (level.check.rate, level.no_op.rate);
        let ratios = [
            ("  checks to no-ops", format!("{:.1} %", 100.0 * check / no_op)),
            (
                "  checks to checks, a transaction each",
                format!("{:.1} times", check / level.baseline_check.rate),
            ),
        ];
        for (name, ratio) in ratios {
            let empty = vec![String::new(); FIGURE.len() - 2];
            table.row([name.to_owned(), level.concurrency.to_string(), ratio].into_iter().chain(empty));
        }
    }
    table
}

fn at(table: &mut Table, database: &OnDatabase, all: &[At]) {
    for At { concurrency, figure: row } in all {
        table.row([database.kind.name().to_owned(), concurrency.to_string()].into_iter().chain(figure(row)));
    }
}

fn logins(report: &Report) -> Table {
    let note = "Begun and then answered by the same connection; the latency is of both together.";
    let mut table = Table::new("Whole logins", note, &["database"], &FIGURE);
    report.databases.iter().for_each(|database| at(&mut table, database, &database.logins));
    table
}

fn enrollments(report: &Report) -> Table {
    let note = "First logins: begun, the secret fetched, the first code confirmed, ten recovery codes received. Making \
                those is 0.2 s of a core, by argon2id at its default cost.";
    let mut table = Table::new("Enrolments", note, &["database"], &FIGURE);
    report.databases.iter().for_each(|database| at(&mut table, database, &database.enrollments));
    table
}

fn flood(report: &Report) -> Table {
    let note = "Whole logins by TOTP, alone and while others send wrong recovery codes to other users. Of the guesses \
                those count that were hashed and found wrong; \"refused\" are those that were turned away.";
    let mut table = Table::new("A flood of recovery codes", note, &["database", "what"], &FIGURE);
    for database in &report.databases {
        let Some(flood) = &database.flood else { continue };
        let rows = [
            ("logins alone", flood.concurrency, &flood.alone),
            ("logins in the flood", flood.concurrency, &flood.flooded),
            ("guesses", flood.guessers, &flood.guesses),
        ];
        for (what, concurrency, row) in rows {
            let before = [database.kind.name().to_owned(), what.to_owned(), concurrency.to_string()];
            table.row(before.into_iter().chain(figure(row)));
        }
    }
    table
}

fn sizes(report: &Report) -> Table {
    let note = "Durable checks of users drawn at random from all, each once. The share is that of the rate with the \
                fewest users.";
    let head = [&["users", "share"], &FIGURE[..]].concat();
    let mut table = Table::new("Many users", note, &["database"], &head);
    for size in &report.sizes {
        for (concurrency, row) in &size.levels {
            let share = size.share(*concurrency, &report.sizes).unwrap_or(f64::NAN);
            let before = [
                size.database.name().to_owned(),
                rate(f64::from(size.users)),
                format!("{:.0} %", 100.0 * share),
                concurrency.to_string(),
            ];
            table.row(before.into_iter().chain(figure(row)));
        }
    }
    table
}

fn php(report: &Report) -> Table {
    let note = "One call after the other on SQLite, by the bridge's client and by `curl_exec()` alone with the same \
                request, in turn; both keep their connection. Added is the client's call without the transfer, as curl \
                has timed that. Microseconds.";
    let head = ["client p50", "client p99", "curl p50", "curl p99", "added p50", "added p99", "calls"];
    let mut table = Table::new("The PHP client", note, &["call", "by"], &head);
    for call in &report.php {
        let (client, curl, added) = (&call.client, &call.curl, &call.added);
        let times = [client.p50, client.p99, curl.p50, curl.p99, added.p50, added.p99];
        let times = times.map(|time| format!("{time:.0}"));
        let before = [call.call.clone(), call.transport.to_owned()];
        table.row(before.into_iter().chain(times).chain([call.turns.to_string()]));
    }
    table
}

fn process(report: &Report) -> Table {
    let note = "From the start of the process to `/readyz`, the median of five. In memory before any load, and after \
                the table above.";
    let mut table =
        Table::new("The process", note, &["database"], &["ready ms", "idle MiB", "loaded MiB", "binary MiB"]);
    for database in &report.databases {
        let Some(start) = &database.start else { continue };
        let sizes =
            [start.idle_mib, start.loaded_mib, report.machine.binary_mib].map(|mib| format!("{mib:.1}"));
        let before = [database.kind.name().to_owned(), format!("{:.0}", start.ready_ms)];
        table.row(before.into_iter().chain(sizes));
    }
    table
}

fn aims(report: &Report) -> Table {
    let mut table = Table::new("Aims", "", &[""], &["is", "aim", "met"]);
    for aim in &report.aims {
        let bound = if aim.more_is_better { "at least" } else { "at most" };
        table.row([
            aim.what.clone(),
            format!("{:.1}{}", aim.is, aim.unit),
            format!("{bound} {:.1}{}", aim.bound, aim.unit),
            if aim.is_met() { "yes" } else { "no" }.to_owned(),
        ]);
    }
    table
}
