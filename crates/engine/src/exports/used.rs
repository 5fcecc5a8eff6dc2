//! [`Used`]: the versions of evaluators, rules and rubrics that an export met, for its manifest.

use std::collections::BTreeSet;

use turnwise_model::score::Score;
use turnwise_model::view::export::{EvaluatorUsed, RubricUsed, RuleUsed};
use turnwise_model::{RubricId, RuleId};
use turnwise_store::Names;

/// What was met so far.
#[derive(Debug, Default)]
pub(super) struct Used {
    pub(super) evaluators: BTreeSet<EvaluatorUsed>,
    pub(super) rules: BTreeSet<RuleUsed>,
    pub(super) rubrics: BTreeSet<RubricUsed>,
    last: Option<(turnwise_model::EvaluatorId, String)>,
}

impl Used {
    /// A score was met.
    pub(super) fn score(&mut self, score: &Score, names: &Names) {
        let (Some(id), Some(version)) = (score.evaluator, &score.evaluator_version) else { return };
        // Most scores are of the same few evaluators.
        if self.last.as_ref().is_some_and(|(last, hash)| *last == id && hash == version) {
            return;
        }
        let key = (id, version.clone());
        self.evaluators.insert(EvaluatorUsed {
            name: names.evaluators.get(&id).cloned(),
            id,
            version: version.clone(),
            number: names.evaluator_numbers.get(&key).copied(),
        });
        self.last = Some(key);
    }

    /// A rule was met.
    pub(super) fn rule(&mut self, id: Option<RuleId>, version: Option<i64>, names: &Names) {
        let Some(id) = id else { return };
        if !self.rules.iter().any(|used| used.id == id && used.version == version) {
            self.rules.insert(RuleUsed { name: names.rules.get(&id).cloned(), id, version });
        }
    }

    /// Answers to a rubric were met.
    pub(super) fn rubric(&mut self, id: RubricId, version: i64, names: &Names) {
        if !self.rubrics.iter().any(|used| used.id == id && used.version == version) {
            self.rubrics.insert(RubricUsed { name: names.rubrics.get(&id).cloned(), id, version });
        }
    }
}
