//! Why something about queues could not be done.

use turnwise_model::rubric::InvalidRubric;
use turnwise_store::StoreError;

use crate::access::Denied;
use crate::error::EngineError;

/// A refusal that the person can do something about, or a failure of the engine.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// The caller may not.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// No such queue in this project.
    #[error("no such queue")]
    NoSuchQueue,
    /// Something to be put into a queue is not in this project.
    #[error("there is no {what}")]
    NoSuchTarget {
        /// Which of those sent, from 0.
        index: usize,
        /// What was named.
        what: String,
    },
    /// Two queues of one name.
    #[error("there is a queue named {0:?} already, choose another name")]
    NameTaken(String),
    /// A setting out of range.
    #[error("{field} must be {expected}")]
    Setting {
        /// Which setting.
        field: &'static str,
        /// What it may be.
        expected: String,
    },
    /// The questions make no sense.
    #[error(transparent)]
    Rubric(#[from] InvalidRubric),
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl From<StoreError> for QueueError {
    fn from(error: StoreError) -> Self {
        Self::Engine(error.into())
    }
}
