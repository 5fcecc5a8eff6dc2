//! The review page: one screen, one decision. The desk holds what happens; the other files show it.

mod activity;
mod desk;
mod done;
mod keys;
mod outbox;
mod page;
mod question;
mod task;
mod transit;

pub use page::ReviewPage;
pub use transit::Transit;
