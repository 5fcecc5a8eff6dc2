//! Exports: what is in them, where it came from, and that they survive what happens to servers. On both engines.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod content;
mod durable;
mod labels;
mod large;
mod setting;
