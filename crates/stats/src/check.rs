//! The checks and small moments that every estimator shares.

use crate::Undefined;

/// Refuses an empty slice and any value that is not finite.
pub(crate) fn finite(values: &[f64]) -> Result<(), Undefined> {
    if values.is_empty() {
        return Err(Undefined::Empty);
    }
    match values.iter().position(|value| !value.is_finite()) {
        Some(index) => Err(Undefined::NotFinite { index }),
        None => Ok(()),
    }
}

/// Refuses slices of different lengths.
pub(crate) fn same_length(left: usize, right: usize) -> Result<(), Undefined> {
    if left == right { Ok(()) } else { Err(Undefined::LengthMismatch { left, right }) }
}

/// Refuses a value outside `low..=high`, and NaN.
pub(crate) fn within(value: f64, low: f64, high: f64) -> Result<(), Undefined> {
    if (low..=high).contains(&value) { Ok(()) } else { Err(Undefined::OutOfRange { value, low, high }) }
}

/// Refuses an inclusion probability outside (0, 1].
pub(crate) fn inclusion(probabilities: impl IntoIterator<Item = f64>) -> Result<(), Undefined> {
    for (index, probability) in probabilities.into_iter().enumerate() {
        if !(probability > 0.0 && probability <= 1.0) {
            return Err(Undefined::NoInclusionProbability { index });
        }
    }
    Ok(())
}

/// The mean of a slice that is not empty.
pub(crate) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The sum of squares around the mean.
pub(crate) fn squares(values: &[f64]) -> f64 {
    let centre = mean(values);
    values.iter().map(|value| (value - centre).powi(2)).sum()
}

/// The variance with divisor n.
pub(crate) fn variance(values: &[f64]) -> f64 {
    squares(values) / values.len() as f64
}

/// Whether a slice holds one value only.
pub(crate) fn constant(values: &[f64]) -> bool {
    values.windows(2).all(|pair| pair[0] == pair[1])
}
