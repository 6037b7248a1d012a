//! What was measured, and what is said of it.

use crate::machine::Usage;
use serde::Serialize;
use std::time::Duration;

/// One measurement.
#[derive(Default)]
pub struct Sample {
    /// For how long turns were counted.
    pub elapsed: Duration,
    /// Turns that were done in that time.
    pub done: usize,
    /// Turns that were refused.
    pub refused: usize,
    /// The answer to the first of them.
    pub refusal: Option<String>,
    /// How long each turn took.
    pub latencies: Vec<Duration>,
    /// Who used the cores meanwhile.
    pub used: Usage,
}

impl Sample {
    /// Counts a turn.
    pub fn add(&mut self, latency: Duration, in_time: bool, refusal: Option<String>) {
        self.latencies.push(latency);
        match refusal {
            Some(refusal) => {
                self.refused += 1;
                self.refusal.get_or_insert(refusal);
            }
            None => self.done += usize::from(in_time),
        }
    }

    /// One measurement made of several, one after another.
    pub fn joined(parts: Vec<Self>) -> Self {
        let used = Usage::mean(parts.iter().map(|part| part.used));
        parts.into_iter().fold(Self { used, ..Self::default() }, |mut all, part| {
            all.elapsed += part.elapsed;
            all.done += part.done;
            all.refused += part.refused;
            all.refusal = all.refusal.or(part.refusal);
            all.latencies.extend(part.latencies);
            all
        })
    }

    fn rate(&self) -> f64 {
        count(self.done) / self.elapsed.as_secs_f64()
    }
}

/// What several measurements say together.
#[derive(Clone, Serialize)]
pub struct Figure {
    /// The median of the measurements, a second.
    pub rate: f64,
    /// The slowest measurement.
    pub least: f64,
    /// The fastest.
    pub most: f64,
    /// Of all turns of all measurements, milliseconds.
    pub p50: f64,
    /// Likewise.
    pub p99: f64,
    /// How many turns that were.
    pub turns: usize,
    /// How many of them were refused.
    pub refused: usize,
    /// Who used the cores.
    pub used: Usage,
}

impl Figure {
    /// At least one sample is needed.
    pub fn of(samples: Vec<Sample>) -> Self {
        let mut rates: Vec<f64> = samples.iter().map(Sample::rate).collect();
        rates.sort_by(f64::total_cmp);
        let all = Sample::joined(samples);
        let mut latencies: Vec<f64> = all.latencies.iter().map(|l| l.as_secs_f64() * 1000.0).collect();
        latencies.sort_by(f64::total_cmp);
        Self {
            rate: median(&rates),
            least: rates.first().copied().unwrap_or(f64::NAN),
            most: rates.last().copied().unwrap_or(f64::NAN),
            p50: percentile(&latencies, 50),
            p99: percentile(&latencies, 99),
            turns: latencies.len(),
            refused: all.refused,
            used: all.used,
        }
    }
}

/// The nearest rank: so many in a hundred took no longer.
pub fn percentile(sorted: &[f64], p: usize) -> f64 {
    let rank = (sorted.len() * p).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or(f64::NAN)
}

fn median(sorted: &[f64]) -> f64 {
    match sorted {
        [] => f64::NAN,
        _ => f64::midpoint(sorted[(sorted.len() - 1) / 2], sorted[sorted.len() / 2]),
    }
}

/// For rates and shares.
#[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
pub fn count(n: usize) -> f64 {
    n as f64
}
