//! What people see: pages, components and the server functions behind them.
//!
//! The crate is built twice: with `ssr` it renders every page on the server, complete without JavaScript; with
//! `hydrate` it becomes the browser half. A new page is a file in `pages/`, a route in `app.rs` and a line in
//! `layout/rail.rs`; `pages/parts.rs` says when its code is loaded.

// A page is one deeply nested type.
#![recursion_limit = "512"]

pub mod app;
pub mod browser;
pub mod components;
pub mod context;
pub mod error;
mod functions;
mod layout;
#[cfg(feature = "ssr")]
mod markdown;
mod pages;
#[cfg(feature = "ssr")]
mod shell;
pub mod state;

pub use app::App;
pub use error::AppError;
pub use pages::{Part, load_for};
#[cfg(feature = "ssr")]
pub use {
    context::ssr::{Assets, ServerContext, SignIns},
    functions::{Door, ServerFunction, server_functions},
    shell::shell,
};
