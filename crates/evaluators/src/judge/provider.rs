//! What a model provider is to the judge: one request in, one completion or one typed error out.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::Value as Json;
use turnwise_model::Usd;
use turnwise_model::conversation::Tokens;

/// Who says a message to the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker {
    /// Instructions, which come from Turnwise and the team, never from a conversation.
    System,
    /// The conversation as data, and what to answer.
    User,
    /// The model's own earlier answer.
    Assistant,
}

/// One message to the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Who says it.
    pub speaker: Speaker,
    /// What it says.
    pub text: String,
}

/// What is asked of a model.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// What is said, in order.
    pub messages: Vec<Message>,
    /// The model, or `None` for the provider's default.
    pub model: Option<String>,
    /// Sampling temperature, or `None` for the model's default.
    pub temperature: Option<f64>,
    /// The JSON schema that the answer must satisfy.
    pub schema: Json,
}

/// What a model answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Completion {
    /// The text.
    pub text: String,
    /// The model that answered, by its own account.
    pub model: Option<String>,
    /// Tokens in and out, where told.
    pub tokens: Tokens,
    /// What it cost, where usage and prices are known.
    pub cost: Option<Usd>,
    /// How long the successful call took, in milliseconds.
    pub latency_ms: i64,
    /// Calls made, failed attempts included.
    pub calls: u32,
}

/// A model provider failed. Messages never hold the key.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ProviderError {
    /// The model declined to answer.
    #[error("the model refused to judge: {reason}")]
    Refused {
        /// What it said, cut short.
        reason: String,
    },
    /// The answer cannot be used, also after the model was told what was wrong with it.
    #[error("the model's answer cannot be used: {problem}; it began {raw:?}")]
    InvalidOutput {
        /// What is wrong with it.
        problem: String,
        /// The answer as it came, cut short.
        raw: String,
    },
    /// Too many requests.
    #[error("the provider limits the rate of requests{}", after(.retry_after))]
    RateLimited {
        /// When to come again, where told.
        retry_after: Option<Duration>,
    },
    /// The provider failed on its side.
    #[error("the provider failed with HTTP {status}: {message}")]
    ServerError {
        /// The HTTP status.
        status: u16,
        /// What it said, cut short.
        message: String,
    },
    /// No answer in time.
    #[error("the provider did not answer within {} s", .after.as_secs_f64())]
    Timeout {
        /// How long it was given.
        after: Duration,
    },
    /// The key is missing, wrong or not allowed to use the model.
    #[error("the provider does not accept the key (HTTP {status}), check it under Settings")]
    Unauthorised {
        /// The HTTP status.
        status: u16,
    },
    /// The request was not accepted, such as for an unknown model or too long a prompt.
    #[error("the provider rejected the request with HTTP {status}: {message}")]
    Rejected {
        /// The HTTP status.
        status: u16,
        /// What it said, cut short.
        message: String,
    },
    /// The provider cannot be reached.
    #[error("the provider cannot be reached: {reason}")]
    Unreachable {
        /// What went wrong, without the address's secrets.
        reason: String,
    },
}

fn after(retry_after: &Option<Duration>) -> String {
    retry_after.map(|wait| format!(", retry after {} s", wait.as_secs_f64())).unwrap_or_default()
}

impl ProviderError {
    /// Whether the same request may succeed later.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        match self {
            Self::RateLimited { .. } | Self::ServerError { .. } | Self::Timeout { .. } | Self::Unreachable { .. } => {
                true
            }
            Self::Refused { .. } | Self::InvalidOutput { .. } | Self::Unauthorised { .. } | Self::Rejected { .. } => {
                false
            }
        }
    }
}

/// Asks a model.
#[async_trait]
pub trait Provider: Send + Sync + fmt::Debug {
    /// What people call it.
    fn name(&self) -> &str;

    /// The model used where a request names none.
    fn default_model(&self) -> &str;

    /// Asks once, retrying what is worth retrying.
    ///
    /// # Errors
    /// The last attempt's error.
    async fn complete(&self, request: &Request) -> Result<Completion, ProviderError>;
}
