//! What a draft of an evaluator must be like, and the version it makes.

use turnwise_evaluators::catalogue::build;
use turnwise_model::evaluation::{EvaluatorVersion, Method, content_hash};
use turnwise_model::view::evaluator::EvaluatorDraft;
use turnwise_model::{Ambient, EvaluatorId};

use super::EvaluatorSettingError;

/// The version of that number that a draft makes, if it can run.
pub(super) fn version(
    draft: &EvaluatorDraft,
    evaluator: EvaluatorId,
    number: i64,
    ambient: &Ambient,
) -> Result<EvaluatorVersion, EvaluatorSettingError> {
    let wrong = |field, what, expected| Err(EvaluatorSettingError::Setting { field, what, expected });
    let name = draft.name.trim();
    if !(1..=80).contains(&name.chars().count()) || name.chars().any(char::is_control) {
        return wrong("name", "the name", "one line of 1 to 80 characters");
    }
    let score_name = draft.score_name.trim();
    let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let starts_well = score_name.starts_with(|c: char| c.is_ascii_lowercase());
    if !starts_well || score_name.len() > 60 || !score_name.chars().all(word) {
        let expected = "1 to 60 lowercase letters, digits and underscores, beginning with a letter";
        return wrong("score_name", "the name of the scores", expected);
    }
    if !(0.0..=1.0).contains(&draft.threshold) {
        return wrong("threshold", "the threshold", "a number from 0 to 1");
    }
    if let Method::Judge { model, temperature, .. } = &draft.method {
        if model.as_ref().is_some_and(|model| model.trim().is_empty() || model.len() > 200) {
            return wrong("model", "the model", "1 to 200 bytes long, or left out for the provider's");
        }
        if temperature.is_some_and(|temperature| !(0.0..=2.0).contains(&temperature)) {
            return wrong("temperature", "the temperature", "a number from 0 to 2, or left out for the model's");
        }
    }
    let version = EvaluatorVersion {
        evaluator,
        name: name.to_owned(),
        number,
        hash: content_hash(draft.granularity, &draft.method, score_name, draft.threshold),
        granularity: draft.granularity,
        method: draft.method.clone(),
        score_name: score_name.to_owned(),
        threshold: draft.threshold,
        created_at: ambient.now(),
    };
    build(&version, None, ambient)?;
    Ok(version)
}
