//! Formats: each turns rows into bytes, a batch at a time, so that memory stays constant.

mod csv;
mod jsonl;
#[cfg(feature = "parquet")]
mod parquet;

use super::table::{Column, Row};
use turnwise_model::view::export::Format;

/// Why a file could not be written.
#[derive(Debug, thiserror::Error)]
pub enum FormatError {
    /// This binary was built without the format.
    #[error("this build cannot write {0}, use jsonl or csv or a release build")]
    NotBuilt(Format),
    /// The encoder failed.
    #[error("encoding the export failed: {0}")]
    Encoding(String),
}

/// Turns rows into the bytes of one file.
pub trait Writer: Send {
    /// The bytes that come before the first row.
    ///
    /// # Errors
    /// When the encoder fails.
    fn begin(&mut self) -> Result<Vec<u8>, FormatError> {
        Ok(Vec::new())
    }

    /// The bytes of some more rows.
    ///
    /// # Errors
    /// When the encoder fails.
    fn rows(&mut self, rows: Vec<Row>) -> Result<Vec<u8>, FormatError>;

    /// The bytes that come after the last row.
    ///
    /// # Errors
    /// When the encoder fails.
    fn finish(&mut self) -> Result<Vec<u8>, FormatError> {
        Ok(Vec::new())
    }
}

/// The writer of a format.
///
/// # Errors
/// [`FormatError::NotBuilt`] for Parquet in a build without it.
pub fn writer(format: Format, columns: &'static [Column]) -> Result<Box<dyn Writer>, FormatError> {
    match format {
        Format::Jsonl => Ok(Box::new(jsonl::Jsonl::new(columns))),
        Format::Csv => Ok(Box::new(csv::Csv::new(columns))),
        #[cfg(feature = "parquet")]
        Format::Parquet => Ok(Box::new(parquet::Parquet::new(columns)?)),
        #[cfg(not(feature = "parquet"))]
        Format::Parquet => Err(FormatError::NotBuilt(format)),
    }
}
