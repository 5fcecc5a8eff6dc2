//! What the server answers, asked through its whole router but without a network. `world` sets the scene.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod access;
mod api;
mod assets;
mod client;
mod cross_site;
mod headers;
mod limits;
mod machines;
mod metrics;
mod otlp;
mod pages;
mod sample;
mod sessions;
mod sign_in;
mod world;
