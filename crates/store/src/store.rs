//! [`Store`]: the connections to one database.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use sqlx::any::AnyPoolOptions;
use sqlx::{AnyConnection, AnyPool, Executor};
use tokio::sync::watch;
use turnwise_model::Ambient;

use crate::dialect::Dialect;
use crate::error::StoreError;
use crate::transaction::SynchronousSetting;
use crate::wakes::Wakes;

/// Which database, and how much of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreConfig {
    /// `sqlite://path/to/file` or `postgres://user:password@host/database`.
    pub url: String,
    /// How many queries may read at once. On PostgreSQL, where readers and writers share connections: how many
    /// connections this process has at most.
    pub max_readers: u32,
}

impl StoreConfig {
    /// This database, with as many readers as suit most machines.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), max_readers: 8 }
    }
}

/// One database. Clones share the connections.
#[derive(Clone)]
pub struct Store {
    shared: Arc<Shared>,
}

struct Shared {
    url: String,
    dialect: Dialect,
    ambient: Ambient,
    readers: AnyPool,
    /// SQLite: one connection, on which every change is made. PostgreSQL: the same pool as `readers`.
    writer: AnyPool,
    synchronous: SynchronousSetting,
    wakes: Wakes,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Never the address: it can hold a password.
        f.debug_struct("Store").field("engine", &self.shared.dialect).finish_non_exhaustive()
    }
}

impl Store {
    /// Connects. An SQLite file that does not exist is made. The schema is not touched: see [`Store::migrate`].
    ///
    /// # Errors
    /// When the address cannot be used or nobody answers there.
    pub async fn connect(config: &StoreConfig, ambient: Ambient) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        let dialect = Dialect::of_url(&config.url)?;
        let synchronous = SynchronousSetting::default();
        let max_readers = config.max_readers.max(1);
        let (url, readers, writer) = match dialect {
            Dialect::Sqlite => {
                let url = sqlite_url(&config.url)?;
                let applied = synchronous.clone();
                // The writer first: it makes the file.
                let writer = pool(1)
                    .test_before_acquire(false)
                    .after_connect(move |connection, _| {
                        applied.was_reset();
                        set(connection, dialect.writer_settings())
                    })
                    .connect(&url)
                    .await?;
                let readers = pool(max_readers)
                    .test_before_acquire(false)
                    .after_connect(move |connection, _| set(connection, dialect.reader_settings()))
                    .connect(&url)
                    .await?;
                (url, readers, writer)
            }
            Dialect::Postgres => {
                let pool = pool(max_readers).max_lifetime(Duration::from_secs(30 * 60)).connect(&config.url).await?;
                (config.url.clone(), pool.clone(), pool)
            }
        };
        let wakes = Wakes::default();
        Ok(Self { shared: Arc::new(Shared { url, dialect, ambient, readers, writer, synchronous, wakes }) })
    }

    /// Which engine it is.
    #[must_use]
    pub fn engine(&self) -> Dialect {
        self.shared.dialect
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.reader().execute("select 1").await?;
        Ok(())
    }

    /// Waits for what is running and closes the connections. Whatever is asked of any clone afterwards fails.
    pub async fn close(&self) {
        self.shared.readers.close().await;
        self.shared.writer.close().await;
    }

    /// Announces changes to a topic, from any process, from now on. See [`crate::Transaction::wake`].
    #[must_use]
    pub fn wakes(&self, topic: &str) -> watch::Receiver<u64> {
        self.shared.wakes.subscribe(topic)
    }

    pub(crate) fn all_wakes(&self) -> &Wakes {
        &self.shared.wakes
    }

    pub(crate) fn url(&self) -> &str {
        &self.shared.url
    }

    pub(crate) fn ambient(&self) -> &Ambient {
        &self.shared.ambient
    }

    pub(crate) fn reader(&self) -> &AnyPool {
        &self.shared.readers
    }

    pub(crate) fn writer(&self) -> &AnyPool {
        &self.shared.writer
    }

    pub(crate) fn synchronous(&self) -> &SynchronousSetting {
        &self.shared.synchronous
    }
}

fn pool(max_connections: u32) -> AnyPoolOptions {
    AnyPoolOptions::new().max_connections(max_connections).idle_timeout(None).max_lifetime(None)
}

/// The address with which a missing file is made.
fn sqlite_url(url: &str) -> Result<String, StoreError> {
    if url.contains(":memory:") || url.contains("mode=memory") {
        let reason = "an SQLite database in memory has one connection only, name a file: sqlite://path/to/file";
        return Err(StoreError::Configuration(reason.to_owned()));
    }
    Ok(match url.split_once('?') {
        Some((_, parameters)) if parameters.contains("mode=") => url.to_owned(),
        Some(_) => format!("{url}&mode=rwc"),
        None => format!("{url}?mode=rwc"),
    })
}

/// Applies settings to a new connection.
///
/// Turning a new SQLite file's write-ahead log on needs the file for oneself and does not wait for it, so when several
/// processes open a new file at once, all but one have to try again.
fn set<'c>(
    connection: &'c mut AnyConnection,
    settings: Option<&'static str>,
) -> BoxFuture<'c, Result<(), sqlx::Error>> {
    const TRIES: u32 = 200;
    Box::pin(async move {
        let Some(settings) = settings else { return Ok(()) };
        let mut tries = 0;
        loop {
            tries += 1;
            match sqlx::raw_sql(settings).execute(&mut *connection).await {
                Ok(_) => return Ok(()),
                Err(error) if tries < TRIES && is_locked(&error) => tokio::time::sleep(Duration::from_millis(25)).await,
                Err(error) => return Err(error),
            }
        }
    })
}

fn is_locked(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|error| error.message().contains("locked"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_file_is_made_unless_the_address_says_otherwise() {
        assert_eq!(sqlite_url("sqlite://a.db").unwrap(), "sqlite://a.db?mode=rwc");
        assert_eq!(sqlite_url("sqlite://a.db?mode=rw").unwrap(), "sqlite://a.db?mode=rw");
        assert_eq!(sqlite_url("sqlite://a.db?cache=private").unwrap(), "sqlite://a.db?cache=private&mode=rwc");
        assert!(sqlite_url("sqlite::memory:").is_err());
    }
}
