//! Model providers: where LLM judges are asked. Keys are stored encrypted and leave only towards the judge.

use turnwise_model::{Micros, ProjectId, ProviderId};

use crate::double::Double;
use crate::error::StoreError;
use crate::row::Fields;
use crate::store::Store;
use crate::transaction::Transaction;

/// A provider's settings as stored.
#[derive(Clone, PartialEq)]
pub struct StoredProvider {
    /// Its id.
    pub id: ProviderId,
    /// Name, for people.
    pub name: String,
    /// Base address of an OpenAI-compatible API.
    pub base_url: String,
    /// The model asked unless an evaluator names another.
    pub model: String,
    /// The key, encrypted; `None` where none is needed.
    pub encrypted_key: Option<Vec<u8>>,
    /// US dollars per million prompt tokens, where known.
    pub input_price: Option<f64>,
    /// US dollars per million completion tokens, where known.
    pub output_price: Option<f64>,
    /// How many calls at once.
    pub concurrency: u32,
    /// How long one call may take, in seconds.
    pub timeout_seconds: u32,
    /// When it was made.
    pub created_at: Micros,
}

impl std::fmt::Debug for StoredProvider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoredProvider").field("id", &self.id).field("name", &self.name).finish_non_exhaustive()
    }
}

impl Store {
    /// The providers of a project, oldest first: judges ask the first one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn providers(&self, project: ProjectId) -> Result<Vec<StoredProvider>, StoreError> {
        let rows = sqlx::query(
            "select *
             from providers
             where project_id = $1
             order by created_at, provider_id",
        )
        .bind(project.to_string())
        .fetch_all(self.reader())
        .await?;
        rows.iter()
            .map(|row| {
                let fields = Fields::keyed("providers", "provider_id", row);
                Ok(StoredProvider {
                    id: fields.parsed("provider_id")?,
                    name: fields.text("name")?,
                    base_url: fields.text("base_url")?,
                    model: fields.text("model")?,
                    encrypted_key: fields.optional_bytes("encrypted_key")?,
                    input_price: fields.optional_real("input_price")?,
                    output_price: fields.optional_real("output_price")?,
                    concurrency: fields.count("concurrency")?,
                    timeout_seconds: fields.count("timeout_seconds")?,
                    created_at: fields.instant("created_at")?,
                })
            })
            .collect()
    }
}

impl Transaction {
    /// A new provider, or other settings of one; a missing key keeps the one stored.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn put_provider(&mut self, project: ProjectId, provider: &StoredProvider) -> Result<(), StoreError> {
        sqlx::query(
            "insert into providers (project_id, provider_id, name, base_url, model, encrypted_key, input_price,
                                    output_price, concurrency, timeout_seconds, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
             on conflict (project_id, provider_id) do update
             set name = excluded.name,
                 base_url = excluded.base_url,
                 model = excluded.model,
                 encrypted_key = coalesce(excluded.encrypted_key, providers.encrypted_key),
                 input_price = excluded.input_price,
                 output_price = excluded.output_price,
                 concurrency = excluded.concurrency,
                 timeout_seconds = excluded.timeout_seconds",
        )
        .bind(project.to_string())
        .bind(provider.id.to_string())
        .bind(provider.name.as_str())
        .bind(provider.base_url.as_str())
        .bind(provider.model.as_str())
        .bind(provider.encrypted_key.clone())
        .bind(Double(provider.input_price))
        .bind(Double(provider.output_price))
        .bind(i64::from(provider.concurrency))
        .bind(i64::from(provider.timeout_seconds))
        .bind(provider.created_at.0)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Removes a provider; `false` when the project has no such one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_provider(&mut self, project: ProjectId, provider: ProviderId) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "delete from providers
             where project_id = $1
               and provider_id = $2",
        )
        .bind(project.to_string())
        .bind(provider.to_string())
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }
}
