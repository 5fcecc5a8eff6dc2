//! A session with its aggregates, and a whole conversation as evaluators get it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::Turn;
use crate::{Micros, SessionId, Usd, words};

/// Whether more turns are expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionStatus {
    /// More may come.
    Open,
    /// Ended; a late span reopens it.
    Closed,
}

words!(SessionStatus, "session status", { Open = "open", Closed = "closed" });

/// How a session came to be closed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "by", content = "reason")]
pub enum EndReason {
    /// The client said so, with its own word for why.
    Client(String),
    /// Nothing came for the project's idle limit.
    Idle,
    /// It reached the project's maximum age.
    Age,
}

impl EndReason {
    /// The word shown and filtered by: the client's own, `idle` or `age`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Client(reason) => reason,
            Self::Idle => "idle",
            Self::Age => "age",
        }
    }
}

/// Tokens in and out; `None` when no call told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tokens {
    /// Tokens of the prompts.
    pub input: Option<i64>,
    /// Tokens of the completions.
    pub output: Option<i64>,
}

impl Tokens {
    /// Adds what is known; unknown and known make known.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        let add = |a: Option<i64>, b: Option<i64>| match (a, b) {
            (Some(a), Some(b)) => Some(a.saturating_add(b)),
            (known, None) | (None, known) => known,
        };
        Self { input: add(self.input, other.input), output: add(self.output, other.output) }
    }

    /// Input and output together, when either is known.
    #[must_use]
    pub fn total(self) -> Option<i64> {
        match (self.input, self.output) {
            (None, None) => None,
            (input, output) => Some(input.unwrap_or(0).saturating_add(output.unwrap_or(0))),
        }
    }
}

/// A session without its turns: what lists show. Unknown is `None`, never 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// Its id, derived from project and external id.
    pub id: SessionId,
    /// What the client calls it.
    pub external_id: String,
    /// The user, hashed unless the project keeps plain ids.
    pub user_id: Option<String>,
    /// Whether more is expected.
    pub status: SessionStatus,
    /// How it ended.
    pub end_reason: Option<EndReason>,
    /// Grows when a closed session changes; scores name the revision they judged.
    pub revision: i64,
    /// Deployment environment, such as `production`.
    pub environment: Option<String>,
    /// Release of the application.
    pub release: Option<String>,
    /// Labels set by the client.
    pub tags: Vec<String>,
    /// Whatever else the client told.
    pub metadata: BTreeMap<String, Json>,
    /// When it began.
    pub started_at: Micros,
    /// When anything last happened in it.
    pub last_activity_at: Micros,
    /// First user message, cut to 300 characters.
    pub preview: Option<String>,
    /// Number of turns.
    pub turn_count: i64,
    /// Number of spans.
    pub span_count: i64,
    /// Number of tool calls.
    pub tool_call_count: i64,
    /// Number of errors.
    pub error_count: i64,
    /// Tokens in and out.
    pub tokens: Tokens,
    /// What it cost.
    pub cost_usd: Option<Usd>,
    /// Sum of the turns' latencies.
    pub latency_ms: Option<i64>,
    /// What the system noticed, such as two session ids on one trace.
    pub warnings: Vec<String>,
}

/// A session with its turns: what evaluators judge and people read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Conversation {
    /// The session.
    #[serde(flatten)]
    pub session: Session,
    /// Its turns in order.
    pub turns: Vec<Turn>,
}
