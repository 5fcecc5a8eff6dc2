//! What the queue and review pages are given.

use serde::{Deserialize, Serialize};

use crate::conversation::Conversation;
use crate::queue::{Order, Queue, Task};
use crate::rubric::{Answers, Question, Rubric};
use crate::score::{Score, Target};
use crate::{ClaimId, Micros, ReviewId, TaskId};

/// A queue as it is made or changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QueueDraft {
    /// Name, unique in its project.
    pub name: String,
    /// What reviewers are asked to do, as Markdown.
    pub instructions: String,
    /// The questions put to them.
    pub questions: Vec<Question>,
    /// How many reviewers each task needs, 1 to 20.
    pub overlap: i64,
    /// Which task comes next.
    pub order: Order,
    /// Whether machine verdicts are withheld until the reviewer commits.
    pub blind: bool,
    /// How long a claim holds without activity, 30 to 86,400 seconds.
    pub lease_seconds: i64,
}

/// Something to be put into a queue, as a program names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedTarget {
    /// The session, by Turnwise's id or the client's.
    pub session: String,
    /// The turn, by its position from 1; `None` when the session is meant.
    #[serde(default)]
    pub position: Option<u32>,
}

/// A queue in the list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QueueSummary {
    /// The queue.
    pub queue: Queue,
    /// Tasks that want more reviews.
    pub open: i64,
    /// Tasks that have as many reviews as they need.
    pub done: i64,
    /// Reviews by the one who looks.
    pub mine: i64,
    /// When the oldest open task was routed.
    pub oldest_open_at: Option<Micros>,
    /// Reviews of the last seven days.
    pub reviews_last_week: i64,
    /// Each reviewer with the number of reviews, most first.
    pub reviewers: Vec<ReviewerCount>,
}

impl QueueSummary {
    /// Days until the queue is empty at the pace of the last week; `None` when nothing was reviewed or nothing is open.
    #[must_use]
    pub fn days_left(&self) -> Option<f64> {
        if self.reviews_last_week == 0 || self.open == 0 {
            return None;
        }
        #[expect(clippy::cast_precision_loss, reason = "counts of reviews are far below 2⁵³")]
        let days = (self.open * self.queue.overlap) as f64 * 7.0 / self.reviews_last_week as f64;
        Some(days)
    }
}

/// How much one reviewer did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewerCount {
    /// Name of the reviewer, or the pseudonym of an import.
    pub name: String,
    /// Number of reviews.
    pub reviews: i64,
}

/// A task in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskRow {
    /// The task.
    pub task: Task,
    /// The first user message of its session, cut.
    pub preview: Option<String>,
    /// The position of its turn; `None` when the whole session is to be judged.
    pub position: Option<i64>,
}

/// How far a queue is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Progress {
    /// Tasks that have as many reviews as they need.
    pub done: i64,
    /// All tasks but cancelled ones.
    pub total: i64,
    /// Reviews by the one who looks.
    pub mine: i64,
    /// Median active time of those, in seconds.
    pub median_seconds: Option<i64>,
}

/// The proof that a task is held, to be shown with every step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// The claim.
    pub claim: ClaimId,
    /// Its fencing token.
    pub fence: i64,
    /// When it lapses unless renewed.
    pub expires_at: Micros,
}

/// A task as handed to a reviewer. It does not say by which arm it came: that would tell what the machine thought of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReviewTask {
    /// The proof that it is held.
    pub ticket: Ticket,
    /// The task.
    pub task: TaskId,
    /// What is to be judged.
    pub target: Target,
    /// Why it is in the queue; always empty when the queue is blind.
    pub note: Option<String>,
    /// The session in which its target is.
    pub conversation: Conversation,
    /// The questions.
    pub rubric: Rubric,
    /// Answers that were begun and not submitted.
    pub draft: Option<Answers>,
    /// Scores of machines; always empty when the queue is blind.
    pub verdicts: Vec<Score>,
}

/// What the review page gets: a task or the reason why there is none, and how far the queue is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Next {
    /// The task, or `None` when nothing is left that this reviewer may take.
    pub task: Option<ReviewTask>,
    /// Open tasks that others hold at the moment.
    pub held_by_others: i64,
    /// The caller's latest review in the queue, which can be taken back.
    pub latest: Option<ReviewId>,
    /// How far the queue is.
    pub progress: Progress,
}

/// What came of a submit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Submitted {
    /// The review.
    pub review: ReviewId,
    /// How far the queue is now.
    pub progress: Progress,
}

/// A review in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReviewRow {
    /// The review.
    pub review: crate::queue::Review,
    /// Name of the reviewer, or the pseudonym of an import.
    pub reviewer_name: String,
    /// Its task.
    pub task: Task,
}
