//! Yes or no.

use serde::{Deserialize, Serialize};

use super::Answer;

/// A yes/no question; it has no settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct YesNo {}

impl YesNo {
    #[expect(clippy::unused_self, reason = "every question type answers the same two calls")]
    pub(super) fn check(&self) -> Result<(), String> {
        Ok(())
    }

    #[expect(clippy::unused_self, reason = "every question type answers the same two calls")]
    pub(super) fn accept(&self, answer: &Answer) -> Result<(), String> {
        match answer {
            Answer::Flag(_) => Ok(()),
            _ => Err("expected true or false".to_owned()),
        }
    }
}
