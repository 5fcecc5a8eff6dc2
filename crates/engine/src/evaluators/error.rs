//! Why something about evaluators could not be done.

use turnwise_evaluators::catalogue::BuildError;
use turnwise_store::StoreError;

use crate::access::Denied;
use crate::error::EngineError;

/// A refusal that the person can do something about, or a failure of the engine.
#[derive(Debug, thiserror::Error)]
pub enum EvaluatorSettingError {
    /// The caller may not.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// No such evaluator in this project.
    #[error("no such evaluator")]
    NoSuchEvaluator,
    /// No such session in this project.
    #[error("there is no session {0:?} in this project")]
    NoSuchSession(String),
    /// Two evaluators of one name.
    #[error("there is an evaluator named {0:?} already, perhaps an archived one, choose another name")]
    NameTaken(String),
    /// It was taken out of use.
    #[error("this evaluator is archived, make a new one")]
    Archived,
    /// A setting that cannot be.
    #[error("{what} must be {expected}")]
    Setting {
        /// Its name in the draft.
        field: &'static str,
        /// Which setting, for people.
        what: &'static str,
        /// What it may be.
        expected: &'static str,
    },
    /// The check or the prompt cannot run.
    #[error(transparent)]
    Method(#[from] BuildError),
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl From<StoreError> for EvaluatorSettingError {
    fn from(error: StoreError) -> Self {
        Self::Engine(error.into())
    }
}

impl EvaluatorSettingError {
    /// The field of the draft that is wrong, where it is one.
    #[must_use]
    pub const fn field(&self) -> Option<&'static str> {
        match self {
            Self::NameTaken(_) => Some("name"),
            Self::Setting { field, .. } => Some(field),
            Self::Method(_) => Some("method"),
            Self::Denied(_) | Self::NoSuchEvaluator | Self::NoSuchSession(_) | Self::Archived | Self::Engine(_) => None,
        }
    }
}
