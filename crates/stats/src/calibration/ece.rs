//! How far stated confidence and truth are apart: expected calibration error, the bins behind it, and the Brier score.

use serde::{Deserialize, Serialize};

use crate::{Undefined, check};

/// One bar of a reliability diagram.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bin {
    /// The lower end, itself not in the bin (0 is, in the first).
    pub low: f64,
    /// The upper end, in the bin.
    pub high: f64,
    /// The items in it; at least one.
    pub count: usize,
    /// Their mean confidence.
    pub confidence: f64,
    /// The share that was true.
    pub observed: f64,
}

/// The bins that hold anything, ascending, right-closed and equally wide.
///
/// # Errors
/// No items, different lengths, no bins, or a confidence outside [0, 1].
pub fn reliability_bins(confidences: &[f64], outcomes: &[bool], bins: usize) -> Result<Vec<Bin>, Undefined> {
    check_input(confidences, outcomes)?;
    if bins == 0 {
        return Err(Undefined::Empty);
    }
    let mut sums = vec![(0_usize, 0.0, 0_usize); bins];
    for (&confidence, &outcome) in confidences.iter().zip(outcomes) {
        // Slightly before the ceiling, so that .3 of ten bins falls where its decimals say.
        let index = ((confidence * bins as f64 - 1e-12).ceil().max(1.0) as usize).min(bins) - 1;
        sums[index].0 += 1;
        sums[index].1 += confidence;
        sums[index].2 += usize::from(outcome);
    }
    let bin = |(index, &(count, confidence, positive)): (usize, &(usize, f64, usize))| Bin {
        low: index as f64 / bins as f64,
        high: (index + 1) as f64 / bins as f64,
        count,
        confidence: confidence / count as f64,
        observed: positive as f64 / count as f64,
    };
    Ok(sums.iter().enumerate().filter(|(_, sum)| sum.0 > 0).map(bin).collect())
}

/// ECE: the mean over items of |confidence − share| of their bin, in [0, 1].
///
/// # Errors
/// Those of [`reliability_bins`].
pub fn expected_calibration_error(confidences: &[f64], outcomes: &[bool], bins: usize) -> Result<f64, Undefined> {
    let bins = reliability_bins(confidences, outcomes, bins)?;
    let gap: f64 = bins.iter().map(|bin| bin.count as f64 * (bin.confidence - bin.observed).abs()).sum();
    Ok(gap / confidences.len() as f64)
}

/// The Brier score: the mean of (confidence − truth)², in [0, 1].
///
/// # Errors
/// No items, different lengths, or a confidence outside [0, 1].
pub fn brier_score(confidences: &[f64], outcomes: &[bool]) -> Result<f64, Undefined> {
    check_input(confidences, outcomes)?;
    let errors = confidences.iter().zip(outcomes).map(|(p, &outcome)| (p - f64::from(u8::from(outcome))).powi(2));
    Ok(errors.sum::<f64>() / confidences.len() as f64)
}

fn check_input(confidences: &[f64], outcomes: &[bool]) -> Result<(), Undefined> {
    check::finite(confidences)?;
    check::same_length(confidences.len(), outcomes.len())?;
    confidences.iter().try_for_each(|&confidence| check::within(confidence, 0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const P: [f64; 10] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95];

    fn outcomes() -> Vec<bool> {
        "0010110111".chars().map(|digit| digit == '1').collect()
    }

    #[test]
    fn ten_items_in_five_bins() {
        assert!((expected_calibration_error(&P, &outcomes(), 5).unwrap() - 0.215).abs() < 1e-12);
        assert!((brier_score(&P, &outcomes()).unwrap() - 0.16525).abs() < 1e-12);
        let counts: Vec<usize> = reliability_bins(&P, &outcomes(), 5).unwrap().iter().map(|bin| bin.count).collect();
        assert_eq!(counts, [2, 2, 2, 2, 2]);
    }

    #[test]
    fn the_ends_have_a_bin() {
        let bins = reliability_bins(&[0.0, 1.0], &[false, true], 4).unwrap();
        assert_eq!(bins.iter().map(|bin| bin.low).collect::<Vec<_>>(), [0.0, 0.75]);
        assert_eq!(expected_calibration_error(&[0.0, 1.0], &[false, true], 4), Ok(0.0));
        assert!(brier_score(&[1.2], &[true]).is_err());
        assert!(brier_score(&[], &[]).is_err());
    }
}
