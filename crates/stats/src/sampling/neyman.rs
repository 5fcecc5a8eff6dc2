//! Neyman allocation: labels go where strata are large and mixed, n_h ∝ N_h S_h. Source: Neyman 1934.

use serde::{Deserialize, Serialize};

use crate::{Needed, Undefined, check};

/// A stratum as far as its allocation is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stratum {
    /// N_h: how many items it holds.
    pub size: u64,
    /// S_h: the standard deviation of the score within it, from earlier labels or from the judge.
    pub deviation: f64,
}

/// The share of `labels` for each stratum, not rounded. No stratum gets more than it holds; what it cannot take goes to the
/// others in proportion.
///
/// # Errors
/// No strata, a deviation that is negative or not finite, fewer items than labels, or no deviation anywhere.
pub fn neyman_allocation(strata: &[Stratum], labels: u64) -> Result<Vec<f64>, Undefined> {
    check::finite(&strata.iter().map(|stratum| stratum.deviation).collect::<Vec<_>>())?;
    for stratum in strata {
        check::within(stratum.deviation, 0.0, f64::MAX)?;
    }
    let held: u64 = strata.iter().map(|stratum| stratum.size).sum();
    if held < labels {
        return Err(Undefined::TooFew { what: Needed::UnlabelledItems, have: held as usize, need: labels as usize });
    }
    let need = |stratum: &Stratum| stratum.size as f64 * stratum.deviation;
    if strata.iter().all(|stratum| need(stratum) == 0.0) {
        return Err(Undefined::NoVariation { value: 0.0, count: strata.len() });
    }

    let mut shares = vec![0.0; strata.len()];
    let mut full = vec![false; strata.len()];
    loop {
        let left = labels as f64
            - strata.iter().zip(&full).filter(|(_, full)| **full).map(|(stratum, _)| stratum.size as f64).sum::<f64>();
        let open = || strata.iter().zip(&full).filter(|(_, full)| !**full).map(|(stratum, _)| stratum);
        let needs: f64 = open().map(need).sum();
        let sizes: f64 = open().map(|stratum| stratum.size as f64).sum();
        let mut overflowed = false;
        for (index, stratum) in strata.iter().enumerate() {
            let size = stratum.size as f64;
            if full[index] {
                continue;
            }
            // Where only strata without spread are left, they share by size.
            let part = if needs > 0.0 {
                need(stratum) / needs
            } else if sizes > 0.0 {
                size / sizes
            } else {
                0.0
            };
            shares[index] = left * part;
            if shares[index] > size {
                shares[index] = size;
                full[index] = true;
                overflowed = true;
            }
        }
        if !overflowed {
            return Ok(shares);
        }
    }
}

/// The Neyman allocation in whole labels, at least `least` in each stratum that holds as many: a stratum without labels
/// would have π = 0 and leave no population figure. The rest is rounded by largest remainder.
///
/// # Errors
/// Those of [`neyman_allocation`], or fewer labels than the least that the strata need together.
pub fn whole_allocation(strata: &[Stratum], labels: u64, least: u64) -> Result<Vec<u64>, Undefined> {
    let shares = neyman_allocation(strata, labels)?;
    let floors: Vec<u64> = strata.iter().map(|stratum| least.min(stratum.size)).collect();
    let needed: u64 = floors.iter().sum();
    if needed > labels {
        return Err(Undefined::TooFew { what: Needed::Places, have: labels as usize, need: needed as usize });
    }
    let mut whole: Vec<u64> =
        shares.iter().zip(&floors).map(|(share, &floor)| (share.floor() as u64).max(floor)).collect();
    let gap = |whole: &[u64], index: usize| shares[index] - whole[index] as f64;
    loop {
        let given: u64 = whole.iter().sum();
        if given == labels {
            return Ok(whole);
        }
        // `held ≥ labels ≥ needed`, so a stratum that can take or give one always exists.
        let step = if given < labels {
            (0..whole.len())
                .filter(|&index| whole[index] < strata[index].size)
                .max_by(|&a, &b| gap(&whole, a).total_cmp(&gap(&whole, b)).then(b.cmp(&a)))
                .map(|index| (index, whole[index] + 1))
        } else {
            (0..whole.len())
                .filter(|&index| whole[index] > floors[index])
                .min_by(|&a, &b| gap(&whole, a).total_cmp(&gap(&whole, b)).then(a.cmp(&b)))
                .map(|index| (index, whole[index] - 1))
        };
        match step {
            Some((index, value)) => whole[index] = value,
            None => return Ok(whole),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strata(of: &[(u64, f64)]) -> Vec<Stratum> {
        of.iter().map(|&(size, deviation)| Stratum { size, deviation }).collect()
    }

    #[test]
    fn a_hundred_labels_over_three_strata() {
        let strata = strata(&[(500, 0.1), (300, 0.3), (200, 0.5)]);
        let shares = neyman_allocation(&strata, 100).unwrap();
        for (share, expected) in shares.iter().zip([20.83, 37.5, 41.67]) {
            assert!((share - expected).abs() < 0.005, "{shares:?}");
        }
        assert_eq!(whole_allocation(&strata, 100, 2).unwrap(), [21, 37, 42]);
    }

    #[test]
    fn a_small_stratum_takes_no_more_than_it_holds() {
        let shares = neyman_allocation(&strata(&[(10, 0.5), (1000, 0.001), (1000, 0.002)]), 40).unwrap();
        assert_eq!(shares, [10.0, 10.0, 20.0]);
    }

    #[test]
    fn a_stratum_without_spread_still_gets_its_least() {
        assert_eq!(whole_allocation(&strata(&[(500, 0.0), (500, 0.4), (1, 0.0)]), 20, 5).unwrap(), [5, 14, 1]);
    }

    #[test]
    fn an_impossible_allocation_is_refused() {
        assert!(neyman_allocation(&strata(&[(5, 0.1)]), 6).is_err());
        assert!(neyman_allocation(&strata(&[(5, 0.0)]), 2).is_err());
        assert!(neyman_allocation(&[], 0).is_err());
        assert!(whole_allocation(&strata(&[(5, 0.1), (5, 0.1)]), 3, 2).is_err());
    }
}
