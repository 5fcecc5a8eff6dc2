//! Cohen's kappa of two raters, plain or weighted, with its large-sample standard error.
//! Sources: Cohen 1960 and 1968; standard error of Fleiss, Cohen and Everitt 1969.

use serde::{Deserialize, Serialize};

use super::{Bootstrap, ConfusionTable};
use crate::{Interval, Undefined};

/// How much a disagreement between categories i and j of k weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weights {
    /// Every disagreement weighs 1.
    Unweighted,
    /// |i − j| / (k − 1).
    Linear,
    /// (|i − j| / (k − 1))².
    Quadratic,
}

impl Weights {
    fn disagreement(self, first: usize, second: usize, categories: usize) -> f64 {
        let distance = first.abs_diff(second) as f64 / (categories - 1) as f64;
        match self {
            Self::Unweighted => f64::from(u8::from(first != second)),
            Self::Linear => distance,
            Self::Quadratic => distance * distance,
        }
    }
}

/// Kappa and its standard error.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kappa {
    /// 1 at perfect agreement, 0 at chance, below 0 under chance.
    pub value: f64,
    /// The large-sample standard error for independent items. For sessions with several items use
    /// [`cohen_kappa_interval`].
    pub standard_error: f64,
}

/// κ = 1 − Σ w·O / Σ w·E.
///
/// # Errors
/// No items, or both raters used one and the same category only.
pub fn cohen_kappa(table: &ConfusionTable, weights: Weights) -> Result<Kappa, Undefined> {
    let categories = table.categories();
    let total = table.total() as f64;
    if total == 0.0 {
        return Err(Undefined::Empty);
    }
    let share = |row: usize, column: usize| table.count(row, column) as f64 / total;
    let rows: Vec<f64> = (0..categories).map(|i| (0..categories).map(|j| share(i, j)).sum()).collect();
    let columns: Vec<f64> = (0..categories).map(|j| (0..categories).map(|i| share(i, j)).sum()).collect();
    let weight = |i: usize, j: usize| weights.disagreement(i, j, categories);
    let cells = || (0..categories).flat_map(|i| (0..categories).map(move |j| (i, j)));

    let observed: f64 = cells().map(|(i, j)| weight(i, j) * share(i, j)).sum();
    let expected: f64 = cells().map(|(i, j)| weight(i, j) * rows[i] * columns[j]).sum();
    if expected <= 0.0 {
        return Err(Undefined::OneCategory);
    }
    let value = 1.0 - observed / expected;

    // In agreement weights v = 1 − w: Var = (Σ p (v − (v̄_row + v̄_column)(1 − κ))² − (κ − p_e (1 − κ))²) / (n (1 − p_e)²).
    let row_weight: Vec<f64> =
        (0..categories).map(|i| (0..categories).map(|j| columns[j] * (1.0 - weight(i, j))).sum()).collect();
    let column_weight: Vec<f64> =
        (0..categories).map(|j| (0..categories).map(|i| rows[i] * (1.0 - weight(i, j))).sum()).collect();
    let spread: f64 = cells()
        .map(|(i, j)| {
            let residual = 1.0 - weight(i, j) - (row_weight[i] + column_weight[j]) * (1.0 - value);
            share(i, j) * residual * residual
        })
        .sum();
    let centre = value - (1.0 - expected) * (1.0 - value);
    let variance = (spread - centre * centre).max(0.0) / (total * expected * expected);
    Ok(Kappa { value, standard_error: variance.sqrt() })
}

/// The percentile bootstrap interval of kappa over sessions; `session_of[i]` is the session of pair i.
///
/// # Errors
/// Those of [`cohen_kappa`] and of [`Bootstrap::over_sessions`].
pub fn cohen_kappa_interval(
    pairs: &[(usize, usize)],
    session_of: &[usize],
    categories: usize,
    weights: Weights,
    bootstrap: &Bootstrap,
) -> Result<Interval, Undefined> {
    crate::check::same_length(pairs.len(), session_of.len())?;
    bootstrap.over_sessions(session_of, |drawn| {
        let table = ConfusionTable::from_pairs(drawn.iter().map(|&index| pairs[index]), categories)?;
        Ok(cohen_kappa(&table, weights)?.value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kappa<const N: usize>(rows: &[[u64; N]; N], weights: Weights) -> Kappa {
        cohen_kappa(&ConfusionTable::from_rows(rows).unwrap(), weights).unwrap()
    }

    #[test]
    fn two_categories() {
        let kappa = kappa(&[[20, 5], [10, 15]], Weights::Unweighted);
        assert!((kappa.value - 0.4).abs() < 1e-12);
        assert!((kappa.standard_error - 0.126_996).abs() < 5e-7);
    }

    #[test]
    fn three_categories_in_each_weighting() {
        let rows = [[75, 1, 4], [5, 4, 1], [0, 0, 10]];
        for (weights, expected) in
            [(Weights::Unweighted, 0.676_471), (Weights::Linear, 0.722_222), (Weights::Quadratic, 0.755_319)]
        {
            assert!((kappa(&rows, weights).value - expected).abs() < 5e-7, "{weights:?}");
        }
    }

    #[test]
    fn a_skewed_table_is_below_chance() {
        let kappa = kappa(&[[118, 5], [2, 0]], Weights::Unweighted);
        assert!((kappa.value + 0.023_392).abs() < 5e-7);
    }

    #[test]
    fn one_category_alone_says_nothing() {
        let table = ConfusionTable::from_rows(&[[9, 0], [0, 0]]).unwrap();
        assert_eq!(cohen_kappa(&table, Weights::Unweighted), Err(Undefined::OneCategory));
        let table = ConfusionTable::from_rows(&[[0, 0], [0, 0]]).unwrap();
        assert_eq!(cohen_kappa(&table, Weights::Unweighted), Err(Undefined::Empty));
    }

    #[test]
    fn the_interval_over_sessions_is_near_the_large_sample_one_when_each_session_has_one_item() {
        let cells = [((0, 0), 20), ((0, 1), 5), ((1, 0), 10), ((1, 1), 15)];
        let pairs: Vec<_> = cells.iter().flat_map(|&(pair, count)| vec![pair; count]).collect();
        let sessions: Vec<usize> = (0..pairs.len()).collect();
        let interval = cohen_kappa_interval(&pairs, &sessions, 2, Weights::Unweighted, &Bootstrap::default()).unwrap();
        assert!((interval.low - (0.4 - 1.96 * 0.127)).abs() < 0.04, "{interval:?}");
        assert!((interval.high - (0.4 + 1.96 * 0.127)).abs() < 0.04, "{interval:?}");
    }
}
