//! Consistent sampling by hash: 56 random bits R of a session against a threshold T, kept iff R ≥ T = (1 − p)·2⁵⁶.
//! The same bits against a higher threshold keep a subset. Source: OpenTelemetry's consistent probability sampling.

/// How many bits of randomness a session has.
pub const RANDOMNESS_BITS: u32 = 56;

const RANGE: u64 = 1 << RANDOMNESS_BITS;

/// The threshold of a rate, from 0 (keep all) to 2⁵⁶ (keep none). A rate outside [0, 1] counts as the nearer end, and
/// one that is not a number as 0.
#[must_use]
pub fn threshold(rate: f64) -> u64 {
    if rate.is_nan() {
        return RANGE;
    }
    ((1.0 - rate.clamp(0.0, 1.0)) * RANGE as f64) as u64
}

/// Whether a session with this randomness is kept. Bits above the 56th do not count.
#[must_use]
pub fn keep(randomness: u64, threshold: u64) -> bool {
    randomness % RANGE >= threshold
}

/// The randomness as a number u in [0, 1) that falls where R rises: a session is kept at rate p iff u < p.
#[must_use]
pub fn uniform(randomness: u64) -> f64 {
    // 53 bits are what a float holds exactly; all 56 could round up to 1.
    ((RANGE - 1 - randomness % RANGE) >> 3) as f64 / (1_u64 << 53) as f64
}

/// The inclusion probability after stages that share one randomness: the least of them; 1 for no stage.
#[must_use]
pub fn nested_stages(rates: &[f64]) -> f64 {
    rates.iter().copied().fold(1.0, f64::min)
}

/// The inclusion probability after stages with independent salts: their product.
#[must_use]
pub fn independent_stages(rates: &[f64]) -> f64 {
    rates.iter().product()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_of_common_rates() {
        assert_eq!(threshold(0.5), 0x80_0000_0000_0000);
        assert_eq!(threshold(0.25), 0xc0_0000_0000_0000);
        assert_eq!(threshold(0.01), 0xfd_70a3_d70a_3d70);
    }

    #[test]
    fn all_and_none_are_exact() {
        let greatest = RANGE - 1;
        assert!(keep(0, threshold(1.0)));
        assert!(!keep(greatest, threshold(0.0)));
        assert!(!keep(greatest, threshold(f64::NAN)));
        assert!(uniform(0) < 1.0);
        assert_eq!(uniform(greatest), 0.0);
    }

    #[test]
    fn stages_nest_or_multiply() {
        assert_eq!(nested_stages(&[0.5, 0.2, 0.9]), 0.2);
        assert!((independent_stages(&[0.5, 0.2]) - 0.1).abs() < 1e-15);
        assert_eq!((nested_stages(&[]), independent_stages(&[])), (1.0, 1.0));
    }
}
