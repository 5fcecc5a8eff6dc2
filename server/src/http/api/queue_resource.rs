//! Queues, tasks and reviews as the API shows them, and queues as it takes them.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use turnwise_model::queue::{Queue, Task};
use turnwise_model::rubric::{Question, Rubric};
use turnwise_model::view::review::{Progress, QueueDraft, QueueSummary, ReviewRow};
use utoipa::ToSchema;

use crate::http::problem::Problem;

/// A queue to be made, or as it shall be from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewQueue {
    /// Name, unique in its project.
    #[schema(example = "Refund safety")]
    name: String,
    /// What reviewers are asked to do, as Markdown.
    #[serde(default)]
    instructions: String,
    /// The questions: `{key, title, guidance?, required?, type}` with the type's settings: `rating` (`min`, `max`, `anchors?`),
    /// `choice` (`options` of `{value, label, anchor?}`), `yes_no`, `text` (`multiline?`).
    #[schema(value_type = Vec<Object>, example = json!([{"key": "resolved", "title": "Was the request resolved?", "required": true, "type": "yes_no"}]))]
    questions: Json,
    /// How many reviewers each task needs, 1 to 20; 1 when not given.
    #[serde(default = "one")]
    overlap: i64,
    /// Which task comes next: oldest (when not given), uncertain or easy.
    order: Option<String>,
    /// Whether machine verdicts are withheld until a reviewer commits; they are when not given.
    #[serde(default = "yes")]
    blind: bool,
    /// How long a claim holds without activity, 30 to 86,400; 300 when not given.
    #[serde(default = "five_minutes")]
    lease_seconds: i64,
}

const fn one() -> i64 {
    1
}
const fn yes() -> bool {
    true
}
const fn five_minutes() -> i64 {
    300
}

impl NewQueue {
    /// The queue as the engine takes it.
    ///
    /// # Errors
    /// 400 that names the field.
    pub fn read(self) -> Result<QueueDraft, Problem> {
        let order = self.order.as_deref().unwrap_or("oldest").parse();
        let order = order.map_err(|unknown: turnwise_model::access::UnknownWord| {
            Problem::invalid_field("order", unknown.to_string())
        })?;
        let questions: Vec<Question> = serde_json::from_value(self.questions)
            .map_err(|error| Problem::invalid_field("questions", error.to_string()))?;
        Ok(QueueDraft {
            name: self.name,
            instructions: self.instructions,
            questions,
            overlap: self.overlap,
            order,
            blind: self.blind,
            lease_seconds: self.lease_seconds,
        })
    }
}

/// A queue.
#[derive(Debug, Serialize, ToSchema)]
pub struct QueueResource {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
    /// Its name.
    #[schema(example = "Refund safety")]
    name: String,
    /// What reviewers are asked to do, as Markdown.
    instructions: String,
    /// How many reviewers each task needs.
    overlap: i64,
    /// oldest, uncertain or easy.
    order: String,
    /// Whether machine verdicts are withheld until a reviewer commits.
    blind: bool,
    /// How long a claim holds without activity.
    lease_seconds: i64,
    /// When it was made.
    #[schema(format = DateTime)]
    created_at: String,
    /// The questions, where the queue is asked for by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    rubric: Option<RubricResource>,
    /// How far it is, in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    progress: Option<QueueProgress>,
}

/// How far a queue is.
#[derive(Debug, Serialize, ToSchema)]
pub struct QueueProgress {
    /// Tasks that want more reviews.
    open: i64,
    /// Tasks that have all they need.
    done: i64,
    /// When the oldest open task came; `null` when none is open.
    #[schema(format = DateTime)]
    oldest_open_at: Option<String>,
    /// Reviews of the last seven days.
    reviews_last_week: i64,
    /// Reviews by reviewer, most first.
    reviewers: Vec<ReviewerReviews>,
}

/// How much one reviewer did.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReviewerReviews {
    /// The reviewer's name, or an import's pseudonym.
    name: String,
    /// Number of reviews.
    reviews: i64,
}

/// A rubric at one version.
#[derive(Debug, Serialize, ToSchema)]
pub struct RubricResource {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
    /// Its version, from 1.
    version: i64,
    /// The questions in order.
    #[schema(value_type = Vec<Object>)]
    questions: Json,
}

impl From<Rubric> for RubricResource {
    fn from(rubric: Rubric) -> Self {
        Self { id: rubric.id.to_string(), version: rubric.version, questions: json!(rubric.questions) }
    }
}

