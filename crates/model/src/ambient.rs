//! What the world gives a service: what time it is, randomness, and new ids made of both.
//!
//! Services hold an [`Ambient`] and never ask the system, so that a test decides the hour and the draw.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use crate::id::Id;
use crate::time::Micros;

/// Tells the time.
pub trait Clock: Send + Sync + 'static {
    /// The present instant.
    fn now(&self) -> Micros;
}

/// Gives random bytes. For keys and tokens the source must be cryptographically strong.
pub trait Entropy: Send + Sync + 'static {
    /// Fills the whole buffer.
    fn fill(&self, buffer: &mut [u8]);
}

/// Clock and randomness together.
#[derive(Clone)]
pub struct Ambient {
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl fmt::Debug for Ambient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ambient").field("now", &self.now()).finish_non_exhaustive()
    }
}

impl Ambient {
    /// From a clock and a source of randomness.
    pub fn new(clock: impl Clock, entropy: impl Entropy) -> Self {
        Self { clock: Arc::new(clock), entropy: Arc::new(entropy) }
    }

    /// For tests: a clock that stands at `start` until it is moved, and repeatable randomness.
    #[must_use]
    pub fn for_tests(start: Micros) -> (Self, TestClock) {
        let clock = TestClock::at(start);
        (Self::new(clock.clone(), SeededEntropy::new(start.0.unsigned_abs())), clock)
    }

    /// The present instant.
    #[must_use]
    pub fn now(&self) -> Micros {
        self.clock.now()
    }

    /// `N` random bytes.
    #[must_use]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut buffer = [0; N];
        self.entropy.fill(&mut buffer);
        buffer
    }

    /// A uniform draw from [0, 1).
    #[must_use]
    pub fn uniform(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "53 bits fit a double exactly")]
        let numerator = (u64::from_le_bytes(self.bytes()) >> 11) as f64;
        numerator / 9_007_199_254_740_992.0
    }

    /// A new identifier (UUIDv7), ordered by time.
    #[must_use]
    pub fn id<T: Id>(&self) -> T {
        let millis = u64::try_from(self.now().0 / 1_000).unwrap_or(0);
        T::from_uuid(uuid::Builder::from_unix_timestamp_millis(millis, &self.bytes()).into_uuid())
    }
}

/// A clock that a test moves by hand.
#[derive(Debug, Clone)]
pub struct TestClock(Arc<AtomicI64>);

impl TestClock {
    /// Standing at `start`.
    #[must_use]
    pub fn at(start: Micros) -> Self {
        Self(Arc::new(AtomicI64::new(start.0)))
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_micros()).unwrap_or(i64::MAX), Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Micros {
        Micros(self.0.load(Ordering::SeqCst))
    }
}

/// Repeatable randomness (splitmix64), for tests and simulations only.
#[derive(Debug)]
pub struct SeededEntropy(AtomicU64);

impl SeededEntropy {
    /// The same seed gives the same bytes.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(8) {
            let state = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::SeqCst).wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = state;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            chunk.copy_from_slice(&(z ^ (z >> 31)).to_le_bytes()[..chunk.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TaskId;

    #[test]
    fn ids_are_ordered_by_the_clock() {
        let (ambient, clock) = Ambient::for_tests(Micros(1_795_222_634_000_000));
        let first: TaskId = ambient.id();
        clock.advance(Duration::from_millis(1));
        let second: TaskId = ambient.id();
        assert!(first < second);
        assert_eq!(first.as_uuid().get_version_num(), 7);
    }

    #[test]
    fn uniform_draws_stay_in_the_unit_interval() {
        let (ambient, _) = Ambient::for_tests(Micros(7));
        let draws: Vec<f64> = (0..1_000).map(|_| ambient.uniform()).collect();
        assert!(draws.iter().all(|u| (0.0..1.0).contains(u)));
        let mean = draws.iter().sum::<f64>() / 1_000.0;
        assert!((mean - 0.5).abs() < 0.05, "mean {mean}");
    }
}
