//! What automation says to a person: steps with their durations and one line for a failure, all on stderr,
//! so that stdout stays for results.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// Says what begins, runs it, and says how long it took.
pub fn step<T>(what: &str, work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
    doing(what);
    let started = Instant::now();
    let outcome = work();
    let took = duration(started.elapsed());
    match &outcome {
        Ok(_) => line(&format!("  {} {what}: {took}", paint("32", "✓"))),
        Err(_) => line(&format!("  {} {what}: failed after {took}", paint("31", "✗"))),
    }
    outcome
}

/// Says what begins.
pub fn doing(what: &str) {
    line(&format!("{} {what}", paint("1", "▸")));
}

/// Something worth knowing that stops nothing.
pub fn note(text: &str) {
    line(&format!("  {} {text}", paint("33", "·")));
}

/// The one line of a failure.
pub fn failure(text: &str) {
    line(&format!("{} {text}", paint("31", "error:")));
}

/// A duration as people read it: `0.4 s`, `12.3 s`, `3 min 07 s`.
pub fn duration(took: Duration) -> String {
    let seconds = took.as_secs_f64();
    if seconds < 60.0 {
        format!("{seconds:.1} s")
    } else {
        format!("{} min {:02} s", took.as_secs() / 60, took.as_secs() % 60)
    }
}

/// Bytes as people read them, in thousands as the budgets are: `598.2 kB`.
pub fn bytes(count: u64) -> String {
    let kilobytes = count as f64 / 1000.0;
    if kilobytes < 10_000.0 { format!("{kilobytes:.1} kB") } else { format!("{:.1} MB", kilobytes / 1000.0) }
}

fn line(text: &str) {
    eprintln!("{text}");
}

fn paint(colour: &str, text: &str) -> String {
    let plain = std::env::var_os("NO_COLOR").is_some() || !std::io::stderr().is_terminal();
    if plain { text.to_owned() } else { format!("\u{1b}[{colour}m{text}\u{1b}[0m") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_and_sizes_read_well() {
        assert_eq!(duration(Duration::from_millis(420)), "0.4 s");
        assert_eq!(duration(Duration::from_secs(187)), "3 min 07 s");
        assert_eq!(bytes(598_200), "598.2 kB");
        assert_eq!(bytes(31_460_000), "31.5 MB");
    }
}