impl QueueResource {
    /// A queue with its questions.
    pub fn with_rubric(queue: Queue, rubric: Rubric) -> Self {
        Self { rubric: Some(rubric.into()), ..Self::from(queue) }
    }
}

impl From<Queue> for QueueResource {
    fn from(queue: Queue) -> Self {
        Self {
            id: queue.id.to_string(),
            name: queue.name,
            instructions: queue.instructions,
            overlap: queue.overlap,
            order: queue.order.to_string(),
            blind: queue.blind,
            lease_seconds: queue.lease_seconds,
            created_at: queue.created_at.to_string(),
            rubric: None,
            progress: None,
        }
    }
}

impl From<QueueSummary> for QueueResource {
    fn from(summary: QueueSummary) -> Self {
        let reviewers = summary.reviewers.into_iter();
        Self {
            progress: Some(QueueProgress {
                open: summary.open,
                done: summary.done,
                oldest_open_at: summary.oldest_open_at.map(|at| at.to_string()),
                reviews_last_week: summary.reviews_last_week,
                reviewers: reviewers.map(|one| ReviewerReviews { name: one.name, reviews: one.reviews }).collect(),
            }),
            ..Self::from(summary.queue)
        }
    }
}

/// A task: one target in one queue.
#[derive(Debug, Serialize, ToSchema)]
pub struct TaskResource {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
    /// The queue.
    queue_id: String,
    /// The session.
    session_id: String,
    /// The turn, where one is meant.
    turn_id: Option<String>,
    /// Revision of the session when it came.
    revision: i64,
    /// The way it came: flagged, audit or manual.
    arm: String,
    /// The rule that routed it.
    rule_id: Option<String>,
    /// Version of that rule.
    rule_version: Option<i64>,
    /// Probability with which it came; `null` when a person put it there, which supports no population figure.
    probability: Option<f64>,
    /// open, done or cancelled.
    state: String,
    /// Reviews so far.
    reviews: i64,
    /// When it came.
    #[schema(format = DateTime)]
    created_at: String,
}

impl From<Task> for TaskResource {
    fn from(task: Task) -> Self {
        Self {
            id: task.id.to_string(),
            queue_id: task.queue.to_string(),
            session_id: task.target.session().to_string(),
            turn_id: task.target.turn().map(|turn| turn.to_string()),
            revision: task.revision,
            arm: task.arm.to_string(),
            rule_id: task.rule.map(|rule| rule.to_string()),
            rule_version: task.rule_version,
            probability: task.probability.map(turnwise_model::Probability::get),
            state: task.state.to_string(),
            reviews: task.reviews,
            created_at: task.created_at.to_string(),
        }
    }
}

/// A review: one reviewer's answers to one task.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReviewResource {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
    /// The task.
    task: TaskResource,
    /// Who answered: an account's id, `key:` and a key's id, or an import's pseudonym.
    reviewer: String,
    /// The reviewer's name.
    reviewer_name: String,
    /// The answers by question key.
    #[schema(value_type = Object)]
    answers: Json,
    /// The rubric.
    rubric_id: String,
    /// Its version.
    rubric_version: i64,
    /// What the reviewer had seen: blind, shown, revised.
    exposure: String,
    /// Milliseconds of work it took.
    active_ms: Option<i64>,
    /// When it was committed.
    #[schema(format = DateTime)]
    created_at: String,
}

impl From<ReviewRow> for ReviewResource {
    fn from(row: ReviewRow) -> Self {
        let review = row.review;
        Self {
            id: review.id.to_string(),
            task: row.task.into(),
            reviewer: review.reviewer,
            reviewer_name: row.reviewer_name,
            answers: json!(review.answers),
            rubric_id: review.rubric.to_string(),
            rubric_version: review.rubric_version,
            exposure: review.exposure.to_string(),
            active_ms: review.active_ms,
            created_at: review.created_at.to_string(),
        }
    }
}

/// How far a queue is for the one who asks.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProgressResource {
    /// Tasks that have all the reviews they need.
    done: i64,
    /// All tasks.
    total: i64,
    /// Reviews by the caller.
    mine: i64,
    /// Median active seconds of those.
    median_seconds: Option<i64>,
}

impl From<Progress> for ProgressResource {
    fn from(progress: Progress) -> Self {
        let Progress { done, total, mine, median_seconds } = progress;
        Self { done, total, mine, median_seconds }
    }
}
