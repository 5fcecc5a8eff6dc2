//! Accounts, and the one row that says that the installation has an owner.

use sqlx::any::AnyRow;
use turnwise_model::access::Email;
use turnwise_model::account::Account;
use turnwise_model::{AccountId, Micros};

use crate::error::StoreError;
use crate::row::Fields;
use crate::store::Store;
use crate::transaction::Transaction;

impl Store {
    /// Whether somebody has set up this installation.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn is_set_up(&self) -> Result<bool, StoreError> {
        let row = sqlx::query("select id from installation").fetch_optional(self.reader()).await?;
        Ok(row.is_some())
    }

    /// An account by its id.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        let row = sqlx::query(
            "select id, email, name
             from accounts
             where id = $1",
        )
        .bind(id.to_string())
        .fetch_optional(self.reader())
        .await?;
        row.as_ref().map(account).transpose()
    }

    /// An account by its address, with the hash of its password.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn credentials(&self, email: &Email) -> Result<Option<(Account, String)>, StoreError> {
        let row = sqlx::query(
            "select id, email, name, password_hash
             from accounts
             where email = $1",
        )
        .bind(email.as_str())
        .fetch_optional(self.reader())
        .await?;
        row.map(|row| Ok((account(&row)?, Fields::of("accounts", &row).text("password_hash")?))).transpose()
    }
}

impl Transaction {
    /// Takes the right to set up this installation; `false` when somebody has it already.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn claim_installation(&mut self, at: Micros) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "insert into installation (id, set_up_at)
             values (1, $1)
             on conflict (id) do nothing",
        )
        .bind(at.0)
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// A new account; `false` when its address is taken.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn insert_account(
        &mut self,
        account: &Account,
        password_hash: &str,
        at: Micros,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "insert into accounts (id, email, name, password_hash, created_at)
             values ($1, $2, $3, $4, $5)
             on conflict (email) do nothing",
        )
        .bind(account.id.to_string())
        .bind(account.email.as_str())
        .bind(account.name.as_str())
        .bind(password_hash)
        .bind(at.0)
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Changes the name that others see.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn set_account_name(&mut self, id: AccountId, name: &str) -> Result<(), StoreError> {
        sqlx::query("update accounts set name = $2 where id = $1")
            .bind(id.to_string())
            .bind(name)
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Changes the password.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn set_password_hash(&mut self, id: AccountId, password_hash: &str) -> Result<(), StoreError> {
        sqlx::query("update accounts set password_hash = $2 where id = $1")
            .bind(id.to_string())
            .bind(password_hash)
            .execute(self.connection())
            .await?;
        Ok(())
    }
}

fn account(row: &AnyRow) -> Result<Account, StoreError> {
    let fields = Fields::of("accounts", row);
    Ok(Account { id: fields.parsed("id")?, email: fields.parsed("email")?, name: fields.text("name")? })
}
