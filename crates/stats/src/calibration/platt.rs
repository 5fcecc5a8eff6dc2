//! Platt scaling: a logistic curve from a score to a probability. Sources: Platt 1999 with its smoothed targets; Newton's
//! method with backtracking of Lin, Lin, Weng 2007.

use serde::{Deserialize, Serialize};

use super::isotonic::check_outcomes;
use crate::{Undefined, check};

const ITERATIONS: usize = 100;
/// Keeps the Hessian positive definite.
const RIDGE: f64 = 1e-12;

/// p(score) = 1 / (1 + exp(−(slope·score + intercept))).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Platt {
    /// How fast the probability rises with the score.
    pub slope: f64,
    /// The log-odds at score 0.
    pub intercept: f64,
}

impl Platt {
    /// Fits to scores and what truly was the case.
    ///
    /// # Errors
    /// No items, different lengths, a score that is not finite, or scores or outcomes that are all alike.
    pub fn fit(scores: &[f64], outcomes: &[bool]) -> Result<Self, Undefined> {
        check_outcomes(scores, outcomes)?;
        if check::constant(scores) {
            return Err(Undefined::NoVariation { value: scores[0], count: scores.len() });
        }
        // Standardised, so that one ridge and one tolerance suit every scale.
        let centre = check::mean(scores);
        let scale = check::variance(scores).sqrt();
        if !(scale > 0.0 && scale.is_finite()) {
            return Err(Undefined::NoVariation { value: centre, count: scores.len() });
        }
        let inputs: Vec<f64> = scores.iter().map(|score| (score - centre) / scale).collect();
        let positive = outcomes.iter().filter(|&&outcome| outcome).count() as f64;
        let negative = outcomes.len() as f64 - positive;
        let (high, low) = ((positive + 1.0) / (positive + 2.0), 1.0 / (negative + 2.0));
        let targets: Vec<f64> = outcomes.iter().map(|&outcome| if outcome { high } else { low }).collect();

        let mut curve = Self { slope: 0.0, intercept: ((positive + 1.0) / (negative + 1.0)).ln() };
        let mut loss = curve.loss(&inputs, &targets);
        for _ in 0..ITERATIONS {
            let step = curve.newton_step(&inputs, &targets);
            let mut size = 1.0;
            let improved = loop {
                let next = Self { slope: curve.slope + size * step.0, intercept: curve.intercept + size * step.1 };
                let next_loss = next.loss(&inputs, &targets);
                if next_loss < loss {
                    break Some((next, next_loss));
                }
                size /= 2.0;
                if size < 1e-10 {
                    break None;
                }
            };
            let Some((next, next_loss)) = improved else {
                break;
            };
            let gain = loss - next_loss;
            (curve, loss) = (next, next_loss);
            if gain < 1e-13 * (1.0 + loss) {
                break;
            }
        }
        let slope = curve.slope / scale;
        Ok(Self { slope, intercept: curve.intercept - slope * centre })
    }

    /// The probability at a score.
    #[must_use]
    pub fn predict(&self, score: f64) -> f64 {
        let log_odds = self.slope * score + self.intercept;
        // Each branch keeps the exponent negative, so that nothing overflows.
        if log_odds >= 0.0 { 1.0 / (1.0 + (-log_odds).exp()) } else { log_odds.exp() / (1.0 + log_odds.exp()) }
    }

    /// The cross-entropy against the targets.
    fn loss(&self, inputs: &[f64], targets: &[f64]) -> f64 {
        inputs
            .iter()
            .zip(targets)
            .map(|(input, target)| {
                let log_odds = self.slope * input + self.intercept;
                log_odds.max(0.0) - target * log_odds + (-log_odds.abs()).exp().ln_1p()
            })
            .sum()
    }

    fn newton_step(&self, inputs: &[f64], targets: &[f64]) -> (f64, f64) {
        let (mut slope, mut intercept) = (0.0, 0.0);
        let (mut slope_slope, mut slope_intercept, mut intercept_intercept) = (RIDGE, 0.0, RIDGE);
        for (input, target) in inputs.iter().zip(targets) {
            let p = self.predict(*input);
            let (gap, weight) = (target - p, p * (1.0 - p));
            slope += gap * input;
            intercept += gap;
            slope_slope += weight * input * input;
            slope_intercept += weight * input;
            intercept_intercept += weight;
        }
        let determinant = slope_slope * intercept_intercept - slope_intercept * slope_intercept;
        (
            (intercept_intercept * slope - slope_intercept * intercept) / determinant,
            (slope_slope * intercept - slope_intercept * slope) / determinant,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_scores_get_the_smoothed_shares() {
        // Two levels and two parameters fit exactly. Ten items each, 2 and 8 positive: N₊ = N₋ = 10, targets 11/12 and 1/12.
        let scores: Vec<f64> = [0.2, 0.8].iter().flat_map(|&score| [score; 10]).collect();
        let outcomes: Vec<bool> = [2, 8].iter().flat_map(|&yes| (0..10).map(move |index| index < yes)).collect();
        let curve = Platt::fit(&scores, &outcomes).unwrap();
        assert!((curve.predict(0.2) - (2.0 * 11.0 + 8.0) / 120.0).abs() < 1e-6);
        assert!((curve.predict(0.8) - (8.0 * 11.0 + 2.0) / 120.0).abs() < 1e-6);
        assert!((curve.predict(0.5) - 0.5).abs() < 1e-6);
    }

    #[test]
    fn perfectly_separated_outcomes_do_not_run_away() {
        let scores: Vec<f64> = (0..20).map(f64::from).collect();
        let outcomes: Vec<bool> = (0..20).map(|index| index >= 10).collect();
        let curve = Platt::fit(&scores, &outcomes).unwrap();
        assert!(curve.slope.is_finite() && curve.predict(0.0) > 0.0 && curve.predict(19.0) < 1.0, "{curve:?}");
    }

    #[test]
    fn scores_that_are_all_alike_fit_nothing() {
        let refused = Platt::fit(&[0.3, 0.3], &[true, false]);
        assert_eq!(refused, Err(Undefined::NoVariation { value: 0.3, count: 2 }));
    }
}
