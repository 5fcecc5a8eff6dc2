//! Writing what became of rows: state and scores in one transaction, and nothing for a row that is held no longer.

use std::collections::BTreeMap;

use turnwise_evaluators::Verdict;
use turnwise_model::score::{Score, Target, Value};
use turnwise_model::{Micros, ProjectId, ScoreId, SessionId, TurnId};
use turnwise_store::{ClaimedEvaluation, Durability, Origin, SessionRecord, Store, StoreError, Transaction};

use super::outcome::{Finished, Verdicts};
use super::plan::input_hash;

/// Writes them, all or none.
pub(super) async fn write(store: &Store, finished: Vec<Finished>) -> Result<(), StoreError> {
    if finished.is_empty() {
        return Ok(());
    }
    let mut by_project: BTreeMap<ProjectId, Vec<Finished>> = BTreeMap::new();
    for finished in finished {
        by_project.entry(finished.claimed.project).or_default().push(finished);
    }
    let mut transaction = store.write(Durability::Derived).await?;
    for (project, finished) in by_project {
        let mut sessions: Vec<SessionId> =
            finished.iter().map(|finished| finished.claimed.evaluation.target.session()).collect();
        sessions.sort_unstable();
        sessions.dedup();
        // First the sessions, in order, as everybody does who writes about them.
        let records = transaction.lock_sessions(project, &sessions).await?;
        for finished in finished {
            let record = records.get(&finished.claimed.evaluation.target.session());
            write_one(&mut transaction, project, finished, record).await?;
        }
    }
    transaction.commit().await
}

async fn write_one(
    transaction: &mut Transaction,
    project: ProjectId,
    finished: Finished,
    record: Option<&SessionRecord>,
) -> Result<(), StoreError> {
    let Finished { claimed, outcome, verdicts } = finished;
    let row = &claimed.evaluation;
    if !transaction.settle_evaluation(&claimed, &outcome).await? {
        tracing::debug!(evaluation = %row.id, "an evaluation was lost to another worker or asked for anew, its result does not count");
        return Ok(());
    }
    metrics::counter!("turnwise_evaluations_total", "kind" => row.kind.as_str(), "state" => outcome.state.as_str())
        .increment(1);
    match verdicts {
        Verdicts::Unknown => Ok(()),
        Verdicts::None => transaction.supersede_scores(project, row, &[]).await,
        Verdicts::Earlier(earlier) => transaction.revive_scores(project, &earlier).await,
        Verdicts::Given { verdicts, turns, score_name } => {
            // What was judged is not what there is now: it is kept, and does not count.
            let stale = record.is_none_or(|record| input_hash(record) != outcome.input_hash);
            let at = outcome.due_at;
            let scores: Vec<Score> = verdicts
                .into_iter()
                .filter_map(|verdict| score(&claimed, verdict, &turns, &score_name, stale, at))
                .collect();
            let ids: Vec<ScoreId> = scores.iter().map(|score| score.id).collect();
            transaction.put_scores(project, &scores, Origin::Given).await?;
            transaction.supersede_scores(project, row, &ids).await
        }
    }
}

fn score(
    claimed: &ClaimedEvaluation,
    verdict: Verdict,
    turns: &[(u32, TurnId)],
    name: &str,
    stale: bool,
    at: Micros,
) -> Option<Score> {
    let row = &claimed.evaluation;
    let session = row.target.session();
    let target = match verdict.position {
        None => Target::Session { session },
        Some(position) => {
            let (_, turn) = turns.iter().find(|(at, _)| *at == position)?;
            Target::Turn { session, turn: *turn }
        }
    };
    Some(Score {
        id: ScoreId::derive(claimed.project, &format!("evaluation:{}:{}:{name}", row.id, target.key())),
        target,
        name: name.to_owned(),
        value: Value::Number(verdict.value),
        passed: Some(verdict.passed),
        source: row.kind.source(),
        evaluator: Some(row.evaluator),
        evaluator_version: Some(row.evaluator_version.clone()),
        author: None,
        rubric_version: None,
        exposure: None,
        active_ms: None,
        explanation: verdict.explanation,
        evidence: verdict.evidence,
        revision: row.revision,
        stale,
        created_at: at,
    })
}
