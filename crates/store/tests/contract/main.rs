//! What the store promises, on SQLite and on PostgreSQL alike. One module per kind of record.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod accounts;
mod api_keys;
mod connection;
mod decisions;
mod impossible;
mod invitations;
mod migrations;
mod sessions;
mod setting;
mod sign_ins;
mod telemetry;
mod wakes;
mod work;
