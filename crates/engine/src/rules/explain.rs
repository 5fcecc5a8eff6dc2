//! Why there is a score, or none: for every rule that is on and each of its evaluators.
//!
//! What was filtered out is not stored. It is computed again, which is exact: rules are versioned and filters are pure.

use turnwise_model::conversation::{Conversation, SessionStatus};
use turnwise_model::evaluation::Evaluation;
use turnwise_model::filter::{Expression, Filter, FilterSubject, Subject};
use turnwise_model::rule::Rule;
use turnwise_model::sampling::draw;
use turnwise_model::score::Score;
use turnwise_model::view::rule::{Explanation, Fate};
use turnwise_model::{Micros, SessionId};
use turnwise_store::Decision;

use super::apply::evaluators;
use super::decide::Evaluators;
use super::design::Design;
use super::error::RuleError;
use super::service::Rules;
use super::words::{of_row, percent};
use crate::access::Access;
use crate::blind::withholds;

/// Whether filter or strata of a rule ask for scores, so that what became of a session tells them.
fn asks_for_scores(rule: &Rule) -> bool {
    let strata = rule.sampling.strata.iter().map(|stratum| stratum.filter.as_str());
    std::iter::once(rule.filter.as_str()).chain(strata).any(|filter| {
        Filter::parse(filter).is_ok_and(|filter| {
            filter.conditions().iter().any(|condition| matches!(condition.subject(), Subject::Score { .. }))
        })
    })
}

fn withhold(explanation: &mut Explanation) {
    if explanation.evaluation.is_none() {
        explanation.fate = Fate::Waiting;
        "This rule asks for scores. What came of it is withheld until you have reviewed this session in its blind queue."
            .clone_into(&mut explanation.text);
    }
    (explanation.draw, explanation.probability, explanation.stratum) = (None, None, None);
}

/// What is known of the session.
struct Facts {
    conversation: Conversation,
    scores: Vec<Score>,
    ledger: Vec<Evaluation>,
    decisions: Vec<Decision>,
    closed_at: Option<Micros>,
    ruled_revision: i64,
    now: Micros,
}

impl Rules {
    /// What became of a session at each rule that is on, evaluator by evaluator.
    ///
    /// # Errors
    /// [`RuleError::NoSuchSession`].
    pub async fn explain(&self, access: &Access, session: SessionId) -> Result<Vec<Explanation>, RuleError> {
        let project = access.project.id;
        let store = &self.store;
        let conversation = store.conversation(project, session).await?.ok_or(RuleError::NoSuchSession)?;
        let (closed_at, ruled_revision) =
            store.ruled_revision(project, session).await?.ok_or(RuleError::NoSuchSession)?;
        let facts = Facts {
            conversation,
            scores: store.scores_of_session(project, session).await?,
            ledger: store.ledger(project, session).await?,
            decisions: store.decisions(project, session).await?,
            closed_at,
            ruled_revision,
            now: self.ambient.now(),
        };
        let withheld = withholds(store, access, session, facts.now).await?;
        let evaluators = evaluators(store, project).await?;
        let mut explanations = Vec::new();
        for rule in store.rules(project).await?.into_iter().filter(|rule| rule.enabled) {
            let created_at = match store.rule_version(project, rule.id, 1).await? {
                Some(first) => first.created_at,
                None => rule.created_at,
            };
            let by_score = asks_for_scores(&rule);
            let mut explained = facts.explain(rule, created_at, &evaluators);
            if withheld && by_score {
                explained.iter_mut().for_each(withhold);
            }
            explanations.extend(explained);
        }
        Ok(explanations)
    }
}

