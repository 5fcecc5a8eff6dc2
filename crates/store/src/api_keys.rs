//! API keys. The secret is stored as a hash only.

use turnwise_model::access::Scope;
use turnwise_model::account::ApiKey;
use turnwise_model::{AccountId, ApiKeyId, Micros, ProjectId};

use crate::error::StoreError;
use crate::row::Fields;
use crate::secret::SecretHash;
use crate::store::Store;
use crate::transaction::Transaction;

/// A key to be stored.
#[derive(Debug, Clone)]
pub struct NewApiKey<'k> {
    /// Its id.
    pub id: ApiKeyId,
    /// Of which project.
    pub project: ProjectId,
    /// What people call it.
    pub name: &'k str,
    /// What is shown of it.
    pub prefix: &'k str,
    /// The hash of the secret.
    pub secret: SecretHash,
    /// What it is good for.
    pub scopes: &'k [Scope],
    /// Who made it.
    pub created_by: AccountId,
    /// When.
    pub created_at: Micros,
}

/// What a key that works stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// Of which project.
    pub project: ProjectId,
    /// What it is good for.
    pub scopes: Vec<Scope>,
}

impl Store {
    /// The key with this secret, unless it was revoked.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn working_api_key(&self, secret: &SecretHash) -> Result<Option<KnownApiKey>, StoreError> {
        let row = sqlx::query(
            "select id, project_id, scopes
             from api_keys
             where secret_hash = $1
               and revoked_at is null",
        )
        .bind(secret.as_str())
        .fetch_optional(self.reader())
        .await?;
        row.map(|row| {
            let fields = Fields::of("api_keys", &row);
            Ok(KnownApiKey {
                id: fields.parsed("id")?,
                project: fields.parsed("project_id")?,
                scopes: fields.words("scopes")?,
            })
        })
        .transpose()
    }

    /// All keys of a project, newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn api_keys(&self, project: ProjectId) -> Result<Vec<ApiKey>, StoreError> {
        let rows = sqlx::query(
            "select k.id, k.name, k.prefix, k.scopes, k.created_at, k.last_used_at, k.revoked_at, a.name as created_by_name
             from api_keys k
             join accounts a on a.id = k.created_by
             where k.project_id = $1
             order by k.created_at desc, k.id desc",
        )
        .bind(project.to_string())
        .fetch_all(self.reader())
        .await?;
        rows.iter()
            .map(|row| {
                let fields = Fields::of("api_keys", row);
                Ok(ApiKey {
                    id: fields.parsed("id")?,
                    name: fields.text("name")?,
                    prefix: fields.text("prefix")?,
                    scopes: fields.words("scopes")?,
                    created_at: fields.instant("created_at")?,
                    created_by_name: fields.text("created_by_name")?,
                    last_used_at: fields.optional_instant("last_used_at")?,
                    revoked_at: fields.optional_instant("revoked_at")?,
                })
            })
            .collect()
    }
}

impl Transaction {
    /// A new key.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn insert_api_key(&mut self, key: &NewApiKey<'_>) -> Result<(), StoreError> {
        let scopes: Vec<&str> = key.scopes.iter().map(|scope| scope.as_str()).collect();
        sqlx::query(
            "insert into api_keys (id, project_id, name, prefix, secret_hash, scopes, created_by, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(key.id.to_string())
        .bind(key.project.to_string())
        .bind(key.name)
        .bind(key.prefix)
        .bind(key.secret.as_str())
        .bind(scopes.join(" "))
        .bind(key.created_by.to_string())
        .bind(key.created_at.0)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Makes a key void and gives its name; `None` when the project has no such working key.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn revoke_api_key(
        &mut self,
        project: ProjectId,
        key: ApiKeyId,
        now: Micros,
    ) -> Result<Option<String>, StoreError> {
        let row = sqlx::query(
            "update api_keys
             set revoked_at = $3
             where project_id = $1
               and id = $2
               and revoked_at is null
             returning id, name",
        )
        .bind(project.to_string())
        .bind(key.to_string())
        .bind(now.0)
        .fetch_optional(self.connection())
        .await?;
        row.map(|row| Fields::of("api_keys", &row).text("name")).transpose()
    }

    /// Notes that a key is used, unless a use after `not_since` is noted already.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn touch_api_key(&mut self, key: ApiKeyId, now: Micros, not_since: Micros) -> Result<(), StoreError> {
        sqlx::query(
            "update api_keys
             set last_used_at = $2
             where id = $1
               and (last_used_at is null or last_used_at <= $3)",
        )
        .bind(key.to_string())
        .bind(now.0)
        .bind(not_since.0)
        .execute(self.connection())
        .await?;
        Ok(())
    }
}
