//! The machine: what it is, and who uses its cores.

use crate::Failure;
use crate::figure::count;
use serde::Serialize;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// What the figures depend on.
#[derive(Serialize)]
pub struct Machine {
    pub date: String,
    pub commit: String,
    pub cores: usize,
    pub processor: String,
    pub memory_gib: f64,
    pub kernel: String,
    /// File system and device of the data.
    pub disk: String,
    /// Milliseconds to append 4 KiB durably, the median.
    pub fdatasync_ms: f64,
    /// How many of the cores were busy before the run: should be next to none.
    pub busy_before: f64,
    pub binary_mib: f64,
}

impl Machine {
    /// Looks around, for a second and a half; `data` is where the databases will be.
    pub fn look(data: &Path, executable: &Path) -> Result<Self, Failure> {
        let cpu = Cpu::read(std::process::id())?;
        std::thread::sleep(Duration::from_secs(1));
        let busy_before = Usage::between(&cpu, &Cpu::read(std::process::id())?).machine;
        Ok(Self {
            date: today(),
            commit: commit(),
            cores: std::thread::available_parallelism()?.get(),
            processor: member("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown".into()),
            memory_gib: memory_gib()?,
            kernel: fs::read_to_string("/proc/sys/kernel/osrelease")?.trim().to_owned(),
            disk: disk(data)?,
            fdatasync_ms: fdatasync_ms(data)?,
            busy_before,
            binary_mib: mebibytes(fs::metadata(executable)?.len()),
        })
    }
}

fn today() -> String {
    #[allow(clippy::disallowed_methods, reason = "the date of the report")]
    let now = jiff::Timestamp::now();
    now.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

fn commit() -> String {
    let git = |arguments: &[&str]| {
        let output =
            Command::new("git").args(arguments).output().ok().filter(|output| output.status.success())?;
        Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let commit = git(&["rev-parse", "--short", "HEAD"]).unwrap_or_else(|| "unknown".into());
    let is_clean = git(&["status", "--porcelain", "--", "src", "migrations", "Cargo.lock"])
        .is_some_and(|s| s.is_empty());
    if is_clean { commit } else { format!("{commit} and changes") }
}

/// The value of the first line `name : value` of a file.
fn member(file: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let (_, value) =
        text.lines().filter_map(|line| line.split_once(':')).find(|(key, _)| key.trim() == name)?;
    Some(value.trim().to_owned())
}

fn memory_gib() -> Result<f64, Failure> {
    Ok(kibibytes("/proc/meminfo", "MemTotal")? / 1024.0 / 1024.0)
}

fn kibibytes(file: &str, name: &str) -> Result<f64, Failure> {
    let value = member(file, name).ok_or_else(|| format!("no {name} in {file}"))?;
    Ok(value.trim_end_matches(" kB").parse()?)
}

/// What a process has in memory, MiB.
pub fn resident_mib(pid: u32) -> Result<f64, Failure> {
    Ok(kibibytes(&format!("/proc/{pid}/status"), "VmRSS")? / 1024.0)
}

fn disk(data: &Path) -> Result<String, Failure> {
    let (data, mounts) = (data.canonicalize()?, fs::read_to_string("/proc/mounts")?);
    let mount = mounts.lines().filter_map(|line| {
        let mut fields = line.split(' ');
        let (device, point, system) = (fields.next()?, fields.next()?, fields.next()?);
        data.starts_with(point).then_some((point.len(), format!("{system} on {device}")))
    });
    let (_, disk) = mount.max_by_key(|(length, _)| *length).ok_or("no file system")?;
    Ok(if disk.starts_with("tmpfs") { format!("{disk}: nothing is durable there") } else { disk })
}

fn fdatasync_ms(data: &Path) -> Result<f64, Failure> {
    let path = data.join("fdatasync");
    let mut file = File::create(&path)?;
    let mut times = Vec::new();
    for _ in 0..400 {
        let began = Instant::now();
        file.write_all(&[1; 4096])?;
        file.sync_data()?;
        times.push(began.elapsed());
    }
    fs::remove_file(path)?;
    times.sort();
    Ok(times[times.len() / 2].as_secs_f64() * 1000.0)
}

/// A file's size.
#[allow(clippy::cast_precision_loss, reason = "a file's size")]
pub fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / 1024.0 / 1024.0
}

/// Processor time so far.
pub struct Cpu {
    at: Instant,
    generator: Duration,
    service: Duration,
    machine: Duration,
}

/// Cores that were busy on average.
#[derive(Default, Clone, Copy, Serialize)]
pub struct Usage {
    /// With the load.
    pub generator: f64,
    /// With the service.
    pub service: f64,
    /// With these and all else: the database server, the disk's part of the kernel.
    pub machine: f64,
}

/// What Linux counts processor time in for programs, whatever its timer does.
const TICK_MILLIS: u64 = 10;

impl Cpu {
    /// Of this process, of the service, of the whole machine.
    pub fn read(service: u32) -> Result<Self, Failure> {
        Ok(Self {
            at: Instant::now(),
            generator: process(std::process::id())?,
            service: process(service)?,
            machine: machine()?,
        })
    }
}

fn process(pid: u32) -> Result<Duration, Failure> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name before can hold blanks. After it: state is field 3, user and system time are fields 14 and 15.
    let (_, fields) = stat.rsplit_once(')').ok_or("no process")?;
    ticks(fields.split_whitespace().skip(11).take(2))
}

fn machine() -> Result<Duration, Failure> {
    let stat = fs::read_to_string("/proc/stat")?;
    let fields = stat.lines().next().ok_or("no cores")?.split_whitespace().skip(1);
    // user, nice, system, then idle and waiting for the disk, then interrupts.
    ticks(fields.enumerate().filter(|(i, _)| ![3, 4].contains(i) && *i < 8).map(|(_, ticks)| ticks))
}

fn ticks<'a>(mut fields: impl Iterator<Item = &'a str>) -> Result<Duration, Failure> {
    let ticks: u64 = fields.try_fold(0, |sum, field| field.parse::<u64>().map(|ticks| sum + ticks))?;
    Ok(Duration::from_millis(ticks * TICK_MILLIS))
}

impl Usage {
    /// From one reading to the next.
    pub fn between(before: &Cpu, after: &Cpu) -> Self {
        let elapsed = (after.at - before.at).as_secs_f64();
        let cores = |before: Duration, after: Duration| after.saturating_sub(before).as_secs_f64() / elapsed;
        Self {
            generator: cores(before.generator, after.generator),
            service: cores(before.service, after.service),
            machine: cores(before.machine, after.machine),
        }
    }

    /// Of several measurements.
    pub fn mean(all: impl ExactSizeIterator<Item = Self>) -> Self {
        let n = count(all.len().max(1));
        all.fold(Self::default(), |mean, one| Self {
            generator: mean.generator + one.generator / n,
            service: mean.service + one.service / n,
            machine: mean.machine + one.machine / n,
        })
    }
}
