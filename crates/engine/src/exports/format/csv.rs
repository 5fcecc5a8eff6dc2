//! CSV (RFC 4180) with a header line, safe to open in a spreadsheet.
//!
//! A text that a spreadsheet would take for a formula (it begins with `=`, `+`, `-`, `@`, a tab or a carriage return)
//! gets an apostrophe in front. Unknown is an empty field.

use turnwise_model::Micros;

use super::{FormatError, Writer};
use crate::exports::table::{Cell, Column, ColumnType, Row};

pub(super) struct Csv {
    columns: &'static [Column],
}

impl Csv {
    pub(super) const fn new(columns: &'static [Column]) -> Self {
        Self { columns }
    }
}

impl Writer for Csv {
    fn begin(&mut self) -> Result<Vec<u8>, FormatError> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(self.columns.iter().map(|column| column.name)).map_err(encoding)?;
        writer.into_inner().map_err(encoding)
    }

    fn rows(&mut self, rows: Vec<Row>) -> Result<Vec<u8>, FormatError> {
        let mut writer = csv::Writer::from_writer(Vec::with_capacity(rows.len() * 256));
        for row in &rows {
            for (column, cell) in self.columns.iter().zip(row) {
                writer.write_field(field(*column, cell)).map_err(encoding)?;
            }
            writer.write_record(None::<&[u8]>).map_err(encoding)?;
        }
        writer.into_inner().map_err(encoding)
    }
}

fn encoding(error: impl std::fmt::Display) -> FormatError {
    FormatError::Encoding(error.to_string())
}

fn field(column: Column, cell: &Cell) -> String {
    match cell {
        Cell::Null => String::new(),
        Cell::Text(text) => harmless(text),
        Cell::Integer(micros) if column.kind == ColumnType::Instant => Micros(*micros).to_string(),
        Cell::Integer(number) => number.to_string(),
        Cell::Real(number) => number.to_string(),
        Cell::Flag(flag) => flag.to_string(),
        Cell::Json(json) => harmless(&json.to_string()),
    }
}

fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns;

    #[test]
    fn text_never_becomes_a_formula_and_numbers_stay_numbers() {
        let mut csv = Csv::new(columns![text: Text, change: Real, flag: Flag]);
        let header = csv.begin().unwrap();
        let rows = csv
            .rows(vec![
                vec![Cell::Text("=HYPERLINK(\"http://x\")".to_owned()), Cell::Real(-0.5), Cell::Flag(true)],
                vec![Cell::Text("a,\"b\"\nc".to_owned()), Cell::Null, Cell::Null],
            ])
            .unwrap();
        let text = String::from_utf8([header, rows].concat()).unwrap();
        assert_eq!(text, "text,change,flag\n\"'=HYPERLINK(\"\"http://x\"\")\",-0.5,true\n\"a,\"\"b\"\"\nc\",,\n");
    }
}
