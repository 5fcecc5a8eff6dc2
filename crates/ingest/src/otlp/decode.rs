//! Export requests into records: a broken body is refused as a whole, a broken record alone.

use std::fmt;

use turnwise_model::Nanos;
use turnwise_model::telemetry::{ScoreTarget, SessionFacts, SpanKind, SpanRecord};

use super::raw::{RawLog, Taken};
use super::{json, protobuf};
use crate::dialect::{evaluation, event_message, is_message_event, object};
use crate::parts::{Field, Parts};
use crate::translate::{ResourceFacts, hear, translate};
use crate::value::Any;

/// How a body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Protobuf.
    Protobuf,
    /// JSON.
    Json,
}

impl Encoding {
    /// The encoding that a `Content-Type` names; `None` for one that is not OTLP's.
    #[must_use]
    pub fn from_content_type(content_type: &str) -> Option<Self> {
        let mime = content_type.split(';').next().unwrap_or_default().trim();
        if mime.eq_ignore_ascii_case("application/x-protobuf") || mime.eq_ignore_ascii_case("application/protobuf") {
            Some(Self::Protobuf)
        } else if mime.eq_ignore_ascii_case("application/json") {
            Some(Self::Json)
        } else {
            None
        }
    }
}

/// Why a whole body was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// It ends too early.
    #[error("the body ends in the middle of a record, send it again in full")]
    Truncated,
    /// It is not in the encoding it claims.
    #[error("the body cannot be read: {0}")]
    Malformed(String),
    /// It is readable but no export request.
    #[error("the body is no OTLP export request, expected an object with a list {0:?}")]
    WrongShape(&'static str),
}

/// A record that was refused while the others were kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// Its place in the request, from 0.
    pub index: usize,
    /// Its span's id, where it could be read.
    pub span_id: Option<String>,
    /// Why.
    pub reason: String,
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.span_id {
            Some(id) => write!(f, "span {id} (number {} of the request): {}", self.index + 1, self.reason),
            None => write!(f, "number {} of the request: {}", self.index + 1, self.reason),
        }
    }
}

/// What was in a body.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Decoded {
    /// What was understood, in the order sent.
    pub spans: Vec<SpanRecord>,
    /// What was refused.
    pub rejected: Vec<Rejected>,
}

impl Decoded {
    /// A message that names what was refused, the first ten of it; `None` when nothing was.
    #[must_use]
    pub fn error_message(&self) -> Option<String> {
        if self.rejected.is_empty() {
            return None;
        }
        let mut message = self.rejected.iter().take(10).map(ToString::to_string).collect::<Vec<_>>().join("; ");
        if self.rejected.len() > 10 {
            message.push_str(&format!("; and {} more", self.rejected.len() - 10));
        }
        Some(message)
    }
}

/// Collects records.
#[derive(Default)]
struct Collector {
    decoded: Decoded,
    index: usize,
}

impl Collector {
    fn keep(&mut self, outcome: Taken<Option<SpanRecord>>) {
        match outcome {
            Ok(record) => self.decoded.spans.extend(record),
            Err((span_id, reason)) => self.decoded.rejected.push(Rejected { index: self.index, span_id, reason }),
        }
        self.index += 1;
    }
}

/// Reads an `ExportTraceServiceRequest`.
///
/// # Errors
/// When the body as a whole cannot be read; a single bad span is listed in [`Decoded::rejected`] instead.
pub fn decode_traces(body: &[u8], encoding: Encoding) -> Result<Decoded, DecodeError> {
    let mut collector = Collector::default();
    macro_rules! take {
        () => {
            &mut |origin, raw| {
                let outcome = raw.and_then(|raw| {
                    let id = raw.span_id.clone();
                    translate(raw, origin.facts(), &origin.scope).map(Some).map_err(|refusal| (Some(id), refusal))
                });
                collector.keep(outcome);
            }
        };
    }
    match encoding {
        Encoding::Protobuf => protobuf::spans(body, take!())?,
        Encoding::Json => json::spans(body, take!())?,
    }
    Ok(collector.decoded)
}

