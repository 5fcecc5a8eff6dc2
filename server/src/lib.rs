//! The `turnwise` binary as a library: command line, configuration, HTTP and the commands.
//!
//! [`cli`] says what can be typed, [`config`] where settings come from, [`commands`] what is then done, [`http`] what is served.

// A page is one deeply nested type.
#![recursion_limit = "512"]

pub mod cli;
pub mod commands;
pub mod config;
pub mod failure;
pub mod http;
pub mod logs;
pub mod open;
pub mod sample;
pub mod sample_work;
pub mod secret_file;
pub mod state;
