//! Rules of the house that only automation can hold.

pub mod deny;
pub mod leaks;
pub mod migrations;
