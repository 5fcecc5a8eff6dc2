//! What an export is asked for, and how far it is.

use serde::{Deserialize, Serialize};

use crate::{ExportId, Micros, words};

/// What one row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A session with its scores.
    Sessions,
    /// A turn with its scores.
    Turns,
    /// A score with everything that is known of how it came about.
    Scores,
    /// A review with its answers.
    Reviews,
}

words!(Kind, "kind of export", { Sessions = "sessions", Turns = "turns", Scores = "scores", Reviews = "reviews" });

/// The format of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// JSON lines.
    Jsonl,
    /// Comma-separated values.
    Csv,
    /// Apache Parquet.
    Parquet,
}

words!(Format, "export format", { Jsonl = "jsonl", Csv = "csv", Parquet = "parquet" });

impl Format {
    /// MIME type of the file.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Jsonl => "application/x-ndjson",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Parquet => "application/vnd.apache.parquet",
        }
    }
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportRequest {
    /// What one row is.
    pub kind: Kind,
    /// The format of the file.
    pub format: Format,
    /// Which sessions, in the filter language; empty means all.
    #[serde(default)]
    pub filter: String,
}

/// An export that was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExportRow {
    /// Its id.
    pub id: ExportId,
    /// What was asked for.
    pub request: ExportRequest,
    /// The manifest, once it is done.
    pub manifest: Option<serde_json::Value>,
    /// When it was asked for.
    pub created_at: Micros,
}
