//! How many labels the judge is worth, and how many are needed for a given precision.

use crate::interval::z95;
use crate::{Needed, Undefined, check};

/// n_eff = n(n + N) / (n + (1 − ρ²)N): how many labels alone would be as precise as `labelled` labels together with
/// `unlabelled` judged items, where labels and judge correlate by `correlation`. Labels saved are n_eff − n.
///
/// # Errors
/// No labels, or a correlation outside [−1, 1].
pub fn effective_labels(labelled: usize, unlabelled: usize, correlation: f64) -> Result<f64, Undefined> {
    if labelled == 0 {
        return Err(Undefined::TooFew { what: Needed::Labels, have: 0, need: 1 });
    }
    check::within(correlation, -1.0, 1.0)?;
    let (n, others) = (labelled as f64, unlabelled as f64);
    Ok(n * (n + others) / (n + (1.0 - correlation * correlation) * others))
}

/// The labels needed so that the 95 % interval is no wider than ± `half_width`, given the variance of one label (at most
/// 0.25 for yes or no). With a judge, pass the variance of Y − λF.
///
/// # Errors
/// A variance that is negative or not finite, or a half width that is not positive.
pub fn labels_for_half_width(variance: f64, half_width: f64) -> Result<u64, Undefined> {
    check::within(variance, 0.0, f64::MAX)?;
    check::within(half_width, f64::MIN_POSITIVE, f64::MAX)?;
    Ok((variance * (z95() / half_width).powi(2)).ceil() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_good_judge_makes_a_hundred_labels_count_for_more() {
        let effective = effective_labels(100, 10_000, 0.8).unwrap();
        assert!((effective - 272.97).abs() < 0.005, "{effective}");
        assert!((effective_labels(100, 10_000, 0.0).unwrap() - 100.0).abs() < 1e-9);
        assert!((effective_labels(100, 900, 1.0).unwrap() - 1000.0).abs() < 1e-9);
        assert!(effective_labels(0, 10, 0.5).is_err());
        assert!(effective_labels(10, 10, 1.5).is_err());
    }

    #[test]
    fn three_points_either_way_need_about_a_thousand_labels() {
        assert_eq!(labels_for_half_width(0.25, 0.03), Ok(1068));
        assert!(labels_for_half_width(0.25, 0.0).is_err());
    }
}
