//! Queues: where tasks wait for people, each with a rubric.

mod error;
mod service;

pub use error::QueueError;
pub use service::Queues;
