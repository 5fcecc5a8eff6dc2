//! PPI++: a mean from few human labels and many judge scores, never much worse than the labels alone.
//! Source: Angelopoulos, Duchi, Zrnic 2023; conventions of `ppi_py`: covariance with 1/n, Var(F) with 1/(m − 1) over all
//! items, standard errors with 1/n.

use serde::{Deserialize, Serialize};

use super::labels::effective_labels;
use crate::{Estimate, Needed, Undefined, check, correlation};

/// How much the judge is trusted: 0 uses the labels alone, 1 is plain prediction-powered inference.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lambda {
    /// The λ of least variance, clipped to [0, 1]; 0 where the judge's scores do not vary.
    Tuned,
    /// A given λ.
    Fixed(f64),
}

/// A PPI++ mean and what the judge contributed to it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PpiEstimate {
    /// The population mean.
    pub estimate: Estimate,
    /// The λ that was used.
    pub lambda: f64,
    /// n: items with a human label.
    pub labelled: usize,
    /// N: items with a judge's score only.
    pub unlabelled: usize,
    /// ρ between labels and judge on the labelled items; `None` where either does not vary.
    pub correlation: Option<f64>,
    /// How many labels alone would do as well; `None` without ρ.
    pub effective_labels: Option<f64>,
    /// `effective_labels` − n; `None` without ρ.
    pub labels_saved: Option<f64>,
}

/// θ̂ = λ·mean_U(F) + mean_L(Y − λF), SE² = Var_L(Y − λF)/n + λ² Var_U(F)/N.
///
/// `labels` and `judged` are Y and F of the same labelled items L; `judged_only` is F of the other items U. L must be a
/// simple random sample of L ∪ U: see [`super::choose`].
///
/// # Errors
/// Fewer than two labels, no unlabelled item, different lengths, a number that is not finite, or nothing that varies.
pub fn ppi_mean(labels: &[f64], judged: &[f64], judged_only: &[f64], lambda: Lambda) -> Result<PpiEstimate, Undefined> {
    let parts = parts(labels, judged, judged_only, lambda)?;
    if parts.variance <= 0.0 {
        return Err(Undefined::NoVariation { value: parts.value, count: labels.len() });
    }
    // A judge that goes against people has λ = 0 and saves nothing.
    let correlation = correlation::pearson(labels, judged).ok();
    let effective = match correlation {
        Some(rho) => Some(effective_labels(labels.len(), judged_only.len(), rho.max(0.0))?),
        None => None,
    };
    Ok(PpiEstimate {
        estimate: Estimate::normal(parts.value, parts.variance.sqrt()),
        lambda: parts.lambda,
        labelled: labels.len(),
        unlabelled: judged_only.len(),
        correlation,
        effective_labels: effective,
        labels_saved: effective.map(|effective| effective - labels.len() as f64),
    })
}

/// λ̂ = Cov_L(Y, F) / ((1 + n/N) Var(F)), not clipped.
///
/// # Errors
/// Those of [`ppi_mean`], or a judge whose scores do not vary.
pub fn tuned_lambda(labels: &[f64], judged: &[f64], judged_only: &[f64]) -> Result<f64, Undefined> {
    check_input(labels, judged, judged_only)?;
    let all: Vec<f64> = judged.iter().chain(judged_only).copied().collect();
    if check::constant(&all) {
        return Err(Undefined::NoVariation { value: all[0], count: all.len() });
    }
    let (label_mean, judge_mean) = (check::mean(labels), check::mean(judged));
    let covariance =
        labels.iter().zip(judged).map(|(y, f)| (y - label_mean) * (f - judge_mean)).sum::<f64>() / labels.len() as f64;
    let variance = check::squares(&all) / (all.len() - 1) as f64;
    Ok(covariance / ((1.0 + labels.len() as f64 / judged_only.len() as f64) * variance))
}

/// What one stratum, or the whole, contributes.
pub(super) struct Parts {
    pub value: f64,
    pub variance: f64,
    pub lambda: f64,
}

pub(super) fn parts(labels: &[f64], judged: &[f64], judged_only: &[f64], lambda: Lambda) -> Result<Parts, Undefined> {
    check_input(labels, judged, judged_only)?;
    let lambda = match lambda {
        Lambda::Fixed(lambda) if lambda.is_finite() => lambda,
        Lambda::Fixed(_) => return Err(Undefined::NotFinite { index: 0 }),
        Lambda::Tuned => match tuned_lambda(labels, judged, judged_only) {
            Ok(lambda) => lambda.clamp(0.0, 1.0),
            Err(Undefined::NoVariation { .. }) => 0.0,
            Err(other) => return Err(other),
        },
    };
    let corrections: Vec<f64> = labels.iter().zip(judged).map(|(y, f)| y - lambda * f).collect();
    // A constant's variance is 0 whatever rounding says.
    let spread = |values: &[f64]| {
        if check::constant(values) { 0.0 } else { check::variance(values) }
    };
    Ok(Parts {
        value: lambda * check::mean(judged_only) + check::mean(&corrections),
        variance: spread(&corrections) / labels.len() as f64
            + lambda * lambda * spread(judged_only) / judged_only.len() as f64,
        lambda,
    })
}

