//! What can go wrong inside the engine through no fault of the caller.
//!
//! The text is for the log. A person or a program that called gets to know only that it failed.

use turnwise_store::StoreError;

/// A failure of the engine itself or of what it stands on.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A password could not be hashed, or a stored hash could not be read.
    #[error("password hashing failed: {0}")]
    PasswordHash(String),
    /// A computation off the async threads did not come back.
    #[error("a blocking computation was cancelled or panicked: {0}")]
    Blocking(#[from] tokio::task::JoinError),
    /// A bug in a background worker; what it held falls due again.
    #[error("a background worker panicked, its message is above in the log")]
    WorkerPanicked,
    /// A setting that cannot work.
    #[error("{setting} cannot be used: {reason}")]
    Configuration {
        /// Which setting.
        setting: &'static str,
        /// What is wrong with it and what would be right.
        reason: String,
    },
    /// Telemetry could not be taken in.
    #[error(transparent)]
    Ingest(crate::ingestion::IngestError),
}
