//! What people change about their own account.

use turnwise_model::AccountId;
use turnwise_store::Durability;

use super::audit::{Actor, Change};
use super::{AccountError, Accounts, wording};

impl Accounts {
    /// Changes the password and ends every sign-in of the account, also the one that asks: start a new one for it.
    ///
    /// # Errors
    /// [`AccountError::WrongPassword`] when `old` is not the current one, or what is wrong with the new one.
    pub async fn change_password(&self, account: AccountId, old: &str, new: &str) -> Result<(), AccountError> {
        wording::new_password(new)?;
        let known = self.store.account(account).await?.ok_or(AccountError::NoSuchAccount)?;
        let (_, hash) = self.store.credentials(&known.email).await?.ok_or(AccountError::NoSuchAccount)?;
        if !wording::could_be_password(old) || !self.passwords.matches(old, Some(hash)).await? {
            return Err(AccountError::WrongPassword);
        }
        let new_hash = self.passwords.hash(new).await?;

        let mut transaction = self.store.write(Durability::Acknowledged).await?;
        transaction.set_password_hash(account, &new_hash).await?;
        transaction.end_sign_ins_of(account).await?;
        let change = Change::new("account.password_changed", &known.email);
        self.record(&mut transaction, Actor::Person(account), None, change).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Changes the name that others see.
    ///
    /// # Errors
    /// What is wrong with the name.
    pub async fn change_name(&self, account: AccountId, name: &str) -> Result<(), AccountError> {
        let name = wording::name("the account", name)?;
        let known = self.store.account(account).await?.ok_or(AccountError::NoSuchAccount)?;

        let mut transaction = self.store.write(Durability::Acknowledged).await?;
        transaction.set_account_name(account, &name).await?;
        let change = Change::new("account.renamed", &known.email).with(format!("{} → {name}", known.name));
        self.record(&mut transaction, Actor::Person(account), None, change).await?;
        transaction.commit().await?;
        Ok(())
    }
}
