//! [`Evaluations`]: the ledger of a session, and evaluations that people ask for.

use std::collections::HashSet;

use turnwise_model::access::Role;
use turnwise_model::evaluation::{Evaluation, EvaluatorVersion, State};
use turnwise_model::view::evaluator::Asked;
use turnwise_model::{Ambient, EvaluatorId, SessionId};
use turnwise_store::{Durability, Store};

use super::checks::EvaluateChecks;
use super::error::EvaluationError;
use super::judges::EvaluateJudges;
use super::plan::{AskedBy, ledger_row};
use crate::access::Access;
use crate::background::Worker;
use crate::providers::Connections;

/// How many sessions can be asked for at once.
const MOST: usize = 10_000;
/// How many sessions are put on the ledger in one transaction.
const TOGETHER: usize = 200;

/// The ledger. Clones share everything.
#[derive(Debug, Clone)]
pub struct Evaluations {
    store: Store,
    ambient: Ambient,
    connections: Connections,
}

impl Evaluations {
    pub(crate) fn new(store: Store, ambient: Ambient, connections: Connections) -> Self {
        Self { store, ambient, connections }
    }

    /// What works off the ledger in the background.
    #[must_use]
    pub fn workers(&self) -> Vec<Box<dyn Worker>> {
        let (store, ambient) = (&self.store, &self.ambient);
        vec![
            Box::new(EvaluateChecks::new(store.clone(), ambient.clone())),
            Box::new(EvaluateJudges::new(store.clone(), ambient.clone(), self.connections.clone())),
        ]
    }

    /// What became of the evaluations of a session, oldest first; empty when this project has no such session.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn ledger(&self, access: &Access, session: SessionId) -> Result<Vec<Evaluation>, EvaluationError> {
        Ok(self.store.ledger(access.project.id, session).await?)
    }

    /// Asks for one evaluation of a session as it is now, and gives its row. One that holds already is not repeated; one
    /// that failed or waits is tried again.
    ///
    /// # Errors
    /// Unless the caller is an editor; names the session or the evaluator that is not there.
    pub async fn evaluate_now(
        &self,
        access: &Access,
        session: SessionId,
        evaluator: EvaluatorId,
    ) -> Result<Evaluation, EvaluationError> {
        let asked = self.evaluate(access, &[session], &[evaluator]).await?;
        let gone = || EvaluationError::NoSuchSession(session.to_string());
        if asked.unknown > 0 {
            return Err(gone());
        }
        let rows = self.ledger(access, session).await?;
        let newest = rows.into_iter().filter(|row| row.evaluator == evaluator);
        newest.max_by_key(|row| (row.revision, row.updated_at)).ok_or_else(gone)
    }

    /// Asks for evaluations of many sessions as they are now, by each of the evaluators.
    ///
    /// # Errors
    /// Unless the caller is an editor; names the evaluator that is not there, or that there are too many sessions.
    pub async fn evaluate(
        &self,
        access: &Access,
        sessions: &[SessionId],
        evaluators: &[EvaluatorId],
    ) -> Result<Asked, EvaluationError> {
        access.require(Role::Editor)?;
        if sessions.len() > MOST {
            return Err(EvaluationError::TooMany { most: MOST, asked: sessions.len() });
        }
        let project = access.project.id;
        let known = self.store.evaluators(project).await?;
        let mut versions: Vec<EvaluatorVersion> = Vec::with_capacity(evaluators.len());
        for id in evaluators.iter().collect::<HashSet<_>>() {
            let version = known.iter().find(|version| version.evaluator == *id);
            versions.push(version.ok_or_else(|| EvaluationError::NoSuchEvaluator(id.to_string()))?.clone());
        }
        let mut sessions = sessions.to_vec();
        sessions.sort_unstable();
        sessions.dedup();
        let mut asked = Asked::default();
        for together in sessions.chunks(TOGETHER) {
            let mut transaction = self.store.write(Durability::Acknowledged).await?;
            let records = transaction.lock_sessions(project, together).await?;
            let rows = transaction.ledger_of_sessions(project, together).await?;
            let now = self.ambient.now();
            for session in together {
                let Some(record) = records.get(session) else {
                    asked.unknown += 1;
                    continue;
                };
                for version in &versions {
                    let row = ledger_row(record, version, AskedBy::default(), State::Queued, None, now);
                    let before = rows.iter().find(|before| before.id == row.evaluation.id);
                    let mut queued = transaction.insert_evaluation(project, &row).await?;
                    if !queued && before.is_some_and(|before| matches!(before.state, State::Failed | State::Paused)) {
                        queued = transaction
                            .requeue_evaluation(project, row.evaluation.id, row.evaluation.kind, now)
                            .await?;
                    }
                    if queued { asked.queued += 1 } else { asked.unchanged += 1 }
                }
            }
            transaction.commit().await?;
        }
        Ok(asked)
    }
}
