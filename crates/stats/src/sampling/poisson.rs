//! Sequential Poisson sampling: a sample of fixed size whose inclusion probabilities are nearly those asked for, drawn by
//! the permanent random number of each session. Source: Ohlsson 1998.

use crate::{Needed, Undefined, check};

/// The indices of the `size` items with the least u/π, ascending by u/π. Items with π = 1 (flagged by a rule) come first
/// and are always taken. `uniforms` are in [0, 1); see [`super::uniform`].
///
/// # Errors
/// Different lengths, a number outside its range, fewer items with π > 0 than `size`, or more items with π = 1.
pub fn sequential_poisson(uniforms: &[f64], inclusion: &[f64], size: usize) -> Result<Vec<usize>, Undefined> {
    check::same_length(uniforms.len(), inclusion.len())?;
    for &value in uniforms.iter().chain(inclusion) {
        check::within(value, 0.0, 1.0)?;
    }
    let certain = inclusion.iter().filter(|&&p| p >= 1.0).count();
    if certain > size {
        return Err(Undefined::TooFew { what: Needed::Places, have: size, need: certain });
    }
    let mut order: Vec<(bool, f64, usize)> = uniforms
        .iter()
        .zip(inclusion)
        .enumerate()
        .filter(|(_, (_, p))| **p > 0.0)
        .map(|(index, (u, p))| (*p < 1.0, u / p, index))
        .collect();
    if order.len() < size {
        return Err(Undefined::TooFew { what: Needed::Sessions, have: order.len(), need: size });
    }
    order.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.cmp(&b.2)));
    Ok(order.into_iter().take(size).map(|(_, _, index)| index).collect())
}

/// Inclusion probabilities that add up to `size`, proportional to `weights`; an item whose share would pass 1 is certain
/// and the others share what is left.
///
/// # Errors
/// No items, a weight that is not positive and finite, or fewer items than `size`.
pub fn size_proportional(weights: &[f64], size: usize) -> Result<Vec<f64>, Undefined> {
    check::finite(weights)?;
    for &weight in weights {
        check::within(weight, f64::MIN_POSITIVE, f64::MAX)?;
    }
    if weights.len() < size {
        return Err(Undefined::TooFew { what: Needed::Sessions, have: weights.len(), need: size });
    }
    // Scaled first, so that great weights do not add up to infinity.
    let greatest = weights.iter().copied().fold(0.0, f64::max);
    let mut certain = vec![false; weights.len()];
    loop {
        let left = size - certain.iter().filter(|certain| **certain).count();
        let total: f64 =
            weights.iter().zip(&certain).filter(|(_, certain)| !**certain).map(|(weight, _)| weight / greatest).sum();
        let share = |index: usize| left as f64 * (weights[index] / greatest) / total;
        let passing: Vec<usize> = (0..weights.len()).filter(|&index| !certain[index] && share(index) >= 1.0).collect();
        if passing.is_empty() {
            return Ok((0..weights.len()).map(|index| if certain[index] { 1.0 } else { share(index) }).collect());
        }
        for index in passing {
            certain[index] = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_ratios_are_taken_and_flagged_items_first() {
        let uniforms = [0.9, 0.2, 0.3, 0.05, 0.99];
        let inclusion = [0.9, 0.1, 0.6, 0.2, 1.0];
        // u/π: 1, 2, 0.5, 0.25, certain.
        assert_eq!(sequential_poisson(&uniforms, &inclusion, 3).unwrap(), [4, 3, 2]);
        assert!(sequential_poisson(&uniforms, &inclusion, 6).is_err());
        assert!(sequential_poisson(&uniforms, &inclusion, 0).is_err());
    }

    #[test]
    fn an_item_without_a_chance_is_never_taken() {
        assert_eq!(sequential_poisson(&[0.0, 0.5], &[0.0, 0.5], 1).unwrap(), [1]);
        assert!(sequential_poisson(&[0.0, 0.5], &[0.0, 0.5], 2).is_err());
    }

    #[test]
    fn probabilities_follow_the_weights_up_to_certainty() {
        assert_eq!(size_proportional(&[1.0, 1.0, 2.0], 1).unwrap(), [0.25, 0.25, 0.5]);
        assert_eq!(size_proportional(&[1.0, 1.0, 8.0], 2).unwrap(), [0.5, 0.5, 1.0]);
        assert_eq!(size_proportional(&[1.0, 5.0], 2).unwrap(), [1.0, 1.0]);
        assert!(size_proportional(&[1.0, 0.0], 1).is_err());
    }
}
