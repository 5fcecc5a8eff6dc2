//! Databases for tests, of this crate and of those that stand on it: each test gets one of its own, empty but migrated.
//!
//! PostgreSQL is found by `TURNWISE_TEST_POSTGRES_BIN`, in `PATH` or where Debian puts it, and runs in a temporary folder.
//! Where there is none, its tests print that they were skipped; with `CI=true` they fail instead.
//! [`crate::contract!`] writes a test once and runs it on both engines.

mod cluster;
mod contract;
mod test_store;

pub use test_store::{TestStore, empty_postgres, empty_sqlite, postgres, sqlite};
