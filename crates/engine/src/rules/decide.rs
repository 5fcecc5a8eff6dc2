//! Writing down what a rule decides about one session: the decision, the rows of the ledger, the design they came by.

use std::collections::HashMap;

use turnwise_model::conversation::SessionStatus;
use turnwise_model::evaluation::{Evaluation, EvaluatorVersion, State, ledger_id};
use turnwise_model::score::Target;
use turnwise_model::{EvaluatorId, Micros, ProjectId, SessionId};
use turnwise_store::{BackfillStep, Decision, NewEvaluation, SessionRecord, StoreError, Transaction};

use super::design::{Design, Place};
use crate::evaluation::input_hash;

/// The evaluators in use, by id.
pub(super) type Evaluators = HashMap<EvaluatorId, EvaluatorVersion>;

/// How far a cap reaches.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cap<'a> {
    /// By which factor every rate is lowered; 1 for no cap.
    pub(super) thinning: f64,
    /// What the ledger says about sessions that it leaves out.
    pub(super) reason: &'a str,
}

impl Cap<'_> {
    pub(super) const NONE: Self = Self { thinning: 1.0, reason: "" };
}

/// Whether rules may decide about a session that was read before it was locked.
pub(super) fn is_unchanged(record: &SessionRecord, revision: i64) -> bool {
    record.session.status == SessionStatus::Closed && record.session.revision == revision
}

/// Writes what the rule decides about a locked session that passes its filter. Doing it twice changes nothing.
pub(super) async fn decide(
    transaction: &mut Transaction,
    project: ProjectId,
    design: &Design,
    (record, place): (&SessionRecord, Place),
    evaluators: &Evaluators,
    cap: Cap<'_>,
    now: Micros,
) -> Result<BackfillStep, StoreError> {
    let session: SessionId = record.session.id;
    let drawn = design.draw(session, place, cap.thinning);
    let rule = &design.rule;
    let decision = Decision {
        rule: rule.id,
        rule_version: rule.version,
        session,
        revision: record.session.revision,
        sampled: drawn.sampled,
        probability: drawn.probability,
        salt: rule.sampling.salt.clone(),
        stratum: design.stratum(place),
        created_at: now,
    };
    let is_new = transaction.put_decision(project, &decision).await?;
    let is_capped = drawn.in_rate && !drawn.sampled;
    let mut step = BackfillStep {
        matched: 1,
        sampled: i64::from(drawn.sampled),
        capped: i64::from(is_capped),
        ..BackfillStep::default()
    };
    if !drawn.in_rate {
        return Ok(step);
    }
    for version in rule.evaluators.iter().filter_map(|id| evaluators.get(id)) {
        let row = row(project, &decision, version, is_capped.then_some(cap.reason));
        let new = NewEvaluation { evaluation: row, input_hash: input_hash(record) };
        let is_queued = transaction.insert_evaluation(project, &new).await? && !is_capped;
        step.evaluations += i64::from(is_queued);
    }
    if drawn.sampled {
        if step.evaluations > 0 && !is_new {
            // It was routed by the scores there were; there will be others.
            transaction.await_again(project, &decision).await?;
        }
        transaction.mark_ready(project, session, decision.revision, now).await?;
    }
    Ok(step)
}

fn row(project: ProjectId, decision: &Decision, version: &EvaluatorVersion, capped: Option<&str>) -> Evaluation {
    let Decision { session, revision, created_at, .. } = *decision;
    Evaluation {
        id: ledger_id(project, session, revision, version.evaluator, &version.hash),
        target: Target::Session { session },
        revision,
        evaluator: version.evaluator,
        evaluator_version: version.hash.clone(),
        evaluator_name: version.name.clone(),
        kind: version.method.kind(),
        rule: Some(decision.rule),
        rule_version: Some(decision.rule_version),
        probability: Some(decision.probability),
        salt: Some(decision.salt.clone()),
        stratum: decision.stratum.clone(),
        state: if capped.is_some() { State::Capped } else { State::Queued },
        attempts: 0,
        reason: capped.map(str::to_owned),
        cost: None,
        latency_ms: None,
        created_at,
        updated_at: created_at,
    }
}
