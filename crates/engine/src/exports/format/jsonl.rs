//! JSON lines: one object a row, structured data nested, unknown as null.

use serde::ser::{SerializeMap, Serializer};
use turnwise_model::Micros;

use super::{FormatError, Writer};
use crate::exports::table::{Cell, Column, ColumnType, Row};

pub(super) struct Jsonl {
    columns: &'static [Column],
}

impl Jsonl {
    pub(super) const fn new(columns: &'static [Column]) -> Self {
        Self { columns }
    }
}

impl Writer for Jsonl {
    fn rows(&mut self, rows: Vec<Row>) -> Result<Vec<u8>, FormatError> {
        let mut bytes = Vec::with_capacity(rows.len() * 512);
        for row in &rows {
            let mut serializer = serde_json::Serializer::new(&mut bytes);
            write_object(&mut serializer, self.columns, row)
                .map_err(|error| FormatError::Encoding(error.to_string()))?;
            bytes.push(b'\n');
        }
        Ok(bytes)
    }
}

fn write_object<S: Serializer>(serializer: S, columns: &[Column], row: &Row) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(columns.len()))?;
    for (column, cell) in columns.iter().zip(row) {
        match cell {
            Cell::Null => map.serialize_entry(column.name, &())?,
            Cell::Text(text) => map.serialize_entry(column.name, text)?,
            Cell::Integer(micros) if column.kind == ColumnType::Instant => {
                map.serialize_entry(column.name, &Micros(*micros))?;
            }
            Cell::Integer(number) => map.serialize_entry(column.name, number)?,
            Cell::Real(number) => map.serialize_entry(column.name, number)?,
            Cell::Flag(flag) => map.serialize_entry(column.name, flag)?,
            Cell::Json(json) => map.serialize_entry(column.name, json)?,
        }
    }
    map.end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns;

    #[test]
    fn a_row_is_one_line_whatever_its_text_holds() {
        let columns = columns![name: Text, at: Instant, score: Real, data: Json];
        let row = vec![
            Cell::Text("two\nlines".to_owned()),
            Cell::Integer(1_795_222_634_000_000),
            Cell::Null,
            Cell::Json(serde_json::json!({"a": [1]})),
        ];
        let bytes = Jsonl::new(columns).rows(vec![row]).unwrap();
        assert_eq!(
            String::from_utf8(bytes).unwrap(),
            "{\"name\":\"two\\nlines\",\"at\":\"2026-11-21T00:57:14.000000Z\",\"score\":null,\"data\":{\"a\":[1]}}\n"
        );
    }
}
