//! What an export is asked for, how far it is, and the manifest that goes with its file.

use serde::{Deserialize, Serialize};

use crate::{EvaluatorId, ExportId, Micros, RubricId, RuleId, words};

/// What one row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A session with its fresh scores in summary.
    Sessions,
    /// A turn with its text and its scores.
    Turns,
    /// A score with everything that is known of how it came about.
    Scores,
    /// One answer of a review: as many rows as the review has answers, so that `pivot` and agreement tools take it as it is.
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

impl ExportRequest {
    /// A name for the file: `support-bot-scores-2026-11-21.csv`.
    #[must_use]
    pub fn file_name(&self, project: &str, at: Micros) -> String {
        let day = at.to_string();
        format!("{project}-{}-{}.{}", self.kind, day.get(..10).unwrap_or("export"), self.format)
    }
}

/// Where an export stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Waits for a worker.
    Queued,
    /// Is being written.
    Running,
    /// The file can be had.
    Done,
    /// It could not be written.
    Failed,
    /// A person stopped it.
    Cancelled,
}

words!(State, "state of an export", {
    Queued = "queued", Running = "running", Done = "done", Failed = "failed", Cancelled = "cancelled"
});

impl State {
    /// Whether it goes on by itself.
    #[must_use]
    pub const fn is_under_way(self) -> bool {
        matches!(self, Self::Queued | Self::Running)
    }
}

/// An export and how far it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExportRow {
    /// Its id.
    pub id: ExportId,
    /// What was asked for.
    pub request: ExportRequest,
    /// Where it stands.
    pub state: State,
    /// Sessions that match, once they were counted.
    pub sessions_total: Option<i64>,
    /// Sessions that were written.
    pub sessions_done: i64,
    /// Rows that were written.
    pub rows: i64,
    /// Bytes that were written.
    pub bytes: i64,
    /// When the present attempt began.
    pub started_at: Option<Micros>,
    /// The manifest, once it is done.
    pub manifest: Option<Manifest>,
    /// Why it failed.
    pub reason: Option<String>,
    /// Who asked for it: an account's id, or a key.
    pub requested_by: String,
    /// The name of who asked for it.
    pub requested_by_name: String,
    /// When it was asked for.
    pub created_at: Micros,
    /// When it last got on.
    pub updated_at: Micros,
}

impl ExportRow {
    /// How far it is, from 0 to 1, when that can be told.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts of sessions are far below 2⁵³")]
    pub fn share(&self) -> Option<f64> {
        let total = self.sessions_total?;
        Some(if total == 0 { 1.0 } else { (self.sessions_done as f64 / total as f64).clamp(0.0, 1.0) })
    }

    /// Rows per second of the present attempt, and the seconds that are left at that pace.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2⁵³")]
    pub fn pace(&self) -> Option<(f64, Option<f64>)> {
        let took = self.updated_at.since(self.started_at?).as_secs_f64();
        if took <= 0.0 {
            return None;
        }
        let left = self.share().filter(|share| *share > 0.0).map(|share| took * (1.0 - share) / share);
        Some((self.rows as f64 / took, left))
    }
}

/// What goes beside the file: what it is, and everything that is needed to make it again or to doubt it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// The project's name in addresses.
    pub project: String,
    /// What one row is.
    pub kind: Kind,
    /// The format of the file.
    pub format: Format,
    /// Which sessions.
    pub filter: String,
    /// The instant whose state the rows show: they are of one snapshot.
    pub snapshot_at: Micros,
    /// When the file was finished.
    pub made_at: Micros,
    /// The version of Turnwise that wrote it.
    pub turnwise: String,
    /// Sessions that matched.
    pub sessions: i64,
    /// Rows in the file.
    pub rows: i64,
    /// Bytes of the file.
    pub bytes: i64,
    /// SHA-256 of the file, in hex.
    pub sha256: String,
    /// The columns in order.
    pub columns: Vec<ManifestColumn>,
    /// The versions of evaluators whose scores are in the file.
    pub evaluators: Vec<EvaluatorUsed>,
    /// The versions of rules by which they came about.
    pub rules: Vec<RuleUsed>,
    /// The versions of rubrics that reviewers answered.
    pub rubrics: Vec<RubricUsed>,
}

/// A column of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestColumn {
    /// Its name.
    pub name: String,
    /// `text`, `integer`, `real`, `flag`, `instant` or `json`.
    #[serde(rename = "type")]
    pub kind: String,
}

/// A version of an evaluator.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EvaluatorUsed {
    /// Its name, while it has one in this project.
    pub name: Option<String>,
    /// Its id.
    pub id: EvaluatorId,
    /// Content hash of the version.
    pub version: String,
    /// The version's number.
    pub number: Option<i64>,
}

/// A version of a rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RuleUsed {
    /// Its name.
    pub name: Option<String>,
    /// Its id.
    pub id: RuleId,
    /// The version.
    pub version: Option<i64>,
}

/// A version of a rubric.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RubricUsed {
    /// Its name.
    pub name: Option<String>,
    /// Its id.
    pub id: RubricId,
    /// The version.
    pub version: i64,
}
