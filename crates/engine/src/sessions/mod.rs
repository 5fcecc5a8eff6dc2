//! Sessions: derived from spans, closed, reopened, listed, shown, ended, deleted, scored.

mod blind;
mod build;
mod close;
mod derive;
mod end;
mod error;
mod life;
mod list;
mod page;
mod reviews;
mod scores;
mod service;
mod span_page;
mod summary;
mod trace;
mod views;
mod waterfall;

pub use close::{Close, SESSIONS_CLOSED};
pub use derive::Derive;
pub use error::SessionError;
pub use service::Sessions;
pub(crate) use summary::summaries;
