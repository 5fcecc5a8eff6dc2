//! The services behind every page, route and command.
//!
//! A service takes [`access::Access`] as the proof that the caller may, acts on the [`turnwise_store::Store`], and reads
//! clock and randomness from [`turnwise_model::Ambient`] only. The next service is a folder here and a field of [`Engine`].

pub mod access;
pub mod accounts;
pub mod ambient_os;
pub mod background;
mod blind;
mod config;
mod engine;
pub mod error;
pub mod evaluation;
pub mod evaluators;
pub mod exports;
pub mod imports;
pub mod ingestion;
pub mod providers;
pub mod queues;
pub mod review;
pub mod routing;
pub mod rules;
mod secret;
pub mod sessions;
mod settings;

pub use config::{Burst, EngineConfig, PasswordCost, SignInLimits};
pub use engine::Engine;
pub use error::EngineError;
pub use secret::InstallationSecret;
