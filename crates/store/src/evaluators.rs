//! Evaluators and their versions.

use turnwise_model::evaluation::EvaluatorVersion;
use turnwise_model::{EvaluatorId, Micros, ProjectId};

use crate::error::StoreError;
use crate::json;
use crate::row::Fields;
use crate::store::Store;
use crate::transaction::Transaction;

/// One evaluator at its newest version.
const NEWEST: &str = "select e.evaluator_id, e.name, e.archived_at, v.version, v.content_hash, v.granularity, v.method,
            v.score_name, v.threshold, v.created_at
     from evaluators e
     join evaluator_versions v
       on v.project_id = e.project_id and v.evaluator_id = e.evaluator_id and v.version = e.version
     where e.project_id = $1
       and e.evaluator_id = $2";

impl Store {
    /// The evaluators of a project at their newest versions, by name; archived ones are left out.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn evaluators(&self, project: ProjectId) -> Result<Vec<EvaluatorVersion>, StoreError> {
        let rows = sqlx::query(
            "select e.evaluator_id, e.name, v.version, v.content_hash, v.granularity, v.method, v.score_name, v.threshold,
                    v.created_at
             from evaluators e
             join evaluator_versions v
               on v.project_id = e.project_id and v.evaluator_id = e.evaluator_id and v.version = e.version
             where e.project_id = $1
               and e.archived_at is null
             order by e.name",
        )
        .bind(project.to_string())
        .fetch_all(self.reader())
        .await?;
        rows.iter().map(|row| read(&Fields::keyed("evaluators", "evaluator_id", row))).collect()
    }

    /// Every version of an evaluator, newest first; archived ones too.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn evaluator_versions(
        &self,
        project: ProjectId,
        evaluator: EvaluatorId,
    ) -> Result<Vec<EvaluatorVersion>, StoreError> {
        let rows = sqlx::query(
            "select e.evaluator_id, e.name, v.version, v.content_hash, v.granularity, v.method, v.score_name, v.threshold,
                    v.created_at
             from evaluators e
             join evaluator_versions v on v.project_id = e.project_id and v.evaluator_id = e.evaluator_id
             where e.project_id = $1
               and e.evaluator_id = $2
             order by v.version desc",
        )
        .bind(project.to_string())
        .bind(evaluator.to_string())
        .fetch_all(self.reader())
        .await?;
        rows.iter().map(|row| read(&Fields::keyed("evaluators", "evaluator_id", row))).collect()
    }

    /// One version of an evaluator by its content hash; archived ones too.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn evaluator_version(
        &self,
        project: ProjectId,
        evaluator: EvaluatorId,
        hash: &str,
    ) -> Result<Option<EvaluatorVersion>, StoreError> {
        let row = sqlx::query(
            "select e.evaluator_id, e.name, v.version, v.content_hash, v.granularity, v.method, v.score_name, v.threshold,
                    v.created_at
             from evaluators e
             join evaluator_versions v on v.project_id = e.project_id and v.evaluator_id = e.evaluator_id
             where e.project_id = $1
               and e.evaluator_id = $2
               and v.content_hash = $3
             order by v.version desc
             limit 1",
        )
        .bind(project.to_string())
        .bind(evaluator.to_string())
        .bind(hash)
        .fetch_optional(self.reader())
        .await?;
        row.map(|row| read(&Fields::keyed("evaluators", "evaluator_id", &row))).transpose()
    }

    /// An evaluator at its newest version, and when it was archived; `None` when the project has no such one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn evaluator(
        &self,
        project: ProjectId,
        evaluator: EvaluatorId,
    ) -> Result<Option<(EvaluatorVersion, Option<Micros>)>, StoreError> {
        let row = sqlx::query(NEWEST)
            .bind(project.to_string())
            .bind(evaluator.to_string())
            .fetch_optional(self.reader())
            .await?;
        row.map(|row| read_newest(&Fields::keyed("evaluators", "evaluator_id", &row))).transpose()
    }

    /// Whether a project has, or ever had, any evaluator.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn has_evaluators(&self, project: ProjectId) -> Result<bool, StoreError> {
        let row = sqlx::query(
            "select 1
             from evaluators
             where project_id = $1
             limit 1",
        )
        .bind(project.to_string())
        .fetch_optional(self.reader())
        .await?;
        Ok(row.is_some())
    }
}

