//! Named views of the sessions list, personal ones and those that a project shares.

use turnwise_model::view::session::SavedView;
use turnwise_model::{AccountId, Micros, ProjectId, SavedViewId};

use crate::error::StoreError;
use crate::row::Fields;
use crate::store::Store;
use crate::transaction::Transaction;

/// The owner of views that the whole project shares.
const SHARED: &str = "";

fn owner_text(owner: Option<AccountId>) -> String {
    owner.map_or_else(|| SHARED.to_owned(), |account| account.to_string())
}

impl Store {
    /// The shared views of a project and those of `viewer`, shared ones first, by name.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn saved_views(
        &self,
        project: ProjectId,
        viewer: Option<AccountId>,
    ) -> Result<Vec<SavedView>, StoreError> {
        let rows = sqlx::query(
            "select view_id, owner, name, filter, sort, ascending, columns
             from saved_views
             where project_id = $1
               and owner in ('', $2)
             order by case when owner = '' then 0 else 1 end, name",
        )
        .bind(project.to_string())
        .bind(owner_text(viewer))
        .fetch_all(self.reader())
        .await?;
        rows.iter()
            .map(|row| {
                let fields = Fields::keyed("saved_views", "view_id", row);
                Ok(SavedView {
                    id: fields.parsed("view_id")?,
                    name: fields.text("name")?,
                    shared: fields.text("owner")?.is_empty(),
                    filter: fields.text("filter")?,
                    sort: fields.parsed("sort")?,
                    ascending: fields.integer("ascending")? != 0,
                    columns: fields.text("columns")?,
                })
            })
            .collect()
    }
}

impl Transaction {
    /// Keeps a view. One of the same owner and name is replaced and keeps its id.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn put_saved_view(
        &mut self,
        project: ProjectId,
        owner: Option<AccountId>,
        view: &SavedView,
        created_at: Micros,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "insert into saved_views (project_id, view_id, owner, name, filter, sort, ascending, columns, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             on conflict (project_id, owner, name) do update
             set filter = excluded.filter,
                 sort = excluded.sort,
                 ascending = excluded.ascending,
                 columns = excluded.columns",
        )
        .bind(project.to_string())
        .bind(view.id.to_string())
        .bind(owner_text(owner))
        .bind(view.name.as_str())
        .bind(view.filter.as_str())
        .bind(view.sort.as_str())
        .bind(i64::from(view.ascending))
        .bind(view.columns.as_str())
        .bind(created_at.0)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Removes a view of this owner; `false` when there is none.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_saved_view(
        &mut self,
        project: ProjectId,
        owner: Option<AccountId>,
        view: SavedViewId,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "delete from saved_views
             where project_id = $1
               and view_id = $2
               and owner = $3",
        )
        .bind(project.to_string())
        .bind(view.to_string())
        .bind(owner_text(owner))
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() > 0)
    }
}
