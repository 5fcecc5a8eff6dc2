//! Hourly: forgets sign-ins that have expired.

use std::time::Duration;

use async_trait::async_trait;
use turnwise_model::Ambient;
use turnwise_store::{ClaimedWork, Durability, NewWork, Store, StoreError};

use crate::background::{Job, JobError, JobOutcome};

const EVERY: Duration = Duration::from_secs(60 * 60);

/// The job that deletes expired sign-ins.
#[derive(Debug)]
pub struct SweepSignIns {
    store: Store,
    ambient: Ambient,
}

impl SweepSignIns {
    /// On this database.
    #[must_use]
    pub fn new(store: Store, ambient: Ambient) -> Self {
        Self { store, ambient }
    }
}

#[async_trait]
impl Job for SweepSignIns {
    fn kind(&self) -> &'static str {
        "sweep_sign_ins"
    }

    async fn prepare(&self) -> Result<(), StoreError> {
        let mut transaction = self.store.write(Durability::Derived).await?;
        let due_at = self.ambient.now();
        transaction.enqueue_if_absent(&NewWork::new(self.ambient.id(), self.kind(), "all", due_at)).await?;
        transaction.commit().await
    }

    async fn run(&self, _work: &ClaimedWork) -> Result<JobOutcome, JobError> {
        let now = self.ambient.now();
        let mut transaction = self.store.write(Durability::Derived).await?;
        let forgotten = transaction.delete_expired_sign_ins(now).await?;
        transaction.commit().await?;
        if forgotten > 0 {
            tracing::info!(forgotten, "expired sign-ins were deleted");
        }
        Ok(JobOutcome::Again { due_at: now + EVERY })
    }
}
