//! Who is a member of which project.

use turnwise_model::access::{Role, Slug};
use turnwise_model::account::{Member, Membership};
use turnwise_model::{AccountId, Micros, ProjectId};

use crate::error::StoreError;
use crate::projects::project;
use crate::row::Fields;
use crate::store::Store;
use crate::transaction::Transaction;

impl Store {
    /// What an account may do in a project; `None` when there is no such project or no such member.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn membership(&self, slug: &Slug, account: AccountId) -> Result<Option<Membership>, StoreError> {
        let row = sqlx::query(
            "select p.id, p.slug, p.name, p.created_at, m.role
             from projects p
             join members m on m.project_id = p.id
             where p.slug = $1
               and m.account_id = $2",
        )
        .bind(slug.as_str())
        .bind(account.to_string())
        .fetch_optional(self.reader())
        .await?;
        row.map(|row| Ok(Membership { project: project(&row)?, role: Fields::of("members", &row).parsed("role")? }))
            .transpose()
    }

    /// The projects of an account, by name.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn memberships(&self, account: AccountId) -> Result<Vec<Membership>, StoreError> {
        let rows = sqlx::query(
            "select p.id, p.slug, p.name, p.created_at, m.role
             from members m
             join projects p on p.id = m.project_id
             where m.account_id = $1
             order by lower(p.name), p.slug",
        )
        .bind(account.to_string())
        .fetch_all(self.reader())
        .await?;
        rows.iter()
            .map(|row| Ok(Membership { project: project(row)?, role: Fields::of("members", row).parsed("role")? }))
            .collect()
    }

    /// The members of a project, by name.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn members(&self, project: ProjectId) -> Result<Vec<Member>, StoreError> {
        let rows = sqlx::query(
            "select a.id, a.email, a.name, m.role, m.joined_at
             from members m
             join accounts a on a.id = m.account_id
             where m.project_id = $1
             order by lower(a.name), a.email",
        )
        .bind(project.to_string())
        .fetch_all(self.reader())
        .await?;
        rows.iter()
            .map(|row| {
                let fields = Fields::of("members", row);
                Ok(Member {
                    account: fields.parsed("id")?,
                    email: fields.parsed("email")?,
                    name: fields.text("name")?,
                    role: fields.parsed("role")?,
                    joined_at: fields.instant("joined_at")?,
                })
            })
            .collect()
    }
}

impl Transaction {
    /// What an account may do in a project, as this transaction sees it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn role(&mut self, project: ProjectId, account: AccountId) -> Result<Option<Role>, StoreError> {
        let row = sqlx::query(
            "select account_id, role
             from members
             where project_id = $1
               and account_id = $2",
        )
        .bind(project.to_string())
        .bind(account.to_string())
        .fetch_optional(self.connection())
        .await?;
        row.map(|row| Fields::keyed("members", "account_id", &row).parsed("role")).transpose()
    }

    /// How many owners a project has. Only sure to stay so while the project is locked.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn count_owners(&mut self, project: ProjectId) -> Result<u32, StoreError> {
        let row = sqlx::query(
            "select count(*) as owners
             from members
             where project_id = $1
               and role = 'owner'",
        )
        .bind(project.to_string())
        .fetch_one(self.connection())
        .await?;
        Fields::of("members", &row).count("owners")
    }

    /// Makes an account a member, or gives a member another role. When it joined stays.
    ///
    /// # Errors
    /// When the database does not answer, or there is no such account or project.
    pub async fn put_member(
        &mut self,
        project: ProjectId,
        account: AccountId,
        role: Role,
        joined_at: Micros,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "insert into members (project_id, account_id, role, joined_at)
             values ($1, $2, $3, $4)
             on conflict (project_id, account_id) do update
             set role = excluded.role",
        )
        .bind(project.to_string())
        .bind(account.to_string())
        .bind(role.as_str())
        .bind(joined_at.0)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Ends a membership.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_member(&mut self, project: ProjectId, account: AccountId) -> Result<(), StoreError> {
        sqlx::query(
            "delete from members
             where project_id = $1
               and account_id = $2",
        )
        .bind(project.to_string())
        .bind(account.to_string())
        .execute(self.connection())
        .await?;
        Ok(())
    }
}
