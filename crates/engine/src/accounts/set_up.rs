//! The first start: the owner and the first project, exactly once.

use std::sync::atomic::Ordering;

use turnwise_model::access::{Email, Role};
use turnwise_model::account::{Account, Project};
use turnwise_store::Durability;

use super::audit::{Actor, Change};
use super::{AccountError, Accounts, wording};
use crate::error::EngineError;

impl Accounts {
    /// Whether nobody has set up this installation yet.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn needs_setup(&self) -> Result<bool, EngineError> {
        if self.is_set_up.load(Ordering::Relaxed) {
            return Ok(false);
        }
        let is_set_up = self.store.is_set_up().await?;
        self.is_set_up.store(is_set_up, Ordering::Relaxed);
        Ok(!is_set_up)
    }

    /// Makes the owner and the first project. Of many who try at once, one succeeds.
    ///
    /// # Errors
    /// [`AccountError::AlreadySetUp`], or what is wrong with an input.
    pub async fn set_up(
        &self,
        email: &str,
        name: &str,
        password: &str,
        project_name: &str,
    ) -> Result<(Account, Project), AccountError> {
        // Before the dear hashing, and so that nobody learns anything from an installation that is in use.
        if !self.needs_setup().await? {
            return Err(AccountError::AlreadySetUp);
        }
        let account = Account {
            id: self.ambient.id(),
            email: email.parse::<Email>()?,
            name: wording::name("the account", name)?,
        };
        let project_name = wording::name("the project", project_name)?;
        wording::new_password(password)?;
        let password_hash = self.passwords.hash(password).await?;
        let now = self.ambient.now();

        let mut transaction = self.store.write(Durability::Acknowledged).await?;
        if !transaction.claim_installation(now).await? {
            return Err(AccountError::AlreadySetUp);
        }
        if !transaction.insert_account(&account, &password_hash, now).await? {
            return Err(AccountError::EmailTaken);
        }
        let project = self.insert_project(&mut transaction, project_name).await?;
        transaction.put_member(project.id, account.id, Role::Owner, now).await?;
        let actor = Actor::Person(account.id);
        self.record(&mut transaction, actor, None, Change::new("installation.set_up", &account.email)).await?;
        self.record(&mut transaction, actor, Some(project.id), Change::new("project.created", &project.name)).await?;
        transaction.commit().await?;

        self.is_set_up.store(true, Ordering::Relaxed);
        Ok((account, project))
    }
}
