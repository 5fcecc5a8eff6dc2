//! Checking a draft: what cannot be is refused with the field named, what was left open is filled in.

use std::collections::HashSet;

use turnwise_model::filter::Filter;
use turnwise_model::rule::{Rule, Test};
use turnwise_model::view::rule::RuleDraft;
use turnwise_model::{Micros, QueueId, RuleId};

use super::decide::Evaluators;
use super::error::RuleError;

/// The longest name of a rule or a stratum, in characters.
const LONGEST_NAME: usize = 80;
/// The longest salt, in bytes.
const LONGEST_SALT: usize = 100;
/// The most strata, and the most routes.
const MOST: usize = 20;

/// What a draft may name.
#[derive(Debug)]
pub(super) struct Known<'a> {
    pub(super) evaluators: &'a Evaluators,
    pub(super) queues: &'a HashSet<QueueId>,
}

/// The rule that a draft describes. Its filters are stored as they are read.
pub(super) fn rule(
    draft: &RuleDraft,
    known: &Known<'_>,
    before: Option<&Rule>,
    id: RuleId,
    now: Micros,
) -> Result<Rule, RuleError> {
    let name = name("name", &draft.name)?;
    let filter = filter("filter", &draft.filter)?;
    let mut sampling = draft.sampling.clone();
    // A new version goes on with the draw of the one before, so that the samples are nested.
    let salt = before.map_or_else(|| id.to_string(), |rule| rule.sampling.salt.clone());
    sampling.salt = chosen_salt("sampling.salt", &sampling.salt, salt)?;
    if sampling.strata.len() > MOST {
        return Err(RuleError::field("strata", format!("there can be at most {MOST} strata")));
    }
    let mut names = HashSet::new();
    for (number, stratum) in sampling.strata.iter_mut().enumerate() {
        stratum.name = self::name(&format!("strata[{number}].name"), &stratum.name)?;
        if !names.insert(stratum.name.clone()) {
            let reason = format!("there are two strata named {:?}, give each a name of its own", stratum.name);
            return Err(RuleError::field(format!("strata[{number}].name"), reason));
        }
        stratum.filter = self::filter(&format!("strata[{number}].filter"), &stratum.filter)?;
        if stratum.filter.is_empty() {
            let reason = "a stratum needs a filter, as it would take every session; the rest has the rule's own rate";
            return Err(RuleError::field(format!("strata[{number}].filter"), reason));
        }
    }
    if sampling.rate.get() <= 0.0 && sampling.strata.iter().all(|stratum| stratum.rate.get() <= 0.0) {
        return Err(RuleError::field("rate", "a rate of 0 takes no session at all, choose one above 0"));
    }
    let mut evaluators = Vec::new();
    for evaluator in &draft.evaluators {
        if !known.evaluators.contains_key(evaluator) {
            let reason = format!("there is no evaluator {evaluator} in use, choose one of the list");
            return Err(RuleError::field("evaluators", reason));
        }
        if !evaluators.contains(evaluator) {
            evaluators.push(*evaluator);
        }
    }
    if evaluators.is_empty() && draft.audit.is_none() && draft.routes.is_empty() {
        let reason = "choose an evaluator, or an audit arm: a rule without either does nothing";
        return Err(RuleError::field("evaluators", reason));
    }
    routes(draft, known)?;
    let audit = audit(draft, known, before, id, &sampling.salt)?;
    Ok(Rule {
        id,
        version: before.map_or(1, |rule| rule.version + 1),
        name,
        filter,
        sampling,
        evaluators,
        routes: draft.routes.clone(),
        audit,
        enabled: draft.enabled,
        created_at: now,
    })
}

fn routes(draft: &RuleDraft, known: &Known<'_>) -> Result<(), RuleError> {
    if draft.routes.len() > MOST {
        return Err(RuleError::field("routes", format!("there can be at most {MOST} routes")));
    }
    for (number, route) in draft.routes.iter().enumerate() {
        if route.when.score.trim().is_empty() {
            let reason = "name the score, or write * for any score of the rule's evaluators";
            return Err(RuleError::field(format!("routes[{number}].score"), reason));
        }
        if let Test::Below(limit) | Test::Above(limit) = route.when.test
            && !limit.is_finite()
        {
            return Err(RuleError::field(format!("routes[{number}].than"), "it must be a number"));
        }
        if !known.queues.contains(&route.queue) {
            return Err(RuleError::field(format!("routes[{number}].queue"), "there is no such queue in this project"));
        }
    }
    Ok(())
}

fn audit(
    draft: &RuleDraft,
    known: &Known<'_>,
    before: Option<&Rule>,
    id: RuleId,
    salt: &str,
) -> Result<Option<turnwise_model::rule::Audit>, RuleError> {
    let Some(mut audit) = draft.audit.clone() else { return Ok(None) };
    if audit.rate.get() <= 0.0 {
        return Err(RuleError::field("audit.rate", "a rate of 0 audits nothing, choose one above 0 or leave it out"));
    }
    if !known.queues.contains(&audit.queue) {
        return Err(RuleError::field("audit.queue", "there is no such queue in this project"));
    }
    let usual = before.and_then(|rule| rule.audit.as_ref()).map_or_else(|| format!("{id}:audit"), |a| a.salt.clone());
    audit.salt = chosen_salt("audit.salt", &audit.salt, usual)?;
    if audit.salt == salt {
        let reason = "it must differ from the rule's own salt, or the audit arm would not be drawn independently";
        return Err(RuleError::field("audit.salt", reason));
    }
    Ok(Some(audit))
}

fn name(field: &str, name: &str) -> Result<String, RuleError> {
    let name = name.trim();
    if (1..=LONGEST_NAME).contains(&name.chars().count()) {
        Ok(name.to_owned())
    } else {
        Err(RuleError::field(field, format!("it must be 1 to {LONGEST_NAME} characters long")))
    }
}

/// The filter in its canonical text.
fn filter(field: &str, text: &str) -> Result<String, RuleError> {
    match Filter::parse(text) {
        Ok(filter) => Ok(filter.to_string()),
        Err(error) => Err(RuleError::filter(field, error)),
    }
}

fn chosen_salt(field: &str, given: &str, usual: String) -> Result<String, RuleError> {
    let given = given.trim();
    match given.len() {
        0 => Ok(usual),
        1..=LONGEST_SALT => Ok(given.to_owned()),
        _ => Err(RuleError::field(field, format!("it must be at most {LONGEST_SALT} bytes long"))),
    }
}
