//! Rules: which sessions are sampled and evaluated, tried out before they are saved, applied, and explained afterwards.

mod apply;
mod backfill;
mod decide;
mod design;
mod draft;
mod error;
mod explain;
mod preview;
mod service;
mod words;

pub use apply::ApplyRules;
pub use backfill::{BACKFILL, BackfillJob, MOST_BACKFILLED};
pub use error::RuleError;
pub use service::Rules;