impl Transaction {
    /// The same as [`Store::evaluator`], as this transaction sees it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn evaluator(
        &mut self,
        project: ProjectId,
        evaluator: EvaluatorId,
    ) -> Result<Option<(EvaluatorVersion, Option<Micros>)>, StoreError> {
        // Whoever changes an evaluator comes one after the other.
        sqlx::query("update evaluators set version = version where project_id = $1 and evaluator_id = $2")
            .bind(project.to_string())
            .bind(evaluator.to_string())
            .execute(self.connection())
            .await?;
        let row = sqlx::query(NEWEST)
            .bind(project.to_string())
            .bind(evaluator.to_string())
            .fetch_optional(self.connection())
            .await?;
        row.map(|row| read_newest(&Fields::keyed("evaluators", "evaluator_id", &row))).transpose()
    }

    /// A new evaluator with its first version; `false` when its name is taken.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn insert_evaluator(
        &mut self,
        project: ProjectId,
        version: &EvaluatorVersion,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "insert into evaluators (project_id, evaluator_id, name, version, created_at)
             values ($1, $2, $3, $4, $5)
             on conflict (project_id, name) do nothing",
        )
        .bind(project.to_string())
        .bind(version.evaluator.to_string())
        .bind(version.name.as_str())
        .bind(0_i64)
        .bind(version.created_at.0)
        .execute(self.connection())
        .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        self.insert_evaluator_version(project, version).await?;
        Ok(true)
    }

    /// A new version of an evaluator, which becomes its newest.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn insert_evaluator_version(
        &mut self,
        project: ProjectId,
        version: &EvaluatorVersion,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "insert into evaluator_versions (project_id, evaluator_id, version, content_hash, granularity, method,
                                             score_name, threshold, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(project.to_string())
        .bind(version.evaluator.to_string())
        .bind(version.number)
        .bind(version.hash.as_str())
        .bind(version.granularity.as_str())
        .bind(json::text(&version.method)?)
        .bind(version.score_name.as_str())
        .bind(version.threshold)
        .bind(version.created_at.0)
        .execute(self.connection())
        .await?;
        sqlx::query(
            "update evaluators
             set version = $3
             where project_id = $1
               and evaluator_id = $2",
        )
        .bind(project.to_string())
        .bind(version.evaluator.to_string())
        .bind(version.number)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Gives an evaluator another name; `false` when it is taken.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn rename_evaluator(
        &mut self,
        project: ProjectId,
        evaluator: EvaluatorId,
        name: &str,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update evaluators
             set name = $3
             where project_id = $1
               and evaluator_id = $2
               and not exists (
                   select 1
                   from evaluators other
                   where other.project_id = $1
                     and other.name = $3
                     and other.evaluator_id <> $2
               )",
        )
        .bind(project.to_string())
        .bind(evaluator.to_string())
        .bind(name)
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Takes an evaluator out of use; its scores stay.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn archive_evaluator(
        &mut self,
        project: ProjectId,
        evaluator: EvaluatorId,
        now: Micros,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update evaluators
             set archived_at = $3
             where project_id = $1
               and evaluator_id = $2
               and archived_at is null",
        )
        .bind(project.to_string())
        .bind(evaluator.to_string())
        .bind(now.0)
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }
}

fn read_newest(fields: &Fields<'_>) -> Result<(EvaluatorVersion, Option<Micros>), StoreError> {
    Ok((read(fields)?, fields.optional_instant("archived_at")?))
}

fn read(fields: &Fields<'_>) -> Result<EvaluatorVersion, StoreError> {
    Ok(EvaluatorVersion {
        evaluator: fields.parsed("evaluator_id")?,
        name: fields.text("name")?,
        number: fields.integer("version")?,
        hash: fields.text("content_hash")?,
        granularity: fields.parsed("granularity")?,
        method: fields.json("method")?,
        score_name: fields.text("score_name")?,
        threshold: fields.real("threshold")?,
        created_at: fields.instant("created_at")?,
    })
}
