//! Gwet's AC1, which keeps its sense where nearly all items fall in one category and kappa does not.
//! Source: Gwet 2008; missing ratings as in Gwet 2014.

use super::Bootstrap;
use super::table::enough_categories;
use crate::{Interval, Undefined};

/// The gap AC1 − κ above which kappa suffers from the prevalence paradox.
pub const PARADOX_GAP: f64 = 0.3;

/// AC1 = (p_a − p_e) / (1 − p_e) with p_e = Σ π_k (1 − π_k) / (q − 1).
///
/// `items[i][k]` is how many people put item i in category k; all rows have q ≥ 2 columns. Items with one rating inform
/// the prevalence π_k, items with two or more the agreement p_a.
///
/// # Errors
/// No items, fewer than two categories, rows of different lengths, or no item with two ratings.
pub fn gwet_ac1<R: AsRef<[u32]>>(items: &[R]) -> Result<f64, Undefined> {
    let categories = enough_categories(items.first().ok_or(Undefined::Empty)?.as_ref().len())?;
    let mut prevalence = vec![0.0; categories];
    let (mut rated, mut paired, mut agreement) = (0.0_f64, 0.0_f64, 0.0);
    for item in items {
        let counts = item.as_ref();
        crate::check::same_length(categories, counts.len())?;
        let raters: f64 = counts.iter().copied().map(f64::from).sum();
        if raters == 0.0 {
            continue;
        }
        rated += 1.0;
        for (share, &count) in prevalence.iter_mut().zip(counts) {
            *share += f64::from(count) / raters;
        }
        if raters >= 2.0 {
            paired += 1.0;
            let agreeing: f64 = counts.iter().map(|&count| f64::from(count) * (f64::from(count) - 1.0)).sum();
            agreement += agreeing / (raters * (raters - 1.0));
        }
    }
    if paired == 0.0 {
        return Err(Undefined::NoPairs);
    }
    let observed = agreement / paired;
    let chance: f64 =
        prevalence.iter().map(|sum| sum / rated).map(|p| p * (1.0 - p)).sum::<f64>() / (categories - 1) as f64;
    // p_e is at most 1/q, so the divisor is never 0.
    Ok((observed - chance) / (1.0 - chance))
}

/// The percentile bootstrap interval of AC1 over sessions; `session_of[i]` is the session of item i.
///
/// # Errors
/// Those of [`gwet_ac1`] and of [`Bootstrap::over_sessions`].
pub fn gwet_ac1_interval<R: AsRef<[u32]>>(
    items: &[R],
    session_of: &[usize],
    bootstrap: &Bootstrap,
) -> Result<Interval, Undefined> {
    crate::check::same_length(items.len(), session_of.len())?;
    bootstrap.over_sessions(session_of, |drawn| {
        let resample: Vec<&[u32]> = drawn.iter().map(|&index| items[index].as_ref()).collect();
        gwet_ac1(&resample)
    })
}

/// Whether a page must warn that kappa is low only because one category is rare.
#[must_use]
pub fn prevalence_paradox(kappa: f64, ac1: f64) -> bool {
    ac1 - kappa > PARADOX_GAP
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agreement::{ConfusionTable, Weights, cohen_kappa};

    #[test]
    fn two_raters_on_a_balanced_table() {
        let table = ConfusionTable::from_rows(&[[20, 5], [10, 15]]).unwrap();
        assert!((gwet_ac1(&table.items()).unwrap() - 0.405_941).abs() < 5e-7);
    }

    #[test]
    fn the_prevalence_paradox_is_noticed() {
        let table = ConfusionTable::from_rows(&[[118, 5], [2, 0]]).unwrap();
        let ac1 = gwet_ac1(&table.items()).unwrap();
        assert!((ac1 - 0.940_776).abs() < 5e-7);
        let kappa = cohen_kappa(&table, Weights::Unweighted).unwrap().value;
        assert!(prevalence_paradox(kappa, ac1));
        assert!(!prevalence_paradox(0.4, 0.405_941));
    }

    #[test]
    fn an_item_rated_once_counts_for_prevalence_only() {
        // p_a = 1 over the two paired items; π = (2/3, 1/3), p_e = 4/9.
        assert!((gwet_ac1(&[[2, 0], [0, 3], [1, 0]]).unwrap() - 1.0).abs() < 1e-12);
        // p_a = 0 over the one paired item; π = (3/4, 1/4), p_e = 3/8.
        assert!((gwet_ac1(&[[1, 1], [1, 0]]).unwrap() + 0.6).abs() < 1e-12);
        assert_eq!(gwet_ac1(&[[1, 0], [0, 1]]), Err(Undefined::NoPairs));
    }

    #[test]
    fn the_interval_over_sessions_is_repeatable_and_around_the_value() {
        let items = ConfusionTable::from_rows(&[[20, 5], [10, 15]]).unwrap().items();
        let sessions: Vec<usize> = (0..items.len()).collect();
        let interval = gwet_ac1_interval(&items, &sessions, &Bootstrap::default()).unwrap();
        assert!(interval.contains(0.405_941) && interval.width() > 0.3, "{interval:?}");
        assert_eq!(gwet_ac1_interval(&items, &sessions, &Bootstrap::default()), Ok(interval));
    }
}
