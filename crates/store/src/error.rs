//! What can go wrong in the database. The texts are for the log: they never reach a person.

use std::error::Error;

/// A failure of the database, or a row that cannot be.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The address of the database, or a setting of it, cannot be used.
    #[error("the database cannot be used as configured: {0}")]
    Configuration(String),
    /// The database did not answer, or refused.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// A migration failed; the database is as it was before.
    #[error("migration {version} failed: {source}")]
    Migration {
        /// Its number.
        version: i64,
        /// What the database said.
        source: sqlx::Error,
    },
    /// A migration that was applied is not the one that this program has.
    #[error("migration {version} was changed after it had been applied, restore the file and add a new one instead")]
    MigrationChanged {
        /// Its number.
        version: i64,
    },
    /// A row that no version of this program writes.
    #[error("impossible value in {table}.{column} of row {row}: {source}")]
    Impossible {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The row's id, as far as it could be read.
        row: String,
        /// What is wrong with the value.
        source: Box<dyn Error + Send + Sync>,
    },
    /// A computation off the async threads did not come back.
    #[error("a blocking computation was cancelled or panicked: {0}")]
    Interrupted(String),
}
