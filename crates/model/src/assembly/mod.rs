//! Turn assembly: spans of a session in, turns out. One pure function, the same for every dialect and importer.

mod assemble;
mod errors;
mod facts;
mod forest;
mod grouping;
mod lineage;
mod plain;
mod sessions;
mod speech;
mod tools;
mod turns;

pub use assemble::{Assembled, AssembledScore, EndSignal, Totals, assemble};
pub use facts::MergedFacts;
pub use forest::SpanKey;
pub use sessions::{TraceSession, resolve_sessions};
