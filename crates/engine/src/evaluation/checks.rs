//! [`EvaluateChecks`]: works off the checks on the ledger, many at a time, off the async threads.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use turnwise_evaluators::catalogue::build_check;
use turnwise_evaluators::{Context, Outcome as Evaluated, Reading};
use turnwise_model::evaluation::{Kind, State};
use turnwise_model::{Ambient, ProjectId};
use turnwise_store::{CHECKS_DUE, Durability, Store};

use super::outcome::{Finished, outcome};
use super::prepare::{Ready, prepare};
use super::run::only;
use super::write::write;
use crate::background::{Progress, Worker};
use crate::error::EngineError;

/// How many rows are claimed at a time: a few dozen sessions with a handful of checks each.
const HELPING: i64 = 256;
/// After so long a claim is free again: longer than the largest helping takes.
const LEASE: Duration = Duration::from_secs(120);

/// The worker for checks.
#[derive(Debug)]
pub struct EvaluateChecks {
    store: Store,
    ambient: Ambient,
}

impl EvaluateChecks {
    /// On this database.
    #[must_use]
    pub fn new(store: Store, ambient: Ambient) -> Self {
        Self { store, ambient }
    }

    async fn work_off(&self, project: ProjectId) -> Result<(), EngineError> {
        let mut transaction = self.store.write(Durability::Derived).await?;
        let claimed = transaction.claim_evaluations(project, Kind::Check, LEASE, HELPING).await?;
        transaction.commit().await?;
        let (ready, mut finished) = prepare(&self.store, project, claimed, self.ambient.now()).await?;
        let ambient = self.ambient.clone();
        finished.extend(tokio::task::spawn_blocking(move || judge(ready, &ambient)).await?);
        Ok(write(&self.store, finished).await?)
    }
}

#[async_trait]
impl Worker for EvaluateChecks {
    fn name(&self) -> &'static str {
        CHECKS_DUE
    }

    async fn run_once(&self) -> Result<Progress, EngineError> {
        // Asked first: taking the writer for nothing would make ingestion wait.
        let waiting = self.store.evaluations_due(Kind::Check).await?;
        let now = self.ambient.now();
        let mut worked = false;
        for (project, _) in waiting.iter().filter(|(_, due_at)| *due_at <= now) {
            worked = true;
            self.work_off(*project).await?;
        }
        let until = waiting.into_iter().map(|(_, due_at)| due_at).min();
        Ok(if worked { Progress::Worked } else { Progress::Idle { until } })
    }
}

/// Judges them in order of their sessions, so that several checks share one reading.
fn judge(mut ready: Vec<Ready>, ambient: &Ambient) -> Vec<Finished> {
    ready.sort_by_key(|ready| ready.claimed.evaluation.target.session());
    let mut finished = Vec::with_capacity(ready.len());
    let mut ready = ready.into_iter().peekable();
    while let Some(first) = ready.next() {
        let conversation = std::sync::Arc::clone(&first.conversation);
        let session = first.claimed.evaluation.target.session();
        let mut of_session = vec![first];
        while let Some(next) = ready.next_if(|next| next.claimed.evaluation.target.session() == session) {
            of_session.push(next);
        }
        let reading = catch_unwind(AssertUnwindSafe(|| Reading::new(&conversation))).ok();
        finished.extend(of_session.into_iter().map(|ready| judge_one(ready, reading.as_ref(), ambient)));
    }
    finished
}

fn judge_one(ready: Ready, reading: Option<&Reading<'_>>, ambient: &Ambient) -> Finished {
    let now = ambient.now();
    let panicked = || "the check panicked on this session, please report it".to_owned();
    let Some(reading) = reading else { return Finished::without(ready.claimed, State::Failed, panicked(), now) };
    let check = match build_check(&ready.version) {
        Ok(check) => check,
        Err(error) => return Finished::without(ready.claimed, State::Failed, error.to_string(), now),
    };
    let started = Instant::now();
    // A check that panics must not take the others with it.
    let judged = catch_unwind(AssertUnwindSafe(|| check.judge(reading, Context::SESSION)));
    let Ok(judged) = judged else { return Finished::without(ready.claimed, State::Failed, panicked(), now) };
    let took_ms = i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX);
    let run: Result<Evaluated, _> = Ok(only(judged, ready.version.granularity));
    let outcome = outcome(&run, ready.claimed.evaluation.attempts, took_ms, ready.input_hash.clone(), ambient);
    ready.finish(outcome, run)
}
