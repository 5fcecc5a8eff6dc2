//! The Hájek estimator: a mean weighted by 1/π, for when the size of the population is estimated too. Source: Hájek 1971;
//! linearised variance for independent (Poisson) inclusion.

use crate::{Estimate, Undefined, check};

/// The population mean Σ(y/π) / Σ(1/π), with V = Σ (1 − π)/π² (y − ȳ)² / N̂².
///
/// # Errors
/// No items, different lengths, a value that is not finite, an inclusion probability outside (0, 1], or a sample that is
/// no census and shows no variance.
pub fn hajek_mean(values: &[f64], inclusion: &[f64]) -> Result<Estimate, Undefined> {
    check::finite(values)?;
    check::same_length(values.len(), inclusion.len())?;
    check::inclusion(inclusion.iter().copied())?;
    let pairs = || values.iter().zip(inclusion);
    let size: f64 = inclusion.iter().map(|p| 1.0 / p).sum();
    let mean = if check::constant(values) { values[0] } else { pairs().map(|(y, p)| y / p).sum::<f64>() / size };
    let variance = pairs().map(|(y, p)| (1.0 - p) / (p * p) * (y - mean).powi(2)).sum::<f64>() / (size * size);
    if variance <= 0.0 && inclusion.iter().any(|&p| p < 1.0) {
        return Err(Undefined::NoVariation { value: mean, count: values.len() });
    }
    Ok(Estimate::normal(mean, variance.sqrt()))
}

/// Kish's effective sample size (Σ w)² / Σ w² of the weights w = 1/π.
///
/// # Errors
/// No items, or an inclusion probability outside (0, 1].
pub fn kish_effective_size(inclusion: &[f64]) -> Result<f64, Undefined> {
    if inclusion.is_empty() {
        return Err(Undefined::Empty);
    }
    check::inclusion(inclusion.iter().copied())?;
    let sum: f64 = inclusion.iter().map(|p| 1.0 / p).sum();
    let squares: f64 = inclusion.iter().map(|p| 1.0 / (p * p)).sum();
    Ok(sum * sum / squares)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_items_with_unequal_probabilities() {
        let (y, pi) = ([1.0, 0.0, 1.0, 1.0, 0.0], [0.01, 0.02, 0.005, 0.01, 0.02]);
        let estimate = hajek_mean(&y, &pi).unwrap();
        assert!((estimate.value - 0.8).abs() < 1e-12);
        assert!((estimate.standard_error - 0.148_593).abs() < 5e-7);
        assert!((kish_effective_size(&pi).unwrap() - 3.846_15).abs() < 5e-6);
    }

    #[test]
    fn equal_labels_are_a_value_without_an_interval() {
        let undefined = hajek_mean(&[1.0, 1.0, 1.0], &[0.1, 0.2, 0.3]);
        assert_eq!(undefined, Err(Undefined::NoVariation { value: 1.0, count: 3 }));
        assert_eq!(hajek_mean(&[], &[]), Err(Undefined::Empty));
        assert_eq!(kish_effective_size(&[]), Err(Undefined::Empty));
    }
}
