//! Rules: the list, and the page on which one is made, tried out, changed and applied to the past.

mod backfills;
mod editor;
mod fields;
mod list;
mod preview;
mod versions;

pub use editor::RulePage;
pub use list::RulesPage;
