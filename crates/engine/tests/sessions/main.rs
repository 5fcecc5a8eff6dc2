//! Telemetry in, sessions out, on SQLite and on PostgreSQL alike.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod browsing;
mod imports;
mod ingestion;
mod life;
mod order;
mod pages;
mod recordings;
mod setting;
