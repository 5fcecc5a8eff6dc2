//! Queues, claims and reviews on SQLite and on PostgreSQL alike.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod answers;
mod claims;
mod crowd;
mod queues;
mod setting;
mod undo;
