//! [`Ingestion`]: takes spans, and comes back when they are stored for good.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{OnceCell, Semaphore, mpsc, oneshot};
use turnwise_model::telemetry::SpanRecord;
use turnwise_model::{Ambient, ProjectId};
use turnwise_store::Store;

use super::commit::{Waiting, commit_groups};
use super::error::IngestError;
use super::known::KnownMessages;
use super::prepare::prepare;
use crate::settings::Settings;

/// So many spans may wait; who comes then is told to come again.
const MOST_WAITING: u64 = 20_000;
/// What a sender that is told so should wait.
const RETRY_AFTER: Duration = Duration::from_secs(2);

/// What was stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepted {
    /// How many spans were sent; those known already count.
    pub spans: u64,
}

/// The way in for telemetry. Clones share everything.
#[derive(Clone)]
pub struct Ingestion {
    shared: Arc<Shared>,
}

struct Shared {
    store: Store,
    ambient: Ambient,
    settings: Settings,
    known: Arc<KnownMessages>,
    waiting: AtomicU64,
    /// As many as there are processors make spans ready at a time.
    processors: Semaphore,
    committer: OnceCell<mpsc::UnboundedSender<Waiting>>,
}

impl std::fmt::Debug for Ingestion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ingestion").field("waiting", &self.shared.waiting).finish_non_exhaustive()
    }
}

/// Spans that wait, counted as long as it lives.
struct Waits<'i>(&'i AtomicU64, u64);

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(self.1, Ordering::SeqCst);
    }
}

impl Ingestion {
    pub(crate) fn new(store: Store, ambient: Ambient, settings: Settings) -> Self {
        let processors = Semaphore::new(std::thread::available_parallelism().map_or(2, usize::from));
        let shared = Shared {
            store,
            ambient,
            settings,
            known: Arc::default(),
            waiting: AtomicU64::new(0),
            processors,
            committer: OnceCell::new(),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Stores spans, in any order and any number of times: of two versions of a span the same one is kept. Comes back
    /// after the commit that makes them survive a power cut.
    ///
    /// # Errors
    /// [`IngestError::Busy`] when too much waits; otherwise when the database does not take them. Then none is stored.
    pub async fn accept(&self, project: ProjectId, spans: Vec<SpanRecord>) -> Result<Accepted, IngestError> {
        match self.accept_decoded(project, move || Ok::<_, Infallible>((spans, ()))).await? {
            Ok((accepted, ())) => Ok(accepted),
        }
    }

    /// As [`Ingestion::accept`], for spans that are decoded first, off the async threads, as many at a time as there are
    /// processors. `decode` may give something besides, such as what it refused.
    ///
    /// # Errors
    /// As [`Ingestion::accept`]. The inner error is that of `decode`.
    pub async fn accept_decoded<T, E>(
        &self,
        project: ProjectId,
        decode: impl FnOnce() -> Result<(Vec<SpanRecord>, T), E> + Send + 'static,
    ) -> Result<Result<(Accepted, T), E>, IngestError>
    where
        T: Send + 'static,
        E: Send + 'static,
    {
        let shared = &self.shared;
        if shared.waiting.load(Ordering::SeqCst) > MOST_WAITING {
            return Err(IngestError::Busy { retry_after: RETRY_AFTER });
        }
        let settings = shared.settings.of(project).await?;
        let known = Arc::clone(&shared.known);
        let made_ready = {
            let _turn = shared.processors.acquire().await.map_err(|_| IngestError::Stopping)?;
            tokio::task::spawn_blocking(move || {
                decode()
                    .map(|(spans, besides)| (spans.len() as u64, prepare(project, &settings, spans, &known), besides))
            })
            .await
            .map_err(|error| IngestError::Crashed(error.to_string()))?
        };
        let (count, prepared, besides) = match made_ready {
            Ok(made_ready) => made_ready,
            Err(error) => return Ok(Err(error)),
        };
        let prepared = prepared.map_err(|error| IngestError::Packing(Arc::new(error)))?;
        if count > 0 {
            let waits = Waits(&shared.waiting, count);
            shared.waiting.fetch_add(count, Ordering::SeqCst);
            let (answer, answered) = oneshot::channel();
            let committer = shared.committer.get_or_init(|| self.start_committer()).await;
            committer.send(Waiting { prepared, answer }).map_err(|_| IngestError::Stopping)?;
            answered.await.map_err(|_| IngestError::Stopping)??;
            drop(waits);
        }
        Ok(Ok((Accepted { spans: count }, besides)))
    }

    async fn start_committer(&self) -> mpsc::UnboundedSender<Waiting> {
        let (sender, receiver) = mpsc::unbounded_channel();
        let Shared { store, ambient, known, .. } = &*self.shared;
        tokio::spawn(commit_groups(store.clone(), ambient.clone(), Arc::clone(known), receiver));
        sender
    }
}
