//! Why an export cannot be had. Safe to show, but for [`ExportError::Engine`].

use turnwise_model::filter::FilterError;
use turnwise_store::StoreError;

use super::format::FormatError;
use crate::access::Denied;
use crate::error::EngineError;

/// Why an export cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The filter cannot be understood; it says where.
    #[error("{0}")]
    Filter(#[from] FilterError),
    /// The format cannot be written.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// There is none in this project.
    #[error("no such export in this project")]
    NoSuchExport,
    /// It has no file.
    #[error("the export is {0}, only one that is done has a file")]
    NotDone(turnwise_model::view::export::State),
    /// Nobody took what was written for too long.
    #[error("the export was not read for {0} s and was ended, read it without pause or let it be written to a file")]
    NotRead(u64),
    /// The caller may not.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl From<StoreError> for ExportError {
    fn from(error: StoreError) -> Self {
        Self::Engine(error.into())
    }
}

impl From<tokio::task::JoinError> for ExportError {
    fn from(error: tokio::task::JoinError) -> Self {
        Self::Engine(error.into())
    }
}
