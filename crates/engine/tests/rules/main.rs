//! From a closed session to the task in a queue: rules, samples, backfills, previews, explanations, routes.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod backfill;
mod drafts;
mod explain;
mod line;
mod preview;
mod sampling;
mod setting;
mod whole;
