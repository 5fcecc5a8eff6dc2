//! The real clock and the operating system's randomness.
//!
//! The one place where they are read; everything else is handed a [`turnwise_model::Ambient`].

use std::time::{SystemTime, UNIX_EPOCH};

use turnwise_model::{Ambient, Clock, Entropy, Micros};

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Micros {
        #[expect(clippy::disallowed_methods, reason = "this is the clock that all others are handed")]
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Micros(i64::try_from(since_epoch.as_micros()).unwrap_or(i64::MAX))
    }
}

/// The operating system's cryptographically strong randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    /// # Panics
    /// When the system has no randomness to give: going on would make keys that can be guessed.
    fn fill(&self, buffer: &mut [u8]) {
        if let Err(error) = getrandom::fill(buffer) {
            panic!("the operating system gives no randomness: {error}");
        }
    }
}

/// The real world.
#[must_use]
pub fn ambient() -> Ambient {
    Ambient::new(SystemClock, OsEntropy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_clock_is_past_the_year_2024() {
        assert!(SystemClock.now() > Micros(1_704_067_200_000_000));
    }

    #[test]
    fn two_draws_differ() {
        let ambient = ambient();
        assert_ne!(ambient.bytes::<16>(), ambient.bytes::<16>());
    }
}
