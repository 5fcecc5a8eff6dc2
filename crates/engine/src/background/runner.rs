//! [`Background`]: runs workers until told to stop.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures::FutureExt;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use turnwise_model::Ambient;

use super::{Backoff, Progress, Worker};
use crate::engine::Engine;
use crate::error::EngineError;

/// The longest that a worker sleeps: what no notification announced is found after this.
const POLL: Duration = Duration::from_secs(5);
/// Waiting after a worker failed, which mostly means that the database is away.
const AFTER_FAILURE: Backoff = Backoff { first: Duration::from_millis(500), longest: Duration::from_secs(30) };

/// Workers that are running. Dropping it stops them where they are; [`Background::stopped`] lets them finish.
#[derive(Debug)]
pub struct Background {
    tasks: JoinSet<()>,
}

impl Background {
    /// Starts each worker on a task of its own, and on PostgreSQL one more that listens for other processes.
    ///
    /// After `stop` is cancelled each worker finishes the helping at hand and takes no other.
    #[must_use]
    pub fn spawn(engine: Engine, workers: Vec<Box<dyn Worker>>, stop: CancellationToken) -> Self {
        let mut tasks = JoinSet::new();
        let store = engine.store().clone();
        let listening = stop.clone();
        tasks.spawn(async move { store.listen(listening).await });
        for worker in workers {
            let wakes = engine.store().wakes(worker.name());
            tasks.spawn(keep_running(worker, wakes, engine.ambient().clone(), stop.clone()));
        }
        Self { tasks }
    }

    /// Comes back when every worker has stopped, after the token was cancelled.
    pub async fn stopped(mut self) {
        while let Some(ended) = self.tasks.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "a background worker died");
            }
        }
    }
}

async fn keep_running(
    worker: Box<dyn Worker>,
    mut wakes: watch::Receiver<u64>,
    ambient: Ambient,
    stop: CancellationToken,
) {
    let name = worker.name();
    let mut failures = 0_u32;
    let mut prepared = false;
    while !stop.is_cancelled() {
        // Whatever is announced from here on is seen by the wait below.
        wakes.mark_unchanged();
        let progress = match if prepared { Ok(()) } else { worker.prepare().await } {
            Ok(()) => {
                prepared = true;
                // A worker that panics once must not stay away for good.
                AssertUnwindSafe(worker.run_once()).catch_unwind().await.unwrap_or(Err(EngineError::WorkerPanicked))
            }
            Err(error) => Err(error.into()),
        };
        let wait = match progress {
            Ok(Progress::Worked) => {
                failures = 0;
                metrics::counter!("turnwise_background_helpings_total", "worker" => name).increment(1);
                continue;
            }
            Ok(Progress::Idle { until }) => {
                failures = 0;
                until.map_or(POLL, |due_at| due_at.since(ambient.now())).min(POLL)
            }
            Err(error) => {
                failures = failures.saturating_add(1);
                metrics::counter!("turnwise_background_failures_total", "worker" => name).increment(1);
                tracing::error!(worker = name, %error, failures, "a background worker failed and will try again");
                let pause = AFTER_FAILURE.delay(failures, &ambient);
                // Waking up early would only fail again.
                tokio::select! { () = stop.cancelled() => {}, () = tokio::time::sleep(pause) => {} }
                continue;
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            Ok(()) = wakes.changed() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
    tracing::debug!(worker = name, "a background worker stopped");
}
