//! The table of what was measured, and how times are taken.

use std::future::Future;
use std::time::{Duration, Instant};

pub fn number(name: &str, usual: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

pub struct Table(pub Vec<[String; 3]>);

impl Table {
    pub fn row(&mut self, what: impl Into<String>, budget: &str, measured: impl Into<String>) {
        let row = [what.into(), budget.to_owned(), measured.into()];
        eprintln!("{} | {} | {}", row[0], row[1], row[2]);
        self.0.push(row);
    }

    pub fn print(&self) {
        println!("| what | budget | measured |\n|---|---|---|");
        for [what, budget, measured] in &self.0 {
            println!("| {what} | {budget} | {measured} |");
        }
    }
}

pub fn percentile(mut durations: Vec<Duration>, part: f64) -> Duration {
    durations.sort();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index")]
    let place = ((durations.len() as f64 * part) as usize).min(durations.len().saturating_sub(1));
    durations.get(place).copied().unwrap_or_default()
}

pub fn ms(duration: Duration) -> String {
    format!("{:.1} ms", duration.as_secs_f64() * 1_000.0)
}

/// p95 of many runs.
pub async fn timed<T, F: Future<Output = T>>(runs: usize, mut run: impl FnMut() -> F) -> Duration {
    let mut took = Vec::with_capacity(runs);
    for _ in 0..runs {
        let began = Instant::now();
        run().await;
        took.push(began.elapsed());
    }
    percentile(took, 0.95)
}

pub fn peak_memory_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kb| kb.parse::<f64>().ok()).unwrap_or(f64::NAN) / 1_024.0
}
