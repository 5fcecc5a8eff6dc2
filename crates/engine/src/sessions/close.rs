//! [`Close`]: closes sessions whose end was told, that are idle, or that are too old, and wakes whoever looks at closed ones.

use async_trait::async_trait;
use turnwise_model::Ambient;
use turnwise_store::{Durability, Store};

use crate::background::{Progress, Worker};
use crate::error::EngineError;

/// The topic that is woken when sessions were closed.
pub const SESSIONS_CLOSED: &str = "apply_rules";
/// How many sessions are closed at a time.
const HELPING: u32 = 500;

/// The worker that closes sessions.
#[derive(Debug)]
pub struct Close {
    store: Store,
    ambient: Ambient,
}

impl Close {
    /// On this database.
    #[must_use]
    pub fn new(store: Store, ambient: Ambient) -> Self {
        Self { store, ambient }
    }
}

#[async_trait]
impl Worker for Close {
    fn name(&self) -> &'static str {
        super::derive::SESSIONS_DERIVED
    }

    async fn run_once(&self) -> Result<Progress, EngineError> {
        // Asked first: taking the writer for nothing would make ingestion wait.
        let next = self.store.next_closing().await?;
        if next.is_none_or(|closes_at| closes_at > self.ambient.now()) {
            return Ok(Progress::Idle { until: next });
        }
        let mut transaction = self.store.write(Durability::Derived).await?;
        let closed = transaction.close_due_sessions(HELPING).await?;
        if !closed.is_empty() {
            transaction.wake(SESSIONS_CLOSED);
        }
        transaction.commit().await?;
        metrics::counter!("turnwise_sessions_closed_total").increment(closed.len() as u64);
        Ok(if closed.is_empty() {
            Progress::Idle { until: self.store.next_closing().await? }
        } else {
            Progress::Worked
        })
    }
}
