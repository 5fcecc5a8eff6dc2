//! Server functions, one module per domain. Each authorises, calls one engine service and maps the error; nothing else.
//!
//! To add one: write it with `prefix = "/api/ui"` and an explicit `endpoint`, begin with `authorise`, and add it to the
//! list in [`server_functions`]; a test compares the list with what is registered, and the server's tests call every
//! one of them as a stranger.

pub mod account;
pub mod api_keys;
pub mod entrance;
pub mod evaluators;
pub mod exports;
pub mod invitations;
pub mod members;
pub mod preferences;
pub mod projects;
pub mod providers;
pub mod queues;
pub mod review;
pub mod rule_form;
pub mod rules;
pub mod session;
pub mod session_list;

#[cfg(feature = "ssr")]
mod list;
#[cfg(feature = "ssr")]
pub use list::{Door, ServerFunction, server_functions};
