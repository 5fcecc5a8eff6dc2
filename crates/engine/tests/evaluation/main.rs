//! Evaluators, providers, and the ledger at work, on SQLite and on PostgreSQL alike. The judge's model is a stub.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod evaluators;
mod judges;
mod lifecycle;
mod providers;
mod setting;
