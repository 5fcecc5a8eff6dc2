//! Queues, tasks, claims and reviews: the records of human work.

use serde::{Deserialize, Serialize};

use crate::rubric::Answers;
use crate::rule::Arm;
use crate::score::{Exposure, Target};
use crate::{ClaimId, Micros, Probability, QueueId, ReviewId, RubricId, RuleId, TaskId, words};

/// Which task is handed out next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// The one that waits longest.
    Oldest,
    /// The one whose judge score is nearest to its threshold.
    Uncertain,
    /// The one with the fewest turns.
    Easy,
}

words!(Order, "task order", { Oldest = "oldest", Uncertain = "uncertain", Easy = "easy" });

/// A queue and its settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Queue {
    /// Its id.
    pub id: QueueId,
    /// Name, unique in its project.
    pub name: String,
    /// What reviewers are asked to do, as Markdown.
    pub instructions: String,
    /// The questions put to them.
    pub rubric: RubricId,
    /// How many reviewers each task needs.
    pub overlap: i64,
    /// Which task comes next.
    pub order: Order,
    /// Whether machine verdicts are withheld until the reviewer commits.
    pub blind: bool,
    /// How long a claim holds without activity, in seconds.
    pub lease_seconds: i64,
    /// When it was made.
    pub created_at: Micros,
}

/// Where a task stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskState {
    /// Wants more reviews.
    Open,
    /// Has as many reviews as the queue's overlap.
    Done,
    /// Taken out by a person.
    Cancelled,
}

words!(TaskState, "task state", { Open = "open", Done = "done", Cancelled = "cancelled" });

/// One target in one queue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// Its id, derived from queue and target.
    pub id: TaskId,
    /// The queue.
    pub queue: QueueId,
    /// What is to be judged.
    pub target: Target,
    /// Revision of the session when it was routed.
    pub revision: i64,
    /// The way it came.
    pub arm: Arm,
    /// The rule that routed it.
    pub rule: Option<RuleId>,
    /// Version of that rule.
    pub rule_version: Option<i64>,
    /// Probability with which it came here; `None` when a person put it here, which supports no population figure.
    pub probability: Option<Probability>,
    /// Why it is here, in words that reveal no verdict.
    pub note: Option<String>,
    /// Where it stands.
    pub state: TaskState,
    /// Reviews committed so far.
    pub reviews: i64,
    /// When it was routed.
    pub created_at: Micros,
}

/// A lease on a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Its id.
    pub id: ClaimId,
    /// The task.
    pub task: TaskId,
    /// Who holds it: an account's id, or a program's name.
    pub reviewer: String,
    /// Grows with every claim of the task; a submit with an older one is refused.
    pub fence: i64,
    /// When it lapses unless renewed.
    pub expires_at: Micros,
}

/// One reviewer's committed answers to one task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Review {
    /// Its id.
    pub id: ReviewId,
    /// The task.
    pub task: TaskId,
    /// Who answered: an account's id, or a pseudonym from an import.
    pub reviewer: String,
    /// The answers by question key.
    pub answers: Answers,
    /// The rubric.
    pub rubric: RubricId,
    /// Its version.
    pub rubric_version: i64,
    /// What the reviewer had seen.
    pub exposure: Exposure,
    /// Milliseconds of active work.
    pub active_ms: Option<i64>,
    /// When it was committed.
    pub created_at: Micros,
}
