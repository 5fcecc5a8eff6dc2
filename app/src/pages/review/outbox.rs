//! What is on its way to the server. Answers are also kept in the browser until they are known to be stored there.

use std::sync::Arc;

use turnwise_model::rubric::{Answer, Answers};
use turnwise_model::view::review::ReviewTask;

use crate::browser;
use crate::functions::review::{Flags, Numbers, Texts};

/// A review on its way.
#[derive(Debug, Clone)]
pub struct Sent {
    /// The task.
    pub task: Arc<ReviewTask>,
    /// The answers.
    pub answers: Answers,
    /// Milliseconds of work.
    pub active_ms: i64,
}

/// What is to be told when something did not go through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// What happened.
    pub what: String,
    /// It is being tried again by itself.
    pub retrying: bool,
}

fn name(task: &ReviewTask) -> String {
    format!("turnwise.answers.{}", task.ticket.claim)
}

/// Keeps answers in this browser.
pub fn remember(task: &ReviewTask, answers: &Answers) {
    if let Ok(json) = serde_json::to_string(answers) {
        browser::remember(&name(task), &json);
    }
}

/// They are stored on the server, or not wanted.
pub fn forget(task: &ReviewTask) {
    browser::forget(&name(task));
}

/// Answers sorted by their kinds.
#[must_use]
pub fn sorted(answers: &Answers) -> (Numbers, Flags, Texts) {
    let (mut numbers, mut flags, mut texts) = (Numbers::new(), Flags::new(), Texts::new());
    for (key, answer) in answers {
        match answer {
            Answer::Number(number) => _ = numbers.insert(key.clone(), *number),
            Answer::Flag(flag) => _ = flags.insert(key.clone(), *flag),
            Answer::Text(text) => _ = texts.insert(key.clone(), text.clone()),
        }
    }
    (numbers, flags, texts)
}

/// The answers that were begun on a task: those of this browser, else the draft on the server.
pub fn begun(task: &ReviewTask) -> Answers {
    let here = browser::recall(&name(task)).and_then(|json| serde_json::from_str(&json).ok());
    here.map_or_else(|| draft(task), |answers| fitting(task, answers))
}

/// The draft on the server.
pub fn draft(task: &ReviewTask) -> Answers {
    fitting(task, task.draft.clone().unwrap_or_default())
}

/// Without what no longer fits a question.
fn fitting(task: &ReviewTask, mut answers: Answers) -> Answers {
    let questions = &task.rubric.questions;
    answers
        .retain(|key, answer| questions.iter().any(|question| question.key == *key && question.accept(answer).is_ok()));
    answers
}
