//! Projects: list, create, rename.

use turnwise_model::AccountId;
use turnwise_model::access::{Role, Slug};
use turnwise_model::account::{Membership, Project};
use turnwise_store::{Durability, Transaction};

use super::audit::{Actor, Change};
use super::{AccountError, Accounts, wording};
use crate::access::Access;
use crate::error::EngineError;

impl Accounts {
    /// The projects that a person is a member of, by name.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn projects(&self, account: AccountId) -> Result<Vec<Membership>, EngineError> {
        Ok(self.store.memberships(account).await?)
    }

    /// A project by its name in addresses. Says nothing about who may see it: see [`Accounts::authorise`].
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn project_by_slug(&self, slug: &Slug) -> Result<Option<Project>, EngineError> {
        Ok(self.store.project_by_slug(slug).await?)
    }

    /// Makes a project of which the account becomes the owner.
    ///
    /// # Errors
    /// [`AccountError::NotAnOwner`] for people who own no project yet.
    pub async fn create_project(&self, account: AccountId, name: &str) -> Result<Project, AccountError> {
        let name = wording::name("the project", name)?;
        let owns_one = self.store.memberships(account).await?.iter().any(|membership| membership.role == Role::Owner);
        if !owns_one {
            return Err(AccountError::NotAnOwner);
        }
        let mut transaction = self.store.write(Durability::Acknowledged).await?;
        let project = self.insert_project(&mut transaction, name).await?;
        transaction.put_member(project.id, account, Role::Owner, project.created_at).await?;
        let change = Change::new("project.created", &project.name);
        self.record(&mut transaction, Actor::Person(account), Some(project.id), change).await?;
        transaction.commit().await?;
        Ok(project)
    }

    /// Gives the project another name. Its address stays, so that links keep working.
    ///
    /// # Errors
    /// Unless the caller is an owner, or when the name cannot be one.
    pub async fn rename_project(&self, access: &Access, name: &str) -> Result<Project, AccountError> {
        access.require(Role::Owner)?;
        let name = wording::name("the project", name)?;
        let before = &access.project;
        let mut transaction = self.store.write(Durability::Acknowledged).await?;
        transaction.rename_project(before.id, &name).await?;
        let change = Change::new("project.renamed", &before.slug).with(format!("{} → {name}", before.name));
        self.record(&mut transaction, Actor::of(access), Some(before.id), change).await?;
        transaction.commit().await?;
        Ok(Project { name, ..before.clone() })
    }

    /// A new project under the first free address made of its name: `support-bot`, `support-bot-2`, and so on.
    pub(super) async fn insert_project(
        &self,
        transaction: &mut Transaction,
        name: String,
    ) -> Result<Project, EngineError> {
        let wanted = Slug::from_name(&name);
        let mut project = Project { id: self.ambient.id(), slug: wanted.clone(), name, created_at: self.ambient.now() };
        let mut number = 1_u32;
        while !transaction.insert_project(&project).await? {
            number += 1;
            project.slug = numbered(&wanted, number);
        }
        crate::evaluators::install(transaction, project.id, &self.ambient).await?;
        Ok(project)
    }
}

fn numbered(slug: &Slug, number: u32) -> Slug {
    let ending = format!("-{number}");
    let room = 48 - ending.len();
    let stem: String = slug.as_str().chars().take(room).collect();
    Slug::from_name(&format!("{}{ending}", stem.trim_end_matches('-')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_numbered_address_is_never_too_long() {
        let long = Slug::from_name(&"x".repeat(48));
        assert_eq!(numbered(&long, 12).as_str(), format!("{}-12", "x".repeat(45)));
        assert_eq!(numbered(&Slug::from_name("Support bot"), 2).as_str(), "support-bot-2");
    }
}
