//! Exports: what to export, what was exported, and the same from the command line.

mod form;
mod list;
mod page;
mod snippets;

pub use page::ExportsPage;
