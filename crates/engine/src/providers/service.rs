//! [`Providers`]: what owners do about model providers.

use secrecy::SecretString;
use serde_json::json;
use turnwise_evaluators::judge::{Message, Request, Speaker};
use turnwise_model::access::Role;
use turnwise_model::view::evaluator::{ProviderDraft, ProviderRow, ProviderTest};
use turnwise_model::{Ambient, ProjectId, ProviderId};
use turnwise_store::{Durability, Store, StoredProvider};

use super::check::check;
use super::connections::{Connections, Reached, place};
use super::environment::JudgeEnvironment;
use super::error::ProviderSettingError;
use crate::access::Access;
use crate::accounts::{Accounts, Actor, Change};

/// The model providers of projects. Clones share everything.
#[derive(Debug, Clone)]
pub struct Providers {
    store: Store,
    ambient: Ambient,
    accounts: Accounts,
    connections: Connections,
}

impl Providers {
    pub(crate) fn new(store: Store, ambient: Ambient, accounts: Accounts, connections: Connections) -> Self {
        Self { store, ambient, accounts, connections }
    }

    /// The project's providers, oldest first, then the environment's. Judges ask the first.
    ///
    /// # Errors
    /// Unless the caller is an owner.
    pub async fn list(&self, access: &Access) -> Result<Vec<ProviderRow>, ProviderSettingError> {
        access.require(Role::Owner)?;
        let project = access.project.id;
        let stored = self.store.providers(project).await?;
        let mut rows: Vec<ProviderRow> =
            stored.into_iter().enumerate().map(|(place, stored)| self.row(project, stored, place == 0)).collect();
        if let Some(environment) = self.connections.environment() {
            rows.push(ProviderRow {
                id: None,
                name: JudgeEnvironment::NAME.to_owned(),
                base_url: environment.url.clone(),
                model: environment.model.clone(),
                has_key: environment.key.is_some(),
                trouble: trouble(&self.connections.of_environment()),
                input_price: None,
                output_price: None,
                concurrency: environment.concurrency,
                timeout_seconds: environment.timeout_seconds,
                in_use: rows.is_empty(),
                created_at: None,
            });
        }
        Ok(rows)
    }

    fn row(&self, project: ProjectId, stored: StoredProvider, in_use: bool) -> ProviderRow {
        ProviderRow {
            id: Some(stored.id),
            trouble: trouble(&self.connections.of_stored(project, &stored)),
            has_key: stored.encrypted_key.is_some(),
            name: stored.name,
            base_url: stored.base_url,
            model: stored.model,
            input_price: stored.input_price,
            output_price: stored.output_price,
            concurrency: stored.concurrency,
            timeout_seconds: stored.timeout_seconds,
            in_use,
            created_at: Some(stored.created_at),
        }
    }

    /// Makes a provider, or changes the one of this id. Evaluations that wait for one go on.
    ///
    /// # Errors
    /// Unless the caller is an owner; names the setting that is wrong. When the address changes, the key must be given again.
    pub async fn save(
        &self,
        access: &Access,
        id: Option<ProviderId>,
        draft: &ProviderDraft,
    ) -> Result<ProviderId, ProviderSettingError> {
        access.require(Role::Owner)?;
        let address = check(draft)?;
        let project = access.project.id;
        let before = match id {
            Some(id) => Some(self.stored(project, id).await?),
            None => None,
        };
        let key: Option<SecretString> =
            draft.key.as_deref().map(str::trim).filter(|key| !key.is_empty()).map(|key| key.to_owned().into());
        if let Some(before) = &before
            && before.encrypted_key.is_some()
            && key.is_none()
            && super::check::address(&before.base_url).map(|known| known.origin()) != Some(address.origin())
        {
            return Err(ProviderSettingError::KeyNeededAgain);
        }
        let id = id.unwrap_or_else(|| self.ambient.id());
        let encrypted_key = match key {
            None => None,
            Some(key) => {
                let secret = self.connections.secret().ok_or(ProviderSettingError::NoSecret)?;
                let sealed = secret.encrypt(&self.ambient, &place(project, id), &key);
                Some(sealed.map_err(|_| ProviderSettingError::NoSecret)?)
            }
        };
        let provider = StoredProvider {
            id,
            name: draft.name.trim().to_owned(),
            base_url: draft.base_url.trim().to_owned(),
            model: draft.model.trim().to_owned(),
            encrypted_key,
            input_price: draft.input_price,
            output_price: draft.output_price,
            concurrency: draft.concurrency,
            timeout_seconds: draft.timeout_seconds,
            created_at: before.as_ref().map_or_else(|| self.ambient.now(), |before| before.created_at),
        };
        let mut transaction = self.store.write(Durability::Acknowledged).await?;
        transaction.put_provider(project, &provider).await?;
        transaction.resume_evaluations(project).await?;
        let action = if before.is_some() { "provider.changed" } else { "provider.created" };
        let change = Change::new(action, &provider.name).with(format!("{} {}", provider.base_url, provider.model));
        self.accounts.record(&mut transaction, Actor::of(access), Some(project), change).await?;
        transaction.commit().await?;
        Ok(id)
    }

