//! What the sessions list and the session page are given.

use serde::{Deserialize, Serialize};

use crate::conversation::{Conversation, Session, Tokens};
use crate::score::{Score, Source};
use crate::telemetry::{SpanKind, SpanStatus};
use crate::{Micros, Nanos, SavedViewId, SessionId, TurnId, Usd, words};

/// By what a list of sessions is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionSort {
    /// When anything last happened.
    #[default]
    LastActivity,
    /// When it began.
    Started,
    /// Number of turns.
    Turns,
    /// Number of errors.
    Errors,
    /// Number of tool calls.
    ToolCalls,
    /// Tokens in and out; unknown counts as 0.
    Tokens,
    /// Cost; unknown counts as 0.
    Cost,
    /// Sum of the turns' latencies; unknown counts as 0.
    Latency,
    /// Time from the start to the last activity.
    Duration,
}

words!(SessionSort, "session sort", {
    LastActivity = "last_activity", Started = "started", Turns = "turns", Errors = "errors", ToolCalls = "tool_calls",
    Tokens = "tokens", Cost = "cost", Latency = "latency", Duration = "duration"
});

/// Which sessions to list, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionQuery {
    /// In the filter language; empty for all.
    #[serde(default)]
    pub filter: String,
    /// By what.
    #[serde(default)]
    pub sort: SessionSort,
    /// Greatest first.
    #[serde(default = "yes")]
    pub descending: bool,
    /// Where the page before ended.
    #[serde(default)]
    pub cursor: Option<String>,
    /// Where the page after begins: asks for what precedes it. Only [`SessionQuery::cursor`] or this is given.
    #[serde(default)]
    pub before: Option<String>,
    /// How many, 1 to 200.
    #[serde(default = "fifty")]
    pub limit: u32,
}

const fn yes() -> bool {
    true
}

const fn fifty() -> u32 {
    50
}

impl Default for SessionQuery {
    fn default() -> Self {
        Self {
            filter: String::new(),
            sort: SessionSort::default(),
            descending: yes(),
            cursor: None,
            before: None,
            limit: fifty(),
        }
    }
}

/// The fresh scores of one name from one source in a session, together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScoreSummary {
    /// What was asked.
    pub name: String,
    /// Who judged.
    pub source: Source,
    /// How many scores there are.
    pub scores: i64,
    /// The mean of their numbers; `None` when they have none.
    pub number: Option<f64>,
    /// The label, when all have the same one.
    pub label: Option<String>,
    /// Whether all met their threshold; `None` where no threshold is set.
    pub passed: Option<bool>,
    /// How many of its turns did not meet it.
    pub turns_failed: i64,
}

/// A session in the list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionRow {
    /// The session.
    #[serde(flatten)]
    pub session: Session,
    /// Its fresh scores, by name and source.
    pub scores: Vec<ScoreSummary>,
}

/// A part of a sorted list of sessions, with the ways to both sides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionsPart {
    /// The sessions, in the order that was asked for.
    pub rows: Vec<SessionRow>,
    /// Pass it as `before` to get what precedes; `None` at the beginning.
    pub previous: Option<String>,
    /// Pass it as `cursor` to get what follows; `None` at the end.
    pub next: Option<String>,
    /// The newest activity in the whole project as this was read: what is later is new to the reader.
    pub newest: Micros,
}

/// A view of the sessions list under a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedView {
    /// Its id.
    pub id: SavedViewId,
    /// Its name, unique among those of its owner.
    pub name: String,
    /// Whether the whole project has it; otherwise it is the viewer's own.
    pub shared: bool,
    /// In the filter language.
    pub filter: String,
    /// By what it is sorted.
    pub sort: SessionSort,
    /// Least first.
    pub ascending: bool,
    /// The columns, with commas between; empty for the usual ones.
    pub columns: String,
}

/// A value with the number of sessions that have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FacetCount {
    /// The value.
    pub value: String,
    /// How many sessions.
    pub sessions: i64,
}

/// How the sessions stand with one score name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScoreFacet {
    /// What was asked.
    pub name: String,
    /// Sessions in which some fresh score of it is below its threshold.
    pub failed: i64,
    /// Sessions in which it was scored and none is.
    pub passed: i64,
}

/// What a list of sessions can be narrowed by.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Facets {
    /// Sessions counted: the most recent ones, see [`Facets::LOOKED_AT`].
    pub sessions: i64,
    /// Deployment environments.
    pub environment: Vec<FacetCount>,
    /// Values of the metadata under [`Facets::channel_key`].
    pub channel: Vec<FacetCount>,
    /// Where these sessions tell their channel: `channel` or `session.channel`.
    #[serde(default)]
    pub channel_key: String,
    /// How they ended.
    pub end_reason: Vec<FacetCount>,
    /// Models that answered.
    pub model: Vec<FacetCount>,
    /// Labels.
    pub tag: Vec<FacetCount>,
    /// Score names with sessions that failed and passed.
    pub scores: Vec<ScoreFacet>,
    /// Sessions with an error.
    pub errors: i64,
    /// Sessions still open.
    pub open: i64,
}

impl Facets {
    /// At most so many of the most recent sessions that match are counted.
    pub const LOOKED_AT: i64 = 10_000;
}

/// A session with everything that its page shows at first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionDetail {
    /// The session and its turns.
    #[serde(flatten)]
    pub conversation: Conversation,
    /// All scores, stale ones included, oldest first.
    pub scores: Vec<Score>,
}

/// A span in the waterfall.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SpanRow {
    /// Its trace.
    pub trace_id: String,
    /// Its id, unique in the trace.
    pub span_id: String,
    /// The parent; it may be missing.
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
    /// The model.
    pub model: Option<String>,
    /// Tokens as the span tells them.
    pub tokens: Tokens,
    /// Cost as the span tells it.
    pub cost_usd: Option<Usd>,
    /// The turn that it belongs to.
    pub turn: Option<TurnId>,
}

/// A score as somebody sends it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewScore {
    /// The sender's own id for it: sending it again replaces it.
    #[serde(default)]
    pub id: Option<String>,
    /// The session, by Turnwise's id or the client's.
    pub session: String,
    /// The turn, by its id; `None` when the session is meant.
    #[serde(default)]
    pub turn: Option<TurnId>,
    /// The turn, by its position from 1.
    #[serde(default)]
    pub position: Option<u32>,
    /// The span, 16 hex digits.
    #[serde(default)]
    pub span: Option<String>,
    /// What was asked.
    pub name: String,
    /// The judgement: a number, true or false, a text (a category), or a list of texts.
    pub value: serde_json::Value,
    /// Who judged: `user`, `human`, `llm`, `code` or `api`.
    #[serde(default = "api")]
    pub source: Source,
    /// Whether it meets the sender's threshold.
    #[serde(default)]
    pub passed: Option<bool>,
    /// Why.
    #[serde(default)]
    pub explanation: Option<String>,
    /// Who judged, by name.
    #[serde(default)]
    pub author: Option<String>,
}

const fn api() -> Source {
    Source::Api
}

/// What became of a score that was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScoreTaken {
    /// Its id.
    pub id: crate::ScoreId,
    /// The session that it is about.
    pub session: SessionId,
}
