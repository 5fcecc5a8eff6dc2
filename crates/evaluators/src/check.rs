//! Deterministic checks: what a check is, and how one becomes an [`Evaluator`].

use std::fmt;

use async_trait::async_trait;
use serde_json::Value as Json;
use turnwise_model::conversation::Conversation;
use turnwise_model::score::Evidence;

use crate::{Context, Definition, Evaluator, EvaluatorError, Outcome, Reading, Scored, Usage, Verdict};

/// What a check thinks of the session (`position` is `None`) or of a turn, before the threshold is applied.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The turn's position from 1; `None` for the whole session.
    pub position: Option<u32>,
    /// From 0 (bad) to 1 (good).
    pub value: f64,
    /// What was found, each as a short sentence; empty where nothing was.
    pub reasons: Vec<String>,
    /// The passages they rest on.
    pub evidence: Vec<Evidence>,
}

impl Finding {
    /// Nothing found wrong.
    #[must_use]
    pub const fn good(position: Option<u32>) -> Self {
        Self { position, value: 1.0, reasons: Vec::new(), evidence: Vec::new() }
    }

    /// Takes a share of the value away and says why: two problems of weight 0.5 leave 0.25.
    pub fn blame(&mut self, weight: f64, reason: impl Into<String>, evidence: Option<Evidence>) {
        self.value *= 1.0 - weight.clamp(0.0, 1.0);
        let reason = reason.into();
        if !self.reasons.contains(&reason) {
            self.reasons.push(reason);
        }
        if let Some(evidence) = evidence
            && !self.evidence.contains(&evidence)
        {
            self.evidence.push(evidence);
        }
    }
}

/// The session's finding from those of its turns: as good as its worst turn, with that turn's evidence first.
#[must_use]
pub fn worst_turn(turns: &[Finding]) -> Option<Finding> {
    let worst = turns.iter().min_by(|a, b| a.value.total_cmp(&b.value))?;
    let mut session = Finding::good(None);
    session.value = worst.value;
    let mut blamed: Vec<&Finding> = turns.iter().filter(|turn| !turn.reasons.is_empty()).collect();
    blamed.sort_by(|a, b| a.value.total_cmp(&b.value));
    for turn in blamed.into_iter().take(5) {
        let position = turn.position.unwrap_or_default();
        session.reasons.extend(turn.reasons.iter().map(|reason| format!("turn {position}: {reason}")));
        session.evidence.extend(turn.evidence.iter().cloned());
    }
    Some(session)
}

/// A deterministic check: no key, no network, no clock.
pub trait Check: Send + Sync + fmt::Debug {
    /// What it is.
    fn definition(&self) -> Definition;

    /// A check with other settings, as JSON of the check's own making.
    ///
    /// # Errors
    /// With what is wrong with which setting.
    fn with_settings(&self, settings: &Json) -> Result<Box<dyn Check>, String>;

    /// Looks at the conversation.
    ///
    /// # Errors
    /// The reason why it has nothing to say, as a sentence for people.
    fn check(&self, reading: &Reading<'_>) -> Result<Vec<Finding>, String>;
}

/// For checks that have no settings: accepts none, and names what it was given instead.
///
/// # Errors
/// With the name of the setting that there is not.
pub fn no_settings(settings: &Json) -> Result<(), String> {
    match settings {
        Json::Null => Ok(()),
        Json::Object(fields) => match fields.keys().next() {
            None => Ok(()),
            Some(name) => Err(format!("this check has no setting {name:?}, remove it")),
        },
        _ => Err("settings must be an object".to_owned()),
    }
}

/// A check as an evaluator, with the threshold of its version.
#[derive(Debug)]
pub struct CheckEvaluator {
    check: Box<dyn Check>,
    definition: Definition,
}

impl CheckEvaluator {
    /// With the check's own threshold.
    #[must_use]
    pub fn new(check: Box<dyn Check>) -> Self {
        let definition = check.definition();
        Self { check, definition }
    }

    /// With another threshold and score name.
    #[must_use]
    pub fn named(mut self, name: &str, score_name: &str, threshold: f64) -> Self {
        name.clone_into(&mut self.definition.name);
        score_name.clone_into(&mut self.definition.score_name);
        self.definition.threshold = threshold;
        self
    }

    /// Judges a conversation that was read already: several checks share one reading.
    #[must_use]
    pub fn judge(&self, reading: &Reading<'_>, context: Context) -> Outcome {
        let findings = match self.check.check(reading) {
            Ok(findings) => findings,
            Err(reason) => return Outcome::abstained(reason),
        };
        let wanted = |finding: &Finding| match finding.position {
            None => context.turn.is_none(),
            Some(position) => context.includes(position),
        };
        let mut verdicts: Vec<Verdict> =
            findings.into_iter().filter(wanted).map(|finding| self.verdict(finding)).collect();
        verdicts.sort_by_key(|verdict| verdict.position);
        if verdicts.is_empty() {
            return Outcome::abstained("there is nothing in this turn that the check could judge");
        }
        Outcome::Scored(Scored { verdicts, usage: Usage::default(), exchange: None })
    }

    fn verdict(&self, finding: Finding) -> Verdict {
        let value = if finding.value.is_finite() { finding.value.clamp(0.0, 1.0) } else { 0.0 };
        let explanation = (!finding.reasons.is_empty()).then(|| finding.reasons.join("; "));
        Verdict {
            position: finding.position,
            value,
            passed: value >= self.definition.threshold,
            explanation,
            evidence: finding.evidence,
        }
    }
}

#[async_trait]
impl Evaluator for CheckEvaluator {
    fn definition(&self) -> &Definition {
        &self.definition
    }

    async fn evaluate(&self, conversation: &Conversation, context: Context) -> Result<Outcome, EvaluatorError> {
        if let Some(position) = context.turn
            && !conversation.turns.iter().any(|turn| turn.position == position)
        {
            return Err(EvaluatorError::NoSuchTurn { position });
        }
        Ok(self.judge(&Reading::new(conversation), context))
    }
}
