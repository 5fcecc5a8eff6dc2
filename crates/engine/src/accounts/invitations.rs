//! Invitations by link: made by owners, valid for 7 days, good for one person.

use std::time::Duration;

use turnwise_model::access::{Email, Role};
use turnwise_model::account::{Account, Invitation, InvitationPreview, Project};
use turnwise_model::{AccountId, InvitationId};
use turnwise_store::{Durability, NewInvitation, SecretHash, SecretKind, Transaction};

use super::audit::{Actor, Change};
use super::{AccountError, Accounts, secret, wording};
use crate::access::{Access, Denied};
use crate::error::EngineError;

/// How long an invitation can be accepted.
const VALID: Duration = Duration::from_secs(7 * 24 * 60 * 60);

impl Accounts {
    /// Makes an invitation. The token for its link `/invite/{token}` is given this once.
    ///
    /// # Errors
    /// Unless the caller is an owner.
    pub async fn invite(&self, access: &Access, role: Role) -> Result<(Invitation, String), AccountError> {
        access.require(Role::Owner)?;
        let inviter = access.account().ok_or(Denied::NotSignedIn)?;
        let inviter_name = self.store.account(inviter).await?.ok_or(AccountError::NoSuchAccount)?.name;
        let token = secret::token(&self.ambient);
        let now = self.ambient.now();
        let invitation = Invitation {
            id: self.ambient.id(),
            role,
            created_by_name: inviter_name,
            created_at: now,
            expires_at: now + VALID,
        };

        let mut transaction = self.store.write(Durability::Acknowledged).await?;
        transaction
            .insert_invitation(&NewInvitation {
                id: invitation.id,
                project: access.project.id,
                role,
                token: hash(&token),
                created_by: inviter,
                created_at: invitation.created_at,
                expires_at: invitation.expires_at,
            })
            .await?;
        let change = Change::new("invitation.created", invitation.id).with(role.to_string());
        self.record(&mut transaction, Actor::of(access), Some(access.project.id), change).await?;
        transaction.commit().await?;
        Ok((invitation, token))
    }

    /// The invitations of the project that can still be accepted, newest first.
    ///
    /// # Errors
    /// Unless the caller is an owner.
    pub async fn invitations(&self, access: &Access) -> Result<Vec<Invitation>, AccountError> {
        access.require(Role::Owner)?;
        Ok(self.store.open_invitations(access.project.id, self.ambient.now()).await?)
    }

    /// Makes an invitation void.
    ///
    /// # Errors
    /// Unless the caller is an owner; [`AccountError::NoSuchInvitation`] when the project has no such open one.
    pub async fn withdraw_invitation(&self, access: &Access, invitation: InvitationId) -> Result<(), AccountError> {
        access.require(Role::Owner)?;
        let mut transaction = self.store.write(Durability::Acknowledged).await?;
        if !transaction.withdraw_invitation(access.project.id, invitation, self.ambient.now()).await? {
            return Err(AccountError::NoSuchInvitation);
        }
        let change = Change::new("invitation.withdrawn", invitation);
        self.record(&mut transaction, Actor::of(access), Some(access.project.id), change).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// What the holder of a link is invited to; `None` when the invitation is void.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn invitation(&self, token: &str) -> Result<Option<InvitationPreview>, EngineError> {
        Ok(self.store.invitation(&hash(token), self.ambient.now()).await?)
    }

    /// Accepts an invitation with a new account.
    ///
    /// # Errors
    /// [`AccountError::InvitationGone`], [`AccountError::EmailTaken`], or what is wrong with an input.
    pub async fn accept_invitation_new(
        &self,
        token: &str,
        email: &str,
        name: &str,
        password: &str,
    ) -> Result<(Account, Project), AccountError> {
        // Before the dear hashing: only who holds a good link may cost us that.
        self.invitation(token).await?.ok_or(AccountError::InvitationGone)?;
        let account = Account {
            id: self.ambient.id(),
            email: email.parse::<Email>()?,
            name: wording::name("the account", name)?,
        };
        wording::new_password(password)?;
        let password_hash = self.passwords.hash(password).await?;

        let mut transaction = self.store.write(Durability::Acknowledged).await?;
        if !transaction.insert_account(&account, &password_hash, self.ambient.now()).await? {
            return Err(AccountError::EmailTaken);
        }
        let project = self.join(&mut transaction, token, account.id).await?;
        transaction.commit().await?;
        Ok((account, project))
    }

    /// Accepts an invitation with an account that exists. Whoever is a member already keeps the higher of the two roles.
    ///
    /// # Errors
    /// [`AccountError::InvitationGone`].
    pub async fn accept_invitation(&self, token: &str, account: AccountId) -> Result<Project, AccountError> {
        self.store.account(account).await?.ok_or(AccountError::NoSuchAccount)?;
        let mut transaction = self.store.write(Durability::Acknowledged).await?;
        let project = self.join(&mut transaction, token, account).await?;
        transaction.commit().await?;
        Ok(project)
    }

    async fn join(
        &self,
        transaction: &mut Transaction,
        token: &str,
        account: AccountId,
    ) -> Result<Project, AccountError> {
        let now = self.ambient.now();
        let invited =
            transaction.use_invitation(&hash(token), account, now).await?.ok_or(AccountError::InvitationGone)?;
        let project = transaction.lock_project(invited.project).await?.ok_or(AccountError::InvitationGone)?;
        let before = transaction.role(project.id, account).await?;
        let role = before.map_or(invited.role, |before| before.max(invited.role));
        transaction.put_member(project.id, account, role, now).await?;
        let change = Change::new("invitation.accepted", invited.id).with(role.to_string());
        self.record(transaction, Actor::Person(account), Some(project.id), change).await?;
        Ok(project)
    }
}

fn hash(token: &str) -> SecretHash {
    SecretHash::of(SecretKind::Invitation, token)
}
