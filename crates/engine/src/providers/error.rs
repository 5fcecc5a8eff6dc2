//! Why something about providers could not be done.

use turnwise_store::StoreError;

use crate::access::Denied;
use crate::error::EngineError;

/// A refusal that the person can do something about, or a failure of the engine.
#[derive(Debug, thiserror::Error)]
pub enum ProviderSettingError {
    /// The caller may not.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// No such provider in this project.
    #[error("no such provider")]
    NoSuchProvider,
    /// A setting that cannot be.
    #[error("{what} must be {expected}")]
    Setting {
        /// Its name in the draft.
        field: &'static str,
        /// Which setting, for people.
        what: &'static str,
        /// What it may be.
        expected: &'static str,
    },
    /// The key would go to another place than the one it was entered for.
    #[error("the address is another one, enter the key again so that it does not go where nobody meant it to")]
    KeyNeededAgain,
    /// The server has no secret to encrypt keys with.
    #[error("this server has no secret to encrypt keys with, set TURNWISE_SECRET and start it again")]
    NoSecret,
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl From<StoreError> for ProviderSettingError {
    fn from(error: StoreError) -> Self {
        Self::Engine(error.into())
    }
}
