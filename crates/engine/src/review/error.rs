//! Why a step of a review was refused. No refusal loses an answer: the draft is kept.

use turnwise_model::rubric::InvalidAnswer;
use turnwise_store::StoreError;

use crate::access::Denied;
use crate::error::EngineError;

/// A refusal that the person can do something about, or a failure of the engine.
#[derive(Debug, thiserror::Error)]
pub enum ReviewError {
    /// The caller may not.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// No such queue in this project.
    #[error("no such queue")]
    NoSuchQueue,
    /// No such task in this project.
    #[error("no such task")]
    NoSuchTask,
    /// No such claim in this project: it was given back, or there never was one.
    #[error("no such claim, take the task again")]
    NoSuchClaim,
    /// The claim holds no more: it lapsed and the task was handed to somebody else, or it was taken again since.
    #[error("your claim on this task has lapsed, your answers are kept as a draft; take the task again to submit them")]
    ClaimLapsed,
    /// Others have reviewed the task in the meantime.
    #[error("this task has all the reviews it needs, your answers are kept as a draft")]
    TaskFull,
    /// The same person has reviewed the task before.
    #[error("you have reviewed this task already")]
    AlreadyReviewed,
    /// An answer does not fit its question.
    #[error(transparent)]
    Invalid(#[from] InvalidAnswer),
    /// The review is not one that the caller may take back.
    #[error("only your own last ten reviews can be taken back")]
    NotUndoable,
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl From<StoreError> for ReviewError {
    fn from(error: StoreError) -> Self {
        Self::Engine(error.into())
    }
}
