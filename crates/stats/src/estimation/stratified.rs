//! PPI++ in each stratum, put together by the strata's share of the population. Source: Fisch et al. 2024.

use super::ppi::{Lambda, parts};
use crate::{Estimate, Undefined, check};

/// The labels and scores of one stratum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PpiStratum<'a> {
    /// The stratum's size or share; weights are scaled to add up to 1.
    pub weight: f64,
    /// Y of the labelled items.
    pub labels: &'a [f64],
    /// F of the same items.
    pub judged: &'a [f64],
    /// F of the other items.
    pub judged_only: &'a [f64],
}

/// θ̂ = Σ w_k θ̂_k, V = Σ w_k² V_k, one λ per stratum.
///
/// # Errors
/// No strata, a weight that is not positive, a stratum without two labels or without unlabelled items, or nothing that
/// varies in any stratum.
pub fn stratified_ppi(strata: &[PpiStratum<'_>], lambda: Lambda) -> Result<Estimate, Undefined> {
    if strata.is_empty() {
        return Err(Undefined::Empty);
    }
    for stratum in strata {
        check::within(stratum.weight, f64::MIN_POSITIVE, f64::MAX)?;
    }
    let total: f64 = strata.iter().map(|stratum| stratum.weight).sum();
    let (mut value, mut variance) = (0.0, 0.0);
    for stratum in strata {
        let share = stratum.weight / total;
        let parts = parts(stratum.labels, stratum.judged, stratum.judged_only, lambda)?;
        value += share * parts.value;
        variance += share * share * parts.variance;
    }
    if variance <= 0.0 {
        let count = strata.iter().map(|stratum| stratum.labels.len()).sum();
        return Err(Undefined::NoVariation { value, count });
    }
    Ok(Estimate::normal(value, variance.sqrt()))
}

#[cfg(test)]
mod tests {
    use super::super::ppi::ppi_mean;
    use super::*;

    #[test]
    fn strata_add_up_by_weight() {
        let (y1, f1, u1) = ([1.0, 0.0, 1.0], [0.9, 0.3, 0.6], [0.1, 0.5, 0.8, 0.7]);
        let (y2, f2, u2) = ([0.0, 0.0, 1.0, 0.0], [0.2, 0.1, 0.4, 0.3], [0.2, 0.6]);
        let strata = [
            PpiStratum { weight: 300.0, labels: &y1, judged: &f1, judged_only: &u1 },
            PpiStratum { weight: 100.0, labels: &y2, judged: &f2, judged_only: &u2 },
        ];
        let one = ppi_mean(&y1, &f1, &u1, Lambda::Tuned).unwrap().estimate;
        let two = ppi_mean(&y2, &f2, &u2, Lambda::Tuned).unwrap().estimate;
        let both = stratified_ppi(&strata, Lambda::Tuned).unwrap();
        assert!((both.value - (0.75 * one.value + 0.25 * two.value)).abs() < 1e-12);
        let variance = (0.75 * one.standard_error).powi(2) + (0.25 * two.standard_error).powi(2);
        assert!((both.standard_error - variance.sqrt()).abs() < 1e-12);
        let alone = stratified_ppi(&strata[..1], Lambda::Tuned).unwrap();
        assert!((alone.value - one.value).abs() < 1e-12);
    }

    #[test]
    fn a_stratum_without_labels_leaves_the_whole_undefined() {
        let stratum = PpiStratum { weight: 1.0, labels: &[], judged: &[], judged_only: &[0.5] };
        assert!(stratified_ppi(&[stratum], Lambda::Tuned).is_err());
        assert_eq!(stratified_ppi(&[], Lambda::Tuned), Err(Undefined::Empty));
    }
}
