//! The waterfall of a session's spans, a window of rows at a time, and one span opened.

use serde::{Deserialize, Serialize};

use crate::Nanos;
use crate::telemetry::{SpanKind, SpanStatus};
use crate::view::session::SpanRow;

/// Which rows of the waterfall.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TraceQuery {
    /// Index of the first row, from 0.
    #[serde(default)]
    pub from: u32,
    /// Ids of the spans whose children are folded away.
    #[serde(default)]
    pub folded: Vec<String>,
}

/// A window of the waterfall.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// Index of the first row.
    pub from: u32,
    /// The rows, at most [`Trace::WINDOW`].
    pub rows: Vec<TraceRow>,
    /// How many rows there are with what is folded away.
    pub visible: u32,
    /// How many spans there are.
    pub spans: u32,
}

impl Trace {
    /// How many rows are sent at once.
    pub const WINDOW: u32 = 200;
}

/// A row of the waterfall.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TraceRow {
    /// The span.
    pub span: SpanRow,
    /// How many spans it lies in.
    pub depth: u32,
    /// How many spans lie in it.
    pub within: u32,
    /// They are folded away.
    pub folded: bool,
    /// When the outermost span that it lies in, and everything in that, begins.
    pub from: Nanos,
    /// When that ends.
    pub to: Nanos,
}

impl TraceRow {
    /// Where its bar begins and how long it is, in thousandths of the outermost span's. A bar is never invisible.
    #[must_use]
    pub fn bar(&self) -> (i64, i64) {
        let whole = self.to.0.saturating_sub(self.from.0).max(1);
        let thousandths = |nanos: i64| {
            let share = i128::from(nanos.max(0)) * 1_000 / i128::from(whole);
            i64::try_from(share).unwrap_or(1_000).min(1_000)
        };
        let start = thousandths(self.span.started_at.0.saturating_sub(self.from.0)).min(995);
        let end = self.span.ended_at.map_or(start, |ended| thousandths(ended.0.saturating_sub(self.from.0)));
        (start, (end - start).clamp(5, 1_000 - start))
    }
}

/// One span opened: all that is known of it, laid out for reading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpanPage {
    /// Its name.
    pub name: String,
    /// What it does.
    pub kind: SpanKind,
    /// How it ended.
    pub status: SpanStatus,
    /// What is known in a word each, such as model and tokens: name and value.
    pub facts: Vec<(String, String)>,
    /// What takes more room: input, output, attributes, events. None is empty.
    pub sections: Vec<SpanSection>,
}

/// A part of an opened span.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpanSection {
    /// What it is: "Input".
    pub title: String,
    /// Its pieces: who or what each is, where there is something to say, and its text.
    pub pieces: Vec<(Option<String>, String)>,
}
