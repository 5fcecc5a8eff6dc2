//! API keys: made by owners, shown once, stored hashed, and the lookup that every request of a program goes through.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use turnwise_model::access::{Role, Scope};
use turnwise_model::account::ApiKey;
use turnwise_model::{ApiKeyId, Micros};
use turnwise_store::{Durability, NewApiKey, SecretHash, SecretKind};

use super::audit::{Actor, Change};
use super::{AccountError, Accounts, secret, wording};
use crate::access::{Access, Caller, Denied};
use crate::error::EngineError;

/// How long a process may go on taking a key that another process has revoked.
const TRUSTED: Duration = Duration::from_secs(5);
/// How exactly the last use is known.
const LAST_USE_RESOLUTION: Duration = Duration::from_secs(60);
/// More keys than this in use at once make the cache start over.
const REMEMBERED: usize = 10_000;

impl Accounts {
    /// The keys of the project, also the revoked ones, newest first.
    ///
    /// # Errors
    /// Unless the caller is an owner.
    pub async fn api_keys(&self, access: &Access) -> Result<Vec<ApiKey>, AccountError> {
        access.require(Role::Owner)?;
        Ok(self.store.api_keys(access.project.id).await?)
    }

    /// Makes a key. The secret is given this once.
    ///
    /// # Errors
    /// Unless the caller is an owner; [`AccountError::NoScopes`] for a key that could do nothing.
    pub async fn create_api_key(
        &self,
        access: &Access,
        name: &str,
        scopes: &[Scope],
    ) -> Result<(ApiKey, String), AccountError> {
        access.require(Role::Owner)?;
        let creator = access.account().ok_or(Denied::NotSignedIn)?;
        let name = wording::name("the key", name)?;
        let mut scopes = scopes.to_vec();
        scopes.sort_unstable();
        scopes.dedup();
        if scopes.is_empty() {
            return Err(AccountError::NoScopes);
        }
        let creator_name = self.store.account(creator).await?.ok_or(AccountError::NoSuchAccount)?.name;
        let secret = secret::api_key(&self.ambient);
        let key = ApiKey {
            id: self.ambient.id(),
            name,
            prefix: secret::api_key_prefix(&secret),
            scopes,
            created_at: self.ambient.now(),
            created_by_name: creator_name,
            last_used_at: None,
            revoked_at: None,
        };

        let mut transaction = self.store.write(Durability::Acknowledged).await?;
        transaction
            .insert_api_key(&NewApiKey {
                id: key.id,
                project: access.project.id,
                name: &key.name,
                prefix: &key.prefix,
                secret: hash(&secret),
                scopes: &key.scopes,
                created_by: creator,
                created_at: key.created_at,
            })
            .await?;
        let words: Vec<&str> = key.scopes.iter().map(|scope| scope.as_str()).collect();
        let change = Change::new("api_key.created", &key.name).with(words.join(" "));
        self.record(&mut transaction, Actor::of(access), Some(access.project.id), change).await?;
        transaction.commit().await?;
        Ok((key, secret))
    }

    /// Makes a key void: here at once, in other processes within 5 seconds.
    ///
    /// # Errors
    /// Unless the caller is an owner; [`AccountError::NoSuchApiKey`] when the project has no such working key.
    pub async fn revoke_api_key(&self, access: &Access, key: ApiKeyId) -> Result<(), AccountError> {
        access.require(Role::Owner)?;
        let mut transaction = self.store.write(Durability::Acknowledged).await?;
        let name = transaction
            .revoke_api_key(access.project.id, key, self.ambient.now())
            .await?
            .ok_or(AccountError::NoSuchApiKey)?;
        self.record(&mut transaction, Actor::of(access), Some(access.project.id), Change::new("api_key.revoked", name))
            .await?;
        transaction.commit().await?;
        self.keys.forget(key);
        Ok(())
    }

    /// The program that presents this secret; `None` when there is no such key or it was revoked.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn caller_of_key(&self, secret: &str) -> Result<Option<Caller>, EngineError> {
        if !secret::could_be_api_key(secret) {
            return Ok(None);
        }
        let hash = hash(secret);
        let now = self.ambient.now();
        let caller = match self.keys.recall(&hash, now) {
            Some(caller) => caller,
            None => {
                let Some(known) = self.store.working_api_key(&hash).await? else { return Ok(None) };
                let caller = Caller::Program { key: known.id, project: known.project, scopes: known.scopes };
                self.keys.remember(hash.clone(), caller.clone(), now);
                caller
            }
        };
        if let Caller::Program { key, .. } = caller
            && self.keys.last_use_is_due(&hash, now)
            && let Err(error) = self.write_last_use(key, now).await
        {
            // Nice to know, but no reason to refuse the program.
            tracing::warn!(%key, %error, "the last use of an API key was not written");
        }
        Ok(Some(caller))
    }

    async fn write_last_use(&self, key: ApiKeyId, now: Micros) -> Result<(), EngineError> {
        let mut transaction = self.store.write(Durability::Derived).await?;
        transaction.touch_api_key(key, now, now - LAST_USE_RESOLUTION).await?;
        transaction.commit().await?;
        Ok(())
    }
}

fn hash(secret: &str) -> SecretHash {
    SecretHash::of(SecretKind::ApiKey, secret)
}

/// Keys that were looked up a moment ago.
#[derive(Default)]
pub(super) struct KeyCache(Mutex<HashMap<SecretHash, Remembered>>);

struct Remembered {
    caller: Caller,
    looked_up_at: Micros,
    last_use_written_at: Option<Micros>,
}

impl KeyCache {
    fn entries(&self) -> MutexGuard<'_, HashMap<SecretHash, Remembered>> {
        // No entry is ever half written, so what a panicking thread left is good.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn recall(&self, hash: &SecretHash, now: Micros) -> Option<Caller> {
        let entries = self.entries();
        let entry = entries.get(hash)?;
        (now.since(entry.looked_up_at) < TRUSTED).then(|| entry.caller.clone())
    }

    fn remember(&self, hash: SecretHash, caller: Caller, now: Micros) {
        let mut entries = self.entries();
        if entries.len() >= REMEMBERED {
            entries.clear();
        }
        let last_use_written_at = entries.get(&hash).and_then(|entry| entry.last_use_written_at);
        entries.insert(hash, Remembered { caller, looked_up_at: now, last_use_written_at });
    }

    /// Whether the last use should be written now; says yes once per minute and key.
    fn last_use_is_due(&self, hash: &SecretHash, now: Micros) -> bool {
        let mut entries = self.entries();
        let Some(entry) = entries.get_mut(hash) else { return false };
        let due = entry.last_use_written_at.is_none_or(|written| now.since(written) >= LAST_USE_RESOLUTION);
        if due {
            entry.last_use_written_at = Some(now);
        }
        due
    }

    fn forget(&self, key: ApiKeyId) {
        self.entries().retain(|_, entry| !matches!(entry.caller, Caller::Program { key: of, .. } if of == key));
    }
}
