//! The fresh scores of a session in a few words: one line per name and source.

use std::collections::{BTreeMap, BTreeSet};

use turnwise_model::filter::score_label;
use turnwise_model::score::{Score, Source};
use turnwise_model::view::session::ScoreSummary;

/// Summaries by name and source; stale scores do not count.
pub(crate) fn summaries(scores: &[Score]) -> Vec<ScoreSummary> {
    let mut groups: BTreeMap<(&str, Source), Vec<&Score>> = BTreeMap::new();
    for score in scores.iter().filter(|score| !score.stale) {
        groups.entry((&score.name, score.source)).or_default().push(score);
    }
    groups.into_iter().map(|((name, source), scores)| summary(name, source, &scores)).collect()
}

fn summary(name: &str, source: Source, scores: &[&Score]) -> ScoreSummary {
    let numbers: Vec<f64> =
        scores.iter().filter_map(|score| score.value.number()).filter(|number| number.is_finite()).collect();
    #[expect(clippy::cast_precision_loss, reason = "counts of scores are far below 2⁵³")]
    let number = (!numbers.is_empty()).then(|| numbers.iter().sum::<f64>() / numbers.len() as f64);
    let labels: BTreeSet<Option<String>> = scores.iter().map(|score| score_label(&score.value)).collect();
    let judged: Vec<bool> = scores.iter().filter_map(|score| score.passed).collect();
    let failed: BTreeSet<_> =
        scores.iter().filter(|score| score.passed == Some(false)).filter_map(|score| score.target.turn()).collect();
    ScoreSummary {
        name: name.to_owned(),
        source,
        scores: i64::try_from(scores.len()).unwrap_or(i64::MAX),
        number,
        label: if labels.len() == 1 { labels.into_iter().next().flatten() } else { None },
        passed: (!judged.is_empty()).then(|| judged.iter().all(|passed| *passed)),
        turns_failed: i64::try_from(failed.len()).unwrap_or(i64::MAX),
    }
}
