//! [`Transaction`]: all writing goes through one. Dropped without a commit, it never happened.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sqlx::{Any, AnyConnection, Executor, SqlStr};
use turnwise_model::Micros;

use crate::dialect::Dialect;
use crate::error::StoreError;
use crate::store::Store;

/// What a commit must survive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// A power cut: somebody is told that it is stored.
    Acknowledged,
    /// A killed process. After a power cut SQLite may lack the latest commits of this kind, and is consistent without
    /// them: right for what is derived from other rows and will be derived again.
    Derived,
}

/// An open transaction that writes. On SQLite it is the only one.
pub struct Transaction {
    inner: sqlx::Transaction<'static, Any>,
    store: Store,
    topics: BTreeSet<String>,
}

impl std::fmt::Debug for Transaction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Transaction").field("topics", &self.topics).finish_non_exhaustive()
    }
}

impl Store {
    /// Begins a transaction that writes. On SQLite it waits for the one before.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn write(&self, durability: Durability) -> Result<Transaction, StoreError> {
        let mut connection = self.writer().acquire().await?;
        if self.engine() == Dialect::Sqlite {
            self.synchronous().apply(durability, &mut connection).await?;
        }
        let begin = SqlStr::from_static(self.engine().begin_to_write());
        let inner = sqlx::Transaction::begin(connection, Some(begin)).await?;
        Ok(Transaction { inner, store: self.clone(), topics: BTreeSet::new() })
    }
}

impl Transaction {
    /// Makes it all happen, then wakes whoever waits for one of the topics.
    ///
    /// # Errors
    /// When the database does not answer: then it is not known whether it happened.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        if let Some(announce) = self.store.engine().announce() {
            for topic in &self.topics {
                sqlx::query(announce).bind(topic.as_str()).execute(&mut *self.inner).await?;
            }
        }
        self.inner.commit().await?;
        for topic in &self.topics {
            self.store.all_wakes().wake(topic);
        }
        Ok(())
    }

    /// Undoes it all and waits until that is done. Dropping the transaction does the same without waiting.
    ///
    /// # Errors
    /// When the database does not answer: it is undone nevertheless.
    pub async fn roll_back(self) -> Result<(), StoreError> {
        Ok(self.inner.rollback().await?)
    }

    /// Wakes whoever waits for this topic ([`Store::wakes`]), in any process, when the transaction commits.
    pub fn wake(&mut self, topic: &str) {
        if !self.topics.contains(topic) {
            self.topics.insert(topic.to_owned());
        }
    }

    pub(crate) fn connection(&mut self) -> &mut AnyConnection {
        &mut self.inner
    }

    pub(crate) fn dialect(&self) -> Dialect {
        self.store.engine()
    }

    pub(crate) fn now(&self) -> Micros {
        self.store.ambient().now()
    }
}

/// What `synchronous` is set to on SQLite's one writing connection, so that it is set again only when it changes.
#[derive(Debug, Clone, Default)]
pub(crate) struct SynchronousSetting {
    is_normal: Arc<AtomicBool>,
}

impl SynchronousSetting {
    /// A new connection has `full`.
    pub(crate) fn was_reset(&self) {
        self.is_normal.store(false, Ordering::SeqCst);
    }

    /// Between transactions only: inside one SQLite ignores it.
    async fn apply(&self, durability: Durability, connection: &mut AnyConnection) -> Result<(), StoreError> {
        let wants_normal = durability == Durability::Derived;
        if self.is_normal.load(Ordering::SeqCst) != wants_normal {
            let pragma = if wants_normal { "pragma synchronous = normal" } else { "pragma synchronous = full" };
            connection.execute(pragma).await?;
            self.is_normal.store(wants_normal, Ordering::SeqCst);
        }
        Ok(())
    }
}
