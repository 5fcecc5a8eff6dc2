//! [`Accounts`]: the service for people, projects and keys.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use turnwise_model::account::Account;
use turnwise_model::{AccountId, Ambient};
use turnwise_store::Store;

use super::api_keys::KeyCache;
use super::password::Passwords;
use super::rate_limit::SignInRateLimit;
use crate::config::EngineConfig;
use crate::error::EngineError;

/// Setting up, signing in, projects, members, invitations and API keys. Clones share everything.
///
/// Every change writes a row of the audit log in its own transaction.
#[derive(Clone)]
pub struct Accounts {
    pub(super) store: Store,
    pub(super) ambient: Ambient,
    pub(super) passwords: Passwords,
    pub(super) rate_limit: Arc<SignInRateLimit>,
    pub(super) keys: Arc<KeyCache>,
    /// Once there is an owner there always is one, so the question need not be asked again.
    pub(super) is_set_up: Arc<AtomicBool>,
}

impl std::fmt::Debug for Accounts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Accounts").finish_non_exhaustive()
    }
}

impl Accounts {
    pub(crate) async fn start(config: &EngineConfig, store: Store, ambient: Ambient) -> Result<Self, EngineError> {
        Ok(Self {
            passwords: Passwords::start(config.password_cost, ambient.clone()).await?,
            rate_limit: Arc::new(SignInRateLimit::new(config.sign_in_limits, ambient.clone())?),
            keys: Arc::new(KeyCache::default()),
            is_set_up: Arc::new(AtomicBool::new(false)),
            store,
            ambient,
        })
    }

    /// An account by its id.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn account(&self, id: AccountId) -> Result<Option<Account>, EngineError> {
        Ok(self.store.account(id).await?)
    }
}
