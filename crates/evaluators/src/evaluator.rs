//! The trait every evaluator has, and what it answers: verdicts with evidence, or the reason why there is none.

use std::fmt;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use turnwise_model::Usd;
use turnwise_model::conversation::{Conversation, Tokens};
use turnwise_model::evaluation::Granularity;
use turnwise_model::score::Evidence;

use crate::EvaluatorError;

/// What an evaluator is, for catalogues, forms and the ledger.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Definition {
    /// Its name, unique in the catalogue: lowercase with underscores.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// What it looks for and how, in one or two sentences.
    pub description: String,
    /// What it is run on by default.
    pub granularity: Granularity,
    /// Name of the scores it writes.
    pub score_name: String,
    /// Lowest and highest value; 0 is bad and 1 is good for all built-in evaluators.
    pub range: (f64, f64),
    /// A value at or above this passes.
    pub threshold: f64,
    /// Whether it waits until a model provider is set up.
    pub needs_provider: bool,
}

/// What is asked of an evaluator, beside the conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Context {
    /// Position of the one turn to judge, the turns before it being its context; `None` judges the session and all turns.
    pub turn: Option<u32>,
}

impl Context {
    /// The whole session with all its turns.
    pub const SESSION: Self = Self { turn: None };

    /// One turn, by its position from 1.
    #[must_use]
    pub const fn turn(position: u32) -> Self {
        Self { turn: Some(position) }
    }

    /// Whether verdicts on the turn at `position` are asked for.
    #[must_use]
    pub fn includes(self, position: u32) -> bool {
        self.turn.is_none_or(|turn| turn == position)
    }
}

/// A judgement about the session or one of its turns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// The turn's position from 1; `None` for the whole session.
    pub position: Option<u32>,
    /// From 0 (bad) to 1 (good).
    pub value: f64,
    /// Whether the value meets the threshold.
    pub passed: bool,
    /// Why, in words; `None` where there is nothing to say.
    pub explanation: Option<String>,
    /// The passages it rests on; every quote stands in the conversation.
    pub evidence: Vec<Evidence>,
}

/// What a judgement took. Unknown is `None`, never 0; a check costs nothing and says so.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens in and out over all calls.
    pub tokens: Tokens,
    /// What the calls cost, where usage and price are known.
    pub cost: Option<Usd>,
    /// How long the calls took together, in milliseconds, without the waits between attempts.
    pub latency_ms: Option<i64>,
    /// The model that answered.
    pub model: Option<String>,
    /// Calls made, failed attempts included.
    pub calls: u32,
}

/// What was said to a model and what it said: the judge's own trace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// The instructions.
    pub system: String,
    /// The conversation as it was given.
    pub prompt: String,
    /// The answer as it came.
    pub answer: String,
}

/// Verdicts, and what they took.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Scored {
    /// The session's verdict first, where there is one, then those of the turns in order.
    pub verdicts: Vec<Verdict>,
    /// What they took.
    pub usage: Usage,
    /// The exchange with the model, for judges.
    pub exchange: Option<Exchange>,
}

/// No verdict, for a good reason: nothing went wrong, there was nothing to judge by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Abstained {
    /// Why there is no verdict, as a sentence for people.
    pub reason: String,
    /// What finding that out took.
    pub usage: Usage,
    /// The exchange with the model, for judges.
    pub exchange: Option<Exchange>,
}

/// What became of an evaluation that did not fail.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum Outcome {
    /// There are verdicts.
    Scored(Scored),
    /// There are none, and why.
    Abstained(Abstained),
}

impl Outcome {
    /// No verdict, without any call to a model.
    pub fn abstained(reason: impl Into<String>) -> Self {
        Self::Abstained(Abstained { reason: reason.into(), usage: Usage::default(), exchange: None })
    }

    /// Its verdicts; none when it abstained.
    #[must_use]
    pub fn verdicts(&self) -> &[Verdict] {
        match self {
            Self::Scored(scored) => &scored.verdicts,
            Self::Abstained(_) => &[],
        }
    }

    /// The verdict on the whole session.
    #[must_use]
    pub fn session(&self) -> Option<&Verdict> {
        self.verdicts().iter().find(|verdict| verdict.position.is_none())
    }

    /// The verdict on the turn at `position`.
    #[must_use]
    pub fn turn(&self, position: u32) -> Option<&Verdict> {
        self.verdicts().iter().find(|verdict| verdict.position == Some(position))
    }
}

/// Turns a conversation into verdicts. An error is an error, never a low score.
#[async_trait]
pub trait Evaluator: Send + Sync + fmt::Debug {
    /// What it is.
    fn definition(&self) -> &Definition;

    /// Judges the conversation.
    ///
    /// # Errors
    /// When it could not be judged: no provider, the provider failed, its answer cannot be used. See
    /// [`EvaluatorError::is_retryable`] and [`EvaluatorError::pauses`].
    async fn evaluate(&self, conversation: &Conversation, context: Context) -> Result<Outcome, EvaluatorError>;
}
