//! The calibration to use for a number of labels: Platt below a few hundred, isotonic from there on; cross-fitted where the
//! result feeds an estimate, so that no label judges itself.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Isotonic, Platt};
use crate::{Needed, Undefined, check};

/// The number of labels from which isotonic regression is used.
pub const ISOTONIC_FROM: usize = 300;

/// A fitted calibration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Calibrator {
    /// A logistic curve.
    Platt(Platt),
    /// A rising curve of steps.
    Isotonic(Isotonic),
}

impl Calibrator {
    /// Fits the kind that suits the number of labels.
    ///
    /// # Errors
    /// Those of [`Platt::fit`] or [`Isotonic::fit`].
    pub fn fit(scores: &[f64], outcomes: &[bool]) -> Result<Self, Undefined> {
        if scores.len() < ISOTONIC_FROM {
            Platt::fit(scores, outcomes).map(Self::Platt)
        } else {
            Isotonic::fit(scores, outcomes).map(Self::Isotonic)
        }
    }

    /// The calibrated probability at a score.
    #[must_use]
    pub fn predict(&self, score: f64) -> f64 {
        match self {
            Self::Platt(curve) => curve.predict(score),
            Self::Isotonic(curve) => curve.predict(score),
        }
    }
}

/// Each item's probability from a calibration that was fitted without its fold. `fold_of[i]` names the fold of item i; give
/// all items of a session the same fold.
///
/// # Errors
/// Different lengths, fewer than two folds, or a rest that cannot be fitted.
pub fn cross_fitted(scores: &[f64], outcomes: &[bool], fold_of: &[usize]) -> Result<Vec<f64>, Undefined> {
    check::finite(scores)?;
    check::same_length(scores.len(), outcomes.len())?;
    check::same_length(scores.len(), fold_of.len())?;
    let folds: BTreeSet<usize> = fold_of.iter().copied().collect();
    if folds.len() < 2 {
        return Err(Undefined::TooFew { what: Needed::Sessions, have: folds.len(), need: 2 });
    }
    let mut calibrated = vec![0.0; scores.len()];
    for fold in folds {
        let rest = || (0..scores.len()).filter(|&index| fold_of[index] != fold);
        let rest_scores: Vec<f64> = rest().map(|index| scores[index]).collect();
        let rest_outcomes: Vec<bool> = rest().map(|index| outcomes[index]).collect();
        let calibrator = Calibrator::fit(&rest_scores, &rest_outcomes)?;
        for index in (0..scores.len()).filter(|&index| fold_of[index] == fold) {
            calibrated[index] = calibrator.predict(scores[index]);
        }
    }
    Ok(calibrated)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(count: usize) -> (Vec<f64>, Vec<bool>) {
        (0..count).map(|index| (index as f64 / count as f64, index * 7 % 10 < index * 10 / count)).unzip()
    }

    #[test]
    fn few_labels_get_platt_and_many_isotonic() {
        let (scores, outcomes) = labels(ISOTONIC_FROM - 1);
        assert!(matches!(Calibrator::fit(&scores, &outcomes), Ok(Calibrator::Platt(_))));
        let (scores, outcomes) = labels(ISOTONIC_FROM);
        assert!(matches!(Calibrator::fit(&scores, &outcomes), Ok(Calibrator::Isotonic(_))));
    }

    #[test]
    fn no_label_judges_itself() {
        let (scores, outcomes) = labels(60);
        let folds: Vec<usize> = (0..60).map(|index| index % 3).collect();
        let before = cross_fitted(&scores, &outcomes, &folds).unwrap();
        let mut changed = outcomes.clone();
        changed[30] = !changed[30];
        let after = cross_fitted(&scores, &changed, &folds).unwrap();
        // Item 30 lies in fold 0: its own fold does not notice, the others do.
        assert!((0..60).filter(|index| index % 3 == 0).all(|index| before[index] == after[index]));
        assert!((0..60).filter(|index| index % 3 != 0).all(|index| before[index] != after[index]));
        assert!(cross_fitted(&scores, &outcomes, &[0; 60]).is_err());
    }
}
