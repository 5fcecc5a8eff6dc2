//! Why something about evaluations could not be done.

use turnwise_store::StoreError;

use crate::access::Denied;
use crate::error::EngineError;

/// A refusal that the person can do something about, or a failure of the engine.
#[derive(Debug, thiserror::Error)]
pub enum EvaluationError {
    /// The caller may not.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// No such session in this project.
    #[error("there is no session {0:?} in this project")]
    NoSuchSession(String),
    /// No such evaluator in this project, or it is archived.
    #[error("this project has no evaluator {0}, or it is archived")]
    NoSuchEvaluator(String),
    /// Too many at once.
    #[error("at most {most} sessions can be evaluated at once, you asked for {asked}")]
    TooMany {
        /// The limit.
        most: usize,
        /// How many were asked for.
        asked: usize,
    },
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl From<StoreError> for EvaluationError {
    fn from(error: StoreError) -> Self {
        Self::Engine(error.into())
    }
}
