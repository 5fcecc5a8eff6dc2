//! The browser half: `turnwise-frontend` compiled for wasm, with its JavaScript glue.

mod bindgen;
mod build;
mod inputs;
mod parts;
mod toolchain;

pub use build::{Client, Quality, build, forget_old};
pub use parts::{LOADER, Parts};
pub use toolchain::WasmToolchain;
