//! What an operator, or a test, may set about the engine.

use std::time::Duration;

use crate::providers::JudgeEnvironment;
use crate::secret::InstallationSecret;

/// The engine's settings. The defaults are right for production.
#[derive(Debug, Clone, Default)]
pub struct EngineConfig {
    /// How dear it is to try a password.
    pub password_cost: PasswordCost,
    /// How often one may try to sign in.
    pub sign_in_limits: SignInLimits,
    /// What keys of providers are encrypted with; without it none can be stored.
    pub secret: Option<InstallationSecret>,
    /// The provider for projects that have none of their own.
    pub judge: Option<JudgeEnvironment>,
    /// The client by which providers are called, with the proxy; without it none can be.
    pub client: Option<reqwest::Client>,
}

impl EngineConfig {
    /// The same, but passwords cost next to nothing, and keys are encrypted with a secret that everybody knows.
    #[must_use]
    pub fn for_tests() -> Self {
        let secret = Some(InstallationSecret::new(&"a secret of tests".into()));
        Self { password_cost: PasswordCost::cheap(), secret, ..Self::default() }
    }
}

/// Parameters of argon2id.
///
/// The default is OWASP's: <https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html>.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub iterations: u32,
    /// Lanes.
    pub parallelism: u32,
}

impl Default for PasswordCost {
    fn default() -> Self {
        Self { memory_kib: 19_456, iterations: 2, parallelism: 1 }
    }
}

impl PasswordCost {
    /// The least that argon2 allows: for tests only.
    #[must_use]
    pub const fn cheap() -> Self {
        Self { memory_kib: 8, iterations: 1, parallelism: 1 }
    }
}

/// How many attempts at once, and how fast they come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Burst {
    /// Attempts that may follow each other without a pause. Zero counts as one.
    pub attempts: u32,
    /// The time after which one more is allowed.
    pub refill: Duration,
}

/// Limits on signing in, per process. Every attempt counts, also one that succeeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignInLimits {
    /// For one account's address, from wherever: stops guessing one person's password.
    pub per_address: Burst,
    /// For one IP address, for whichever account: stops trying one password on many accounts. An office has one address.
    pub per_ip: Burst,
}

impl Default for SignInLimits {
    fn default() -> Self {
        Self {
            per_address: Burst { attempts: 10, refill: Duration::from_secs(10) },
            per_ip: Burst { attempts: 100, refill: Duration::from_secs(1) },
        }
    }
}
