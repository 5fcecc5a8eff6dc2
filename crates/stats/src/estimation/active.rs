//! Active inference: labels are asked for where the judge is unsure, with a known probability, and the estimate is
//! corrected by that probability. Source: Zrnic, Candès 2024.

use crate::{Estimate, Needed, Undefined, check};

/// π = clip((1 − τ) b u/ū + τ b, 0, 1) with u = min(F, 1 − F): a share `uniform_share` = τ of the budget is spread evenly,
/// so that no item has π = 0. `judged` are probabilities; `budget` = b is the share of items to label. A judge that is sure
/// of every item gets the even spread.
///
/// # Errors
/// No items, a score outside [0, 1], or a budget or share outside (0, 1].
pub fn active_probabilities(judged: &[f64], budget: f64, uniform_share: f64) -> Result<Vec<f64>, Undefined> {
    check::finite(judged)?;
    for &score in judged {
        check::within(score, 0.0, 1.0)?;
    }
    for share in [budget, uniform_share] {
        check::within(share, f64::MIN_POSITIVE, 1.0)?;
    }
    let doubts: Vec<f64> = judged.iter().map(|score| score.min(1.0 - score)).collect();
    let mean = check::mean(&doubts);
    let probability = |doubt: &f64| {
        let relative = if mean > 0.0 { doubt / mean } else { 1.0 };
        ((1.0 - uniform_share) * budget * relative + uniform_share * budget).clamp(0.0, 1.0)
    };
    Ok(doubts.iter().map(probability).collect())
}

/// θ̂ = mean φ with φ = λF + (Y − λF) ξ/π, SE = sd(φ)/√N. `labels[i]` is `None` where ξ = 0; `inclusion` are the
/// probabilities with which labels were asked for.
///
/// # Errors
/// No label at all, different lengths, a number that is not finite, an inclusion probability outside (0, 1], or nothing
/// that varies.
pub fn active_mean(
    judged: &[f64],
    labels: &[Option<f64>],
    inclusion: &[f64],
    lambda: f64,
) -> Result<Estimate, Undefined> {
    check::finite(judged)?;
    check::same_length(judged.len(), labels.len())?;
    check::same_length(judged.len(), inclusion.len())?;
    check::inclusion(inclusion.iter().copied())?;
    let labelled = labels.iter().flatten().count();
    if labelled == 0 {
        return Err(Undefined::TooFew { what: Needed::Labels, have: 0, need: 1 });
    }
    let terms: Vec<f64> = judged
        .iter()
        .zip(labels)
        .zip(inclusion)
        .map(|((score, label), p)| {
            let predicted = lambda * score;
            label.map_or(predicted, |label| predicted + (label - predicted) / p)
        })
        .collect();
    check::finite(&terms)?;
    let value = check::mean(&terms);
    if check::constant(&terms) {
        return Err(Undefined::NoVariation { value, count: labelled });
    }
    Ok(Estimate::normal(value, (check::variance(&terms) / terms.len() as f64).sqrt()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const F: [f64; 10] = [0.9, 0.1, 0.6, 0.4, 0.8, 0.2, 0.55, 0.45, 0.95, 0.05];
    const Y: [f64; 10] = [1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 1.0, 0.0];

    #[test]
    fn unsure_items_are_asked_for_more_often() {
        let inclusion = active_probabilities(&F, 0.4, 0.5).unwrap();
        for (index, expected) in [(0, 0.283_333), (2, 0.533_333), (6, 0.575)] {
            assert!((inclusion[index] - expected).abs() < 5e-7, "{inclusion:?}");
        }
    }

    #[test]
    fn the_mean_is_corrected_by_the_probabilities() {
        let inclusion = active_probabilities(&F, 0.4, 0.5).unwrap();
        let labels: Vec<Option<f64>> = (0..10).map(|index| [2, 3, 6, 7].contains(&index).then(|| Y[index])).collect();
        let estimate = active_mean(&F, &labels, &inclusion, 1.0).unwrap();
        assert!((estimate.value - 0.5).abs() < 1e-9, "{estimate:?}");
        assert!((estimate.standard_error - 0.199_839).abs() < 5e-7, "{estimate:?}");
    }

    #[test]
    fn a_judge_that_is_always_sure_gets_an_even_spread() {
        assert_eq!(active_probabilities(&[1.0, 0.0], 0.2, 0.5).unwrap(), [0.2, 0.2]);
        assert!(active_probabilities(&[0.5], 0.2, 0.0).is_err());
        assert!(active_mean(&[0.5], &[None], &[0.2], 1.0).is_err());
    }
}
