//! Telemetry comes in: made ready off the async threads, committed in groups, acknowledged after the commit.

mod commit;
mod error;
mod known;
mod prepare;
mod service;

pub use error::IngestError;
pub(crate) use prepare::session_id;
pub use service::{Accepted, Ingestion};
