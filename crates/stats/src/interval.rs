//! A point estimate with its standard error and its 95 % interval.

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, Normal};

/// The confidence level of every interval that does not name another.
pub const LEVEL: f64 = 0.95;

/// A closed interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Interval {
    /// Whether `value` lies within, the ends included.
    #[must_use]
    pub fn contains(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }

    /// The distance between the ends.
    #[must_use]
    pub fn width(&self) -> f64 {
        self.high - self.low
    }

    /// The interval cut to `low..=high`, for a quantity that cannot lie outside, such as a share.
    #[must_use]
    pub fn clipped(self, low: f64, high: f64) -> Self {
        Self { low: self.low.max(low).min(high), high: self.high.min(high).max(low) }
    }
}

/// A population figure: the value, its standard error, and the normal 95 % interval around it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The point estimate.
    pub value: f64,
    /// Its standard error; 0 only for a census.
    pub standard_error: f64,
    /// The 95 % interval. Not cut to the range of the quantity: see [`Interval::clipped`].
    pub interval: Interval,
}

impl Estimate {
    /// `value ± z · standard_error` at 95 %.
    #[must_use]
    pub fn normal(value: f64, standard_error: f64) -> Self {
        let mut estimate = Self { value, standard_error, interval: Interval { low: value, high: value } };
        estimate.interval = estimate.interval_at(LEVEL);
        estimate
    }

    /// The normal interval at another level, in (0, 1).
    #[must_use]
    pub fn interval_at(&self, level: f64) -> Interval {
        let reach = normal_quantile(0.5 + level / 2.0) * self.standard_error;
        Interval { low: self.value - reach, high: self.value + reach }
    }
}

/// The quantile of the standard normal distribution; `probability` is held within [1e-12, 1 − 1e-12].
#[must_use]
pub fn normal_quantile(probability: f64) -> f64 {
    Normal::standard().inverse_cdf(probability.clamp(1e-12, 1.0 - 1e-12))
}

/// The 97.5 % point of the standard normal distribution.
pub(crate) fn z95() -> f64 {
    normal_quantile(0.5 + LEVEL / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_normal_interval_reaches_1_96_standard_errors() {
        assert!((z95() - 1.959_963_984_540_054).abs() < 1e-9);
        let estimate = Estimate::normal(0.5, 0.1);
        assert!((estimate.interval.low - 0.304_003_601_5).abs() < 1e-8);
        assert!(estimate.interval_at(0.9).width() < estimate.interval.width());
    }

    #[test]
    fn a_share_is_cut_to_its_range() {
        let cut = Interval { low: -0.2, high: 1.3 }.clipped(0.0, 1.0);
        assert_eq!(cut, Interval { low: 0.0, high: 1.0 });
    }
}
