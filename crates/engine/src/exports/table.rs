//! What every format writes: columns with types, rows of cells.

use serde_json::Value as Json;

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnType {
    /// Text.
    Text,
    /// A whole number of 64 bits.
    Integer,
    /// A double.
    Real,
    /// True or false.
    Flag,
    /// An instant: RFC 3339 as text, microseconds UTC in Parquet.
    Instant,
    /// Structured data: nested in JSONL, JSON as text elsewhere.
    Json,
}

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name, the same in every format.
    pub name: &'static str,
    /// Its type.
    pub kind: ColumnType,
}

/// A value; what is unknown is `Null`, never 0 and never empty text.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Unknown.
    Null,
    /// Of a text column.
    Text(String),
    /// Of an integer column; microseconds since 1970 of an instant column.
    Integer(i64),
    /// Of a real column.
    Real(f64),
    /// Of a flag column.
    Flag(bool),
    /// Of a JSON column.
    Json(Json),
}

/// One row, a cell per column.
pub type Row = Vec<Cell>;

/// Makes a list of columns readable: `columns![session_id: Text, turn: Integer]`.
#[macro_export]
macro_rules! columns {
    ($($name:ident: $kind:ident),+ $(,)?) => {
        &[$($crate::exports::Column { name: stringify!($name), kind: $crate::exports::ColumnType::$kind }),+]
    };
}

impl From<Option<Cell>> for Cell {
    fn from(cell: Option<Cell>) -> Self {
        cell.unwrap_or(Self::Null)
    }
}

impl ColumnType {
    /// The word for it in manifests.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer => "integer",
            Self::Real => "real",
            Self::Flag => "flag",
            Self::Instant => "instant",
            Self::Json => "json",
        }
    }
}

impl Cell {
    /// Text, or null.
    pub fn text(text: Option<impl Into<String>>) -> Self {
        text.map_or(Self::Null, |text| Self::Text(text.into()))
    }

    /// A whole number, or null.
    #[must_use]
    pub fn integer(number: Option<i64>) -> Self {
        number.map_or(Self::Null, Self::Integer)
    }

    /// A number, or null. Numbers that are not finite are null: no format can carry them.
    #[must_use]
    pub fn real(number: Option<f64>) -> Self {
        number.filter(|number| number.is_finite()).map_or(Self::Null, Self::Real)
    }

    /// True, false, or null.
    #[must_use]
    pub fn flag(flag: Option<bool>) -> Self {
        flag.map_or(Self::Null, Self::Flag)
    }

    /// About how many bytes it takes in memory.
    #[must_use]
    pub fn size(&self) -> usize {
        let inner = match self {
            Self::Text(text) => text.len(),
            Self::Json(json) => json_size(json),
            Self::Null | Self::Integer(_) | Self::Real(_) | Self::Flag(_) => 0,
        };
        size_of::<Self>() + inner
    }

    /// Whatever serialises, as structured data.
    pub fn json(value: &impl serde::Serialize) -> Self {
        serde_json::to_value(value).map_or(Self::Null, Self::Json)
    }
}

fn json_size(json: &Json) -> usize {
    let inner = match json {
        Json::String(text) => text.len(),
        Json::Array(items) => items.iter().map(json_size).sum(),
        Json::Object(fields) => fields.iter().map(|(key, value)| key.len() + json_size(value)).sum(),
        Json::Null | Json::Bool(_) | Json::Number(_) => 0,
    };
    size_of::<Json>() + inner
}
