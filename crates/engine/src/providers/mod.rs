//! Model providers: where judges ask. [`Providers`] keeps their settings, `connections` makes clients of them.

mod check;
mod connections;
mod environment;
mod error;
mod service;

pub(crate) use connections::{Connection, Connections, Reached};
pub use environment::JudgeEnvironment;
pub use error::ProviderSettingError;
pub use service::Providers;
