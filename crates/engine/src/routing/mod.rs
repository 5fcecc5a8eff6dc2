//! Routing: when the evaluations of a session have ended, its doubtful targets and the audit arm's become tasks.

mod flags;
mod route;

pub use flags::{Flag, Judged, flags};
pub use route::Route;
