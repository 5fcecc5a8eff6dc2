//! Hourly: removes exports that were kept long enough, with their files.

use std::time::Duration;

use async_trait::async_trait;
use turnwise_model::Ambient;
use turnwise_store::{ClaimedWork, Durability, NewWork, Store, StoreError};

use super::service::KEPT;
use crate::background::{Job, JobError, JobOutcome};

const EVERY: Duration = Duration::from_secs(60 * 60);

/// The job that removes old exports.
#[derive(Debug)]
pub(super) struct SweepExports {
    store: Store,
    ambient: Ambient,
}

impl SweepExports {
    pub(super) fn new(store: Store, ambient: Ambient) -> Self {
        Self { store, ambient }
    }
}

#[async_trait]
impl Job for SweepExports {
    fn kind(&self) -> &'static str {
        "sweep_exports"
    }

    async fn prepare(&self) -> Result<(), StoreError> {
        let mut transaction = self.store.write(Durability::Derived).await?;
        let due_at = self.ambient.now();
        transaction.enqueue_if_absent(&NewWork::new(self.ambient.id(), self.kind(), "all", due_at)).await?;
        transaction.commit().await
    }

    async fn run(&self, _work: &ClaimedWork) -> Result<JobOutcome, JobError> {
        let now = self.ambient.now();
        for (project, export) in self.store.exports_before(now - KEPT).await? {
            let mut transaction = self.store.write(Durability::Derived).await?;
            transaction.delete_export(project, export).await?;
            transaction.commit().await?;
            tracing::info!(%export, "an export was kept long enough and was removed");
        }
        Ok(JobOutcome::Again { due_at: now + EVERY })
    }
}
