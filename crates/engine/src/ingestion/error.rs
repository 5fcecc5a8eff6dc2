//! Why telemetry was not stored. Whoever sent it may send it again: nothing is doubled.

use std::sync::Arc;
use std::time::Duration;

use turnwise_store::StoreError;

use crate::error::EngineError;

/// Why telemetry was not stored.
#[derive(Debug, Clone, thiserror::Error)]
pub enum IngestError {
    /// More comes in than can be written.
    #[error("more is coming in than can be stored, send it again after {} s", retry_after.as_secs())]
    Busy {
        /// When to try again.
        retry_after: Duration,
    },
    /// The process is ending.
    #[error("the server is stopping, send it again")]
    Stopping,
    /// The database refused or did not answer; requests that were committed together share the error.
    #[error(transparent)]
    Store(Arc<StoreError>),
    /// A bug in reading it; the panic is in the log.
    #[error("the spans could not be read: {0}")]
    Crashed(String),
    /// It could not be made ready.
    #[error("the spans could not be packed: {0}")]
    Packing(Arc<std::io::Error>),
}

impl From<StoreError> for IngestError {
    fn from(error: StoreError) -> Self {
        Self::Store(Arc::new(error))
    }
}

impl From<IngestError> for EngineError {
    fn from(error: IngestError) -> Self {
        Self::Ingest(error)
    }
}
