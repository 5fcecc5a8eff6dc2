//! How often one may try to sign in: leaky buckets per IP address and per account address, on the injected clock.

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use turnwise_model::Ambient;
use turnwise_model::access::Email;

use crate::config::{Burst, SignInLimits};
use crate::error::EngineError;

/// After so many attempts the buckets that are full again are forgotten, so that the table stays small.
const TIDY_EVERY: u32 = 1_024;

/// Counts attempts to sign in.
pub(super) struct SignInRateLimit {
    clock: AmbientClock,
    by_address: Limiter<Email>,
    by_ip: Limiter<IpAddr>,
    attempts: AtomicU32,
}

type Limiter<K> = RateLimiter<K, DefaultKeyedStateStore<K>, AmbientClock, NoOpMiddleware<Nanos>>;

impl SignInRateLimit {
    pub(super) fn new(limits: SignInLimits, ambient: Ambient) -> Result<Self, EngineError> {
        let clock = AmbientClock(ambient);
        Ok(Self {
            by_address: limiter(limits.per_address, &clock)?,
            by_ip: limiter(limits.per_ip, &clock)?,
            clock,
            attempts: AtomicU32::new(0),
        })
    }

    /// Counts one attempt, or says how long to wait for the next.
    pub(super) fn attempt(&self, address: &Email, from: IpAddr) -> Result<(), Duration> {
        if self.attempts.fetch_add(1, Ordering::Relaxed) % TIDY_EVERY == TIDY_EVERY - 1 {
            self.by_address.retain_recent();
            self.by_ip.retain_recent();
        }
        let now = self.clock.now();
        // The IP first: a flood from one place must not lock the owner of an address out.
        self.by_ip.check_key(&from).map_err(|wait| wait.wait_time_from(now))?;
        self.by_address.check_key(address).map_err(|wait| wait.wait_time_from(now))
    }
}

fn limiter<K: Hash + Eq + Clone>(burst: Burst, clock: &AmbientClock) -> Result<Limiter<K>, EngineError> {
    let attempts = NonZeroU32::new(burst.attempts).unwrap_or(NonZeroU32::MIN);
    let quota = Quota::with_period(burst.refill).ok_or_else(|| EngineError::Configuration {
        setting: "sign-in limit",
        reason: "the refill time must be longer than zero".to_owned(),
    })?;
    Ok(RateLimiter::new(quota.allow_burst(attempts), DefaultKeyedStateStore::default(), clock.clone()))
}

/// The injected clock, as governor wants it.
#[derive(Clone)]
struct AmbientClock(Ambient);

impl Clock for AmbientClock {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        Nanos::new(u64::try_from(self.0.now().0).unwrap_or(0).saturating_mul(1_000))
    }
}
