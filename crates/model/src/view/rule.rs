//! What the rules pages and the API are given: drafts, summaries, previews, backfills, and why there is no score.

use serde::{Deserialize, Serialize};

use crate::rule::{Audit, Route, Rule, Sampling};
use crate::{BackfillId, EvaluationId, EvaluatorId, Micros, Probability, QueueId, RuleId, Usd, words};

/// A rule as it is made or changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RuleDraft {
    /// Name, unique in its project.
    pub name: String,
    /// Which sessions it looks at, in the filter language; empty means all.
    #[serde(default)]
    pub filter: String,
    /// How many of them it takes. An empty salt is chosen when the rule is saved, and kept by later versions.
    pub sampling: Sampling,
    /// What evaluates the ones taken.
    #[serde(default)]
    pub evaluators: Vec<EvaluatorId>,
    /// Where doubtful targets go.
    #[serde(default)]
    pub routes: Vec<Route>,
    /// The part that is reviewed whatever the scores say. An empty salt is chosen when the rule is saved.
    #[serde(default)]
    pub audit: Option<Audit>,
    /// Whether it runs on new sessions.
    #[serde(default = "yes")]
    pub enabled: bool,
}

const fn yes() -> bool {
    true
}

impl RuleDraft {
    /// The draft that changes nothing of a rule.
    #[must_use]
    pub fn of(rule: &Rule) -> Self {
        Self {
            name: rule.name.clone(),
            filter: rule.filter.clone(),
            sampling: rule.sampling.clone(),
            evaluators: rule.evaluators.clone(),
            routes: rule.routes.clone(),
            audit: rule.audit.clone(),
            enabled: rule.enabled,
        }
    }

    /// A draft that takes every session and does nothing with it yet.
    #[must_use]
    pub fn empty() -> Self {
        Self {
            name: String::new(),
            filter: String::new(),
            sampling: Sampling { rate: Probability::ONE, salt: String::new(), strata: Vec::new() },
            evaluators: Vec::new(),
            routes: Vec::new(),
            audit: None,
            enabled: true,
        }
    }
}

/// What a rule did of late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RuleActivity {
    /// Sessions whose filter it passed, in the last seven days.
    pub matched: i64,
    /// Those that the draw took.
    pub sampled: i64,
    /// Tasks that its routes made.
    pub flagged: i64,
    /// Tasks that its audit arm made.
    pub audited: i64,
    /// When it last decided about a session, ever.
    pub last_at: Option<Micros>,
}

/// A rule in the list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RuleSummary {
    /// The rule at its newest version.
    pub rule: Rule,
    /// What it did in the last seven days.
    pub activity: RuleActivity,
    /// Names of its evaluators, in its order; archived ones are left out.
    pub evaluators: Vec<String>,
    /// Names of the queues that it routes to, audit arm included, each once.
    pub queues: Vec<String>,
    /// A backfill that is under way.
    pub backfill: Option<Backfill>,
}

/// What can be chosen for a rule.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RuleChoices {
    /// Evaluators in use.
    pub evaluators: Vec<EvaluatorChoice>,
    /// Queues.
    pub queues: Vec<QueueChoice>,
}

/// An evaluator that a rule can have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvaluatorChoice {
    /// Its id.
    pub id: EvaluatorId,
    /// Its name.
    pub name: String,
    /// Name of the scores it writes.
    pub score_name: String,
    /// Whether it asks a model, which costs money.
    pub judge: bool,
}

/// A queue that a rule can route to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueChoice {
    /// Its id.
    pub id: QueueId,
    /// Its name.
    pub name: String,
}

/// A rule with everything that its page shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RuleDetail {
    /// The rule at its newest version.
    pub rule: Rule,
    /// What it did in the last seven days.
    pub activity: RuleActivity,
    /// Every version, newest first.
    pub versions: Vec<Rule>,
    /// Its backfills, newest first, at most ten.
    pub backfills: Vec<Backfill>,
}

/// What a draft would do with the sessions that closed in the last days.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RulePreview {
    /// How many days back it looked.
    pub window_days: u32,
    /// Sessions that closed in that time.
    pub sessions: u64,
    /// Those that pass the filter.
    pub matched: u64,
    /// Those that the draw takes. An estimate from the most recent ones where more than [`RulePreview::LOOKED_AT`] match.
    pub sampled: u64,
    /// How many of those that match each stratum has, and how many it takes; the rest last, without a name.
    pub strata: Vec<StratumPreview>,
    /// Rows that would be put on the ledger.
    pub evaluations: u64,
    /// Those of them that ask a model.
    pub judge_calls: u64,
    /// What these calls would cost; `None` with the reason in [`RulePreview::cost_unknown`].
    pub estimated_cost: Option<Usd>,
    /// Why the cost is not known.
    pub cost_unknown: Option<String>,
    /// Tasks that the routes would make; `None` with the reason in [`RulePreview::routed_unknown`].
    pub routed: Option<u64>,
    /// From how many sessions with scores that was estimated.
    pub routed_from: u64,
    /// Why it is not known how many would be routed.
    pub routed_unknown: Option<String>,
    /// Sessions that the audit arm would send to its queue.
    pub audited: u64,
    /// Whether the figures are scaled up from the most recent sessions.
    pub is_scaled: bool,
}

