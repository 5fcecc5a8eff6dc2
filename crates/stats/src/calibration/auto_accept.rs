//! Certified auto-accept: above which confidence may the judge decide alone, so that with probability 1 − δ at most a share
//! α of what it decides is wrong. Fixed-sequence testing over a grid fixed before the labels are seen.
//! Source: Angelopoulos et al. 2021 (learn then test), with the exact binomial tail.

use serde::{Deserialize, Serialize};
use statrs::distribution::{Binomial, DiscreteCDF};

use crate::{Undefined, check};

/// One test of the sequence.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// The confidence tried.
    pub confidence: f64,
    /// n: labels with at least that confidence.
    pub labels: u64,
    /// k: disagreements among them.
    pub disagreements: u64,
    /// BinomCDF(k; n, α).
    pub p_value: f64,
    /// Whether it is at most δ.
    pub passed: bool,
}

/// What a certificate holds for. Any change voids it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Basis {
    /// The judge: model and its settings.
    pub judge: String,
    /// The version of the prompt.
    pub prompt: String,
    /// The version of the rubric.
    pub rubric: String,
}

/// A certificate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AutoAccept {
    /// The least confidence that may be accepted alone; `None` where nothing may.
    pub threshold: Option<f64>,
    /// The tests up to and with the first that failed.
    pub steps: Vec<Step>,
    /// α: the share of errors that is tolerated.
    pub tolerated_errors: f64,
    /// δ: the risk that more are wrong.
    pub risk: f64,
    /// What it holds for.
    pub basis: Basis,
}

impl AutoAccept {
    /// Whether an answer of this confidence may be accepted alone by the judge, prompt and rubric now in use.
    #[must_use]
    pub fn accepts(&self, confidence: f64, now: &Basis) -> bool {
        &self.basis == now && self.threshold.is_some_and(|threshold| confidence >= threshold)
    }
}

/// Walks down `grid` while BinomCDF(k; n, α) ≤ δ and stops at the first failure; the threshold is the last that passed.
/// `agrees[i]` says whether the judge's answer of `confidences[i]` was that of people.
///
/// # Errors
/// No labels, different lengths, a confidence that is not finite, a grid that is empty or does not descend strictly, or α or
/// δ outside (0, 1).
pub fn auto_accept(
    confidences: &[f64],
    agrees: &[bool],
    grid: &[f64],
    tolerated_errors: f64,
    risk: f64,
    basis: Basis,
) -> Result<AutoAccept, Undefined> {
    check::finite(confidences)?;
    check::same_length(confidences.len(), agrees.len())?;
    check::finite(grid)?;
    if grid.windows(2).any(|pair| pair[0] <= pair[1]) {
        return Err(Undefined::GridNotDescending);
    }
    check_levels(tolerated_errors, risk)?;
    let (mut threshold, mut steps) = (None, Vec::new());
    for &confidence in grid {
        let above = || confidences.iter().zip(agrees).filter(|(value, _)| **value >= confidence);
        let labels = above().count() as u64;
        let disagreements = above().filter(|(_, agrees)| !**agrees).count() as u64;
        let p_value = binomial_tail(disagreements, labels, tolerated_errors);
        let passed = p_value <= risk;
        steps.push(Step { confidence, labels, disagreements, p_value, passed });
        if !passed {
            break;
        }
        threshold = Some(confidence);
    }
    Ok(AutoAccept { threshold, steps, tolerated_errors, risk, basis })
}

/// The least number of labels with which a first step without any error passes.
///
/// # Errors
/// α or δ outside (0, 1).
pub fn least_labels_without_errors(tolerated_errors: f64, risk: f64) -> Result<u64, Undefined> {
    check_levels(tolerated_errors, risk)?;
    // (1 − α)ⁿ ≤ δ; `ln_1p` keeps its digits for a small α.
    Ok((risk.ln() / (-tolerated_errors).ln_1p()).ceil() as u64)
}

fn check_levels(tolerated_errors: f64, risk: f64) -> Result<(), Undefined> {
    for level in [tolerated_errors, risk] {
        check::within(level, f64::MIN_POSITIVE, 1.0 - f64::EPSILON)?;
    }
    Ok(())
}

/// P(X ≤ k) of a binomial X; 1 for no trials, which no risk admits.
fn binomial_tail(successes: u64, trials: u64, probability: f64) -> f64 {
    if trials == 0 {
        return 1.0;
    }
    Binomial::new(probability, trials).map_or(1.0, |binomial| binomial.cdf(successes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn basis(prompt: &str) -> Basis {
        Basis { judge: "judge".into(), prompt: prompt.into(), rubric: "3".into() }
    }

    fn labels(groups: &[(f64, usize, usize)]) -> (Vec<f64>, Vec<bool>) {
        groups
            .iter()
            .flat_map(|&(confidence, count, errors)| (0..count).map(move |index| (confidence, index >= errors)))
            .unzip()
    }

    #[test]
    fn the_sequence_stops_at_the_first_failure() {
        let (confidences, agrees) = labels(&[(0.99, 30, 0), (0.9, 30, 1), (0.8, 40, 6)]);
        let grid = [0.99, 0.9, 0.8, 0.7];
        let certificate = auto_accept(&confidences, &agrees, &grid, 0.1, 0.1, basis("1")).unwrap();
        assert_eq!(certificate.threshold, Some(0.9));
        assert_eq!(certificate.steps.len(), 3);
        for (step, expected) in certificate.steps.iter().zip([0.042_391, 0.013_777, 0.206_051]) {
            assert!((step.p_value - expected).abs() < 5e-7, "{step:?}");
        }
    }

    #[test]
    fn if_the_first_fails_nothing_is_accepted() {
        let (confidences, agrees) = labels(&[(0.99, 21, 0), (0.9, 400, 0)]);
        let certificate = auto_accept(&confidences, &agrees, &[0.99, 0.9], 0.1, 0.1, basis("1")).unwrap();
        assert_eq!((certificate.threshold, certificate.steps.len()), (None, 1));
        assert!(!certificate.accepts(1.0, &basis("1")));
        let none_so_high = auto_accept(&confidences, &agrees, &[1.0], 0.1, 0.1, basis("1")).unwrap();
        assert_eq!(none_so_high.steps[0].p_value, 1.0);
    }

    #[test]
    fn the_least_number_of_labels() {
        assert_eq!(least_labels_without_errors(0.1, 0.1), Ok(22));
        assert_eq!(least_labels_without_errors(0.05, 0.05), Ok(59));
    }

    #[test]
    fn a_changed_prompt_voids_the_certificate() {
        let (confidences, agrees) = labels(&[(0.99, 30, 0)]);
        let certificate = auto_accept(&confidences, &agrees, &[0.99], 0.1, 0.1, basis("1")).unwrap();
        assert!(certificate.accepts(0.99, &basis("1")));
        assert!(!certificate.accepts(0.98, &basis("1")));
        assert!(!certificate.accepts(0.99, &basis("2")));
    }

    #[test]
    fn a_grid_that_rises_is_refused() {
        let refused = auto_accept(&[0.9], &[true], &[0.8, 0.9], 0.1, 0.1, basis("1"));
        assert_eq!(refused, Err(Undefined::GridNotDescending));
    }
}
