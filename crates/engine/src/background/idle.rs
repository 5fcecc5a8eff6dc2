//! Running workers to the end without waiting: for tests and for commands that do their work and leave.

use turnwise_model::Ambient;

use super::{Progress, Worker};
use crate::error::EngineError;

/// Runs the workers in turn until none has anything that is due now, and says how many runs did something.
///
/// # Errors
/// The first error of any worker.
pub async fn run_until_idle(workers: &[Box<dyn Worker>], ambient: &Ambient) -> Result<u64, EngineError> {
    let mut worked = 0;
    loop {
        let mut all_idle = true;
        for worker in workers {
            match worker.run_once().await? {
                Progress::Worked => {
                    worked += 1;
                    all_idle = false;
                }
                Progress::Idle { until } => all_idle &= until.is_none_or(|due_at| due_at > ambient.now()),
            }
        }
        if all_idle {
            return Ok(worked);
        }
    }
}
