//! A project's settings about its conversations.

use std::time::Duration;

use sqlx::Row;
use turnwise_model::{ProjectId, words};

use crate::error::StoreError;
use crate::row::Fields;
use crate::store::Store;
use crate::transaction::Transaction;

/// How the ids of the application's users are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserIds {
    /// As a keyed hash: the same user is recognised, and nobody learns who it is.
    Hashed,
    /// As the client sends them.
    Plain,
}

words!(UserIds, "way of storing user ids", { Hashed = "hashed", Plain = "plain" });

/// The settings.
#[derive(Clone, PartialEq, Eq)]
pub struct ProjectSettings {
    /// A session closes after so long without anything new.
    pub idle_limit: Duration,
    /// A session closes when it is so old.
    pub max_age: Duration,
    /// How users' ids are stored.
    pub user_ids: UserIds,
    /// The key that they are hashed with.
    pub user_key: [u8; 32],
}

impl std::fmt::Debug for ProjectSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Never the key.
        f.debug_struct("ProjectSettings")
            .field("idle_limit", &self.idle_limit)
            .field("max_age", &self.max_age)
            .field("user_ids", &self.user_ids)
            .finish_non_exhaustive()
    }
}

impl ProjectSettings {
    /// What holds where nobody says otherwise.
    #[must_use]
    pub const fn new(user_key: [u8; 32]) -> Self {
        Self {
            idle_limit: Duration::from_secs(15 * 60),
            max_age: Duration::from_secs(24 * 60 * 60),
            user_ids: UserIds::Hashed,
            user_key,
        }
    }
}

impl Store {
    /// The settings; `None` when none were written yet.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn project_settings(&self, project: ProjectId) -> Result<Option<ProjectSettings>, StoreError> {
        let row = sqlx::query(
            "select project_id, idle_seconds, max_age_seconds, user_ids, user_key
             from project_settings
             where project_id = $1",
        )
        .bind(project.to_string())
        .fetch_optional(self.reader())
        .await?;
        row.map(|row| {
            let fields = Fields::keyed("project_settings", "project_id", &row);
            let seconds =
                |column| Ok::<_, StoreError>(Duration::from_secs(u64::try_from(fields.integer(column)?).unwrap_or(0)));
            Ok(ProjectSettings {
                idle_limit: seconds("idle_seconds")?,
                max_age: seconds("max_age_seconds")?,
                user_ids: fields.parsed("user_ids")?,
                user_key: row
                    .try_get::<Vec<u8>, _>("user_key")?
                    .try_into()
                    .map_err(|_| fields.impossible("user_key", "expected 32 bytes"))?,
            })
        })
        .transpose()
    }
}

impl Transaction {
    /// Writes settings where there are none yet.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn put_project_settings_if_absent(
        &mut self,
        project: ProjectId,
        settings: &ProjectSettings,
    ) -> Result<(), StoreError> {
        self.write_project_settings(project, settings, "on conflict (project_id) do nothing").await
    }

    /// Writes settings. The key for hashing stays what it was.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn put_project_settings(
        &mut self,
        project: ProjectId,
        settings: &ProjectSettings,
    ) -> Result<(), StoreError> {
        const UPDATE: &str = "on conflict (project_id) do update
             set idle_seconds = excluded.idle_seconds,
                 max_age_seconds = excluded.max_age_seconds,
                 user_ids = excluded.user_ids";
        self.write_project_settings(project, settings, UPDATE).await
    }

    async fn write_project_settings(
        &mut self,
        project: ProjectId,
        settings: &ProjectSettings,
        then: &'static str,
    ) -> Result<(), StoreError> {
        let seconds = |duration: Duration| i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
        let sql = format!(
            "insert into project_settings (project_id, idle_seconds, max_age_seconds, user_ids, user_key)
             values ($1, $2, $3, $4, $5)
             {then}"
        );
        sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(project.to_string())
            .bind(seconds(settings.idle_limit))
            .bind(seconds(settings.max_age))
            .bind(settings.user_ids.as_str())
            .bind(settings.user_key.as_slice())
            .execute(self.connection())
            .await?;
        Ok(())
    }
}
