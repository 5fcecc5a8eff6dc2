//! Exports: scored sessions, turns, scores and reviews as JSONL, CSV or Parquet, streamed, each with a manifest.
//!
//! To add a format: one file under `format/` with a [`format::Writer`], one line in [`format::writer`].
//! To add a kind: one file under `kind/` with its columns and its rows, one line in [`kind::source`].

pub mod format;
pub mod kind;
mod manifest;
mod service;
mod table;

pub use manifest::Manifest;
pub use service::{ExportError, Exports};
pub use table::{Cell, Column, ColumnType, Row};
