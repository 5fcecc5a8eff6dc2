//! The evaluation ledger at work: rows are put there by rules and people, and worked off by [`EvaluateChecks`] and
//! [`EvaluateJudges`].

mod checks;
mod error;
mod judges;
mod outcome;
mod plan;
mod prepare;
mod run;
mod service;
mod write;

pub use checks::EvaluateChecks;
pub use error::EvaluationError;
pub use judges::EvaluateJudges;
pub use plan::{AskedBy, input_hash, ledger_row};
pub(crate) use run::{Run, run};
pub use service::Evaluations;
