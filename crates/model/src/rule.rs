//! Rules: which sessions are sampled, what evaluates them, and where flagged turns go.

use serde::{Deserialize, Serialize};

use crate::{EvaluatorId, Micros, Probability, QueueId, RuleId, words};

/// A rule at one version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// Which rule.
    pub id: RuleId,
    /// Version number, from 1; every change makes a new one.
    pub version: i64,
    /// Name, unique in its project.
    pub name: String,
    /// Which sessions it looks at, in the filter language; empty means all.
    pub filter: String,
    /// How many of them it takes.
    pub sampling: Sampling,
    /// What evaluates the ones taken.
    pub evaluators: Vec<EvaluatorId>,
    /// Where doubtful targets go.
    pub routes: Vec<Route>,
    /// A random part that is reviewed whatever the scores say, so that figures stay unbiased.
    pub audit: Option<Audit>,
    /// Whether it runs on new sessions.
    pub enabled: bool,
    /// When this version was made.
    pub created_at: Micros,
}

/// The sampling design.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sampling {
    /// Share of the sessions that pass the filter and no stratum.
    pub rate: Probability,
    /// Salt of the draw; the same salt gives nested samples.
    pub salt: String,
    /// Parts of the population with a rate of their own; the first whose filter passes decides.
    #[serde(default)]
    pub strata: Vec<Stratum>,
}

/// A part of the population with its own rate: "all failures, 20 % of the rest".
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stratum {
    /// Name, for people and for estimates.
    pub name: String,
    /// Which sessions, in the filter language.
    pub filter: String,
    /// Share of them that is taken.
    pub rate: Probability,
}

/// Sends targets whose fresh scores meet a condition to a queue, with probability 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Route {
    /// The condition.
    pub when: Condition,
    /// Where to.
    pub queue: QueueId,
}

/// A condition on the fresh scores of one target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Condition {
    /// Name of the score looked at; `*` for any score of the rule's evaluators.
    pub score: String,
    /// What must hold of it.
    pub test: Test,
}

/// What must hold of a score.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is", content = "than")]
pub enum Test {
    /// It does not meet its evaluator's threshold.
    Failed,
    /// It is below a number.
    Below(f64),
    /// It is above a number.
    Above(f64),
}

/// The audit arm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Audit {
    /// Share of the sampled sessions that is reviewed whatever the scores say.
    pub rate: Probability,
    /// Salt of the draw, independent of the rule's own.
    pub salt: String,
    /// Where to.
    pub queue: QueueId,
}

/// The way by which a task came into its queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Arm {
    /// A route's condition held.
    Flagged,
    /// The audit arm drew it.
    Audit,
    /// A person put it there.
    Manual,
}

words!(Arm, "arm", { Flagged = "flagged", Audit = "audit", Manual = "manual" });
