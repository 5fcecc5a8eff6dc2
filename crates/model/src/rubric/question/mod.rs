//! One question and its answer; each type of question is a file of its own.
//!
//! To add a type: write a file with a settings struct that has `check` (are the settings sensible?) and `accept`
//! (is this answer one of its answers?), and add it to [`QuestionKind`].

pub mod choice;
pub mod rating;
pub mod text;
pub mod yes_no;

use serde::{Deserialize, Serialize};

pub use choice::Choice;
pub use rating::Rating;
pub use text::Text;
pub use yes_no::YesNo;

/// A question of a rubric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// Key under which answers are stored and exported: lower-case letters, digits and underscores.
    pub key: String,
    /// The question as reviewers read it.
    pub title: String,
    /// Guidance beside it, as Markdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guidance: Option<String>,
    /// Whether a review without an answer is refused.
    #[serde(default)]
    pub required: bool,
    /// The type, with its settings.
    #[serde(flatten)]
    pub kind: QuestionKind,
}

/// The types of question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum QuestionKind {
    /// A number on a scale with anchors.
    Rating(Rating),
    /// One of several answers.
    Choice(Choice),
    /// Yes or no.
    YesNo(YesNo),
    /// Words.
    Text(Text),
}

/// An answer as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Answer {
    /// To a yes/no question.
    Flag(bool),
    /// To a rating.
    Number(f64),
    /// To a choice (the option's value) or a text question.
    Text(String),
}

impl Answer {
    /// Whether it says nothing: a text of spaces.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        matches!(self, Self::Text(text) if text.trim().is_empty())
    }
}

/// Settings of a question that make no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("question {key:?}: {problem}")]
pub struct InvalidQuestion {
    /// The question's key.
    pub key: String,
    /// What is wrong and what was expected.
    pub problem: String,
}

/// An answer that the question does not take.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {problem}")]
pub struct InvalidAnswer {
    /// The question's key.
    pub key: String,
    /// What is wrong and what was expected.
    pub problem: String,
}

impl Question {
    /// Checks key, title and settings.
    ///
    /// # Errors
    /// Names the question and what is wrong with it.
    pub fn check(&self) -> Result<(), InvalidQuestion> {
        let fail = |problem: String| Err(InvalidQuestion { key: self.key.clone(), problem });
        let key_allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if self.key.is_empty() || self.key.len() > 64 || !self.key.chars().all(key_allowed) {
            return fail("the key must be 1 to 64 lower-case letters, digits and underscores".to_owned());
        }
        if self.title.trim().is_empty() {
            return fail("the title is empty, write the question as reviewers shall read it".to_owned());
        }
        let settings = match &self.kind {
            QuestionKind::Rating(rating) => rating.check(),
            QuestionKind::Choice(choice) => choice.check(),
            QuestionKind::YesNo(yes_no) => yes_no.check(),
            QuestionKind::Text(text) => text.check(),
        };
        settings.or_else(fail)
    }

    /// Checks that an answer is one of this question's.
    ///
    /// # Errors
    /// Names the question and what it would take.
    pub fn accept(&self, answer: &Answer) -> Result<(), InvalidAnswer> {
        let accepted = match &self.kind {
            QuestionKind::Rating(rating) => rating.accept(answer),
            QuestionKind::Choice(choice) => choice.accept(answer),
            QuestionKind::YesNo(yes_no) => yes_no.accept(answer),
            QuestionKind::Text(text) => text.accept(answer),
        };
        accepted.map_err(|problem| InvalidAnswer { key: self.key.clone(), problem })
    }
}
