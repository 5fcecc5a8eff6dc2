//! Reviewing: claiming a task, answering, taking back.

mod error;
mod service;
mod submit;

pub use error::ReviewError;
pub use service::Reviews;
pub use submit::Submission;
