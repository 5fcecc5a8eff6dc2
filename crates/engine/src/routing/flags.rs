//! Which targets a rule's routes send to a queue, given the scores there are. Pure.

use std::collections::{BTreeMap, HashMap};

use turnwise_model::evaluation::{Evaluation, EvaluatorVersion};
use turnwise_model::rule::{Rule, Test};
use turnwise_model::score::{Score, Source, Target};
use turnwise_model::{EvaluatorId, QueueId, TurnId};

/// A target that a route sends to a queue.
#[derive(Debug, Clone, PartialEq)]
pub struct Flag {
    /// Where to.
    pub queue: QueueId,
    /// What.
    pub target: Target,
    /// Distance of the score from its threshold, the least where several scores flag it.
    pub uncertainty: f64,
}

/// Which version of each evaluator counts, by content hash: scores of older ones do not route.
#[derive(Debug, Clone, Default)]
pub struct Judged {
    versions: HashMap<EvaluatorId, String>,
    thresholds: HashMap<EvaluatorId, f64>,
}

impl Judged {
    /// By these versions.
    pub fn by<'a>(versions: impl IntoIterator<Item = &'a EvaluatorVersion>) -> Self {
        let mut judged = Self::default();
        for version in versions {
            judged.versions.insert(version.evaluator, version.hash.clone());
            judged.thresholds.insert(version.evaluator, version.threshold);
        }
        judged
    }

    /// By the newest rows of a session's ledger; thresholds, which only order tasks, are those of the versions in use.
    pub fn of_ledger<'a>(ledger: &[Evaluation], in_use: impl IntoIterator<Item = &'a EvaluatorVersion>) -> Self {
        let mut newest: HashMap<EvaluatorId, &Evaluation> = HashMap::new();
        for row in ledger {
            let known = newest.entry(row.evaluator).or_insert(row);
            if (row.revision, row.created_at) >= (known.revision, known.created_at) {
                *known = row;
            }
        }
        Self {
            versions: newest.into_iter().map(|(id, row)| (id, row.evaluator_version.clone())).collect(),
            thresholds: in_use.into_iter().map(|version| (version.evaluator, version.threshold)).collect(),
        }
    }

    /// Whether a score is of the evaluator's version that counts.
    fn counts(&self, evaluator: EvaluatorId, score: &Score) -> bool {
        self.versions.get(&evaluator).is_some_and(|hash| score.evaluator_version.as_ref() == Some(hash))
    }

    /// How far a score is from being judged otherwise; 1 where that is not known.
    pub(super) fn uncertainty(&self, score: &Score) -> f64 {
        let threshold = score.evaluator.and_then(|evaluator| self.thresholds.get(&evaluator));
        score.value.number().zip(threshold).map_or(1.0, |(number, threshold)| (number - threshold).abs())
    }
}

/// The targets that the routes of a rule send to queues, each once per queue.
///
/// Only fresh scores count, of the rule's evaluators, or of the name that a route gives; what reviewers answered routes
/// nothing. Where scores of an evaluator on turns meet the condition, these turns are meant; where only its score on the
/// session does, the turns that its evidence names; and the session where it names none.
#[must_use]
pub fn flags(rule: &Rule, scores: &[Score], judged: &Judged, positions: &HashMap<u32, TurnId>) -> Vec<Flag> {
    let mut found: BTreeMap<(QueueId, Target), f64> = BTreeMap::new();
    let eligible: Vec<&Score> = scores.iter().filter(|score| is_eligible(score, rule, judged)).collect();
    for route in &rule.routes {
        let any = route.when.score == "*";
        let mut groups: BTreeMap<(Option<EvaluatorId>, &str), Vec<&Score>> = BTreeMap::new();
        for score in eligible.iter().filter(|score| holds(route.when.test, score)) {
            let is_meant = if any { score.evaluator.is_some() } else { score.name == route.when.score };
            if is_meant {
                groups.entry((score.evaluator, &score.name)).or_default().push(score);
            }
        }
        for scores in groups.into_values() {
            let on_turns = scores.iter().any(|score| score.target.turn().is_some());
            for score in scores.into_iter().filter(|score| !on_turns || score.target.turn().is_some()) {
                let uncertainty = judged.uncertainty(score);
                for target in targets(score, positions) {
                    let least = found.entry((route.queue, target)).or_insert(uncertainty);
                    *least = least.min(uncertainty);
                }
            }
        }
    }
    found.into_iter().map(|((queue, target), uncertainty)| Flag { queue, target, uncertainty }).collect()
}

/// Whether the rule may look at a score.
pub(super) fn is_eligible(score: &Score, rule: &Rule, judged: &Judged) -> bool {
    if score.stale || score.source == Source::Human {
        return false;
    }
    match score.evaluator {
        Some(evaluator) => rule.evaluators.contains(&evaluator) && judged.counts(evaluator, score),
        None => true,
    }
}

fn holds(test: Test, score: &Score) -> bool {
    match test {
        Test::Failed => score.passed == Some(false),
        Test::Below(limit) => score.value.number().is_some_and(|number| number < limit),
        Test::Above(limit) => score.value.number().is_some_and(|number| number > limit),
    }
}

fn targets(score: &Score, positions: &HashMap<u32, TurnId>) -> Vec<Target> {
    let session = score.target.session();
    if let Some(turn) = score.target.turn() {
        return vec![Target::Turn { session, turn }];
    }
    let mut turns: Vec<TurnId> =
        score.evidence.iter().filter_map(|evidence| positions.get(&evidence.position)).copied().collect();
    turns.sort();
    turns.dedup();
    if turns.is_empty() {
        return vec![Target::Session { session }];
    }
    turns.into_iter().map(|turn| Target::Turn { session, turn }).collect()
}
