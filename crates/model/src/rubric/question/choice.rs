//! One of several answers.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Answer;

/// The answers to choose from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// The options in the order shown.
    pub options: Vec<ChoiceOption>,
}

/// One answer to choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChoiceOption {
    /// What is stored and exported.
    pub value: String,
    /// What reviewers read.
    pub label: String,
    /// When to choose it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchor: Option<String>,
}

impl Choice {
    pub(super) fn check(&self) -> Result<(), String> {
        if !(2..=20).contains(&self.options.len()) {
            return Err(format!("a choice needs 2 to 20 options, not {}", self.options.len()));
        }
        let values: BTreeSet<&str> = self.options.iter().map(|option| option.value.as_str()).collect();
        if values.len() != self.options.len() || values.contains("") {
            return Err("every option needs a value of its own".to_owned());
        }
        Ok(())
    }

    pub(super) fn accept(&self, answer: &Answer) -> Result<(), String> {
        match answer {
            Answer::Text(text) if self.options.iter().any(|option| option.value == *text) => Ok(()),
            _ => {
                let values: Vec<&str> = self.options.iter().map(|option| option.value.as_str()).collect();
                Err(format!("expected one of {}", values.join(", ")))
            }
        }
    }
}
