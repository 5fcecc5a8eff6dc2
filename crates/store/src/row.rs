//! [`Fields`]: reading a row's columns as the types they mean, with errors that name table, column and row.

use std::error::Error;
use std::str::FromStr;

use sqlx::any::AnyRow;
use sqlx::{Any, Decode, Row, Type};
use turnwise_model::Micros;

use crate::error::StoreError;

/// The columns of one row of a table.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'r> {
    table: &'static str,
    key: &'static str,
    row: &'r AnyRow,
}

impl<'r> Fields<'r> {
    /// A row that is known by its column `id`.
    pub(crate) fn of(table: &'static str, row: &'r AnyRow) -> Self {
        Self::keyed(table, "id", row)
    }

    /// A row that is known by another column.
    pub(crate) fn keyed(table: &'static str, key: &'static str, row: &'r AnyRow) -> Self {
        Self { table, key, row }
    }

    /// Text.
    pub(crate) fn text(&self, column: &'static str) -> Result<String, StoreError> {
        self.get(column)
    }

    /// Text or null.
    pub(crate) fn optional_text(&self, column: &'static str) -> Result<Option<String>, StoreError> {
        self.get(column)
    }

    /// A whole number.
    pub(crate) fn integer(&self, column: &'static str) -> Result<i64, StoreError> {
        self.get(column)
    }

    /// A whole number or null.
    pub(crate) fn optional_integer(&self, column: &'static str) -> Result<Option<i64>, StoreError> {
        self.get(column)
    }

    /// A number.
    pub(crate) fn real(&self, column: &'static str) -> Result<f64, StoreError> {
        self.get(column)
    }

    /// A number or null.
    pub(crate) fn optional_real(&self, column: &'static str) -> Result<Option<f64>, StoreError> {
        self.get(column)
    }

    /// A flag, stored as 0 or 1.
    pub(crate) fn flag(&self, column: &'static str) -> Result<bool, StoreError> {
        Ok(self.integer(column)? != 0)
    }

    /// A JSON document.
    pub(crate) fn json<T: serde::de::DeserializeOwned>(&self, column: &'static str) -> Result<T, StoreError> {
        serde_json::from_str(&self.text(column)?).map_err(|error| self.impossible(column, error))
    }

    /// A JSON document or null.
    pub(crate) fn optional_json<T: serde::de::DeserializeOwned>(
        &self,
        column: &'static str,
    ) -> Result<Option<T>, StoreError> {
        let text = self.optional_text(column)?;
        text.map(|text| serde_json::from_str(&text).map_err(|error| self.impossible(column, error))).transpose()
    }

    /// Bytes or null.
    pub(crate) fn optional_bytes(&self, column: &'static str) -> Result<Option<Vec<u8>>, StoreError> {
        self.get(column)
    }

    /// A whole number that counts something.
    pub(crate) fn count(&self, column: &'static str) -> Result<u32, StoreError> {
        u32::try_from(self.integer(column)?).map_err(|error| self.impossible(column, error))
    }

    /// An instant.
    pub(crate) fn instant(&self, column: &'static str) -> Result<Micros, StoreError> {
        self.get(column).map(Micros)
    }

    /// An instant or null.
    pub(crate) fn optional_instant(&self, column: &'static str) -> Result<Option<Micros>, StoreError> {
        Ok(self.get::<Option<i64>>(column)?.map(Micros))
    }

    /// Text that stands for something: an id, a word, an address.
    pub(crate) fn parsed<T>(&self, column: &'static str) -> Result<T, StoreError>
    where
        T: FromStr<Err: Error + Send + Sync + 'static>,
    {
        self.text(column)?.parse().map_err(|error: T::Err| self.impossible(column, error))
    }

    /// The same, or null.
    pub(crate) fn optional_parsed<T>(&self, column: &'static str) -> Result<Option<T>, StoreError>
    where
        T: FromStr<Err: Error + Send + Sync + 'static>,
    {
        self.optional_text(column)?
            .map(|text| text.parse().map_err(|error: T::Err| self.impossible(column, error)))
            .transpose()
    }

    /// Words with blanks between them.
    pub(crate) fn words<T>(&self, column: &'static str) -> Result<Vec<T>, StoreError>
    where
        T: FromStr<Err: Error + Send + Sync + 'static>,
    {
        let text = self.text(column)?;
        text.split_whitespace()
            .map(|word| word.parse().map_err(|error: T::Err| self.impossible(column, error)))
            .collect()
    }

    /// The error for a value that cannot be.
    pub(crate) fn impossible(
        &self,
        column: &'static str,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> StoreError {
        let row = self
            .row
            .try_get::<String, _>(self.key)
            .or_else(|_| self.row.try_get::<i64, _>(self.key).map(|number| number.to_string()))
            .unwrap_or_else(|_| format!("without {}", self.key));
        StoreError::Impossible { table: self.table, column, row, source: source.into() }
    }

    fn get<T>(&self, column: &'static str) -> Result<T, StoreError>
    where
        T: Decode<'r, Any> + Type<Any>,
    {
        self.row.try_get(column).map_err(|error| self.impossible(column, error))
    }
}
