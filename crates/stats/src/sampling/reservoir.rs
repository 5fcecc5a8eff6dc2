//! Weighted reservoir sampling, for triage only: its inclusion probabilities are not known, so its result is a list to look
//! at and never enters an estimate. Source: Efraimidis, Spirakis 2006 (A-ES).

use crate::{Undefined, check};

/// Items chosen for a look, ordered, greatest key first. It carries no inclusion probability on purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Triage(Vec<usize>);

impl Triage {
    /// The indices of the chosen items.
    #[must_use]
    pub fn indices(&self) -> &[usize] {
        &self.0
    }
}

/// Up to `size` items with the greatest u^(1/w). Items with weight 0 are never chosen.
///
/// # Errors
/// Different lengths, a uniform outside [0, 1], or a weight that is negative or not finite.
pub fn weighted_reservoir(uniforms: &[f64], weights: &[f64], size: usize) -> Result<Triage, Undefined> {
    check::same_length(uniforms.len(), weights.len())?;
    let mut keys = Vec::with_capacity(uniforms.len());
    for (index, (&uniform, &weight)) in uniforms.iter().zip(weights).enumerate() {
        check::within(uniform, 0.0, 1.0)?;
        check::within(weight, 0.0, f64::MAX)?;
        if weight > 0.0 {
            // ln u / w orders as u^(1/w) does and does not underflow.
            keys.push((uniform.max(f64::MIN_POSITIVE).ln() / weight, index));
        }
    }
    keys.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    Ok(Triage(keys.into_iter().take(size).map(|(_, index)| index).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heavier_item_wins_over_an_equal_draw() {
        let triage = weighted_reservoir(&[0.5, 0.5, 0.5], &[1.0, 4.0, 0.0], 3).unwrap();
        assert_eq!(triage.indices(), [1, 0]);
        assert!(weighted_reservoir(&[0.5], &[-1.0], 1).is_err());
    }
}
