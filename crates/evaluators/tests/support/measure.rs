//! The figures of the report: detection, area under the curve, and how they are printed.

use turnwise_stats::correlation::{Detection, ranks};

/// Chance that a bad item scores lower than a good one, ties counting half; `None` when one kind is missing.
pub fn area(scores: &[f64], bad: &[bool]) -> Option<f64> {
    let ranks = ranks(scores);
    let bads = bad.iter().filter(|bad| **bad).count() as f64;
    let goods = bad.len() as f64 - bads;
    if bads == 0.0 || goods == 0.0 {
        return None;
    }
    let sum: f64 = ranks.iter().zip(bad).filter(|(_, bad)| !**bad).map(|(rank, _)| rank).sum();
    Some((sum - goods * (goods + 1.0) / 2.0) / (bads * goods))
}

/// One row of the report.
pub fn row(check: &str, data: &str, truth: &str, items: usize, bad: usize, detection: &Detection, extra: &str) {
    let share = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.2}"));
    let flagged = detection.true_positives + detection.false_positives;
    println!(
        "| {check} | {data} | {truth} | {items} | {bad} | {flagged} | {} | {} | {} | {extra} |",
        share(detection.precision()),
        share(detection.recall()),
        share(detection.f1()),
    );
}

/// The report's head.
pub fn head() {
    println!("\n| check | data | bad means | items | bad | flagged | precision | recall | F1 | also |");
    println!("|---|---|---|--:|--:|--:|--:|--:|--:|---|");
}
