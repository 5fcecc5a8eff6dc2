//! [`Job`]: what to do about one row of work; [`JobWorker`] claims the rows, runs them, and keeps the books.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use async_trait::async_trait;
use futures::FutureExt;
use turnwise_model::{Ambient, Micros};
use turnwise_store::{ClaimedWork, Lease, Store, StoreError};

use super::{Backoff, Progress, Worker};
use crate::error::EngineError;

/// What to do about one kind of work. Written so that doing it twice changes nothing.
#[async_trait]
pub trait Job: Send + Sync + 'static {
    /// The kind of work rows that it takes.
    fn kind(&self) -> &'static str;

    /// Called once before the first run: the place to enqueue what recurs.
    ///
    /// # Errors
    /// When the database does not answer; it is tried again.
    async fn prepare(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// Does it.
    ///
    /// # Errors
    /// [`JobError`] says whether trying again can help.
    async fn run(&self, work: &ClaimedWork) -> Result<JobOutcome, JobError>;

    /// How many rows are worked on at once.
    fn concurrency(&self) -> u32 {
        1
    }

    /// How long a row stays claimed by a process that went away. While one works, it renews its lease.
    fn lease(&self) -> Duration {
        Duration::from_secs(60)
    }

    /// After so many attempts a row counts as failed and waits for somebody to look at it.
    fn attempts(&self) -> u32 {
        10
    }

    /// How long to wait between attempts.
    fn backoff(&self) -> Backoff {
        Backoff::default()
    }
}

/// What came of a row of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobOutcome {
    /// It is done, the row goes away.
    Done,
    /// It is done for now and due again later.
    Again {
        /// When.
        due_at: Micros,
    },
}

/// Why a row of work was not done.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// It may work next time.
    #[error("{0}")]
    Retry(String),
    /// It may work at a time that is known, such as a rate limit's.
    #[error("{reason}")]
    RetryAt {
        /// When.
        due_at: Micros,
        /// Why not now.
        reason: String,
    },
    /// It cannot work.
    #[error("{0}")]
    Hopeless(String),
    /// The engine failed; it may work next time.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl From<StoreError> for JobError {
    fn from(error: StoreError) -> Self {
        Self::Engine(error.into())
    }
}

/// Runs a [`Job`] over the rows of its kind.
#[derive(Debug)]
pub struct JobWorker<J> {
    store: Store,
    ambient: Ambient,
    job: J,
}

impl<J: Job> JobWorker<J> {
    /// A worker for this job on this database.
    #[must_use]
    pub fn new(store: Store, ambient: Ambient, job: J) -> Self {
        Self { store, ambient, job }
    }

    async fn run_and_settle(&self, work: ClaimedWork) -> Result<(), EngineError> {
        let Some(result) = self.run_under_lease(&work).await? else {
            tracing::warn!(kind = work.kind, work = %work.id, "a lease was lost while working, another process has the work");
            return Ok(());
        };
        let now = self.ambient.now();
        let settled = match result {
            Ok(JobOutcome::Done) => self.store.complete_work(&work).await?,
            Ok(JobOutcome::Again { due_at }) => self.store.repeat_work(&work, due_at).await?,
            Err(error) => {
                let attempts_left = work.attempts < self.job.attempts();
                let text = error.to_string();
                tracing::warn!(kind = work.kind, work = %work.id, attempt = work.attempts, error = text, "a job failed");
                match error {
                    JobError::Hopeless(_) => self.store.fail_work(&work, &text).await?,
                    JobError::RetryAt { due_at, .. } if attempts_left => {
                        self.store.retry_work(&work, due_at, &text).await?
                    }
                    _ if attempts_left => {
                        let due_at = now + self.job.backoff().delay(work.attempts, &self.ambient);
                        self.store.retry_work(&work, due_at, &text).await?
                    }
                    _ => self.store.fail_work(&work, &text).await?,
                }
            }
        };
        if settled == Lease::Lost {
            tracing::warn!(kind = work.kind, work = %work.id, "work was settled by another process in the meantime");
        }
        Ok(())
    }

    /// Runs the job and renews its lease meanwhile; `None` when the lease was lost.
    async fn run_under_lease(&self, work: &ClaimedWork) -> Result<Option<Result<JobOutcome, JobError>>, EngineError> {
        let mut running = AssertUnwindSafe(self.job.run(work)).catch_unwind();
        loop {
            tokio::select! {
                result = &mut running => {
                    return Ok(Some(result.unwrap_or_else(|panic| Err(JobError::Retry(panic_text(panic.as_ref()))))));
                }
                () = tokio::time::sleep(self.job.lease() / 3) => {
                    if self.store.renew_work(work, self.ambient.now() + self.job.lease()).await? == Lease::Lost {
                        return Ok(None);
                    }
                }
            }
        }
    }
}

#[async_trait]
impl<J: Job> Worker for JobWorker<J> {
    fn name(&self) -> &'static str {
        self.job.kind()
    }

    async fn prepare(&self) -> Result<(), StoreError> {
        self.job.prepare().await
    }

    async fn run_once(&self) -> Result<Progress, EngineError> {
        let now = self.ambient.now();
        let claimed = self.store.claim_work(self.job.kind(), now, self.job.lease(), self.job.concurrency()).await?;
        if claimed.is_empty() {
            return Ok(Progress::Idle { until: self.store.next_work_due(self.job.kind()).await? });
        }
        let settled = futures::future::join_all(claimed.into_iter().map(|work| self.run_and_settle(work))).await;
        settled.into_iter().collect::<Result<(), EngineError>>()?;
        Ok(Progress::Worked)
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("the job panicked: {}", text.unwrap_or("no message"))
}
