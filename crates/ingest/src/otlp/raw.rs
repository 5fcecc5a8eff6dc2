//! A span, event, link or log record as received, before any dialect has looked at it.

use std::borrow::Cow;
use std::cell::OnceCell;

use crate::translate::ResourceFacts;
use crate::value::{Any, Attribute};

/// A span as received; ids are already lower-case hex.
#[derive(Debug, Default)]
pub struct RawSpan<'a> {
    /// 32 hex digits.
    pub trace_id: String,
    /// 16 hex digits.
    pub span_id: String,
    /// 16 hex digits; `None` for a root.
    pub parent_span_id: Option<String>,
    /// W3C trace state.
    pub trace_state: Cow<'a, str>,
    /// Its name.
    pub name: Cow<'a, str>,
    /// Start in nanoseconds; 0 when not told.
    pub start: i64,
    /// End in nanoseconds; 0 when not told.
    pub end: i64,
    /// Attributes in the order sent.
    pub attributes: Vec<Attribute<'a>>,
    /// Events in the order sent.
    pub events: Vec<RawEvent<'a>>,
    /// Links in the order sent.
    pub links: Vec<RawLink<'a>>,
    /// 0 unset, 1 ok, 2 error.
    pub status: i64,
    /// What the client says about the status.
    pub status_message: Cow<'a, str>,
}

/// A span event as received.
#[derive(Debug, Default)]
pub struct RawEvent<'a> {
    /// Its name.
    pub name: Cow<'a, str>,
    /// When, in nanoseconds; 0 when not told.
    pub time: i64,
    /// Attributes in the order sent.
    pub attributes: Vec<Attribute<'a>>,
}

/// A link to another span as received.
#[derive(Debug, Default)]
pub struct RawLink<'a> {
    /// 32 hex digits.
    pub trace_id: String,
    /// 16 hex digits.
    pub span_id: String,
    /// Attributes in the order sent.
    pub attributes: Vec<Attribute<'a>>,
}

/// A log record as received.
#[derive(Debug, Default)]
pub struct RawLog<'a> {
    /// The trace it belongs to; `None` when it names none.
    pub trace_id: Option<String>,
    /// The span it belongs to; `None` when it names none.
    pub span_id: Option<String>,
    /// When, in nanoseconds; the observed time where no other is told.
    pub time: i64,
    /// The event's name, from the field or the attribute `event.name`.
    pub event_name: Cow<'a, str>,
    /// The body.
    pub body: Any<'a>,
    /// Attributes in the order sent.
    pub attributes: Vec<Attribute<'a>>,
}

/// What all spans of a scope share.
#[derive(Debug, Default)]
pub struct Origin<'a> {
    resource: Vec<Attribute<'a>>,
    facts: OnceCell<ResourceFacts>,
    /// The instrumentation scope's name.
    pub scope: Cow<'a, str>,
}

impl<'a> Origin<'a> {
    /// An origin with its resource's attributes, of no scope yet.
    #[must_use]
    pub fn of(resource: Vec<Attribute<'a>>) -> Self {
        Self { resource, facts: OnceCell::new(), scope: Cow::Borrowed("") }
    }

    /// What the resource tells; read once for all of its spans.
    pub fn facts(&self) -> &ResourceFacts {
        self.facts.get_or_init(|| ResourceFacts::read(&self.resource))
    }
}

/// Why one record was refused.
pub type Refusal = String;

/// A record, or its span's id where that could be read and why it was refused.
pub type Taken<T> = Result<T, (Option<String>, Refusal)>;

/// Bytes of an id as hex, checked for length and for not being all zeros.
///
/// # Errors
/// When the id has the wrong length or is all zeros; the message names the field.
pub fn id_from_bytes(bytes: &[u8], length: usize, what: &str) -> Result<String, Refusal> {
    if bytes.is_empty() {
        return Err(format!("{what} is missing"));
    }
    if bytes.len() != length {
        return Err(format!("{what} has {} bytes, expected {length}", bytes.len()));
    }
    if bytes.iter().all(|byte| *byte == 0) {
        return Err(format!("{what} is all zeros"));
    }
    Ok(hex::encode(bytes))
}
