//! Rubrics and their versions.

use turnwise_model::rubric::Rubric;
use turnwise_model::{ProjectId, RubricId};

use crate::error::StoreError;
use crate::json;
use crate::row::Fields;
use crate::store::Store;
use crate::transaction::Transaction;

/// A rubric at its newest version.
const NEWEST: &str = "select r.rubric_id, r.name, v.version, v.questions, v.created_at
     from rubrics r
     join rubric_versions v on v.project_id = r.project_id and v.rubric_id = r.rubric_id and v.version = r.version
     where r.project_id = $1
       and r.rubric_id = $2";

impl Store {
    /// A rubric at its newest version.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn rubric(&self, project: ProjectId, rubric: RubricId) -> Result<Option<Rubric>, StoreError> {
        let row = sqlx::query(NEWEST)
            .bind(project.to_string())
            .bind(rubric.to_string())
            .fetch_optional(self.reader())
            .await?;
        row.map(|row| read(&Fields::keyed("rubrics", "rubric_id", &row))).transpose()
    }
}

impl Transaction {
    /// A rubric at one of its versions.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn rubric_version(
        &mut self,
        project: ProjectId,
        rubric: RubricId,
        version: i64,
    ) -> Result<Option<Rubric>, StoreError> {
        let row = sqlx::query(
            "select r.rubric_id, r.name, v.version, v.questions, v.created_at
             from rubrics r
             join rubric_versions v on v.project_id = r.project_id and v.rubric_id = r.rubric_id
             where r.project_id = $1
               and r.rubric_id = $2
               and v.version = $3",
        )
        .bind(project.to_string())
        .bind(rubric.to_string())
        .bind(version)
        .fetch_optional(self.connection())
        .await?;
        row.map(|row| read(&Fields::keyed("rubrics", "rubric_id", &row))).transpose()
    }

    /// A rubric at its newest version.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn rubric(&mut self, project: ProjectId, rubric: RubricId) -> Result<Option<Rubric>, StoreError> {
        let row = sqlx::query(NEWEST)
            .bind(project.to_string())
            .bind(rubric.to_string())
            .fetch_optional(self.connection())
            .await?;
        row.map(|row| read(&Fields::keyed("rubrics", "rubric_id", &row))).transpose()
    }

    /// A new rubric at its first version.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn insert_rubric(&mut self, project: ProjectId, rubric: &Rubric) -> Result<(), StoreError> {
        sqlx::query(
            "insert into rubrics (project_id, rubric_id, name, version, created_at)
             values ($1, $2, $3, $4, $5)",
        )
        .bind(project.to_string())
        .bind(rubric.id.to_string())
        .bind(rubric.name.as_str())
        .bind(0_i64)
        .bind(rubric.created_at.0)
        .execute(self.connection())
        .await?;
        self.insert_rubric_version(project, rubric).await
    }

    /// A new version of a rubric, which becomes its newest.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn insert_rubric_version(&mut self, project: ProjectId, rubric: &Rubric) -> Result<(), StoreError> {
        sqlx::query(
            "insert into rubric_versions (project_id, rubric_id, version, questions, created_at)
             values ($1, $2, $3, $4, $5)",
        )
        .bind(project.to_string())
        .bind(rubric.id.to_string())
        .bind(rubric.version)
        .bind(json::text(&rubric.questions)?)
        .bind(rubric.created_at.0)
        .execute(self.connection())
        .await?;
        sqlx::query(
            "update rubrics
             set version = $3
             where project_id = $1
               and rubric_id = $2",
        )
        .bind(project.to_string())
        .bind(rubric.id.to_string())
        .bind(rubric.version)
        .execute(self.connection())
        .await?;
        Ok(())
    }
}

fn read(fields: &Fields<'_>) -> Result<Rubric, StoreError> {
    Ok(Rubric {
        id: fields.parsed("rubric_id")?,
        version: fields.integer("version")?,
        name: fields.text("name")?,
        questions: fields.json("questions")?,
        created_at: fields.instant("created_at")?,
    })
}
