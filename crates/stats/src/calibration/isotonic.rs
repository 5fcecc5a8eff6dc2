//! Isotonic regression by pooling adjacent violators: the nearest rising curve. Source: Ayer et al. 1955.

use serde::{Deserialize, Serialize};

use crate::{Undefined, check};

/// The non-decreasing sequence nearest to `values` in squares, all weighing the same.
///
/// # Errors
/// No values, or one that is not finite.
pub fn pool_adjacent_violators(values: &[f64]) -> Result<Vec<f64>, Undefined> {
    check::finite(values)?;
    Ok(pool(values.iter().map(|&value| (value, 1.0))))
}

/// One fitted value for each (value, weight), in order.
fn pool(points: impl Iterator<Item = (f64, f64)>) -> Vec<f64> {
    // Blocks of (mean, weight, points).
    let mut blocks: Vec<(f64, f64, usize)> = Vec::new();
    for (value, weight) in points {
        let mut block = (value, weight, 1);
        while let Some(last) = blocks.pop_if(|last| last.0 > block.0) {
            let weight = last.1 + block.1;
            // Held between the two, so that rounding cannot break the order.
            let mean = ((last.0 * last.1 + block.0 * block.1) / weight).clamp(block.0, last.0);
            block = (mean, weight, last.2 + block.2);
        }
        blocks.push(block);
    }
    blocks.into_iter().flat_map(|(mean, _, points)| std::iter::repeat_n(mean, points)).collect()
}

/// A rising curve from a score to a probability.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Isotonic {
    /// Ascending (score, probability), the two ends of each level.
    knots: Vec<(f64, f64)>,
}

impl Isotonic {
    /// Fits to scores and what truly was the case. Equal scores are one point.
    ///
    /// # Errors
    /// No items, different lengths, a score that is not finite, or outcomes that are all alike.
    pub fn fit(scores: &[f64], outcomes: &[bool]) -> Result<Self, Undefined> {
        check_outcomes(scores, outcomes)?;
        let mut order: Vec<usize> = (0..scores.len()).collect();
        order.sort_by(|&a, &b| scores[a].total_cmp(&scores[b]));
        let points: Vec<(f64, f64, f64)> = order
            .chunk_by(|&a, &b| scores[a] == scores[b])
            .map(|tied| {
                let weight = tied.len() as f64;
                let positive = tied.iter().filter(|&&index| outcomes[index]).count() as f64;
                (scores[tied[0]], positive / weight, weight)
            })
            .collect();
        let fitted = pool(points.iter().map(|&(_, value, weight)| (value, weight)));
        let all: Vec<(f64, f64)> = points.iter().map(|point| point.0).zip(fitted).collect();
        let is_inner = |index: usize| {
            index > 0 && index + 1 < all.len() && all[index - 1].1 == all[index].1 && all[index].1 == all[index + 1].1
        };
        let knots = (0..all.len()).filter(|&index| !is_inner(index)).map(|index| all[index]).collect();
        Ok(Self { knots })
    }

    /// The probability at a score: linear between knots, level beyond the ends.
    #[must_use]
    pub fn predict(&self, score: f64) -> f64 {
        let above = self.knots.partition_point(|knot| knot.0 < score);
        match (above.checked_sub(1).and_then(|index| self.knots.get(index)), self.knots.get(above)) {
            (Some(low), Some(high)) => {
                let part = (score - low.0) / (high.0 - low.0);
                (low.1 + part * (high.1 - low.1)).clamp(low.1, high.1)
            }
            (Some(end), None) | (None, Some(end)) => end.1,
            // Never from `fit`; a curve without knots says nothing either way.
            (None, None) => 0.5,
        }
    }
}

/// Refuses outcomes from which no curve can be fitted.
pub(super) fn check_outcomes(scores: &[f64], outcomes: &[bool]) -> Result<(), Undefined> {
    check::finite(scores)?;
    check::same_length(scores.len(), outcomes.len())?;
    let positive = outcomes.iter().filter(|&&outcome| outcome).count();
    if positive == 0 || positive == outcomes.len() {
        let value = f64::from(u8::from(outcomes[0]));
        return Err(Undefined::NoVariation { value, count: outcomes.len() });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn violators_are_pooled() {
        let pooled = pool_adjacent_violators(&[1.0, 3.0, 2.0, 4.0, 3.5, 6.0]).unwrap();
        assert_eq!(pooled, [1.0, 2.5, 2.5, 3.75, 3.75, 6.0]);
        assert_eq!(pool_adjacent_violators(&[3.0, 2.0, 1.0]).unwrap(), [2.0, 2.0, 2.0]);
        assert_eq!(pool_adjacent_violators(&[]), Err(Undefined::Empty));
    }

    #[test]
    fn a_curve_rises_and_is_level_beyond_its_ends() {
        let scores = [0.1, 0.2, 0.3, 0.4, 0.5, 0.5];
        let curve = Isotonic::fit(&scores, &[false, true, false, true, true, true]).unwrap();
        assert_eq!(curve.predict(0.0), 0.0);
        assert_eq!(curve.predict(0.25), 0.5);
        assert!((curve.predict(0.35) - 0.75).abs() < 1e-12);
        assert_eq!(curve.predict(2.0), 1.0);
    }

    #[test]
    fn outcomes_that_are_all_alike_fit_nothing() {
        let refused = Isotonic::fit(&[0.1, 0.2], &[true, true]);
        assert_eq!(refused, Err(Undefined::NoVariation { value: 1.0, count: 2 }));
    }
}
