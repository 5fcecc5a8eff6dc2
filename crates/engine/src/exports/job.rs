//! [`WriteExport`]: writes exports that were asked for, in pieces into the database, so that any process can serve them.
//!
//! An attempt that was cut off begins anew with a snapshot of its own: a file is always of one state.

use std::time::Duration;

use async_trait::async_trait;
use turnwise_model::view::export::{ExportRow, State};
use turnwise_model::{Ambient, ExportId, Micros, ProjectId};
use turnwise_store::{ClaimedWork, Durability, ExportAttempt, ExportPiece, ExportProgress, Lease, Store};

use super::error::ExportError;
use super::writing::Writing;
use crate::background::{Job, JobError, JobOutcome};
use crate::error::EngineError;

pub(super) const KIND: &str = "export";
/// About how many bytes a piece has.
const PIECE: usize = 1 << 20;
/// A piece is also stored after so long, so that people see how far it is.
const SHOWN: Duration = Duration::from_secs(1);
const ATTEMPTS: u32 = 5;

/// The job that writes exports.
#[derive(Debug)]
pub(super) struct WriteExport {
    store: Store,
    ambient: Ambient,
}

/// What was encoded and is not stored yet, and where it belongs.
struct File {
    gathered: Vec<u8>,
    position: i64,
    stored_at: Micros,
}

#[async_trait]
impl Job for WriteExport {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn lease(&self) -> Duration {
        Duration::from_secs(20)
    }

    fn attempts(&self) -> u32 {
        ATTEMPTS
    }

    async fn run(&self, work: &ClaimedWork) -> Result<JobOutcome, JobError> {
        let (Some(project), Ok(export)) = (work.project, work.key.parse::<ExportId>()) else {
            return Err(JobError::Hopeless(format!("work {:?} names no export", work.key)));
        };
        let Some(row) = self.store.export(project, export).await? else { return Ok(JobOutcome::Done) };
        if !row.state.is_under_way() {
            return Ok(JobOutcome::Done);
        }
        let attempt = ExportAttempt { project, export, fence: work.fence };
        let error = match self.write(&attempt, &row, &work.payload).await {
            Ok(()) => return Ok(JobOutcome::Done),
            Err(error) => error,
        };
        let hopeless = !matches!(error, ExportError::Engine(_));
        if hopeless || work.attempts >= ATTEMPTS {
            // What the database said is for the log.
            let reason = if hopeless { error.to_string() } else { "the server failed, its log says how".to_owned() };
            self.fail(project, export, &reason).await?;
        }
        match error {
            ExportError::Engine(error) => Err(error.into()),
            error => Err(JobError::Hopeless(error.to_string())),
        }
    }
}

impl WriteExport {
    pub(super) fn new(store: Store, ambient: Ambient) -> Self {
        Self { store, ambient }
    }

    async fn write(&self, attempt: &ExportAttempt, row: &ExportRow, project: &str) -> Result<(), ExportError> {
        let mut writing = Writing::begin(&self.store, &self.ambient, attempt.project, &row.request).await?;
        let mut transaction = self.store.write(Durability::Derived).await?;
        let lease = transaction.begin_export(attempt, writing.sessions_total()).await?;
        transaction.commit().await?;
        if lease == Lease::Lost {
            return Ok(());
        }
        let mut file = File { gathered: Vec::with_capacity(PIECE), position: 0, stored_at: self.ambient.now() };
        while let Some(bytes) = writing.next().await? {
            file.gathered.extend(bytes);
            let due = file.gathered.len() >= PIECE || self.ambient.now().since(file.stored_at) >= SHOWN;
            let progress = writing.progress();
            if due && self.store_piece(attempt, &mut file, progress).await? == Lease::Lost {
                return Ok(());
            }
        }
        let progress = writing.progress();
        if !file.gathered.is_empty() && self.store_piece(attempt, &mut file, progress).await? == Lease::Lost {
            return Ok(());
        }
        let Some(manifest) = writing.manifest(project) else { return Ok(()) };
        let mut transaction = self.store.write(Durability::Acknowledged).await?;
        if transaction.finish_export(attempt, &manifest).await? == Lease::Lost {
            tracing::info!(export = %attempt.export, "an export was written that is not wanted any more");
        }
        Ok(transaction.commit().await?)
    }

    async fn store_piece(
        &self,
        attempt: &ExportAttempt,
        file: &mut File,
        progress: ExportProgress,
    ) -> Result<Lease, ExportError> {
        let bytes = std::mem::replace(&mut file.gathered, Vec::with_capacity(PIECE));
        let packed = tokio::task::spawn_blocking(move || ExportPiece::of(&bytes)).await?;
        let piece = packed.map_err(|error| super::format::FormatError::Encoding(error.to_string()))?;
        let mut transaction = self.store.write(Durability::Derived).await?;
        let lease = transaction.put_export_piece(attempt, file.position, piece, progress).await?;
        transaction.commit().await?;
        file.position += 1;
        file.stored_at = self.ambient.now();
        Ok(lease)
    }

    async fn fail(&self, project: ProjectId, export: ExportId, reason: &str) -> Result<(), EngineError> {
        let mut transaction = self.store.write(Durability::Derived).await?;
        transaction.stop_export(project, export, State::Failed, Some(reason)).await?;
        Ok(transaction.commit().await?)
    }
}
