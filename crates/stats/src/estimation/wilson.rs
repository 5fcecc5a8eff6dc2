//! Wilson's interval of a share in a simple random sample. Unlike the normal one it exists when all labels are alike.
//! Source: Wilson 1927.

use crate::interval::z95;
use crate::{Estimate, Interval, Undefined, check};

/// The share `positive / labelled` and its 95 % Wilson interval; `standard_error` is the one at the interval's centre.
///
/// # Errors
/// No labels, or more positive ones than labels.
pub fn wilson(positive: u64, labelled: u64) -> Result<Estimate, Undefined> {
    if labelled == 0 {
        return Err(Undefined::Empty);
    }
    let (n, z) = (labelled as f64, z95());
    check::within(positive as f64, 0.0, n)?;
    let value = positive as f64 / n;
    let scale = 1.0 + z * z / n;
    let centre = (value + z * z / (2.0 * n)) / scale;
    let standard_error = (value * (1.0 - value) / n + z * z / (4.0 * n * n)).sqrt() / scale;
    let interval = Interval { low: centre - z * standard_error, high: centre + z * standard_error };
    // Rounding must not cut off the share itself at 0 and at 1.
    let interval = Interval { low: interval.low.clamp(0.0, value), high: interval.high.clamp(value, 1.0) };
    Ok(Estimate { value, standard_error, interval })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_event_in_ten_still_has_an_upper_end() {
        // z²/(n + z²) at zero events.
        let estimate = wilson(0, 10).unwrap();
        assert_eq!((estimate.value, estimate.interval.low), (0.0, 0.0));
        assert!((estimate.interval.high - 0.277_533).abs() < 5e-6, "{estimate:?}");
    }

    #[test]
    fn a_share_in_the_middle() {
        let interval = wilson(81, 263).unwrap().interval;
        // Newcombe 1998, table I: .2553 to .3662.
        assert!((interval.low - 0.2553).abs() < 5e-5 && (interval.high - 0.3662).abs() < 5e-5, "{interval:?}");
        assert_eq!(wilson(0, 0), Err(Undefined::Empty));
        assert!(wilson(3, 2).is_err());
    }
}
