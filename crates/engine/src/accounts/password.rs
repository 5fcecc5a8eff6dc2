//! Hashing passwords with argon2id, off the async threads.
//!
//! Each computation takes tens of megabytes and of milliseconds, so only a few run at once; the others wait their turn.

use std::sync::Arc;

use argon2::password_hash::{Error as HashError, PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;
use turnwise_model::Ambient;

use crate::config::PasswordCost;
use crate::error::EngineError;

/// Makes and checks password hashes (PHC strings, which carry their own parameters).
#[derive(Clone)]
pub(super) struct Passwords {
    argon2: Argon2<'static>,
    ambient: Ambient,
    turns: Arc<Semaphore>,
    /// What an unknown address is checked against, so that it takes as long as a known one.
    decoy: Arc<str>,
}

impl Passwords {
    pub(super) async fn start(cost: PasswordCost, ambient: Ambient) -> Result<Self, EngineError> {
        let params = Params::new(cost.memory_kib, cost.iterations, cost.parallelism, None)
            .map_err(|error| EngineError::Configuration { setting: "password cost", reason: error.to_string() })?;
        let at_once = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let mut passwords = Self {
            argon2: Argon2::new(Algorithm::Argon2id, Version::V0x13, params),
            ambient,
            turns: Arc::new(Semaphore::new(at_once)),
            decoy: Arc::from(""),
        };
        passwords.decoy = passwords.hash("no account has this password").await?.into();
        Ok(passwords)
    }

    /// A new hash, with a salt of its own.
    pub(super) async fn hash(&self, password: &str) -> Result<String, EngineError> {
        let salt = SaltString::encode_b64(&self.ambient.bytes::<16>()).map_err(failed)?;
        let argon2 = self.argon2.clone();
        let password = password.to_owned();
        self.off_thread(move || {
            let hash = argon2.hash_password(password.as_bytes(), &salt).map_err(failed)?;
            Ok(hash.to_string())
        })
        .await
    }

    /// Whether this is the password. With no hash to check against it takes as long and says no.
    pub(super) async fn matches(&self, password: &str, hash: Option<String>) -> Result<bool, EngineError> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.decoy.to_string());
        let argon2 = self.argon2.clone();
        let password = password.to_owned();
        self.off_thread(move || {
            let hash = PasswordHash::new(&hash).map_err(failed)?;
            match argon2.verify_password(password.as_bytes(), &hash) {
                Ok(()) => Ok(known),
                Err(HashError::Password) => Ok(false),
                Err(error) => Err(failed(error)),
            }
        })
        .await
    }

    async fn off_thread<T: Send + 'static>(
        &self,
        compute: impl FnOnce() -> Result<T, EngineError> + Send + 'static,
    ) -> Result<T, EngineError> {
        // The semaphore is never closed; should it be, computing without a turn is still right.
        let turn = Arc::clone(&self.turns).acquire_owned().await.ok();
        tokio::task::spawn_blocking(move || {
            let result = compute();
            drop(turn);
            result
        })
        .await?
    }
}

fn failed(error: HashError) -> EngineError {
    EngineError::PasswordHash(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use turnwise_model::Micros;

    async fn passwords(cost: PasswordCost) -> Passwords {
        Passwords::start(cost, Ambient::for_tests(Micros(1)).0).await.unwrap()
    }

    #[tokio::test]
    async fn only_the_same_password_matches() {
        let passwords = passwords(PasswordCost::cheap()).await;
        let hash = passwords.hash("correct horse").await.unwrap();
        assert!(passwords.matches("correct horse", Some(hash.clone())).await.unwrap());
        assert!(!passwords.matches("Correct horse", Some(hash)).await.unwrap());
    }

    #[tokio::test]
    async fn no_account_matches_not_even_the_decoy() {
        let passwords = passwords(PasswordCost::cheap()).await;
        assert!(!passwords.matches("no account has this password", None).await.unwrap());
    }

    #[tokio::test]
    async fn the_same_password_has_two_hashes_and_the_default_cost_is_owasps() {
        let passwords = passwords(PasswordCost::default()).await;
        let first = passwords.hash("correct horse").await.unwrap();
        assert!(first.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{first}");
        assert_ne!(first, passwords.hash("correct horse").await.unwrap());
    }

    #[tokio::test]
    async fn a_damaged_hash_is_an_error_and_never_a_match() {
        let passwords = passwords(PasswordCost::cheap()).await;
        assert!(passwords.matches("anything", Some("plain text".to_owned())).await.is_err());
    }
}
