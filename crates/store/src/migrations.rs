//! The migrations, embedded in the program, and the runner that applies them.
//!
//! All pending ones are applied in one transaction that only one process can hold, so any number of processes may start at
//! once, and one that dies leaves the database as it was. A new migration is a file in both folders and a line in [`ALL`].

use std::collections::HashMap;

use sqlx::{Executor, SqlSafeStr};

use crate::dialect::Dialect;
use crate::error::StoreError;
use crate::row::Fields;
use crate::store::Store;
use crate::transaction::Durability;

/// One step of the schema.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// Its number; they are applied in this order.
    pub version: i64,
    /// Its file name without the ending.
    pub name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

macro_rules! migration {
    ($version:literal, $name:literal) => {
        Migration {
            version: $version,
            name: $name,
            sqlite: include_str!(concat!("../../../migrations/sqlite/", $name, ".sql")),
            postgres: include_str!(concat!("../../../migrations/postgres/", $name, ".sql")),
        }
    };
}

/// Every migration, in order.
pub const ALL: &[Migration] = &[
    migration!(1, "0001_accounts"),
    migration!(2, "0002_conversations"),
    migration!(3, "0003_evaluation"),
    migration!(4, "0004_lists_and_second_answers"),
];

impl Migration {
    /// Its text for one engine.
    #[must_use]
    pub const fn sql(&self, dialect: Dialect) -> &'static str {
        match dialect {
            Dialect::Sqlite => self.sqlite,
            Dialect::Postgres => self.postgres,
        }
    }

    fn checksum(&self, dialect: Dialect) -> String {
        blake3::hash(self.sql(dialect).as_bytes()).to_hex().to_string()
    }
}

impl Store {
    /// Brings the schema up to date. Any number of processes may call it at once, and again.
    ///
    /// # Errors
    /// When a migration fails, or an applied one differs from this program's.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let dialect = self.engine();
        let mut transaction = self.write(Durability::Acknowledged).await?;
        if let Some(lock) = dialect.lock_for_migration() {
            transaction.connection().execute(lock).await?;
        }
        let bookkeeping = "
            create table if not exists turnwise_migrations (
                version bigint not null primary key,
                name text not null,
                checksum text not null,
                applied_at bigint not null
            )";
        transaction.connection().execute(bookkeeping).await?;
        let rows = sqlx::query("select version, checksum from turnwise_migrations")
            .fetch_all(transaction.connection())
            .await?;
        let mut applied = HashMap::new();
        for row in &rows {
            let fields = Fields::keyed("turnwise_migrations", "version", row);
            applied.insert(fields.integer("version")?, fields.text("checksum")?);
        }

        for migration in ALL {
            let checksum = migration.checksum(dialect);
            match applied.remove(&migration.version) {
                Some(of_applied) if of_applied == checksum => continue,
                Some(_) => return Err(StoreError::MigrationChanged { version: migration.version }),
                None => {}
            }
            sqlx::raw_sql(migration.sql(dialect).into_sql_str())
                .execute(transaction.connection())
                .await
                .map_err(|source| StoreError::Migration { version: migration.version, source })?;
            sqlx::query(
                "insert into turnwise_migrations (version, name, checksum, applied_at)
                 values ($1, $2, $3, $4)",
            )
            .bind(migration.version)
            .bind(migration.name)
            .bind(checksum)
            .bind(self.ambient().now().0)
            .execute(transaction.connection())
            .await?;
            tracing::info!(version = migration.version, name = migration.name, "the database was migrated");
        }
        if let Some(newer) = applied.keys().max() {
            // Schemas grow before programs need it and shrink after none does, so the older program can go on.
            tracing::warn!(version = newer, "the database was migrated by a newer version of this program");
        }
        transaction.commit().await
    }

    /// The versions of the migrations that were applied, in order.
    ///
    /// # Errors
    /// When the database does not answer or was never migrated.
    pub async fn applied_migrations(&self) -> Result<Vec<i64>, StoreError> {
        let rows =
            sqlx::query("select version from turnwise_migrations order by version").fetch_all(self.reader()).await?;
        rows.iter().map(|row| Fields::keyed("turnwise_migrations", "version", row).integer("version")).collect()
    }
}
