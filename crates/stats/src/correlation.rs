//! How a judge's score moves with people's: Pearson, Spearman, and precision and recall of a yes or no.

use serde::{Deserialize, Serialize};

use crate::{Undefined, check};

/// Pearson's correlation, in [−1, 1].
///
/// # Errors
/// No items, different lengths, a value that is not finite, or one side that does not vary.
pub fn pearson(left: &[f64], right: &[f64]) -> Result<f64, Undefined> {
    check::finite(left)?;
    check::finite(right)?;
    check::same_length(left.len(), right.len())?;
    for side in [left, right] {
        if check::constant(side) {
            return Err(Undefined::NoVariation { value: side[0], count: side.len() });
        }
    }
    let (left_mean, right_mean) = (check::mean(left), check::mean(right));
    let product: f64 = left.iter().zip(right).map(|(a, b)| (a - left_mean) * (b - right_mean)).sum();
    let scale = check::squares(left).sqrt() * check::squares(right).sqrt();
    let value = product / scale;
    if !value.is_finite() {
        return Err(Undefined::NoVariation { value: left_mean, count: left.len() });
    }
    Ok(value.clamp(-1.0, 1.0))
}

/// Spearman's correlation: Pearson's of the ranks, equal values sharing their middle rank.
///
/// # Errors
/// Those of [`pearson`].
pub fn spearman(left: &[f64], right: &[f64]) -> Result<f64, Undefined> {
    check::finite(left)?;
    check::finite(right)?;
    pearson(&ranks(left), &ranks(right))
}

/// Ranks from 1, equal values sharing their middle rank.
#[must_use]
pub fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut below = 0;
    for tied in order.chunk_by(|&a, &b| values[a] == values[b]) {
        for &index in tied {
            ranks[index] = below as f64 + (tied.len() + 1) as f64 / 2.0;
        }
        below += tied.len();
    }
    ranks
}

/// A yes or no of a judge against that of people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detection {
    /// Judge yes, people yes.
    pub true_positives: u64,
    /// Judge yes, people no.
    pub false_positives: u64,
    /// Judge no, people yes.
    pub false_negatives: u64,
    /// Judge no, people no.
    pub true_negatives: u64,
}

impl Detection {
    /// Counts pairs of (judge, people).
    pub fn count(pairs: impl IntoIterator<Item = (bool, bool)>) -> Self {
        let mut detection = Self::default();
        for pair in pairs {
            match pair {
                (true, true) => detection.true_positives += 1,
                (true, false) => detection.false_positives += 1,
                (false, true) => detection.false_negatives += 1,
                (false, false) => detection.true_negatives += 1,
            }
        }
        detection
    }

    /// The share of the judge's yes that people share; `None` when it never said yes.
    #[must_use]
    pub fn precision(&self) -> Option<f64> {
        share(self.true_positives, self.false_positives)
    }

    /// The share of people's yes that the judge found (sensitivity); `None` when people never said yes.
    #[must_use]
    pub fn recall(&self) -> Option<f64> {
        share(self.true_positives, self.false_negatives)
    }

    /// The share of people's no that the judge left alone; `None` when people never said no.
    #[must_use]
    pub fn specificity(&self) -> Option<f64> {
        share(self.true_negatives, self.false_positives)
    }

    /// The harmonic mean of precision and recall; `None` when neither ever said yes.
    #[must_use]
    pub fn f1(&self) -> Option<f64> {
        share(2 * self.true_positives, self.false_positives + self.false_negatives)
    }

    /// The share of items on which both say the same; `None` without items.
    #[must_use]
    pub fn accuracy(&self) -> Option<f64> {
        share(self.true_positives + self.true_negatives, self.false_positives + self.false_negatives)
    }
}

fn share(part: u64, rest: u64) -> Option<f64> {
    (part + rest > 0).then(|| part as f64 / (part + rest) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_correlates_fully_and_a_constant_not_at_all() {
        assert!((pearson(&[1.0, 2.0, 3.0], &[2.0, 4.0, 6.0]).unwrap() - 1.0).abs() < 1e-12);
        assert!((spearman(&[1.0, 2.0, 3.0], &[9.0, 1.0, 0.5]).unwrap() + 1.0).abs() < 1e-12);
        assert_eq!(pearson(&[1.0, 2.0], &[3.0, 3.0]), Err(Undefined::NoVariation { value: 3.0, count: 2 }));
        assert_eq!(spearman(&[], &[]), Err(Undefined::Empty));
    }

    #[test]
    fn equal_values_share_their_middle_rank() {
        assert_eq!(ranks(&[5.0, 1.0, 5.0, 9.0]), [2.5, 1.0, 2.5, 4.0]);
    }

    #[test]
    fn precision_and_recall_need_somebody_to_say_yes() {
        let pairs = [(true, true), (true, false), (true, true), (false, true), (false, false)];
        let detection = Detection::count(pairs);
        assert_eq!(detection.precision(), Some(2.0 / 3.0));
        assert_eq!(detection.recall(), Some(2.0 / 3.0));
        assert_eq!(detection.specificity(), Some(0.5));
        assert_eq!(detection.f1(), Some(2.0 / 3.0));
        assert_eq!(detection.accuracy(), Some(0.6));
        let silent = Detection::count([(false, false)]);
        assert_eq!((silent.precision(), silent.recall(), silent.f1()), (None, None, None));
    }
}
