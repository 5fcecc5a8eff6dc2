//! Evaluators as records, and the ledger of what each of them did.

use serde::{Deserialize, Serialize};

use crate::score::{Source, Target};
use crate::{EvaluationId, EvaluatorId, Micros, Probability, ProjectId, RuleId, SessionId, Usd, words};

/// What an evaluator looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Granularity {
    /// Once per session.
    Session,
    /// Once per turn.
    Turn,
}

words!(Granularity, "granularity", { Session = "session", Turn = "turn" });

/// How an evaluator works.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Method {
    /// A built-in deterministic check.
    Check {
        /// Its name in the catalogue.
        check: String,
        /// Its settings, validated by the check.
        #[serde(default)]
        settings: serde_json::Value,
    },
    /// An LLM asked to judge.
    Judge {
        /// The prompt, a minijinja template.
        prompt: String,
        /// The model, or `None` for the provider's default.
        #[serde(default)]
        model: Option<String>,
        /// Sampling temperature.
        #[serde(default)]
        temperature: Option<f64>,
    },
}

/// Which of the two kinds an evaluator is. They always look different in the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Deterministic, needs no model.
    Check,
    /// Asks a model.
    Judge,
}

words!(Kind, "kind of evaluator", { Check = "check", Judge = "judge" });

impl Kind {
    /// The source of the scores that it writes.
    #[must_use]
    pub const fn source(self) -> Source {
        match self {
            Self::Check => Source::Code,
            Self::Judge => Source::Llm,
        }
    }
}

impl Method {
    /// Which kind of evaluator works so.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Check { .. } => Kind::Check,
            Self::Judge { .. } => Kind::Judge,
        }
    }
}

/// An evaluator at one version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EvaluatorVersion {
    /// Which evaluator.
    pub evaluator: EvaluatorId,
    /// Name of the evaluator, unique in its project.
    pub name: String,
    /// Version number, from 1.
    pub number: i64,
    /// Content hash: equal contents are one version.
    pub hash: String,
    /// What it looks at.
    pub granularity: Granularity,
    /// How it works.
    pub method: Method,
    /// Name of the scores it writes.
    pub score_name: String,
    /// A score at or above this passes; scores run from 0 (bad) to 1 (good).
    pub threshold: f64,
    /// When this version was made.
    pub created_at: Micros,
}

/// Content hash of what an evaluator does: equal definitions are one version.
#[must_use]
pub fn content_hash(granularity: Granularity, method: &Method, score_name: &str, threshold: f64) -> String {
    let canonical = serde_json::json!([granularity, method, score_name, threshold]).to_string();
    blake3::hash(canonical.as_bytes()).to_hex()[..16].to_owned()
}

/// What became of an evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The rule's draw did not take it.
    SampledOut,
    /// A cap of the rule or a budget was reached.
    Capped,
    /// Waits for a worker.
    Queued,
    /// A worker has it.
    Running,
    /// Finished: with a score, or with the reason why there is none.
    Done,
    /// Given up after the last attempt.
    Failed,
    /// Waits for something that a person must do, such as setting up a provider.
    Paused,
}

words!(State, "evaluation state", {
    SampledOut = "sampled_out", Capped = "capped", Queued = "queued", Running = "running",
    Done = "done", Failed = "failed", Paused = "paused"
});

/// The id of the one ledger row of an evaluator's version on a revision of a session, whoever asks for it.
#[must_use]
pub fn ledger_id(
    project: ProjectId,
    session: SessionId,
    revision: i64,
    evaluator: EvaluatorId,
    version_hash: &str,
) -> EvaluationId {
    EvaluationId::derive(project, &format!("session:{session}:{revision}:{evaluator}:{version_hash}"))
}

/// One row of the ledger.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Its id, derived from target, revision and evaluator version.
    pub id: EvaluationId,
    /// What is judged.
    pub target: Target,
    /// Revision of the session.
    pub revision: i64,
    /// Which evaluator.
    pub evaluator: EvaluatorId,
    /// Content hash of its version.
    pub evaluator_version: String,
    /// Name of the evaluator, for people.
    pub evaluator_name: String,
    /// Which kind it is.
    pub kind: Kind,
    /// The rule that asked, or `None` when a person did.
    pub rule: Option<RuleId>,
    /// Version of that rule.
    pub rule_version: Option<i64>,
    /// Probability with which the rule took the session.
    pub probability: Option<Probability>,
    /// Salt of the draw.
    pub salt: Option<String>,
    /// Stratum of the draw, where the rule has strata.
    pub stratum: Option<String>,
    /// What became of it.
    pub state: State,
    /// Attempts made so far.
    pub attempts: i64,
    /// Why it failed, waits, or was done without a score.
    pub reason: Option<String>,
    /// What it cost.
    pub cost: Option<Usd>,
    /// How long it took, in milliseconds.
    pub latency_ms: Option<i64>,
    /// When it was put on the ledger.
    pub created_at: Micros,
    /// When its state last changed.
    pub updated_at: Micros,
}
