//! A new password for somebody who lost theirs, given by an operator who has the database in hand.

use turnwise_model::access::Email;
use turnwise_model::account::Account;
use turnwise_store::Durability;

use super::audit::{Actor, Change};
use super::{AccountError, Accounts, wording};

impl Accounts {
    /// Gives the account a new password and ends all its sign-ins. Nobody is asked for the old one: for the command line only.
    ///
    /// # Errors
    /// [`AccountError::NoAccountWithAddress`], or what is wrong with the password.
    pub async fn reset_password(&self, email: &str, new: &str) -> Result<Account, AccountError> {
        let email: Email = email.parse()?;
        wording::new_password(new)?;
        let (account, _) = self.store.credentials(&email).await?.ok_or(AccountError::NoAccountWithAddress(email))?;
        let new_hash = self.passwords.hash(new).await?;

        let mut transaction = self.store.write(Durability::Acknowledged).await?;
        transaction.set_password_hash(account.id, &new_hash).await?;
        transaction.end_sign_ins_of(account.id).await?;
        let change = Change::new("account.password_reset", &account.email);
        self.record(&mut transaction, Actor::System, None, change).await?;
        transaction.commit().await?;
        Ok(account)
    }
}
