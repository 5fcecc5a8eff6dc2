//! What the interface knows besides the address: preferences, keys, the palette's entries, the time, one-time notices.

pub mod flash;
pub mod form;
pub mod keymap;
pub mod keys;
pub mod now;
pub mod palette;
pub mod preferences;
pub mod project;
pub mod relative;
pub mod toasts;
