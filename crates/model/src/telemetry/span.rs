//! A span as Turnwise keeps it, whatever dialect its client spoke.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::Message;
use crate::conversation::Retrieval;
use crate::score::Value;
use crate::{Micros, Nanos, Usd, words};

/// What a span does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpanKind {
    /// An agent's run.
    Agent,
    /// Glue between steps; also any span of which nothing else is known.
    Chain,
    /// A model's generation.
    Llm,
    /// A search for documents.
    Retriever,
    /// A reordering of documents.
    Reranker,
    /// An embedding.
    Embedding,
    /// A tool call.
    Tool,
    /// A safety check within the application.
    Guardrail,
    /// An evaluation within the application.
    Evaluator,
    /// A point in time.
    Event,
}

words!(SpanKind, "span kind", {
    Agent = "agent", Chain = "chain", Llm = "llm", Retriever = "retriever", Reranker = "reranker",
    Embedding = "embedding", Tool = "tool", Guardrail = "guardrail", Evaluator = "evaluator", Event = "event"
});

/// How a span ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpanStatus {
    /// Not told.
    #[default]
    Unset,
    /// Well.
    Ok,
    /// With an error.
    Error,
}

words!(SpanStatus, "span status", { Unset = "unset", Ok = "ok", Error = "error" });

/// An input or output that is no list of messages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type", content = "value")]
pub enum Content {
    /// Plain text.
    Text(String),
    /// Structured data.
    Json(Json),
}

impl Content {
    /// The content as text; structured data as compact JSON.
    #[must_use]
    pub fn as_text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Json(Json::String(text)) => text.clone(),
            Self::Json(json) => json.to_string(),
        }
    }
}

/// One span. Ids are lower-case hex: 32 digits for traces, 16 for spans.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SpanRecord {
    /// The trace.
    pub trace_id: String,
    /// The span, unique in its trace.
    pub span_id: String,
    /// The parent; it may be missing from what was received.
    pub parent_span_id: Option<String>,
    /// Its name.
    pub name: String,
    /// What it does.
    pub kind: SpanKind,
    /// Start.
    pub started_at: Nanos,
    /// End; `None` while it runs or when never told.
    pub ended_at: Option<Nanos>,
    /// How it ended.
    pub status: SpanStatus,
    /// What the client said about how it ended.
    pub status_message: Option<String>,
    /// What it tells about its session.
    pub session: SessionFacts,
    /// What it tells about its turn.
    pub turn: TurnFacts,
    /// Input, where it is no list of messages.
    pub input: Option<Content>,
    /// Output, where it is no list of messages.
    pub output: Option<Content>,
    /// Messages sent to a model, with the history.
    pub input_messages: Vec<Message>,
    /// Messages the model answered.
    pub output_messages: Vec<Message>,
    /// The model.
    pub model: Option<String>,
    /// The model's provider.
    pub provider: Option<String>,
    /// Agent's name.
    pub agent: Option<String>,
    /// The tool called, for tool spans.
    pub tool: Option<ToolRecord>,
    /// The search, for retriever and reranker spans.
    pub retrieval: Option<Retrieval>,
    /// Tokens and cost as told by this span; parents often repeat their children's.
    pub usage: Usage,
    /// Exceptions and error events.
    pub errors: Vec<ErrorRecord>,
    /// Scores it carries.
    pub scores: Vec<IncomingScore>,
    /// OpenTelemetry's sampling threshold `th` from the trace state, where told.
    pub sampling_threshold: Option<String>,
    /// Attributes that no dialect claimed, as they came.
    pub attributes: BTreeMap<String, Json>,
    /// Events that became nothing else, as they came.
    pub events: Vec<Json>,
    /// Links, as they came.
    pub links: Vec<Json>,
    /// The resource's attributes.
    pub resource: BTreeMap<String, Json>,
    /// Instrumentation scope's name.
    pub scope: Option<String>,
}

