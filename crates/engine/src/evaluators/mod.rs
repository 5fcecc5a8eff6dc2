//! Evaluators of projects: the catalogue, drafts and versions, what each did, and trying one on a session.

mod check;
mod defaults;
mod effort;
mod error;
mod service;
mod trial;

pub(crate) use defaults::install;
pub use error::EvaluatorSettingError;
pub use service::{Evaluators, catalogue};
pub use turnwise_evaluators::judge::VARIABLES;