/// Reads an `ExportLogsServiceRequest`. A log record that carries a GenAI message or an evaluation becomes a span of
/// kind event below the span it belongs to, with an id derived from what it says, so that sending it again changes
/// nothing; turn assembly adds its messages to that span. Other log records are ignored.
///
/// # Errors
/// When the body as a whole cannot be read; a single bad record is listed in [`Decoded::rejected`] instead.
pub fn decode_logs(body: &[u8], encoding: Encoding) -> Result<Decoded, DecodeError> {
    let mut collector = Collector::default();
    macro_rules! take {
        () => {
            &mut |origin, raw| {
                let outcome = raw.map(|raw| event(raw, origin.facts(), &origin.scope));
                collector.keep(outcome);
            }
        };
    }
    match encoding {
        Encoding::Protobuf => protobuf::logs(body, take!())?,
        Encoding::Json => json::logs(body, take!())?,
    }
    Ok(collector.decoded)
}

fn event(mut log: RawLog<'_>, resource: &ResourceFacts, scope: &str) -> Option<SpanRecord> {
    if log.event_name.is_empty()
        && let Some(named) = log.attributes.iter().position(|attribute| attribute.key == "event.name")
    {
        log.event_name = log.attributes.swap_remove(named).value.into_text()?.into();
    }
    let (trace_id, parent) = (log.trace_id?, log.span_id?);
    let identity =
        format!("{trace_id}\n{parent}\n{}\n{}\n{:?}\n{:?}", log.time, log.event_name, log.body, log.attributes);
    let mut parts = Parts::default();
    let (mut input_messages, mut output_messages) = (Vec::new(), Vec::new());
    match log.event_name.as_ref() {
        "gen_ai.evaluation.result" => {
            let at = (log.time > 0).then(|| Nanos(log.time).micros());
            let target = ScoreTarget::OtherSpan { trace_id: trace_id.clone(), span_id: parent.clone() };
            parts.add_score(evaluation(log.attributes, at), target);
        }
        "gen_ai.client.inference.operation.details" => {
            log.attributes.extend(match log.body {
                Any::Map(entries) => entries,
                _ => Vec::new(),
            });
            for attribute in log.attributes {
                hear(attribute, &mut parts);
            }
            let told = |value: Option<Any<'_>>, role| {
                value.and_then(|value| crate::chat::messages(value.into_parsed_json(), role)).unwrap_or_default()
            };
            input_messages = told(parts.take(Field::InputMessages), turnwise_model::telemetry::MessageRole::User);
            output_messages =
                told(parts.take(Field::OutputMessages), turnwise_model::telemetry::MessageRole::Assistant);
        }
        name if is_message_event(name) => {
            let mut fields = object(log.body);
            for attribute in log.attributes {
                if !attribute.key.starts_with("gen_ai.") {
                    fields.entry(attribute.key.into_owned()).or_insert_with(|| attribute.value.into_json());
                }
            }
            let list = if name == "gen_ai.choice" { &mut output_messages } else { &mut input_messages };
            list.extend(event_message(name, fields));
        }
        _ => return None,
    }
    if input_messages.is_empty() && output_messages.is_empty() && parts.scores.is_empty() {
        return None;
    }
    Some(SpanRecord {
        parent_span_id: Some(parent),
        session: SessionFacts {
            environment: resource.environment.clone(),
            release: resource.release.clone(),
            ..SessionFacts::default()
        },
        input_messages,
        output_messages,
        scores: parts.scores,
        resource: resource.attributes.clone(),
        scope: (!scope.is_empty()).then(|| scope.to_owned()),
        ..SpanRecord::new(
            trace_id,
            crate::synthetic::span_id(&[identity.as_bytes()]),
            log.event_name.into_owned(),
            SpanKind::Event,
            Nanos(log.time.max(0)),
        )
    })
}
