//! What the interface knows besides the address: preferences, keys, the palette's entries, the time, one-time notices.

pub mod figures;
pub mod flash;
pub mod form;
pub mod keymap;
pub mod keys;
pub mod lasting;
pub mod line_diff;
pub mod now;
pub mod palette;
pub mod preferences;
pub mod project;
pub mod query;
pub mod relative;
pub mod title;
pub mod toasts;
