//! Evaluators: the project's, the catalogue, and one with its editor, versions and trial.

mod catalogue;
mod editor;
mod effort;
mod list;
mod page;
mod trial;
mod versions;

pub use list::EvaluatorsPage;
pub use page::EvaluatorPage;
