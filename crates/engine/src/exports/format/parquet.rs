//! Parquet, compressed with zstd, one row group per some thousand rows, written as it goes.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical, ZstdLevel};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::Type;

use super::{FormatError, Writer};
use crate::exports::table::{Cell, Column, ColumnType, Row};

/// Rows held back to make one row group.
const ROW_GROUP: usize = 16_384;
/// And about so many bytes at most, so that memory stays bounded where cells are long.
const ROW_GROUP_BYTES: usize = 16 << 20;

pub(super) struct Parquet {
    columns: &'static [Column],
    held: Vec<Row>,
    held_bytes: usize,
    file: Option<SerializedFileWriter<Sink>>,
    sink: Sink,
}

/// Where the encoder writes; what is in it is taken out after every batch.
#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Sink {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Parquet {
    pub(super) fn new(columns: &'static [Column]) -> Result<Self, FormatError> {
        let fields = columns.iter().map(field).collect::<Result<Vec<_>, _>>()?;
        let schema = Type::group_type_builder("turnwise").with_fields(fields).build().map_err(encoding)?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_created_by(concat!("turnwise ", env!("CARGO_PKG_VERSION")).to_owned())
            .build();
        let sink = Sink::default();
        let file = SerializedFileWriter::new(sink.clone(), Arc::new(schema), Arc::new(properties)).map_err(encoding)?;
        Ok(Self { columns, held: Vec::new(), held_bytes: 0, file: Some(file), sink })
    }

    fn write_group(&mut self, rows: &[Row]) -> Result<(), FormatError> {
        let Some(file) = &mut self.file else { return Ok(()) };
        let mut group = file.next_row_group().map_err(encoding)?;
        for (index, column) in self.columns.iter().enumerate() {
            let cells = rows.iter().map(|row| &row[index]);
            match column.kind {
                ColumnType::Text | ColumnType::Json => write_column::<ByteArrayType>(&mut group, cells, bytes)?,
                ColumnType::Integer | ColumnType::Instant => write_column::<Int64Type>(&mut group, cells, integer)?,
                ColumnType::Real => write_column::<DoubleType>(&mut group, cells, real)?,
                ColumnType::Flag => write_column::<BoolType>(&mut group, cells, flag)?,
            }
        }
        group.close().map_err(encoding)?;
        Ok(())
    }
}

impl Writer for Parquet {
    fn rows(&mut self, rows: Vec<Row>) -> Result<Vec<u8>, FormatError> {
        for row in rows {
            self.held_bytes += row.iter().map(Cell::size).sum::<usize>();
            self.held.push(row);
            if self.held.len() >= ROW_GROUP || self.held_bytes >= ROW_GROUP_BYTES {
                let group = std::mem::take(&mut self.held);
                self.held_bytes = 0;
                self.write_group(&group)?;
            }
        }
        Ok(self.sink.take())
    }

    fn finish(&mut self) -> Result<Vec<u8>, FormatError> {
        let rest = std::mem::take(&mut self.held);
        if !rest.is_empty() {
            self.write_group(&rest)?;
        }
        if let Some(file) = self.file.take() {
            file.close().map_err(encoding)?;
        }
        Ok(self.sink.take())
    }
}

fn encoding(error: impl std::fmt::Display) -> FormatError {
    FormatError::Encoding(error.to_string())
}

fn field(column: &Column) -> Result<Arc<Type>, FormatError> {
    let (physical, logical) = match column.kind {
        ColumnType::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        ColumnType::Json => (Physical::BYTE_ARRAY, Some(LogicalType::Json)),
        ColumnType::Integer => (Physical::INT64, None),
        ColumnType::Instant => (Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MICROS))),
        ColumnType::Real => (Physical::DOUBLE, None),
        ColumnType::Flag => (Physical::BOOLEAN, None),
    };
    Type::primitive_type_builder(column.name, physical)
        .with_repetition(Repetition::OPTIONAL)
        .with_logical_type(logical)
        .build()
        .map(Arc::new)
        .map_err(encoding)
}

fn write_column<'a, T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, Sink>,
    cells: impl Iterator<Item = &'a Cell>,
    value: fn(&Cell) -> Option<T::T>,
) -> Result<(), FormatError> {
    let mut values = Vec::new();
    let mut present = Vec::new();
    for cell in cells {
        let known = value(cell);
        present.push(i16::from(known.is_some()));
        values.extend(known);
    }
    let Some(mut column) = group.next_column().map_err(encoding)? else {
        return Err(FormatError::Encoding("the schema has fewer columns than the rows".to_owned()));
    };
    column.typed::<T>().write_batch(&values, Some(&present), None).map_err(encoding)?;
    column.close().map_err(encoding)
}

fn bytes(cell: &Cell) -> Option<ByteArray> {
    match cell {
        Cell::Text(text) => Some(ByteArray::from(text.as_str())),
        Cell::Json(json) => Some(ByteArray::from(json.to_string().into_bytes())),
        _ => None,
    }
}

fn integer(cell: &Cell) -> Option<i64> {
    match cell {
        Cell::Integer(number) => Some(*number),
        _ => None,
    }
}

fn real(cell: &Cell) -> Option<f64> {
    match cell {
        Cell::Real(number) => Some(*number),
        _ => None,
    }
}

fn flag(cell: &Cell) -> Option<bool> {
    match cell {
        Cell::Flag(flag) => Some(*flag),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns;
    use parquet::file::reader::{FileReader, SerializedFileReader};

    #[test]
    fn what_is_written_is_read_back_with_its_unknowns() {
        let columns = columns![name: Text, n: Integer, score: Real, at: Instant, ok: Flag];
        let mut parquet = Parquet::new(columns).unwrap();
        let rows: Vec<Row> = (0..20_000)
            .map(|n| {
                let score = if n % 2 == 0 { Cell::Null } else { Cell::Real(0.5) };
                vec![Cell::Text(format!("s{n}")), Cell::Integer(n), score, Cell::Integer(n * 1_000), Cell::Flag(true)]
            })
            .collect();
        let mut file = parquet.begin().unwrap();
        for chunk in rows.chunks(1_000) {
            file.extend(parquet.rows(chunk.to_vec()).unwrap());
        }
        file.extend(parquet.finish().unwrap());

        let reader = SerializedFileReader::new(bytes::Bytes::from(file)).unwrap();
        assert_eq!(reader.metadata().file_metadata().num_rows(), 20_000);
        let first = reader.get_row_iter(None).unwrap().next().unwrap().unwrap();
        assert_eq!(
            first.to_string(),
            "{name: \"s0\", n: 0, score: null, at: 1970-01-01 00:00:00.000000 +00:00, ok: true}"
        );
    }
}
