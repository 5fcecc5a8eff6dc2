//! The page of one session: the conversation, and beside it what is known of it (`?tab=`).
//!
//! A new tab is a file here, a line in [`tab::Tab`], one in `panel.rs`, and what it asks for in `asked.rs`.

mod actions;
mod address;
mod asked;
mod bar;
mod details;
mod ledger;
mod page;
mod panel;
mod reviews;
mod scores;
mod span;
mod tab;
mod trace;

pub use page::SessionPage;
