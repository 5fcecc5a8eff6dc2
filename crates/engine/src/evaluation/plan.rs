//! How a row comes on the ledger: what is judged, by which version, and who asked.

use turnwise_model::evaluation::{Evaluation, EvaluatorVersion, State, ledger_id};
use turnwise_model::score::Target;
use turnwise_model::{Micros, Probability, RuleId};
use turnwise_store::{NewEvaluation, SessionRecord};

/// Who asks for an evaluation, and with which probability.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AskedBy {
    /// The rule, with its version; `None` when a person asks.
    pub rule: Option<(RuleId, i64)>,
    /// The probability with which the rule took the session.
    pub probability: Option<Probability>,
    /// Salt of the draw.
    pub salt: Option<String>,
    /// Stratum of the draw.
    pub stratum: Option<String>,
}

/// Hash of what evaluators see of a session: its turns, how it ended, its metadata.
///
/// The same hash is the same question: an evaluator version that has answered it is not asked again.
#[must_use]
pub fn input_hash(record: &SessionRecord) -> String {
    let session = &record.session;
    let seen = serde_json::json!([record.state.content_hash, session.end_reason, session.metadata]).to_string();
    blake3::hash(seen.as_bytes()).to_hex()[..32].to_owned()
}

/// A row for [`turnwise_store::Transaction::insert_evaluation`]: this session as it is now, this version of an evaluator.
///
/// `state` is `queued`, or `sampled_out` or `capped` with the reason.
#[must_use]
pub fn ledger_row(
    record: &SessionRecord,
    evaluator: &EvaluatorVersion,
    asked: AskedBy,
    state: State,
    reason: Option<String>,
    now: Micros,
) -> NewEvaluation {
    let session = &record.session;
    let (rule, rule_version) = asked.rule.unzip();
    let evaluation = Evaluation {
        id: ledger_id(record.project, session.id, session.revision, evaluator.evaluator, &evaluator.hash),
        target: Target::Session { session: session.id },
        revision: session.revision,
        evaluator: evaluator.evaluator,
        evaluator_version: evaluator.hash.clone(),
        evaluator_name: evaluator.name.clone(),
        kind: evaluator.method.kind(),
        rule,
        rule_version,
        probability: asked.probability,
        salt: asked.salt,
        stratum: asked.stratum,
        state,
        attempts: 0,
        reason,
        cost: None,
        latency_ms: None,
        created_at: now,
        updated_at: now,
    };
    NewEvaluation { evaluation, input_hash: input_hash(record) }
}
