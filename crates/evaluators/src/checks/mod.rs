//! The built-in checks, one file each. To add one: a file with a type that is [`Check`], and its line in [`BUILT_IN`].

pub mod actions;
pub mod coherence;
pub mod danger;
pub mod hallucination;
pub mod latency;
pub mod refusal;
pub mod repetition;
pub mod resolution;
pub mod safety;
pub mod statuses;
pub mod tool_errors;

use crate::Check;

/// Makes a check with its default settings.
pub type Make = fn() -> Box<dyn Check>;

/// Every built-in check, in the order in which catalogues show them.
pub const BUILT_IN: &[Make] = &[
    || Box::new(coherence::Coherence),
    || Box::new(resolution::Resolution),
    || Box::new(safety::Safety),
    || Box::new(hallucination::Hallucination),
    || Box::new(repetition::Repetition),
    || Box::new(refusal::Refusal),
    || Box::new(tool_errors::ToolErrors),
    || Box::new(latency::Latency::default()),
];
