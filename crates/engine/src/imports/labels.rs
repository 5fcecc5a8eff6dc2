//! [`HumanLabels`]: answers that pseudonymous people gave elsewhere, with the questions that they were asked.

use turnwise_ingest::mtrag::{ImportedReview, Question};
use turnwise_model::QueueId;

/// Answers of people, given elsewhere.
#[derive(Debug, Clone, PartialEq)]
pub struct HumanLabels {
    /// What the queue and its rubric are called: the name of the file.
    pub name: String,
    /// The questions.
    pub questions: Vec<Question>,
    /// The answers, a review for each session, turn and person.
    pub reviews: Vec<ImportedReview>,
}

/// What became of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LabelsImported {
    /// The queue that they are in.
    pub queue: QueueId,
    /// Reviews that were not there before.
    pub new: u64,
    /// Reviews that were there already.
    pub known: u64,
    /// Reviews of sessions or turns that are not there.
    pub without_target: u64,
    /// Whether all were looked at, or the caller ended it.
    pub complete: bool,
}
