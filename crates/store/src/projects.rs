//! Projects.

use sqlx::any::AnyRow;
use turnwise_model::ProjectId;
use turnwise_model::access::Slug;
use turnwise_model::account::Project;

use crate::error::StoreError;
use crate::row::Fields;
use crate::store::Store;
use crate::transaction::Transaction;

impl Store {
    /// A project by its id.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn project(&self, id: ProjectId) -> Result<Option<Project>, StoreError> {
        let row = sqlx::query(
            "select id, slug, name, created_at
             from projects
             where id = $1",
        )
        .bind(id.to_string())
        .fetch_optional(self.reader())
        .await?;
        row.as_ref().map(project).transpose()
    }

    /// A project by its name in addresses.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn project_by_slug(&self, slug: &Slug) -> Result<Option<Project>, StoreError> {
        let row = sqlx::query(
            "select id, slug, name, created_at
             from projects
             where slug = $1",
        )
        .bind(slug.as_str())
        .fetch_optional(self.reader())
        .await?;
        row.as_ref().map(project).transpose()
    }
}

impl Transaction {
    /// A new project; `false` when its slug is taken.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn insert_project(&mut self, project: &Project) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "insert into projects (id, slug, name, created_at)
             values ($1, $2, $3, $4)
             on conflict (slug) do nothing",
        )
        .bind(project.id.to_string())
        .bind(project.slug.as_str())
        .bind(project.name.as_str())
        .bind(project.created_at.0)
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Changes what people see; the slug stays.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn rename_project(&mut self, id: ProjectId, name: &str) -> Result<(), StoreError> {
        sqlx::query("update projects set name = $2 where id = $1")
            .bind(id.to_string())
            .bind(name)
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Reads a project and keeps other transactions that lock it waiting until this one ends.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn lock_project(&mut self, id: ProjectId) -> Result<Option<Project>, StoreError> {
        // An update that changes nothing locks the row on both engines; `for update` exists on one only.
        let row = sqlx::query(
            "update projects
             set id = id
             where id = $1
             returning id, slug, name, created_at",
        )
        .bind(id.to_string())
        .fetch_optional(self.connection())
        .await?;
        row.as_ref().map(project).transpose()
    }
}

/// Reads the columns `id`, `slug`, `name` and `created_at`.
pub(crate) fn project(row: &AnyRow) -> Result<Project, StoreError> {
    let fields = Fields::of("projects", row);
    Ok(Project {
        id: fields.parsed("id")?,
        slug: fields.parsed("slug")?,
        name: fields.text("name")?,
        created_at: fields.instant("created_at")?,
    })
}