impl RulePreview {
    /// At most so many of the most recent sessions that match are drawn.
    pub const LOOKED_AT: u64 = 20_000;
}

/// One stratum in a preview.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StratumPreview {
    /// Its name; `None` for the rest.
    pub name: Option<String>,
    /// Its rate.
    pub rate: Probability,
    /// Sessions in it.
    pub matched: u64,
    /// Those that are taken.
    pub sampled: u64,
}

/// How a backfill stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BackfillState {
    /// It is under way.
    Running,
    /// It has looked at every session.
    Done,
    /// Somebody stopped it; what it had put on the ledger stays.
    Cancelled,
    /// It was given up.
    Failed,
}

words!(BackfillState, "backfill state", {
    Running = "running", Done = "done", Cancelled = "cancelled", Failed = "failed"
});

/// A rule being applied to sessions that closed before it could.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Backfill {
    /// Its id.
    pub id: BackfillId,
    /// The rule.
    pub rule: RuleId,
    /// The version applied.
    pub rule_version: i64,
    /// At most so many sessions are taken.
    pub cap: i64,
    /// How it stands.
    pub state: BackfillState,
    /// Closed sessions that pass the filter; `None` until they were counted.
    pub total: Option<i64>,
    /// By which factor the cap lowers every rate: those with the least draw are taken. 1 when the cap does not bind.
    pub thinning: f64,
    /// Sessions decided about so far.
    pub matched: i64,
    /// Those that were taken.
    pub sampled: i64,
    /// Those that the cap left out.
    pub capped: i64,
    /// Rows put on the ledger to be evaluated.
    pub evaluations: i64,
    /// Why it failed.
    pub reason: Option<String>,
    /// When it was asked for.
    pub created_at: Micros,
    /// When it last went on.
    pub updated_at: Micros,
}

impl Backfill {
    /// The share done, from 0 to 1; `None` until the sessions were counted.
    #[must_use]
    pub fn share(&self) -> Option<f64> {
        let total = self.total?;
        if total == 0 {
            return Some(1.0);
        }
        #[expect(clippy::cast_precision_loss, reason = "counts of sessions are far below 2⁵³")]
        let share = self.matched as f64 / total as f64;
        Some(share.min(1.0))
    }
}

/// What became of a session at a rule and an evaluator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// The session is still open, or closed a moment ago.
    Waiting,
    /// The session closed before the rule could look at it.
    Missed,
    /// The filter does not pass.
    FilteredOut,
    /// The draw did not take it.
    SampledOut,
    /// A cap was reached.
    Capped,
    /// It waits for a worker.
    Queued,
    /// A worker has it.
    Running,
    /// It is finished.
    Done,
    /// It was given up after the last attempt.
    Failed,
    /// It waits for something that a person must do.
    Paused,
}

words!(Fate, "fate", {
    Waiting = "waiting", Missed = "missed", FilteredOut = "filtered_out", SampledOut = "sampled_out", Capped = "capped",
    Queued = "queued", Running = "running", Done = "done", Failed = "failed", Paused = "paused"
});

/// Why there is a score, or none, from one evaluator of one rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// The rule.
    pub rule: RuleId,
    /// Its name.
    pub rule_name: String,
    /// The version that decided, or that would decide now.
    pub rule_version: i64,
    /// The evaluator; `None` for a rule that has none and only sends sessions to people.
    pub evaluator: Option<EvaluatorId>,
    /// Its name.
    pub evaluator_name: Option<String>,
    /// What became of it.
    pub fate: Fate,
    /// The same in words that a person understands, as a sentence.
    pub text: String,
    /// The draw of the session, from 0 up to 1, where the filter passes.
    pub draw: Option<f64>,
    /// The probability with which the rule takes such a session, where the filter passes.
    pub probability: Option<Probability>,
    /// The stratum it is in.
    pub stratum: Option<String>,
    /// The row of the ledger, where there is one.
    pub evaluation: Option<EvaluationId>,
}
