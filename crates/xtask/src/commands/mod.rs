//! One file per command.

mod alone;
pub mod bench;
pub mod build;
pub mod check;
pub mod demo;
pub mod dev;
mod server;
pub mod size;
pub mod test;
mod test_counts;
mod watch;
