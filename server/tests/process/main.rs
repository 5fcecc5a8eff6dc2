//! The real binary: its exit codes, its start, its end. `running` starts and stops it.

#![expect(clippy::unwrap_used, reason = "a test may panic")]
#![cfg(unix)]

mod admin;
mod demo;
mod exit_codes;
mod export;
mod import;
mod kill;
mod many;
mod replay;
mod running;
mod sending;
mod stopping;
