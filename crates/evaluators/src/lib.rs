//! evaluators
