//! [`TestStore`]: a database that one test has to itself, and the clock that the test moves.

use std::fs::File;
use std::ops::Deref;
use std::sync::Arc;

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection, Executor, Row};
use tempfile::TempDir;
use turnwise_model::ambient::TestClock;
use turnwise_model::{Ambient, Micros};

use super::cluster::{self, Cluster};
use crate::dialect::Dialect;
use crate::store::{Store, StoreConfig};

/// 2026-11-21T00:57:14Z.
const START: Micros = Micros(1_795_222_634_000_000);

/// A database of one test's own. It goes away with the test.
#[derive(Debug)]
pub struct TestStore {
    store: Store,
    /// The time in this database's world stands still until the test moves it.
    pub clock: TestClock,
    /// Clock and repeatable randomness.
    pub ambient: Ambient,
    url: String,
    _folder: Option<TempDir>,
    _cluster: Option<Arc<File>>,
}

impl Deref for TestStore {
    type Target = Store;
    fn deref(&self) -> &Store {
        &self.store
    }
}

impl TestStore {
    /// The connections, for services that keep their own clone. The `TestStore` must outlive them.
    #[must_use]
    pub fn store(&self) -> Store {
        self.store.clone()
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Connects once more, as another process would.
    ///
    /// # Panics
    /// When that fails.
    pub async fn another_process(&self) -> Store {
        connect(&self.url, self.ambient.clone()).await
    }

    /// Runs any SQL, for tests that need a database as no program leaves it.
    ///
    /// # Panics
    /// When that fails.
    pub async fn run_sql(&self, sql: &'static str) {
        self.store.writer().execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// What a query gives, each row as a line of its values, for comparing whole tables.
    ///
    /// # Panics
    /// When that fails.
    pub async fn rows(&self, sql: &'static str) -> Vec<String> {
        let rows = self.store.reader().fetch_all(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        rows.iter()
            .map(|row| {
                let values = (0..row.len()).map(|column| match row.try_get_raw(column) {
                    Ok(value) => format!("{:?}", sqlx::ValueRef::to_owned(&value)),
                    Err(error) => error.to_string(),
                });
                values.collect::<Vec<_>>().join(" | ")
            })
            .collect()
    }

    async fn open(url: String, folder: Option<TempDir>, cluster: Option<Arc<File>>) -> Self {
        let (ambient, clock) = Ambient::for_tests(START);
        let store = connect(&url, ambient.clone()).await;
        Self { store, clock, ambient, url, _folder: folder, _cluster: cluster }
    }

    async fn migrated(self) -> Self {
        self.store.migrate().await.unwrap_or_else(|error| panic!("{error}"));
        self
    }
}

async fn connect(url: &str, ambient: Ambient) -> Store {
    let config = StoreConfig { url: url.to_owned(), max_readers: 4 };
    Store::connect(&config, ambient).await.unwrap_or_else(|error| panic!("{url}: {error}"))
}

/// A migrated SQLite database in a temporary folder.
///
/// # Panics
/// When it cannot be made.
pub async fn sqlite() -> TestStore {
    empty_sqlite().await.migrated().await
}

/// An SQLite database in a temporary folder, without a schema.
///
/// # Panics
/// When it cannot be made.
pub async fn empty_sqlite() -> TestStore {
    let folder = TempDir::with_prefix("turnwise-test-").unwrap_or_else(|error| panic!("no temporary folder: {error}"));
    let url = format!("sqlite://{}", folder.path().join("turnwise.db").display());
    TestStore::open(url, Some(folder), None).await
}

/// A migrated PostgreSQL database; `None`, with a word on the reason, where there is no PostgreSQL.
///
/// # Panics
/// When it cannot be made, and with `CI=true` also where there is no PostgreSQL.
pub async fn postgres() -> Option<TestStore> {
    Some(empty_postgres().await?.migrated().await)
}

/// A PostgreSQL database without a schema; `None`, with a word on the reason, where there is no PostgreSQL.
///
/// # Panics
/// When it cannot be made, and with `CI=true` also where there is no PostgreSQL.
pub async fn empty_postgres() -> Option<TestStore> {
    let shared = tokio::task::spawn_blocking(cluster::shared).await.unwrap_or_else(|error| panic!("{error}"));
    let cluster = match shared {
        Ok(cluster) => cluster,
        Err(reason) if std::env::var("CI").is_ok_and(|value| value == "true") => panic!("{reason}"),
        Err(reason) => {
            eprintln!("skipped: {reason}");
            return None;
        }
    };
    let name = create_database(&cluster).await.unwrap_or_else(|error| panic!("no test database: {error}"));
    Some(TestStore::open(cluster.url(&name), None, Some(cluster.in_use())).await)
}

/// Makes a database named after this process and drops those of processes that are gone.
async fn create_database(cluster: &Cluster) -> Result<String, sqlx::Error> {
    let name = cluster::next_database_name();
    let mut connection = PgConnection::connect(&cluster.url("postgres")).await?;
    let sql = "select datname::text from pg_database where datname like 'turnwise\\_%'";
    let names: Vec<String> = sqlx::query_scalar(sql).fetch_all(&mut connection).await?;
    for abandoned in names.iter().filter(|name| cluster::is_abandoned(name)) {
        // Another test may drop it at the same moment.
        let _ = connection.execute(AssertSqlSafe(format!("drop database if exists {abandoned} with (force)"))).await;
    }
    connection.execute(AssertSqlSafe(format!("create database {name}"))).await?;
    connection.close().await?;
    Ok(name)
}

impl TestStore {
    /// Which engine it is, for tests of what only one of them has.
    #[must_use]
    pub fn is_postgres(&self) -> bool {
        self.store.engine() == Dialect::Postgres
    }
}
