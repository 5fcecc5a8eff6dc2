//! [`EvaluateJudges`]: works off the judges on the ledger, as many calls at once as each provider allows.
//!
//! Rows are claimed only as calls come free, so that no claim waits; a finished call is replaced at once. What is to be
//! tried again goes back to the ledger with the time when it is due, so that no worker waits for it.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::FutureExt;
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::JoinSet;
use turnwise_evaluators::EvaluatorError;
use turnwise_evaluators::catalogue::build;
use turnwise_model::evaluation::{Kind, State};
use turnwise_model::{Ambient, Micros, ProjectId};
use turnwise_store::{ClaimedEvaluation, Durability, JUDGES_DUE, Store, StoreError};

use super::outcome::{Finished, outcome, rest};
use super::prepare::{Ready, prepare};
use super::run::run;
use super::write::write;
use crate::background::{Progress, Worker};
use crate::error::EngineError;
use crate::providers::{Connection, Connections, Reached};

/// After so long without a word a claim is free again; who works renews it.
const LEASE: Duration = Duration::from_secs(90);
/// For so long finished calls are replaced by new ones before the worker looks whether it is to stop.
const HELPING: Duration = Duration::from_secs(10);
/// When a provider has no room it is looked at again after this.
const BUSY: Duration = Duration::from_millis(250);
/// How many rows are told at a time that there is nobody to ask.
const PAUSED_AT_ONCE: i64 = 500;

/// The worker for judges.
#[derive(Debug, Clone)]
pub struct EvaluateJudges {
    store: Store,
    ambient: Ambient,
    connections: Connections,
}

impl EvaluateJudges {
    pub(crate) fn new(store: Store, ambient: Ambient, connections: Connections) -> Self {
        Self { store, ambient, connections }
    }

    /// Claims what providers have room for; what has ended already is written.
    async fn take(&self) -> Result<Taken, EngineError> {
        let mut taken = Taken::default();
        for (project, due_at) in self.store.evaluations_due(Kind::Judge).await? {
            let now = self.ambient.now();
            if due_at > now {
                taken.wait_until(due_at);
                continue;
            }
            let reason = match self.connections.of_project(project).await? {
                Reached::Nobody => EvaluatorError::NoProvider.to_string(),
                Reached::Unusable(reason) => reason,
                Reached::Provider(connection) if connection.resting_until() > now => {
                    taken.wait_until(connection.resting_until());
                    continue;
                }
                Reached::Provider(connection) => {
                    self.take_for(project, &connection, &mut taken).await?;
                    continue;
                }
            };
            let claimed = self.claim(project, PAUSED_AT_ONCE).await?;
            taken.any |= !claimed.is_empty();
            let paused = claimed.into_iter();
            let paused = paused.map(|row| Finished::without(row, State::Paused, reason.clone(), now)).collect();
            write(&self.store, paused).await?;
        }
        Ok(taken)
    }

    async fn take_for(
        &self,
        project: ProjectId,
        connection: &Arc<Connection>,
        taken: &mut Taken,
    ) -> Result<(), EngineError> {
        let mut permits = Vec::new();
        while let Ok(permit) = Arc::clone(&connection.permits).try_acquire_owned() {
            permits.push(permit);
        }
        if permits.is_empty() {
            // Somebody else has all of them: another project, or a trial.
            taken.wait_until(self.ambient.now() + BUSY);
            return Ok(());
        }
        let claimed = self.claim(project, i64::try_from(permits.len()).unwrap_or(1)).await?;
        taken.any |= !claimed.is_empty();
        let (ready, finished) = prepare(&self.store, project, claimed, self.ambient.now()).await?;
        write(&self.store, finished).await?;
        taken.calls.extend(ready.into_iter().zip(permits).map(|(ready, permit)| Call {
            ready,
            connection: Arc::clone(connection),
            permit,
        }));
        Ok(())
    }

    async fn claim(&self, project: ProjectId, limit: i64) -> Result<Vec<ClaimedEvaluation>, StoreError> {
        let mut transaction = self.store.write(Durability::Derived).await?;
        let claimed = transaction.claim_evaluations(project, Kind::Judge, LEASE, limit).await?;
        transaction.commit().await?;
        Ok(claimed)
    }

