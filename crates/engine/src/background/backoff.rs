//! How long to wait after a failure: doubling, capped, and jittered so that many failures do not come back at once.

use std::time::Duration;

use turnwise_model::Ambient;

/// Exponential backoff with "equal jitter": half of the delay is fixed, half is drawn.
///
/// <https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// The full delay after the first failure.
    pub first: Duration,
    /// The full delay that is never exceeded.
    pub longest: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { first: Duration::from_secs(1), longest: Duration::from_secs(10 * 60) }
    }
}

impl Backoff {
    /// The delay after the `failures`-th failure in a row, counted from 1.
    #[must_use]
    pub fn delay(&self, failures: u32, ambient: &Ambient) -> Duration {
        let doublings = failures.saturating_sub(1).min(31);
        let full = self.first.saturating_mul(1_u32 << doublings).min(self.longest);
        full / 2 + (full / 2).mul_f64(ambient.uniform())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use turnwise_model::Micros;

    #[test]
    fn the_delay_doubles_up_to_a_limit_and_is_jittered() {
        let (ambient, _) = Ambient::for_tests(Micros(3));
        let backoff = Backoff { first: Duration::from_secs(1), longest: Duration::from_secs(60) };
        for failures in 1..=40 {
            let full = Duration::from_secs(1).saturating_mul(1 << (failures - 1).min(6)).min(Duration::from_secs(60));
            let delays: Vec<Duration> = (0..50).map(|_| backoff.delay(failures, &ambient)).collect();
            assert!(delays.iter().all(|delay| (full / 2..=full).contains(delay)), "{failures}: {delays:?}");
            assert!(delays.iter().any(|delay| *delay != delays[0]), "{failures}: no jitter");
        }
    }
}
