//! Members of a project: list, change roles, remove. A project always keeps an owner.

use turnwise_model::access::Role;
use turnwise_model::account::Member;
use turnwise_model::{AccountId, ProjectId};
use turnwise_store::{Durability, Transaction};

use super::audit::{Actor, Change};
use super::{AccountError, Accounts};
use crate::access::Access;

impl Accounts {
    /// The members of the project, by name.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn members(&self, access: &Access) -> Result<Vec<Member>, AccountError> {
        Ok(self.store.members(access.project.id).await?)
    }

    /// Gives a member another role.
    ///
    /// # Errors
    /// Unless the caller is an owner; [`AccountError::LastOwner`] when nobody else would be one.
    pub async fn set_role(&self, access: &Access, account: AccountId, role: Role) -> Result<(), AccountError> {
        access.require(Role::Owner)?;
        let project = access.project.id;
        let mut transaction = self.store.write(Durability::Acknowledged).await?;
        let before = role_before_change(&mut transaction, project, account).await?;
        if before == role {
            return Ok(());
        }
        if before == Role::Owner {
            keep_an_owner(&mut transaction, project).await?;
        }
        transaction.put_member(project, account, role, self.ambient.now()).await?;
        let change = Change::new("member.role_changed", account).with(format!("{before} → {role}"));
        self.record(&mut transaction, Actor::of(access), Some(project), change).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Removes a member. Owners remove anybody, everybody may leave.
    ///
    /// # Errors
    /// Unless the caller is an owner or leaves; [`AccountError::LastOwner`] when no owner would remain.
    pub async fn remove_member(&self, access: &Access, account: AccountId) -> Result<(), AccountError> {
        if access.account() != Some(account) {
            access.require(Role::Owner)?;
        }
        let project = access.project.id;
        let mut transaction = self.store.write(Durability::Acknowledged).await?;
        let before = role_before_change(&mut transaction, project, account).await?;
        if before == Role::Owner {
            keep_an_owner(&mut transaction, project).await?;
        }
        transaction.delete_member(project, account).await?;
        let change = Change::new("member.removed", account).with(before.to_string());
        self.record(&mut transaction, Actor::of(access), Some(project), change).await?;
        transaction.commit().await?;
        Ok(())
    }
}

/// Changes to one project's members happen one after the other: two owners cannot demote each other at once.
async fn role_before_change(
    transaction: &mut Transaction,
    project: ProjectId,
    account: AccountId,
) -> Result<Role, AccountError> {
    transaction.lock_project(project).await?;
    transaction.role(project, account).await?.ok_or(AccountError::NoSuchMember)
}

async fn keep_an_owner(transaction: &mut Transaction, project: ProjectId) -> Result<(), AccountError> {
    if transaction.count_owners(project).await? > 1 { Ok(()) } else { Err(AccountError::LastOwner) }
}
