//! What the evaluator and provider pages are given.

use serde::{Deserialize, Serialize};

use crate::evaluation::{EvaluatorVersion, Granularity, Kind, Method, State};
use crate::score::Evidence;
use crate::{EvaluatorId, Micros, ProviderId, SessionId, Usd};

/// A built-in evaluator.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CatalogueEntry {
    /// Its key, unique in the catalogue: lowercase with underscores.
    pub key: String,
    /// What people call it.
    pub title: String,
    /// What it looks for and how.
    pub description: String,
    /// Which kind it is.
    pub kind: Kind,
    /// What an evaluator made of it begins with.
    pub draft: EvaluatorDraft,
}

/// An evaluator as it is made or changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EvaluatorDraft {
    /// Name, unique in its project.
    pub name: String,
    /// What it looks at.
    pub granularity: Granularity,
    /// How it works.
    pub method: Method,
    /// Name of the scores it writes: lowercase letters, digits and underscores.
    pub score_name: String,
    /// A score at or above this passes, 0 to 1.
    pub threshold: f64,
}

impl From<EvaluatorVersion> for EvaluatorDraft {
    fn from(version: EvaluatorVersion) -> Self {
        let EvaluatorVersion { name, granularity, method, score_name, threshold, .. } = version;
        Self { name, granularity, method, score_name, threshold }
    }
}

/// How many evaluations are in which state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StateCounts {
    /// Left out by a rule's draw.
    pub sampled_out: i64,
    /// Left out by a cap.
    pub capped: i64,
    /// Waiting for a worker.
    pub queued: i64,
    /// At work.
    pub running: i64,
    /// Finished with a score.
    pub scored: i64,
    /// Finished without a score, for a reason.
    pub without_score: i64,
    /// Given up.
    pub failed: i64,
    /// Waiting for somebody to do something.
    pub paused: i64,
}

impl StateCounts {
    /// Adds rows of a state; `with_reason` of them have a reason.
    pub const fn add(&mut self, state: State, count: i64, with_reason: i64) {
        match state {
            State::SampledOut => self.sampled_out += count,
            State::Capped => self.capped += count,
            State::Queued => self.queued += count,
            State::Running => self.running += count,
            State::Done => {
                self.scored += count - with_reason;
                self.without_score += with_reason;
            }
            State::Failed => self.failed += count,
            State::Paused => self.paused += count,
        }
    }
}

/// What evaluations took and what became of them.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Effort {
    /// By state.
    pub states: StateCounts,
    /// Sum of the known costs; `None` where none is known.
    pub cost: Option<Usd>,
    /// Mean of the known latencies, in milliseconds.
    pub mean_latency_ms: Option<f64>,
}

/// Why the latest evaluation that did not come to a score did not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LatestTrouble {
    /// What state it is in.
    pub state: State,
    /// The reason.
    pub reason: String,
    /// When.
    pub at: Micros,
}

/// An evaluator in the list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EvaluatorSummary {
    /// Its newest version.
    pub current: EvaluatorVersion,
    /// Over all versions.
    pub effort: Effort,
    /// The latest trouble, where there is any that lasts.
    pub trouble: Option<LatestTrouble>,
    /// It is a judge and there is no model provider.
    pub waiting_for_provider: bool,
}

/// The evaluators of a project.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EvaluatorList {
    /// By name.
    pub evaluators: Vec<EvaluatorSummary>,
    /// What the provider that judges ask is called; `None` when there is none and judges wait.
    pub provider: Option<String>,
}

/// One version of an evaluator, with what it did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VersionRow {
    /// The version.
    pub version: EvaluatorVersion,
    /// What its evaluations took.
    pub effort: Effort,
}

/// An evaluator with its history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EvaluatorDetail {
    /// As in the list.
    pub summary: EvaluatorSummary,
    /// When it was taken out of use.
    pub archived_at: Option<Micros>,
    /// Newest first.
    pub versions: Vec<VersionRow>,
    /// What the provider that judges ask is called.
    pub provider: Option<String>,
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
    /// Why, in words.
    pub explanation: Option<String>,
    /// The passages it rests on.
    pub evidence: Vec<Evidence>,
}

/// What came of trying an evaluator on a session. Nothing of it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// The session it was tried on.
    pub session: SessionId,
    /// The session's verdict first, then those of turns; empty when there is none.
    pub verdicts: Vec<Verdict>,
    /// Why there is no verdict: there was nothing to judge by, or it failed.
    pub reason: Option<String>,
    /// Whether it failed.
    pub failed: bool,
    /// What it cost, where known.
    pub cost: Option<Usd>,
    /// How long it took, in milliseconds.
    pub latency_ms: i64,
    /// The model that answered.
    pub model: Option<String>,
}

/// What was put on the ledger for a request to evaluate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Asked {
    /// Evaluations that wait for a worker now.
    pub queued: u64,
    /// Evaluations whose result is there and still holds, as nothing has changed.
    pub unchanged: u64,
    /// Sessions that this project does not have.
    pub unknown: u64,
}

/// A model provider's settings as they are made or changed.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct ProviderDraft {
    /// Name, for people.
    pub name: String,
    /// The address before `/chat/completions`, such as `https://api.openai.com/v1`.
    pub base_url: String,
    /// The model asked unless an evaluator names another.
    pub model: String,
    /// The key; `None` keeps the one there is, or means that none is needed.
    pub key: Option<String>,
    /// US dollars per million prompt tokens.
    pub input_price: Option<f64>,
    /// US dollars per million completion tokens.
    pub output_price: Option<f64>,
    /// How many calls at once, 1 to 64.
    pub concurrency: u32,
    /// How long one call may take, 1 to 600 seconds.
    pub timeout_seconds: u32,
}

impl std::fmt::Debug for ProviderDraft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Never the key.
        f.debug_struct("ProviderDraft").field("name", &self.name).field("model", &self.model).finish_non_exhaustive()
    }
}

/// A model provider. Its key is never shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProviderRow {
    /// Its id; `None` for the one that the server's environment names.
    pub id: Option<ProviderId>,
    /// Name, for people.
    pub name: String,
    /// The address before `/chat/completions`.
    pub base_url: String,
    /// The model asked unless an evaluator names another.
    pub model: String,
    /// Whether a key is stored.
    pub has_key: bool,
    /// Why it cannot be used as it is stored, such as a key that was encrypted under another secret.
    pub trouble: Option<String>,
    /// US dollars per million prompt tokens.
    pub input_price: Option<f64>,
    /// US dollars per million completion tokens.
    pub output_price: Option<f64>,
    /// How many calls at once.
    pub concurrency: u32,
    /// How long one call may take, in seconds.
    pub timeout_seconds: u32,
    /// Whether judges ask this one.
    pub in_use: bool,
    /// When it was made; `None` for the environment's.
    pub created_at: Option<Micros>,
}

/// What came of asking a provider a trifle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderTest {
    /// Whether it answered as a judge needs it.
    pub works: bool,
    /// What came, in words.
    pub message: String,
    /// The model that answered.
    pub model: Option<String>,
    /// How long it took, in milliseconds.
    pub latency_ms: i64,
}

/// The evaluator that a request made or changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SavedEvaluator {
    /// Which.
    pub id: EvaluatorId,
    /// The version that is current now.
    pub version: i64,
    /// Whether that version is new.
    pub is_new_version: bool,
}
