//! Checking an address and a password. What keeps somebody signed in afterwards is the server's cookie.

use std::net::IpAddr;

use turnwise_model::access::Email;
use turnwise_model::account::Account;

use super::{AccountError, Accounts, wording};

impl Accounts {
    /// Whose address and password these are.
    ///
    /// An unknown address takes as long to refuse as a wrong password.
    ///
    /// # Errors
    /// [`AccountError::WrongCredentials`], or [`AccountError::TooManyAttempts`] without having looked.
    pub async fn sign_in(&self, email: &str, password: &str, from: IpAddr) -> Result<Account, AccountError> {
        let email: Email = email.parse().map_err(|_| AccountError::WrongCredentials)?;
        self.rate_limit.attempt(&email, from).map_err(|retry_after| AccountError::TooManyAttempts { retry_after })?;
        if !wording::could_be_password(password) {
            return Err(AccountError::WrongCredentials);
        }
        let (account, password_hash) = self.store.credentials(&email).await?.unzip();
        let matches = self.passwords.matches(password, password_hash).await?;
        account.filter(|_| matches).ok_or(AccountError::WrongCredentials)
    }
}
