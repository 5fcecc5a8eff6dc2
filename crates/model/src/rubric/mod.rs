//! Rubrics: the questions put to reviewers, and their answers.
//!
//! A question type is one file under `question/` and one line in [`question::QuestionKind`].

pub mod question;
pub mod version;

pub use question::{Answer, InvalidAnswer, InvalidQuestion, Question, QuestionKind};
pub use version::{Answers, InvalidRubric, Rubric};
