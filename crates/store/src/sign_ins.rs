//! Browsers in which somebody is signed in. The cookie's secret is stored as a hash only.

use turnwise_model::{AccountId, Micros};

use crate::error::StoreError;
use crate::row::Fields;
use crate::secret::SecretHash;
use crate::store::Store;
use crate::transaction::{Durability, Transaction};

/// One browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// The hash of the cookie's secret.
    pub key: SecretHash,
    /// Who is signed in; `None` for a browser that was only given a cookie.
    pub account: Option<AccountId>,
    /// What the server keeps for it, as JSON.
    pub data: String,
    /// From when on it counts no more.
    pub expires_at: Micros,
}

impl Store {
    /// A sign-in that has not expired.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sign_in(&self, key: &SecretHash, now: Micros) -> Result<Option<SignIn>, StoreError> {
        let row = sqlx::query(
            "select key, account_id, data, expires_at
             from sign_ins
             where key = $1
               and expires_at > $2",
        )
        .bind(key.as_str())
        .bind(now.0)
        .fetch_optional(self.reader())
        .await?;
        row.map(|row| {
            let fields = Fields::keyed("sign_ins", "key", &row);
            Ok(SignIn {
                key: SecretHash::from_stored(fields.text("key")?),
                account: fields.optional_parsed("account_id")?,
                data: fields.text("data")?,
                expires_at: fields.instant("expires_at")?,
            })
        })
        .transpose()
    }

    /// A new sign-in; `false` when there is one with this key.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn insert_sign_in(&self, sign_in: &SignIn) -> Result<bool, StoreError> {
        let mut transaction = self.write(Durability::Acknowledged).await?;
        let done = sqlx::query(
            "insert into sign_ins (key, account_id, data, created_at, expires_at)
             values ($1, $2, $3, $4, $5)
             on conflict (key) do nothing",
        )
        .bind(sign_in.key.as_str())
        .bind(sign_in.account.map(|account| account.to_string()))
        .bind(sign_in.data.as_str())
        .bind(self.ambient().now().0)
        .bind(sign_in.expires_at.0)
        .execute(transaction.connection())
        .await?;
        transaction.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// Writes a sign-in, new or known.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn save_sign_in(&self, sign_in: &SignIn) -> Result<(), StoreError> {
        let mut transaction = self.write(Durability::Acknowledged).await?;
        sqlx::query(
            "insert into sign_ins (key, account_id, data, created_at, expires_at)
             values ($1, $2, $3, $4, $5)
             on conflict (key) do update
             set account_id = excluded.account_id,
                 data = excluded.data,
                 expires_at = excluded.expires_at",
        )
        .bind(sign_in.key.as_str())
        .bind(sign_in.account.map(|account| account.to_string()))
        .bind(sign_in.data.as_str())
        .bind(self.ambient().now().0)
        .bind(sign_in.expires_at.0)
        .execute(transaction.connection())
        .await?;
        transaction.commit().await
    }

    /// Ends a sign-in, if there is one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_sign_in(&self, key: &SecretHash) -> Result<(), StoreError> {
        let mut transaction = self.write(Durability::Acknowledged).await?;
        sqlx::query("delete from sign_ins where key = $1").bind(key.as_str()).execute(transaction.connection()).await?;
        transaction.commit().await
    }
}

impl Transaction {
    /// Ends every sign-in of an account and says how many there were.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn end_sign_ins_of(&mut self, account: AccountId) -> Result<u64, StoreError> {
        let done = sqlx::query("delete from sign_ins where account_id = $1")
            .bind(account.to_string())
            .execute(self.connection())
            .await?;
        Ok(done.rows_affected())
    }

    /// Forgets the sign-ins that have expired and says how many there were.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_expired_sign_ins(&mut self, now: Micros) -> Result<u64, StoreError> {
        let done =
            sqlx::query("delete from sign_ins where expires_at <= $1").bind(now.0).execute(self.connection()).await?;
        Ok(done.rows_affected())
    }
}