impl SpanRecord {
    /// A span that tells nothing but that it began.
    #[must_use]
    pub fn new(trace_id: String, span_id: String, name: String, kind: SpanKind, started_at: Nanos) -> Self {
        Self {
            trace_id,
            span_id,
            parent_span_id: None,
            name,
            kind,
            started_at,
            ended_at: None,
            status: SpanStatus::Unset,
            status_message: None,
            session: SessionFacts::default(),
            turn: TurnFacts::default(),
            input: None,
            output: None,
            input_messages: Vec::new(),
            output_messages: Vec::new(),
            model: None,
            provider: None,
            agent: None,
            tool: None,
            retrieval: None,
            usage: Usage::default(),
            errors: Vec::new(),
            scores: Vec::new(),
            sampling_threshold: None,
            attributes: BTreeMap::new(),
            events: Vec::new(),
            links: Vec::new(),
            resource: BTreeMap::new(),
            scope: None,
        }
    }
}

impl SessionFacts {
    /// The rank of an id that names a conversation (`gen_ai.conversation.id`): a session's id where no better is told,
    /// else the conversation's within it.
    pub const CONVERSATION_RANK: u8 = 2;
}

/// What a span tells about its session.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SessionFacts {
    /// The client's session id.
    pub id: Option<String>,
    /// How good the attribute is that told the id: its place in the order of precedence, 0 the best.
    /// Where spans of a trace tell different ids, the best one counts.
    pub id_rank: u8,
    /// The conversation within the session.
    pub conversation_id: Option<String>,
    /// The user, as the client calls them.
    pub user_id: Option<String>,
    /// Deployment environment.
    pub environment: Option<String>,
    /// Release of the application.
    pub release: Option<String>,
    /// Labels.
    pub tags: Vec<String>,
    /// Metadata: the client's own, and the `session.*`, `user.*`, `journey.*`, `dropoff.*` attributes by their names.
    pub metadata: BTreeMap<String, Json>,
    /// A start or an end.
    pub signal: Option<SessionSignal>,
    /// Things worth a warning on the session.
    pub warnings: Vec<String>,
}

/// A session's explicit start or end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum SessionSignal {
    /// It starts.
    Start,
    /// It ends.
    End {
        /// The client's word for why.
        reason: Option<String>,
    },
}

/// What a span tells about its turn.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TurnFacts {
    /// The client's turn id.
    pub id: Option<String>,
    /// Its number in the conversation, as told.
    pub number: Option<i64>,
    /// `turn.*`, `conversation.*` and `context.*` attributes by their names.
    pub metadata: BTreeMap<String, Json>,
}

/// A tool call as its own span tells it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ToolRecord {
    /// The tool.
    pub name: Option<String>,
    /// The id of the call it answers.
    pub call_id: Option<String>,
    /// What it was called with.
    pub arguments: Option<Json>,
    /// What it answered.
    pub result: Option<Json>,
}

/// Tokens and cost; `None` is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Usage {
    /// Prompt tokens.
    pub input: Option<i64>,
    /// Completion tokens.
    pub output: Option<i64>,
    /// Prompt tokens read from a cache.
    pub cache_read: Option<i64>,
    /// Prompt tokens written to a cache.
    pub cache_write: Option<i64>,
    /// Completion tokens spent on reasoning.
    pub reasoning: Option<i64>,
    /// Cost.
    pub cost: Option<Usd>,
}

/// An exception or error event.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ErrorRecord {
    /// Its type.
    pub kind: Option<String>,
    /// What it said.
    pub message: String,
    /// Where it happened.
    pub stacktrace: Option<String>,
}

/// What an incoming score is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "on")]
pub enum ScoreTarget {
    /// The span that carries it.
    Span,
    /// Another span.
    OtherSpan {
        /// Its trace.
        trace_id: String,
        /// Its id.
        span_id: String,
    },
    /// The turn to which the span belongs.
    Turn,
    /// The session.
    Session,
}

/// A score that came with telemetry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IncomingScore {
    /// Its name.
    pub name: String,
    /// The judgement.
    pub value: Value,
    /// A label beside a number.
    pub label: Option<String>,
    /// Why.
    pub explanation: Option<String>,
    /// Who judged: the client's word (`HUMAN`, `LLM`, `CODE`) mapped; `api` where it does not say.
    pub source: crate::score::Source,
    /// The client's id for it: sending it again replaces it.
    pub identifier: Option<String>,
    /// What it is about.
    pub target: ScoreTarget,
    /// When it was given.
    pub at: Option<Micros>,
}
