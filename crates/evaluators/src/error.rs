//! Why an evaluation failed, and whether trying again can help.

use std::time::Duration;

use crate::judge::ProviderError;

/// An evaluation that could not be made. It never becomes a score.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum EvaluatorError {
    /// The evaluator needs a model and none is set up.
    #[error(
        "no model provider is set up, add one under Settings or set TURNWISE_JUDGE_URL, TURNWISE_JUDGE_KEY and TURNWISE_JUDGE_MODEL"
    )]
    NoProvider,
    /// The turn to judge is not in the conversation.
    #[error("the session has no turn {position}, evaluate its present revision")]
    NoSuchTurn {
        /// The position that was asked for.
        position: u32,
    },
    /// The prompt could not be rendered.
    #[error("the prompt could not be rendered: {0}")]
    Prompt(String),
    /// The model provider failed, or its answer cannot be used.
    #[error(transparent)]
    Provider(#[from] ProviderError),
}

impl EvaluatorError {
    /// Whether the same evaluation may succeed later without anybody changing anything.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Provider(error) => error.is_retryable(),
            Self::NoProvider | Self::NoSuchTurn { .. } | Self::Prompt(_) => false,
        }
    }

    /// Whether a person must do something first, such as setting up a provider or giving it a valid key.
    #[must_use]
    pub fn pauses(&self) -> bool {
        matches!(self, Self::NoProvider | Self::Provider(ProviderError::Unauthorised { .. }))
    }

    /// How long to wait before trying again, where the provider said so.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Provider(ProviderError::RateLimited { retry_after }) => *retry_after,
            _ => None,
        }
    }
}