    /// Removes a provider with its key. Judges ask the next one, or wait.
    ///
    /// # Errors
    /// Unless the caller is an owner; [`ProviderSettingError::NoSuchProvider`].
    pub async fn delete(&self, access: &Access, id: ProviderId) -> Result<(), ProviderSettingError> {
        access.require(Role::Owner)?;
        let project = access.project.id;
        let stored = self.stored(project, id).await?;
        let mut transaction = self.store.write(Durability::Acknowledged).await?;
        transaction.delete_provider(project, id).await?;
        let change = Change::new("provider.deleted", stored.name);
        self.accounts.record(&mut transaction, Actor::of(access), Some(project), change).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Asks a provider a trifle, as a judge would ask: the environment's when `id` is `None`.
    ///
    /// # Errors
    /// Unless the caller is an owner; [`ProviderSettingError::NoSuchProvider`]. That it does not work is no error.
    pub async fn test(&self, access: &Access, id: Option<ProviderId>) -> Result<ProviderTest, ProviderSettingError> {
        access.require(Role::Owner)?;
        let project = access.project.id;
        let reached = match id {
            Some(id) => self.connections.of_stored(project, &self.stored(project, id).await?),
            None => self.connections.of_environment(),
        };
        let connection = match reached {
            Reached::Nobody => return Err(ProviderSettingError::NoSuchProvider),
            Reached::Unusable(reason) => {
                return Ok(ProviderTest { works: false, message: reason, model: None, latency_ms: 0 });
            }
            Reached::Provider(connection) => connection,
        };
        let started = self.ambient.now();
        let answer = connection.provider.complete(&trifle()).await;
        let took = self.ambient.now().since(started).as_millis();
        let latency_ms = i64::try_from(took).unwrap_or(i64::MAX);
        Ok(match answer {
            Err(error) => ProviderTest { works: false, message: error.to_string(), model: None, latency_ms },
            Ok(completion) => {
                let said: Option<serde_json::Value> = serde_json::from_str(completion.text.trim()).ok();
                let works = said.is_some_and(|said| said.is_object());
                let message = if works {
                    "it answers as judges need it"
                } else {
                    "it answers, but not with the JSON object that was asked for; judges may fail with this model"
                };
                ProviderTest { works, message: message.to_owned(), model: completion.model, latency_ms }
            }
        })
    }

    async fn stored(&self, project: ProjectId, id: ProviderId) -> Result<StoredProvider, ProviderSettingError> {
        let found = self.store.providers(project).await?.into_iter().find(|stored| stored.id == id);
        found.ok_or(ProviderSettingError::NoSuchProvider)
    }
}

fn trouble(reached: &Reached) -> Option<String> {
    match reached {
        Reached::Unusable(reason) => Some(reason.clone()),
        Reached::Nobody | Reached::Provider(_) => None,
    }
}

/// The smallest request that shows whether address, key, model and structured output work.
fn trifle() -> Request {
    let say = |speaker, text: &str| Message { speaker, text: text.to_owned() };
    Request {
        messages: vec![
            say(Speaker::System, "You answer with one JSON object and nothing else."),
            say(Speaker::User, "Answer with {\"ready\": true}."),
        ],
        model: None,
        temperature: None,
        schema: json!({
            "type": "object",
            "properties": {"ready": {"type": "boolean"}},
            "required": ["ready"],
            "additionalProperties": false
        }),
    }
}