fn check_input(labels: &[f64], judged: &[f64], judged_only: &[f64]) -> Result<(), Undefined> {
    check::same_length(labels.len(), judged.len())?;
    if labels.len() < 2 {
        return Err(Undefined::TooFew { what: Needed::Labels, have: labels.len(), need: 2 });
    }
    if judged_only.is_empty() {
        return Err(Undefined::TooFew { what: Needed::UnlabelledItems, have: 0, need: 1 });
    }
    check::finite(labels)?;
    check::finite(judged)?;
    check::finite(judged_only)
}

#[cfg(test)]
mod tests {
    use super::*;

    const Y: [f64; 10] = [1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0];
    const F: [f64; 10] = [0.9, 0.2, 0.7, 0.8, 0.4, 0.6, 0.1, 0.95, 0.5, 0.3];
    const F2: [f64; 10] = [0.6, 0.5, 0.4, 0.7, 0.45, 0.55, 0.5, 0.6, 0.3, 0.52];

    fn unlabelled() -> Vec<f64> {
        (0..100).map(|i| f64::from(37 * i % 100) / 100.0).collect()
    }

    fn close(estimate: Estimate, value: f64, low: f64, high: f64, tolerance: f64) {
        assert!((estimate.value - value).abs() < tolerance, "{estimate:?}");
        assert!((estimate.interval.low - low).abs() < tolerance, "{estimate:?}");
        assert!((estimate.interval.high - high).abs() < tolerance, "{estimate:?}");
    }

    #[test]
    fn without_the_judge_it_is_the_mean_of_the_labels() {
        let ppi = ppi_mean(&Y, &F, &unlabelled(), Lambda::Fixed(0.0)).unwrap();
        close(ppi.estimate, 0.6, 0.296_364, 0.903_636, 5e-7);
    }

    #[test]
    fn with_the_judge_it_is_narrower() {
        let ppi = ppi_mean(&Y, &F, &unlabelled(), Lambda::Fixed(1.0)).unwrap();
        close(ppi.estimate, 0.55, 0.363_486, 0.736_514, 5e-7);
    }

    #[test]
    fn a_tuned_lambda_is_clipped() {
        assert!((tuned_lambda(&Y, &F, &unlabelled()).unwrap() - 1.279_645).abs() < 5e-7);
        assert_eq!(ppi_mean(&Y, &F, &unlabelled(), Lambda::Tuned).unwrap().lambda, 1.0);
    }

    #[test]
    fn a_weak_judge_is_hardly_used() {
        let ppi = ppi_mean(&Y, &F2, &unlabelled(), Lambda::Tuned).unwrap();
        assert!((ppi.lambda - 0.091_478_4).abs() < 5e-8);
        close(ppi.estimate, 0.598_444_9, 0.295_607_9, 0.901_281_8, 5e-8);
    }

    #[test]
    fn a_judge_that_never_varies_leaves_the_labels_alone() {
        let ppi = ppi_mean(&Y, &[0.5; 10], &[0.5; 100], Lambda::Tuned).unwrap();
        assert_eq!((ppi.lambda, ppi.correlation, ppi.labels_saved), (0.0, None, None));
        assert!((ppi.estimate.value - 0.6).abs() < 1e-12);
    }

    #[test]
    fn a_judge_against_people_saves_no_labels() {
        let against: Vec<f64> = F.iter().map(|f| 1.0 - f).collect();
        let ppi = ppi_mean(&Y, &against, &unlabelled(), Lambda::Tuned).unwrap();
        assert_eq!((ppi.lambda, ppi.labels_saved), (0.0, Some(0.0)));
    }

    #[test]
    fn what_is_missing_is_named() {
        let too_few = |what, have, need| Err(Undefined::TooFew { what, have, need });
        assert_eq!(ppi_mean(&[1.0], &[0.5], &[0.5], Lambda::Tuned), too_few(Needed::Labels, 1, 2));
        assert_eq!(ppi_mean(&Y, &F, &[], Lambda::Tuned), too_few(Needed::UnlabelledItems, 0, 1));
        let silent = ppi_mean(&[1.0, 1.0], &[0.5, 0.5], &[0.5], Lambda::Tuned);
        assert_eq!(silent, Err(Undefined::NoVariation { value: 1.0, count: 2 }));
    }
}
