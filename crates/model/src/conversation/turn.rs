//! One turn: what the user said, the work it caused, what the assistant answered.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::Tokens;
use crate::telemetry::ContentPart;
use crate::{Micros, TurnId, Usd};

/// One exchange. Unknown is `None`, never 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Turn {
    /// Its id, derived from the session and the turn's key.
    pub id: TurnId,
    /// Position in the session, from 1.
    pub position: u32,
    /// The conversation within the session, where the client tells several apart.
    pub conversation_id: Option<String>,
    /// The (first) trace it came from, 32 hex digits.
    pub trace_id: Option<String>,
    /// When it began.
    pub started_at: Micros,
    /// From the user's message to the end of the reply.
    pub latency_ms: Option<i64>,
    /// The user's message; `None` when the assistant spoke first.
    pub user: Option<MessageText>,
    /// The assistant's reply; `None` when there was none.
    pub assistant: Option<MessageText>,
    /// The model that wrote the reply.
    pub model: Option<String>,
    /// Tools called, in order.
    pub tool_calls: Vec<ToolCall>,
    /// Retrievals, in order.
    pub retrievals: Vec<Retrieval>,
    /// What went wrong.
    pub errors: Vec<TurnError>,
    /// Tokens of the LLM calls, summed over leaves.
    pub tokens: Tokens,
    /// What it cost.
    pub cost_usd: Option<Usd>,
    /// How many LLM calls it took.
    pub llm_calls: u32,
}

/// A message as text, with its parts where it is more than text.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct MessageText {
    /// All of its text.
    pub text: String,
    /// Its parts, when it has others than one text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<ContentPart>,
}

impl From<&str> for MessageText {
    fn from(text: &str) -> Self {
        Self { text: text.to_owned(), parts: Vec::new() }
    }
}

/// A tool that was called, with what came back.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ToolCall {
    /// The call's id, as the model gave it.
    pub id: Option<String>,
    /// The tool.
    pub name: String,
    /// What it was called with.
    pub arguments: Option<Json>,
    /// What came back; `None` when nothing is known to have come back.
    pub result: Option<Json>,
    /// What went wrong.
    pub error: Option<TurnError>,
}

/// A retrieval, with what it found.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Retrieval {
    /// What was searched for.
    pub query: Option<String>,
    /// What was found, best first.
    pub documents: Vec<Document>,
}

/// A retrieved document.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Document {
    /// Its id in the retriever.
    pub id: Option<String>,
    /// Its text.
    pub text: Option<String>,
    /// How well it matched.
    pub score: Option<f64>,
    /// Whatever else is known of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Json>,
}

/// Something that went wrong in a turn.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TurnError {
    /// Its type, such as an exception's class.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// What it said.
    pub message: String,
    /// Where it happened, such as `tool renew_loan` or `llm call`.
    #[serde(rename = "where", default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

impl From<&str> for TurnError {
    fn from(message: &str) -> Self {
        Self { message: message.to_owned(), ..Self::default() }
    }
}
