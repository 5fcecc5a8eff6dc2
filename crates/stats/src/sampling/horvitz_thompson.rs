//! The Horvitz-Thompson estimator: unbiased where the size of the population is known. Source: Horvitz, Thompson 1952;
//! variance for independent (Poisson) inclusion.

use crate::{Estimate, Undefined, check};

/// The population total Σ y/π, with V = Σ (1 − π)/π² y².
///
/// # Errors
/// No items, different lengths, a value that is not finite, an inclusion probability outside (0, 1], or a sample that is
/// no census and shows no variance.
pub fn horvitz_thompson_total(values: &[f64], inclusion: &[f64]) -> Result<Estimate, Undefined> {
    check::finite(values)?;
    check::same_length(values.len(), inclusion.len())?;
    check::inclusion(inclusion.iter().copied())?;
    let pairs = || values.iter().zip(inclusion);
    let total: f64 = pairs().map(|(y, p)| y / p).sum();
    let variance: f64 = pairs().map(|(y, p)| (1.0 - p) / (p * p) * y * y).sum();
    if variance <= 0.0 && inclusion.iter().any(|&p| p < 1.0) {
        return Err(Undefined::NoVariation { value: total, count: values.len() });
    }
    Ok(Estimate::normal(total, variance.sqrt()))
}

/// The population mean Σ (y/π) / N, with V = Σ (1 − π)/π² y² / N².
///
/// # Errors
/// Those of [`horvitz_thompson_total`], or a population of size 0.
pub fn horvitz_thompson_mean(values: &[f64], inclusion: &[f64], population: u64) -> Result<Estimate, Undefined> {
    if population == 0 {
        return Err(Undefined::Empty);
    }
    let size = population as f64;
    match horvitz_thompson_total(values, inclusion) {
        Ok(total) => Ok(Estimate::normal(total.value / size, total.standard_error / size)),
        Err(Undefined::NoVariation { value, count }) => Err(Undefined::NoVariation { value: value / size, count }),
        Err(other) => Err(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_items_of_a_thousand() {
        let (y, pi) = ([1.0, 0.0, 1.0, 1.0, 0.0], [0.01, 0.02, 0.005, 0.01, 0.02]);
        let estimate = horvitz_thompson_mean(&y, &pi, 1000).unwrap();
        assert!((estimate.value - 0.4).abs() < 1e-12);
        assert!((estimate.standard_error - 0.244_131).abs() < 5e-7);
    }

    #[test]
    fn a_census_has_no_error_and_a_sample_without_events_no_interval() {
        let census = horvitz_thompson_mean(&[1.0, 0.0], &[1.0, 1.0], 2).unwrap();
        assert_eq!((census.value, census.standard_error), (0.5, 0.0));
        let silent = horvitz_thompson_mean(&[0.0, 0.0], &[0.1, 0.1], 20);
        assert_eq!(silent, Err(Undefined::NoVariation { value: 0.0, count: 2 }));
    }

    #[test]
    fn an_item_that_could_not_be_sampled_leaves_no_population_figure() {
        let refused = horvitz_thompson_mean(&[1.0, 1.0], &[0.5, 0.0], 9);
        assert_eq!(refused, Err(Undefined::NoInclusionProbability { index: 1 }));
    }
}
