//! [`Worker`]: something that looks for due work and does a little of it.

use async_trait::async_trait;
use turnwise_model::Micros;
use turnwise_store::StoreError;

use crate::error::EngineError;

/// Something that runs in the background, over and over.
///
/// It must be safe to kill anywhere and to run in many processes at once: what it does is found in the database,
/// claimed, and written so that doing it twice changes nothing.
#[async_trait]
pub trait Worker: Send + Sync + 'static {
    /// A name for logs, metrics and as the topic that wakes it.
    fn name(&self) -> &'static str;

    /// Called once before the first run.
    ///
    /// # Errors
    /// When the database does not answer; it is tried again.
    async fn prepare(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// Does one helping of work.
    ///
    /// # Errors
    /// When it could not: it is logged and tried again after a while.
    async fn run_once(&self) -> Result<Progress, EngineError>;
}

/// What came of one run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// There was something to do: there may be more.
    Worked,
    /// Nothing is due.
    Idle {
        /// When the next work falls due, as far as is known.
        until: Option<Micros>,
    },
}
