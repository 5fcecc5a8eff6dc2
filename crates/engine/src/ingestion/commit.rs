//! The group commit: whatever requests wait go into one transaction, and all are answered after it.
//!
//! While one group is being written the next one gathers, so that groups grow with the load and a lone request does not
//! wait. When a group fails, each of its requests is tried alone: one that the database refuses must not cost the others.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use turnwise_model::{Ambient, ProjectId};
use turnwise_store::{Durability, NewMessage, NewSpan, NewTrace, SessionKey, Store, StoreError};

use super::error::IngestError;
use super::known::KnownMessages;
use super::prepare::Prepared;

/// A group is not made larger than this many spans.
const GROUP_SPANS: usize = 4_000;
/// How long after a change its session is derived: what comes until then is derived at once.
const SETTLE: Duration = Duration::from_millis(150);

/// A request that waits for its commit.
pub(super) struct Waiting {
    pub(super) prepared: Prepared,
    pub(super) answer: oneshot::Sender<Result<(), IngestError>>,
}

/// Commits groups until nobody can send any more.
pub(super) async fn commit_groups(
    store: Store,
    ambient: Ambient,
    known: Arc<KnownMessages>,
    mut incoming: mpsc::UnboundedReceiver<Waiting>,
) {
    let mut waiting = Vec::new();
    let mut left_over: Option<Waiting> = None;
    loop {
        let Some(first) = (match left_over.take() {
            Some(waiting) => Some(waiting),
            None => incoming.recv().await,
        }) else {
            return;
        };
        let mut spans = first.prepared.spans.len();
        waiting.push(first);
        while let Ok(next) = incoming.try_recv() {
            spans += next.prepared.spans.len();
            if spans > GROUP_SPANS {
                left_over = Some(next);
                break;
            }
            waiting.push(next);
        }
        commit_group(&store, &ambient, &known, &mut waiting).await;
    }
}

async fn commit_group(store: &Store, ambient: &Ambient, known: &KnownMessages, waiting: &mut Vec<Waiting>) {
    let alone = waiting.len() == 1;
    // Kept apart from the merged rows only as long as a failure could send them alone.
    let (parts, answers): (Vec<Prepared>, Vec<_>) =
        waiting.drain(..).map(|waiting| (waiting.prepared, waiting.answer)).unzip();
    metrics::histogram!("turnwise_ingest_group_requests")
        .record(f64::from(u32::try_from(parts.len()).unwrap_or(u32::MAX)));
    let rows = Rows::of(&parts);
    match write(store, ambient, &rows).await {
        Ok(()) => {
            known.committed(rows.messages.iter().map(|message| (message.project, message.hash)));
            metrics::counter!("turnwise_ingested_spans_total").increment(rows.spans.len() as u64);
            for answer in answers {
                // Whoever went away will send it again, which changes nothing.
                let _ = answer.send(Ok(()));
            }
        }
        Err(error) if alone => {
            tracing::error!(%error, "telemetry could not be stored, its sender is told to try again");
            let error = IngestError::from(error);
            for answer in answers {
                let _ = answer.send(Err(error.clone()));
            }
        }
        Err(error) => {
            tracing::warn!(%error, requests = parts.len(), "a group of requests could not be stored, each is tried alone");
            for (prepared, answer) in parts.into_iter().zip(answers) {
                let alone = std::slice::from_ref(&prepared);
                let rows = Rows::of(alone);
                let stored = write(store, ambient, &rows).await;
                if stored.is_ok() {
                    known.committed(rows.messages.iter().map(|message| (message.project, message.hash)));
                }
                let _ = answer.send(stored.map_err(|error| {
                    tracing::error!(%error, "telemetry could not be stored, its sender is told to try again");
                    IngestError::from(error)
                }));
            }
        }
    }
}

/// The rows of several requests, each once and ordered by key, so that no two processes wait for each other crosswise.
struct Rows<'p> {
    spans: Vec<&'p NewSpan>,
    messages: Vec<&'p NewMessage>,
    traces: Vec<NewTrace>,
}

impl<'p> Rows<'p> {
    fn of(parts: &'p [Prepared]) -> Self {
        let span_key = |span: &&'p NewSpan| (span.project, &span.trace_id, &span.span_id);
        let mut spans: Vec<&NewSpan> = parts.iter().flat_map(|part| &part.spans).collect();
        // The best version of a span first, which is the one that stays.
        spans.sort_unstable_by(|a, b| span_key(a).cmp(&span_key(b)).then_with(|| b.rank().cmp(&a.rank())));
        spans.dedup_by(|a, b| span_key(a) == span_key(b));
        let mut messages: Vec<&NewMessage> = parts.iter().flat_map(|part| &part.messages).collect();
        messages.sort_unstable_by_key(|message| (message.project, message.hash));
        messages.dedup_by_key(|message| (message.project, message.hash));
        let mut traces: BTreeMap<(ProjectId, &str), Option<&SessionKey>> = BTreeMap::new();
        for trace in parts.iter().flat_map(|part| &part.traces) {
            let best = traces.entry((trace.project, &trace.trace_id)).or_default();
            *best = [*best, trace.key.as_ref()].into_iter().flatten().min();
        }
        let traces = traces.into_iter().map(|((project, trace_id), key)| NewTrace {
            project,
            trace_id: trace_id.to_owned(),
            key: key.cloned(),
        });
        Self { spans, messages, traces: traces.collect() }
    }
}

async fn write(store: &Store, ambient: &Ambient, rows: &Rows<'_>) -> Result<(), StoreError> {
    let mut transaction = store.write(Durability::Acknowledged).await?;
    let now = ambient.now();
    transaction.put_messages(&rows.messages).await?;
    transaction.put_spans(&rows.spans, now).await?;
    let touched = transaction.put_traces(&rows.traces).await?;
    transaction.touch_sessions(&touched, now + SETTLE).await?;
    transaction.commit().await
}
