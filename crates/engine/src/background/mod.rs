//! Work that nobody waits for. [`Background`] runs [`Worker`]s; most workers are a [`Job`] behind a [`JobWorker`].
//!
//! A new kind of job is one type that implements [`Job`] and one line in [`crate::Engine::workers`].
//! Its rows are enqueued by whoever causes the work, in the same transaction, with [`turnwise_store::Transaction::enqueue`].

mod backoff;
mod idle;
mod job;
mod runner;
mod worker;

pub use backoff::Backoff;
pub use idle::run_until_idle;
pub use job::{Job, JobError, JobOutcome, JobWorker};
pub use runner::Background;
pub use worker::{Progress, Worker};
