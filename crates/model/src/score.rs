//! Scores: named judgements about a session, a turn or a span, each from one source.

use serde::{Deserialize, Serialize};

use crate::{EvaluatorId, Micros, ScoreId, SessionId, TurnId, words};

/// Who judged. Sources always look different in the interface and are never mixed in one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A reviewer, in a queue.
    Human,
    /// An LLM judge.
    Llm,
    /// A deterministic check.
    Code,
    /// The user of the application (thumbs, stars).
    User,
    /// A program, over the API or in telemetry.
    Api,
}

words!(Source, "score source", { Human = "human", Llm = "llm", Code = "code", User = "user", Api = "api" });

/// What was judged.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Target {
    /// The whole session.
    Session {
        /// Which session.
        session: SessionId,
    },
    /// One turn.
    Turn {
        /// The session it belongs to.
        session: SessionId,
        /// Which turn.
        turn: TurnId,
    },
    /// One span.
    Span {
        /// The session it belongs to.
        session: SessionId,
        /// The turn it belongs to, where known.
        turn: Option<TurnId>,
        /// The span's id, 16 hex digits.
        span: String,
    },
}

impl Target {
    /// The session in which the target is.
    #[must_use]
    pub const fn session(&self) -> SessionId {
        match self {
            Self::Session { session } | Self::Turn { session, .. } | Self::Span { session, .. } => *session,
        }
    }

    /// The turn, when the target is a turn or lies in one.
    #[must_use]
    pub const fn turn(&self) -> Option<TurnId> {
        match self {
            Self::Session { .. } => None,
            Self::Turn { turn, .. } => Some(*turn),
            Self::Span { turn, .. } => *turn,
        }
    }

    /// A text that names the target uniquely within its project, used to derive ids.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::Session { session } => format!("session:{session}"),
            Self::Turn { turn, .. } => format!("turn:{turn}"),
            Self::Span { session, span, .. } => format!("span:{session}:{span}"),
        }
    }
}

/// What the judgement says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type", content = "value")]
pub enum Value {
    /// A number; its range is the evaluator's or the question's.
    Number(f64),
    /// Yes or no.
    Flag(bool),
    /// One of several categories.
    Label(String),
    /// Several categories.
    Labels(Vec<String>),
    /// Free text.
    Text(String),
}

impl Value {
    /// The value as a number: flags are 1 and 0; labels and texts have none.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Flag(flag) => Some(f64::from(u8::from(*flag))),
            Self::Label(_) | Self::Labels(_) | Self::Text(_) => None,
        }
    }

    /// The value as people read it.
    #[must_use]
    pub fn display(&self) -> String {
        match self {
            Self::Number(number) => {
                let rounded = (number * 100.0).round() / 100.0;
                format!("{rounded}")
            }
            Self::Flag(true) => "yes".to_owned(),
            Self::Flag(false) => "no".to_owned(),
            Self::Label(text) | Self::Text(text) => text.clone(),
            Self::Labels(labels) => labels.join(", "),
        }
    }
}

/// Where in a turn a piece of evidence stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The user's message.
    User,
    /// The assistant's reply.
    Assistant,
    /// A tool call, its arguments or its result.
    Tool,
    /// A retrieved document.
    Document,
    /// An error.
    Error,
}

words!(Part, "part of a turn", {
    User = "user", Assistant = "assistant", Tool = "tool", Document = "document", Error = "error"
});

/// A passage on which a judgement rests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Position of the turn in its session, from 1.
    pub position: u32,
    /// Where in the turn.
    pub part: Part,
    /// The very text, as it stands in the conversation; empty when the whole part is meant.
    pub quote: String,
    /// Why it matters, where there is something to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Whether a reviewer had seen machine verdicts before answering.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exposure {
    /// No verdict was shown before the answer was committed.
    Blind,
    /// Verdicts were in view.
    Shown,
    /// A second answer, given after the verdicts were revealed.
    Revised,
}

words!(Exposure, "exposure", { Blind = "blind", Shown = "shown", Revised = "revised" });

/// A stored score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// Its id.
    pub id: ScoreId,
    /// What was judged.
    pub target: Target,
    /// What was asked: an evaluator's score name, a rubric question's key, a client's name.
    pub name: String,
    /// The judgement.
    pub value: Value,
    /// Whether the judgement meets its threshold; `None` where no threshold is set.
    pub passed: Option<bool>,
    /// Who judged.
    pub source: Source,
    /// The evaluator that judged, for sources `llm` and `code`.
    pub evaluator: Option<EvaluatorId>,
    /// Content hash of the evaluator's version.
    pub evaluator_version: Option<String>,
    /// The reviewer (an account's id), or the name a client gives.
    pub author: Option<String>,
    /// Version of the rubric that asked, for source `human`.
    pub rubric_version: Option<i64>,
    /// What the reviewer had seen, for source `human`.
    pub exposure: Option<Exposure>,
    /// Milliseconds of active work it took, for source `human`.
    pub active_ms: Option<i64>,
    /// Why, in words.
    pub explanation: Option<String>,
    /// The passages it rests on.
    pub evidence: Vec<Evidence>,
    /// Revision of the session that was judged.
    pub revision: i64,
    /// The session has changed since: kept and marked, not counted.
    pub stale: bool,
    /// When it was given.
    pub created_at: Micros,
}
