//! By which design rows came about: the rule and its draw for machines' scores, the task and its arm for people's.

use std::collections::HashMap;

use turnwise_model::view::review::ReviewRow;
use turnwise_model::{EvaluatorId, Probability, ProjectId, RuleId, ScoreId, SessionId};
use turnwise_store::{Design, Names, Snapshot, StoreError};

use crate::exports::table::Cell;
use crate::exports::used::Used;

/// The designs of a page of sessions.
pub(super) struct Designs {
    of_machines: HashMap<(SessionId, EvaluatorId, String, i64), Design>,
    strata: HashMap<(RuleId, SessionId, i64), String>,
}

/// Which review a person's score is an answer of.
pub(super) struct Reviewed<'r> {
    of_scores: HashMap<ScoreId, &'r ReviewRow>,
}

/// What led to a row.
#[derive(Default)]
pub(super) struct Origin<'d> {
    pub(super) rule: Option<RuleId>,
    pub(super) rule_version: Option<i64>,
    pub(super) probability: Option<Probability>,
    pub(super) stratum: Option<&'d str>,
    pub(super) arm: Option<&'static str>,
}

impl Designs {
    pub(super) async fn read(snapshot: &mut Snapshot, sessions: &[SessionId]) -> Result<Self, StoreError> {
        let designs = snapshot.designs(sessions).await?;
        let of_machines = designs
            .into_iter()
            .map(|design| {
                ((design.session, design.evaluator, design.evaluator_version.clone(), design.revision), design)
            })
            .collect();
        Ok(Self { of_machines, strata: snapshot.strata(sessions).await? })
    }

    /// What led a machine to judge.
    pub(super) fn of_score(&self, score: &turnwise_model::score::Score) -> Origin<'_> {
        let (Some(evaluator), Some(version)) = (score.evaluator, &score.evaluator_version) else {
            return Origin::default();
        };
        let key = (score.target.session(), evaluator, version.clone(), score.revision);
        let Some(design) = self.of_machines.get(&key) else { return Origin::default() };
        Origin {
            rule: design.rule,
            rule_version: design.rule_version,
            probability: design.probability,
            stratum: design.stratum.as_deref(),
            arm: None,
        }
    }

    /// What led a task to a person.
    pub(super) fn of_review(&self, row: &ReviewRow) -> Origin<'_> {
        let task = &row.task;
        let key = task.rule.map(|rule| (rule, task.target.session(), task.revision));
        Origin {
            rule: task.rule,
            rule_version: task.rule_version,
            probability: task.probability,
            stratum: key.and_then(|key| self.strata.get(&key)).map(String::as_str),
            arm: Some(task.arm.as_str()),
        }
    }
}

impl Origin<'_> {
    /// The cells `arm, probability, stratum, rule, rule_id, rule_version`.
    pub(super) fn cells(&self, names: &Names, used: &mut Used) -> [Cell; 6] {
        used.rule(self.rule, self.rule_version, names);
        [
            Cell::text(self.arm),
            Cell::real(self.probability.map(Probability::get)),
            Cell::text(self.stratum),
            Cell::text(self.rule.and_then(|rule| names.rules.get(&rule)).map(String::as_str)),
            Cell::text(self.rule.map(|rule| rule.to_string())),
            Cell::integer(self.rule_version),
        ]
    }
}

impl<'r> Reviewed<'r> {
    pub(super) fn new(project: ProjectId, reviews: &'r [ReviewRow]) -> Self {
        let of_scores = reviews
            .iter()
            .flat_map(|row| row.review.answers.keys().map(move |key| (score_id(project, row, key), row)))
            .collect();
        Self { of_scores }
    }

    pub(super) fn of(&self, score: ScoreId) -> Option<&'r ReviewRow> {
        self.of_scores.get(&score).copied()
    }
}

/// The id of the score that an answer of a review became.
pub(super) fn score_id(project: ProjectId, row: &ReviewRow, question: &str) -> ScoreId {
    ScoreId::derive(project, &format!("{}:{question}", row.review.id))
}
