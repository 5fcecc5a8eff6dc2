//! JSON documents in text columns.

use serde::Serialize;

use crate::error::StoreError;

/// The document's text.
pub(crate) fn text(document: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(document).map_err(|error| StoreError::Database(sqlx::Error::Encode(error.into())))
}
