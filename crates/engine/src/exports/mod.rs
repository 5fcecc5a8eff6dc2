//! Exports: rows of typed cells as JSONL, CSV or Parquet, a batch at a time, so that memory stays constant.
//!
//! To add a format: one file under `format/` with a [`format::Writer`], one line in [`format::writer`].

pub mod format;
mod table;

pub use table::{Cell, Column, ColumnType, Row};