impl Facts {
    /// `created_at` is when the rule's first version was made.
    fn explain(&self, rule: Rule, created_at: Micros, evaluators: &Evaluators) -> Vec<Explanation> {
        let session = &self.conversation.session;
        let decision =
            self.decisions.iter().find(|decision| decision.rule == rule.id && decision.revision == session.revision);
        let mut common = Explanation {
            rule: rule.id,
            rule_name: rule.name.clone(),
            rule_version: decision.map_or(rule.version, |decision| decision.rule_version),
            evaluator: None,
            evaluator_name: None,
            fate: Fate::Waiting,
            text: String::new(),
            draw: None,
            probability: None,
            stratum: None,
            evaluation: None,
        };
        let chosen = rule.evaluators.clone();
        let (fate, text) = match decision {
            Some(decision) => {
                common.draw = Some(draw(&decision.salt, session.id));
                common.probability = Some(decision.probability);
                common.stratum.clone_from(&decision.stratum);
                self.decided(decision)
            }
            None => match Design::of(rule) {
                Ok(design) => self.undecided(&design, created_at, &mut common),
                Err(error) => (Fate::FilteredOut, format!("The rule's filter cannot be read any more: {error}.")),
            },
        };
        (common.fate, common.text) = (fate, text);
        let named = chosen.iter().filter_map(|id| evaluators.get(id));
        let mut all: Vec<Explanation> = named
            .map(|version| {
                let mut one = common.clone();
                one.evaluator = Some(version.evaluator);
                one.evaluator_name = Some(version.name.clone());
                let newest = self
                    .ledger
                    .iter()
                    .filter(|row| row.evaluator == version.evaluator && row.revision == session.revision)
                    .max_by_key(|row| row.created_at);
                if let (Some(row), Some(_)) = (newest, decision) {
                    one.evaluation = Some(row.id);
                    (one.fate, one.text) = of_row(row);
                } else if decision.is_some_and(|decision| decision.sampled) {
                    one.fate = Fate::Missed;
                    one.text = format!(
                        "The rule took this session before the evaluator “{}” was added to it; a backfill would evaluate it.",
                        version.name
                    );
                }
                one
            })
            .collect();
        if all.is_empty() {
            all.push(common);
        }
        all
    }

    fn decided(&self, decision: &Decision) -> (Fate, String) {
        let stratum = decision.stratum.as_ref().map(|name| format!(" of the stratum “{name}”")).unwrap_or_default();
        let rate = percent(decision.probability.get());
        if decision.sampled {
            return (Fate::Done, format!("The rule took this session with a probability of {rate}{stratum}."));
        }
        let draw = draw(&decision.salt, self.conversation.session.id);
        let text = format!(
            "The rule takes {rate} of such sessions{stratum}, those whose draw is below {}; the draw of this one is {draw:.4}.",
            decision.probability
        );
        (Fate::SampledOut, text)
    }

    fn undecided(&self, design: &Design, created_at: Micros, common: &mut Explanation) -> (Fate, String) {
        let session = &self.conversation.session;
        let subject = FilterSubject::of(&self.conversation, &self.scores);
        let failing = failing(&design.filter, &subject, self.now);
        if !failing.is_empty() {
            let parts: Vec<String> = failing.iter().map(|part| format!("“{part}”")).collect();
            let text = match parts.as_slice() {
                [one] => format!("The rule's filter asks for {one}, which is not so for this session."),
                several => {
                    format!("The rule's filter asks for {}, none of which is so for this session.", list(several))
                }
            };
            return (Fate::FilteredOut, text);
        }
        let place = design.strata().iter().position(|stratum| stratum.matches(&subject, self.now));
        common.draw = Some(draw(&design.rule.sampling.salt, session.id));
        common.probability = Some(design.rate(place));
        common.stratum = design.stratum(place);
        if session.status == SessionStatus::Open {
            return (Fate::Waiting, "The session is open; the rule looks at it when it has closed.".to_owned());
        }
        if self.ruled_revision < session.revision {
            return (Fate::Waiting, "The session has closed and the rule is about to look at it.".to_owned());
        }
        let before = if self.closed_at.is_some_and(|closed_at| closed_at < created_at) {
            "The session closed before this rule was made"
        } else {
            "The session passes the filter now, but did not when it closed, or the rule was off or another version then"
        };
        (Fate::Missed, format!("{before}; a backfill would look at it."))
    }
}

/// The parts of a filter that do not hold; of alternatives all of them together.
fn failing<'f>(filter: &'f Filter, subject: &FilterSubject<'_>, now: Micros) -> Vec<&'f Expression> {
    let holds = |part: &Expression| Filter::all([part.clone()]).matches(subject, now);
    filter.conjuncts().iter().filter(|part| !holds(part)).collect()
}

/// `a`, `b` and `c`.
fn list(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
