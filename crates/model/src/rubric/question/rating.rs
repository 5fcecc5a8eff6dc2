//! A number on a scale, each step with an anchor that says what it means.

use serde::{Deserialize, Serialize};

use super::Answer;

/// A scale of whole numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rating {
    /// The lowest step.
    pub min: i64,
    /// The highest step.
    pub max: i64,
    /// What each step means, from the lowest; empty, or one per step.
    #[serde(default)]
    pub anchors: Vec<String>,
}

impl Rating {
    /// The steps from lowest to highest, each with its anchor.
    pub fn steps(&self) -> impl Iterator<Item = (i64, Option<&str>)> {
        (self.min..=self.max).enumerate().map(|(index, step)| (step, self.anchors.get(index).map(String::as_str)))
    }

    pub(super) fn check(&self) -> Result<(), String> {
        let steps = self.max.saturating_sub(self.min).saturating_add(1);
        if !(2..=10).contains(&steps) {
            return Err(format!("a rating needs 2 to 10 steps, {} to {} has {steps}", self.min, self.max));
        }
        let anchors = i64::try_from(self.anchors.len()).unwrap_or(i64::MAX);
        if anchors != 0 && anchors != steps {
            return Err(format!("give an anchor for each of the {steps} steps or none, not {anchors}"));
        }
        Ok(())
    }

    pub(super) fn accept(&self, answer: &Answer) -> Result<(), String> {
        #[expect(clippy::cast_precision_loss, reason = "scales have at most ten small steps")]
        let range = self.min as f64..=self.max as f64;
        match answer {
            Answer::Number(number) if number.fract() == 0.0 && range.contains(number) => Ok(()),
            _ => Err(format!("expected a whole number from {} to {}", self.min, self.max)),
        }
    }
}
