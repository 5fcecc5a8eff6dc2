//! The catalogue: every built-in evaluator, and how a stored version of one becomes an [`Evaluator`] again.

use std::sync::Arc;

use turnwise_model::Ambient;
use turnwise_model::evaluation::{EvaluatorVersion, Method};

use crate::judge::{self, Judge, Provider};
use crate::{Check, CheckEvaluator, Definition, Evaluator, checks};

/// A stored version that cannot be made to run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// The version names a check that there is not.
    #[error("there is no check {name:?}, choose one of {known}")]
    UnknownCheck {
        /// The name it has.
        name: String,
        /// The names there are.
        known: String,
    },
    /// The check does not take these settings.
    #[error("the settings of the check {check} are invalid: {reason}")]
    Settings {
        /// The check.
        check: String,
        /// What is wrong with which setting.
        reason: String,
    },
    /// The judge's prompt is no valid template.
    #[error(transparent)]
    Template(#[from] judge::TemplateError),
}

/// What is built in: first the checks, then the judges.
#[must_use]
pub fn definitions() -> Vec<Definition> {
    let checks = checks::BUILT_IN.iter().map(|make| make().definition());
    checks.chain(judge::BUILT_IN.iter().map(judge::BuiltIn::definition)).collect()
}

/// The built-in check of that name, with its default settings.
#[must_use]
pub fn check(name: &str) -> Option<Box<dyn Check>> {
    checks::BUILT_IN.iter().map(|make| make()).find(|check| check.definition().name == name)
}

/// How the built-in evaluator of that name works, to be stored as a version.
#[must_use]
pub fn method(name: &str) -> Option<Method> {
    if check(name).is_some() {
        return Some(Method::Check { check: name.to_owned(), settings: serde_json::Value::Null });
    }
    let built_in = judge::BUILT_IN.iter().find(|judge| judge.name == name)?;
    Some(Method::Judge { prompt: built_in.prompt.to_owned(), model: None, temperature: Some(0.0) })
}

/// Makes a stored version run. Without a provider, a judge answers [`crate::EvaluatorError::NoProvider`] until there is one.
///
/// # Errors
/// When the check is unknown, its settings are invalid, or the prompt is no valid template.
pub fn build(
    version: &EvaluatorVersion,
    provider: Option<Arc<dyn Provider>>,
    ambient: &Ambient,
) -> Result<Arc<dyn Evaluator>, BuildError> {
    match &version.method {
        Method::Check { .. } => Ok(Arc::new(build_check(version)?)),
        Method::Judge { .. } => Ok(Arc::new(Judge::from_version(version, provider, ambient.clone())?)),
    }
}

/// The same for checks, as what several of them can share one [`crate::Reading`] through.
///
/// # Errors
/// When the check is unknown, a judge's, or its settings are invalid.
pub fn build_check(version: &EvaluatorVersion) -> Result<CheckEvaluator, BuildError> {
    let unknown = |name: &str| BuildError::UnknownCheck { name: name.to_owned(), known: known_checks() };
    let Method::Check { check: name, settings } = &version.method else { return Err(unknown(&version.name)) };
    let found = check(name).ok_or_else(|| unknown(name))?;
    let check = found.with_settings(settings).map_err(|reason| BuildError::Settings { check: name.clone(), reason })?;
    Ok(CheckEvaluator::new(check).named(&version.name, &version.score_name, version.threshold))
}

fn known_checks() -> String {
    let names: Vec<String> = checks::BUILT_IN.iter().map(|make| make().definition().name).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;
    use turnwise_model::evaluation::Granularity;
    use turnwise_model::{EvaluatorId, Micros, TurnId};

    fn version(method: Method) -> EvaluatorVersion {
        let id = TurnId::derive(turnwise_model::SessionId::derive(project(), "s"), "t").as_uuid().to_string();
        EvaluatorVersion {
            evaluator: id.parse::<EvaluatorId>().unwrap(),
            name: "ours".to_owned(),
            number: 1,
            hash: String::new(),
            granularity: Granularity::Session,
            method,
            score_name: "ours_score".to_owned(),
            threshold: 0.8,
            created_at: Micros(0),
        }
    }

    fn ambient() -> Ambient {
        Ambient::for_tests(Micros(1)).0
    }

    fn project() -> turnwise_model::ProjectId {
        "00000000-0000-7000-8000-000000000001".parse().unwrap()
    }

    #[test]
    fn names_are_unique_and_every_one_can_be_built() {
        let definitions = definitions();
        let names: HashSet<&str> = definitions.iter().map(|definition| definition.name.as_str()).collect();
        assert_eq!(names.len(), definitions.len());
        for definition in &definitions {
            let evaluator = build(&version(method(&definition.name).unwrap()), None, &ambient()).unwrap();
            assert_eq!(evaluator.definition().score_name, "ours_score");
            assert!((evaluator.definition().threshold - 0.8).abs() < 1e-9);
        }
    }

    #[test]
    fn an_unknown_check_and_an_unknown_setting_are_named() {
        let unknown = Method::Check { check: "vibes".to_owned(), settings: serde_json::Value::Null };
        let error = build(&version(unknown), None, &ambient()).unwrap_err().to_string();
        assert!(error.starts_with("there is no check \"vibes\", choose one of coherence, resolution"), "{error}");
        let wrong = Method::Check { check: "latency".to_owned(), settings: serde_json::json!({"limit": 3}) };
        let error = build(&version(wrong), None, &ambient()).unwrap_err().to_string();
        assert!(error.contains("latency") && error.contains("unknown field `limit`"), "{error}");
    }
}
