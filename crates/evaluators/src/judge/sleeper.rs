//! Waiting between attempts, passed in so that tests do not wait.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;

/// Waits.
#[async_trait]
pub trait Sleeper: Send + Sync + fmt::Debug {
    /// Comes back after `wait`.
    async fn sleep(&self, wait: Duration);
}

/// Waits by the runtime's timer.
#[derive(Debug, Clone, Copy)]
pub struct TokioSleeper;

#[async_trait]
impl Sleeper for TokioSleeper {
    async fn sleep(&self, wait: Duration) {
        tokio::time::sleep(wait).await;
    }
}
