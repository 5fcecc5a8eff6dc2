//! The page of one session: the conversation, and beside it what is known of it (`?tab=`).
//!
//! A new tab is a file here, a line in [`tab::Tab`] and one in `panel.rs`.

mod address;
mod bar;
mod details;
mod page;
mod panel;
mod scores;
mod tab;

pub use page::SessionPage;
