//! From claimed rows to what is to be evaluated: the session as it is now, the evaluator's version, and whether the very
//! same was evaluated before.

use std::collections::HashMap;
use std::sync::Arc;

use turnwise_model::conversation::Conversation;
use turnwise_model::evaluation::{EvaluatorVersion, State};
use turnwise_model::{Micros, ProjectId, SessionId};
use turnwise_store::{ClaimedEvaluation, Outcome, Store, StoreError};

use super::outcome::{Finished, Verdicts};
use super::plan::input_hash;

/// After so many claims a row is given up: whoever takes it seems to die of it.
const MOST_CLAIMS: i64 = 100;

/// Something to evaluate.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) claimed: ClaimedEvaluation,
    pub(super) conversation: Arc<Conversation>,
    pub(super) version: EvaluatorVersion,
    pub(super) input_hash: String,
}

/// Sorts claimed rows of one project into what is to be evaluated and what has ended already.
pub(super) async fn prepare(
    store: &Store,
    project: ProjectId,
    claimed: Vec<ClaimedEvaluation>,
    now: Micros,
) -> Result<(Vec<Ready>, Vec<Finished>), StoreError> {
    let mut sessions: Vec<SessionId> = claimed.iter().map(|row| row.evaluation.target.session()).collect();
    sessions.sort_unstable();
    sessions.dedup();
    let records = store.session_records(project, &sessions).await?;
    let mut turns = store.turns_of_sessions(project, &sessions).await?;
    let mut conversations: HashMap<SessionId, Arc<Conversation>> = HashMap::with_capacity(sessions.len());
    for (id, record) in &records {
        let turns = turns.remove(id).unwrap_or_default();
        conversations.insert(*id, Arc::new(Conversation { session: record.session.clone(), turns }));
    }
    let mut versions: HashMap<(String, String), Option<EvaluatorVersion>> = HashMap::new();
    let (mut ready, mut finished) = (Vec::new(), Vec::new());
    for claimed in claimed {
        let row = &claimed.evaluation;
        let end = |claimed, state, reason: &str| Finished::without(claimed, state, reason.to_owned(), now);
        let session = row.target.session();
        let (Some(record), Some(conversation)) = (records.get(&session), conversations.get(&session)) else {
            finished.push(end(claimed, State::Failed, "the session is not there any more"));
            continue;
        };
        if record.session.revision != row.revision {
            let reason = "the session changed before it was evaluated, see its newest revision";
            finished.push(end(claimed, State::Done, reason));
            continue;
        }
        if row.attempts > MOST_CLAIMS {
            finished.push(end(claimed, State::Failed, "given up after 100 attempts that never came to an end"));
            continue;
        }
        let key = (row.evaluator.to_string(), row.evaluator_version.clone());
        let version = match versions.get(&key) {
            Some(version) => version.clone(),
            None => {
                let version = store.evaluator_version(project, row.evaluator, &row.evaluator_version).await?;
                versions.insert(key, version.clone());
                version
            }
        };
        let Some(version) = version else {
            finished.push(end(claimed, State::Failed, "the evaluator is not there any more"));
            continue;
        };
        let input_hash = input_hash(record);
        if let Some(earlier) = store.evaluated_before(project, row, &input_hash).await? {
            let outcome = Outcome {
                state: State::Done,
                reason: earlier.reason.clone(),
                cost: Some(turnwise_model::Usd(0.0)),
                latency_ms: Some(0),
                input_hash,
                due_at: now,
            };
            finished.push(Finished { claimed, outcome, verdicts: Verdicts::Earlier(Box::new(earlier)) });
            continue;
        }
        ready.push(Ready { claimed, conversation: Arc::clone(conversation), version, input_hash });
    }
    Ok((ready, finished))
}

impl Ready {
    /// The row with what became of it.
    pub(super) fn finish(self, outcome: Outcome, run: super::run::Run) -> Finished {
        let verdicts = match run {
            Ok(turnwise_evaluators::Outcome::Scored(scored)) => Verdicts::Given {
                verdicts: scored.verdicts,
                turns: self.conversation.turns.iter().map(|turn| (turn.position, turn.id)).collect(),
                score_name: self.version.score_name,
            },
            Ok(turnwise_evaluators::Outcome::Abstained(_)) => Verdicts::None,
            Err(_) => Verdicts::Unknown,
        };
        Finished { claimed: self.claimed, outcome, verdicts }
    }
}