    /// Makes a call under its lease; `None` when the lease was lost meanwhile.
    async fn make(&self, call: Call) -> Result<Option<Finished>, StoreError> {
        let Call { ready, connection, permit } = call;
        let claimed = ready.claimed.clone();
        let mut working = Box::pin(AssertUnwindSafe(self.judge(ready, &connection)).catch_unwind());
        let result = loop {
            tokio::select! {
                result = &mut working => break result,
                () = tokio::time::sleep(LEASE / 3) => {
                    let mut transaction = self.store.write(Durability::Derived).await?;
                    let held = transaction.renew_evaluation(&claimed, LEASE).await?;
                    transaction.commit().await?;
                    if !held {
                        return Ok(None);
                    }
                }
            }
        };
        drop(permit);
        Ok(Some(result.unwrap_or_else(|_| {
            let reason = "the judge panicked on this session, please report it".to_owned();
            Finished::without(claimed, State::Failed, reason, self.ambient.now())
        })))
    }

    async fn judge(&self, ready: Ready, connection: &Connection) -> Finished {
        let provider = Arc::clone(&connection.provider);
        let judge = match build(&ready.version, Some(provider), &self.ambient) {
            Ok(judge) => judge,
            Err(error) => {
                return Finished::without(ready.claimed, State::Failed, error.to_string(), self.ambient.now());
            }
        };
        let started = self.ambient.now();
        let run = run(judge.as_ref(), &ready.conversation, ready.version.granularity).await;
        let now = self.ambient.now();
        let took_ms = i64::try_from(now.since(started).as_millis()).unwrap_or(i64::MAX);
        if let Err(error) = &run {
            tracing::debug!(evaluation = %ready.claimed.evaluation.id, provider = connection.name, %error, "a judge failed");
        }
        if let Some(wait) = rest(&run) {
            connection.rest(now + wait);
        }
        let attempts = ready.claimed.evaluation.attempts;
        let outcome = outcome(&run, attempts, took_ms, ready.input_hash.clone(), &self.ambient);
        ready.finish(outcome, run)
    }
}

#[async_trait]
impl Worker for EvaluateJudges {
    fn name(&self) -> &'static str {
        JUDGES_DUE
    }

    /// The environment may name a provider since the last start: what waited for one goes on.
    async fn prepare(&self) -> Result<(), StoreError> {
        if !self.connections.has_environment() {
            return Ok(());
        }
        let mut transaction = self.store.write(Durability::Derived).await?;
        for project in transaction.paused_without_provider().await? {
            transaction.resume_evaluations(project).await?;
        }
        transaction.commit().await
    }

    async fn run_once(&self) -> Result<Progress, EngineError> {
        let until = self.ambient.now() + HELPING;
        let mut taken = self.take().await?;
        if !taken.any {
            return Ok(Progress::Idle { until: taken.next });
        }
        // Tasks of their own, so that they go on while results are written.
        let mut calls = JoinSet::new();
        loop {
            for call in std::mem::take(&mut taken.calls) {
                let worker = self.clone();
                calls.spawn(async move { worker.make(call).await });
            }
            let Some(first) = calls.join_next().await else { break };
            let mut finished = Vec::from_iter(first??);
            // Whatever else has ended meanwhile is written together.
            while let Some(next) = calls.try_join_next() {
                finished.extend(next??);
            }
            write(&self.store, finished).await?;
            if self.ambient.now() < until {
                taken = self.take().await?;
            }
        }
        Ok(Progress::Worked)
    }
}

/// What was claimed.
#[derive(Debug, Default)]
struct Taken {
    /// Calls to make.
    calls: Vec<Call>,
    /// Whether anything was claimed at all.
    any: bool,
    /// When the next row can be taken.
    next: Option<Micros>,
}

impl Taken {
    fn wait_until(&mut self, at: Micros) {
        self.next = Some(self.next.map_or(at, |next| next.min(at)));
    }
}

/// A row with everything that the call to its provider needs.
#[derive(Debug)]
struct Call {
    ready: Ready,
    connection: Arc<Connection>,
    permit: OwnedSemaphorePermit,
}
