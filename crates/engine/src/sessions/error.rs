//! Why something could not be done with sessions. Safe to show, but for [`SessionError::Engine`].

use turnwise_model::filter::FilterError;
use turnwise_store::{InvalidCursor, StoreError};

use crate::access::Denied;
use crate::error::EngineError;
use crate::ingestion::IngestError;

/// Why something could not be done with sessions.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The filter cannot be understood; it says where.
    #[error("{0}")]
    Filter(#[from] FilterError),
    /// The caller may not know scores yet, nor find sessions by them.
    #[error("scores are withheld as long as tasks of a blind queue wait for you: take them out of the filter")]
    ScoresWithheld,
    /// The cursor is not one of this list.
    #[error(transparent)]
    Cursor(#[from] InvalidCursor),
    /// The page size cannot be.
    #[error("limit must be 1 to {most}, {given} was given")]
    Limit {
        /// What was asked for.
        given: u32,
        /// The most there can be.
        most: u32,
    },
    /// There is no such session in this project.
    #[error("no session {0:?} in this project")]
    NoSuchSession(String),
    /// The session has no such turn.
    #[error("score {index}: session {session:?} has no such turn")]
    NoSuchTurn {
        /// The score's place among those sent, from 0.
        index: usize,
        /// The session, as it was named.
        session: String,
    },
    /// A score cannot be taken.
    #[error("score {index}: {reason}")]
    InvalidScore {
        /// The score's place among those sent, from 0.
        index: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// A view cannot be kept like this.
    #[error("{0}")]
    View(&'static str),
    /// The caller may not.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// It could not be taken in.
    #[error(transparent)]
    Ingest(#[from] IngestError),
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl From<StoreError> for SessionError {
    fn from(error: StoreError) -> Self {
        Self::Engine(error.into())
    }
}
