//! Exports: the sessions that match a filter, their turns, scores or reviews as JSONL, CSV or Parquet, of one snapshot and
//! in constant memory; written at once ([`Exports::open`]) or as durable work whose file is kept ([`Exports::start`]).
//!
//! To add a format: one file under `format/` with a [`format::Writer`], one line in [`format::writer`].
//! To add a kind: one file under `rows/` with its columns and rows, one line in [`rows`].

mod error;
pub mod format;
mod job;
mod rows;
mod service;
mod stream;
mod sweep;
mod table;
mod used;
mod writing;

pub use error::ExportError;
pub use rows::columns;
pub use service::{Exports, KEPT};
pub use stream::ExportStream;
pub use table::{Cell, Column, ColumnType, Row};
pub use writing::Writing;
