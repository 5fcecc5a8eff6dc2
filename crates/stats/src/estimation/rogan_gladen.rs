//! The Rogan-Gladen correction: a judge's rate corrected by its sensitivity and specificity, for labels that are enriched
//! or of another period. Sources: Rogan, Gladen 1978; interval of Lang, Reiczigel 2014.

use serde::{Deserialize, Serialize};

use crate::interval::z95;
use crate::{Estimate, Interval, Needed, Undefined, check};

/// What the judge says of the population and how it was validated.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// p: the share of the judged items that it calls positive.
    pub positive_rate: f64,
    /// n: the judged items.
    pub judged: u64,
    /// q₁: the share of truly positive labels that it calls positive.
    pub sensitivity: f64,
    /// m₁: the truly positive labels.
    pub positive_labels: u64,
    /// q₀: the share of truly negative labels that it calls negative.
    pub specificity: f64,
    /// m₀: the truly negative labels.
    pub negative_labels: u64,
}

/// θ = (p + q₀ − 1)/(q₀ + q₁ − 1), cut to [0, 1], with the interval of Lang and Reiczigel; `standard_error` is that of the
/// adjusted rate, about which the interval lies.
///
/// # Errors
/// Rates outside [0, 1], no judged items, no positive or no negative labels, or a judge no better than chance
/// (q₀ + q₁ ≤ 1).
pub fn rogan_gladen(diagnostic: &Diagnostic) -> Result<Estimate, Undefined> {
    let Diagnostic { positive_rate: p, sensitivity: q1, specificity: q0, .. } = *diagnostic;
    for rate in [p, q0, q1] {
        check::within(rate, 0.0, 1.0)?;
    }
    if diagnostic.judged == 0 {
        return Err(Undefined::Empty);
    }
    for (count, what) in
        [(diagnostic.positive_labels, Needed::PositiveLabels), (diagnostic.negative_labels, Needed::NegativeLabels)]
    {
        if count == 0 {
            return Err(Undefined::TooFew { what, have: 0, need: 1 });
        }
    }
    let discrimination = better_than_chance(q0, q1)?;
    let value = ((p + q0 - 1.0) / discrimination).clamp(0.0, 1.0);

    let z = z95();
    let (n, m1, m0) = (diagnostic.judged as f64, diagnostic.positive_labels as f64, diagnostic.negative_labels as f64);
    let (p, n) = ((n * p + z * z / 2.0) / (n + z * z), n + z * z);
    let (q1, m1) = ((m1 * q1 + 1.0) / (m1 + 2.0), m1 + 2.0);
    let (q0, m0) = ((m0 * q0 + 1.0) / (m0 + 2.0), m0 + 2.0);
    let discrimination = better_than_chance(q0, q1)?;
    let adjusted = (p + q0 - 1.0) / discrimination;
    let (of_specificity, of_sensitivity) = (q0 * (1.0 - q0) / m0, q1 * (1.0 - q1) / m1);
    let shift = 2.0 * z * z * (adjusted * of_sensitivity - (1.0 - adjusted) * of_specificity);
    let variance = p * (1.0 - p) / n + (1.0 - adjusted).powi(2) * of_specificity + adjusted.powi(2) * of_sensitivity;
    let standard_error = variance.sqrt() / discrimination;
    let centre = adjusted + shift;
    let interval = Interval { low: centre - z * standard_error, high: centre + z * standard_error };
    Ok(Estimate { value, standard_error, interval: interval.clipped(0.0, 1.0) })
}

fn better_than_chance(specificity: f64, sensitivity: f64) -> Result<f64, Undefined> {
    let discrimination = specificity + sensitivity - 1.0;
    if discrimination > 1e-12 {
        Ok(discrimination)
    } else {
        Err(Undefined::NoBetterThanChance { sensitivity, specificity })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diagnostic(rates: (f64, f64, f64), counts: (u64, u64, u64)) -> Diagnostic {
        let ((positive_rate, specificity, sensitivity), (judged, negative_labels, positive_labels)) = (rates, counts);
        Diagnostic { positive_rate, judged, sensitivity, positive_labels, specificity, negative_labels }
    }

    #[test]
    fn two_validated_judges() {
        for (rates, counts, value, low, high) in [
            ((0.4, 0.7, 0.9), (1000, 200, 200), 0.166_667, 0.056_351, 0.262_733),
            ((0.6, 0.85, 0.9), (1000, 100, 100), 0.6, 0.527_797, 0.677_297),
        ] {
            let estimate = rogan_gladen(&diagnostic(rates, counts)).unwrap();
            assert!((estimate.value - value).abs() < 5e-7, "{estimate:?}");
            assert!((estimate.interval.low - low).abs() < 5e-7, "{estimate:?}");
            assert!((estimate.interval.high - high).abs() < 5e-7, "{estimate:?}");
        }
    }

    #[test]
    fn a_judge_no_better_than_chance_is_refused() {
        let refused = rogan_gladen(&diagnostic((0.4, 0.5, 0.5), (1000, 100, 100)));
        assert_eq!(refused, Err(Undefined::NoBetterThanChance { sensitivity: 0.5, specificity: 0.5 }));
        assert!(rogan_gladen(&diagnostic((0.4, 0.7, 0.3), (1000, 100, 100))).is_err());
    }

    #[test]
    fn both_kinds_of_labels_are_needed() {
        let refused = rogan_gladen(&diagnostic((0.4, 0.9, 0.9), (1000, 0, 100)));
        assert_eq!(refused, Err(Undefined::TooFew { what: Needed::NegativeLabels, have: 0, need: 1 }));
    }

    #[test]
    fn a_rate_below_the_false_alarms_is_zero_not_negative() {
        let estimate = rogan_gladen(&diagnostic((0.01, 0.9, 0.9), (500, 50, 50))).unwrap();
        assert_eq!((estimate.value, estimate.interval.low), (0.0, 0.0));
    }
}
