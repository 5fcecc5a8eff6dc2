//! Evaluators: what turns a conversation into scores with evidence.
//!
//! [`checks`] are deterministic, need no key and no network; [`judge`] asks a model. Both stand behind [`Evaluator`],
//! and [`catalogue`] lists what is built in.
//!
//! To add a check: one file in `checks/` with a type that is [`Check`], one line in [`checks::BUILT_IN`], and a row
//! in `tests/earn.rs` that measures it on conversations people have judged. To add a judge: one prompt in
//! `judge/prompts/`, one line in [`judge::BUILT_IN`].

pub mod catalogue;
pub mod check;
pub mod checks;
pub mod error;
pub mod evaluator;
pub mod evidence;
pub mod judge;
pub mod reading;
pub mod text;

pub use check::{Check, CheckEvaluator, Finding};
pub use error::EvaluatorError;
pub use evaluator::{Abstained, Context, Definition, Evaluator, Exchange, Outcome, Scored, Usage, Verdict};
pub use reading::Reading;
