//! Words.

use serde::{Deserialize, Serialize};

use super::Answer;

/// The longest answer taken, in characters.
const LONGEST: usize = 20_000;

/// A free text question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Text {
    /// Whether the field has several lines.
    #[serde(default)]
    pub multiline: bool,
}

impl Text {
    #[expect(clippy::unused_self, reason = "every question type answers the same two calls")]
    pub(super) fn check(&self) -> Result<(), String> {
        Ok(())
    }

    #[expect(clippy::unused_self, reason = "every question type answers the same two calls")]
    pub(super) fn accept(&self, answer: &Answer) -> Result<(), String> {
        match answer {
            Answer::Text(text) if text.chars().count() <= LONGEST => Ok(()),
            Answer::Text(_) => Err(format!("the text is longer than {LONGEST} characters")),
            _ => Err("expected a text".to_owned()),
        }
    }
}
