//! What every new project begins with: the four qualities that matter for most applications, each as check and as judge.

use turnwise_evaluators::catalogue;
use turnwise_model::evaluation::{EvaluatorVersion, content_hash};
use turnwise_model::{Ambient, ProjectId};
use turnwise_store::{StoreError, Transaction};

/// The keys of the catalogue's entries that a new project gets.
const DEFAULTS: [&str; 8] = [
    "coherence",
    "resolution",
    "safety",
    "hallucination",
    "coherence_judge",
    "resolution_judge",
    "safety_judge",
    "hallucination_judge",
];

/// Gives a project the default evaluators; those whose names it has stay as they are.
pub(crate) async fn install(
    transaction: &mut Transaction,
    project: ProjectId,
    ambient: &Ambient,
) -> Result<(), StoreError> {
    let definitions = catalogue::definitions();
    for key in DEFAULTS {
        let Some(definition) = definitions.iter().find(|definition| definition.name == key) else { continue };
        let Some(method) = catalogue::method(key) else { continue };
        let (granularity, score_name, threshold) =
            (definition.granularity, definition.score_name.clone(), definition.threshold);
        let version = EvaluatorVersion {
            evaluator: ambient.id(),
            name: definition.title.clone(),
            number: 1,
            hash: content_hash(granularity, &method, &score_name, threshold),
            granularity,
            method,
            score_name,
            threshold,
            created_at: ambient.now(),
        };
        transaction.insert_evaluator(project, &version).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_is_in_the_catalogue() {
        let definitions = catalogue::definitions();
        for key in DEFAULTS {
            assert!(definitions.iter().any(|definition| definition.name == key), "{key}");
            assert!(catalogue::method(key).is_some(), "{key}");
        }
    }
}
