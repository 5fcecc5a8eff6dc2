//! What the machine must have, found or installed.

pub mod chromium;
pub mod debian;
pub mod node;
pub mod postgres;
pub mod python;
pub mod wasm_opt;
