//! Queues: the list, one queue with its tasks, its settings with the rubric.

mod frame;
mod list;
mod question_draft;
mod rubric_editor;
mod settings;
mod tasks;

pub use list::QueuesPage;
pub use settings::QueueSettingsPage;
pub use tasks::QueuePage;
