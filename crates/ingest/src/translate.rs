//! One span as received into one record: every attribute is offered to the dialects in their order, then the parts
//! they understood are put together.

mod messages;
mod work;

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use turnwise_model::Nanos;
use turnwise_model::telemetry::{
    Content, ErrorRecord, Message, MessageRole, ScoreTarget, SessionFacts, SessionSignal, SpanKind, SpanRecord,
    SpanStatus, TurnFacts, parse_json_text,
};

use crate::dialect::DIALECTS;
use crate::otlp::raw::{RawEvent, RawLink, RawSpan, Refusal};
use crate::parts::{Field, Parts};
use crate::value::{Any, Attribute, attributes_to_json};
use messages::{answers_in, input_messages, messages_in, output_messages};
use work::{has_documents, retrieval, tool, usage};

/// What a resource tells its spans.
#[derive(Debug, Clone, Default)]
pub struct ResourceFacts {
    /// All attributes, as they came.
    pub attributes: BTreeMap<String, Json>,
    /// Deployment environment.
    pub environment: Option<String>,
    /// Release of the application.
    pub release: Option<String>,
}

impl ResourceFacts {
    /// Reads a resource's attributes.
    #[must_use]
    pub fn read(attributes: &[Attribute<'_>]) -> Self {
        let attributes: BTreeMap<String, Json> = attributes
            .iter()
            .map(|attribute| (attribute.key.clone().into_owned(), attribute.value.clone().into_json()))
            .collect();
        Self { attributes: attributes.clone(), ..Self::of(&attributes) }
    }

    /// What a resource's attributes say about deployment; `attributes` itself stays empty.
    #[must_use]
    pub fn of(attributes: &BTreeMap<String, Json>) -> Self {
        let first = |keys: &[&str]| {
            keys.iter()
                .find_map(|key| attributes.get(*key)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned))
        };
        let environment = first(&["deployment.environment.name", "deployment.environment", "langfuse.environment"]);
        // `model_version` is how Arize's clients tell the version of the application.
        let release = first(&["service.version", "langfuse.release", "model_version"]);
        Self { attributes: BTreeMap::new(), environment, release }
    }
}

/// Translates one span.
///
/// # Errors
/// When the span has no instant at all, or one before 1970; the message says so.
pub fn translate(raw: RawSpan<'_>, resource: &ResourceFacts, scope: &str) -> Result<SpanRecord, Refusal> {
    let (started_at, ended_at) = instants(raw.start, raw.end)?;
    let mut parts = Parts::default();
    for attribute in raw.attributes {
        hear(attribute, &mut parts);
    }
    let (errors, events) = hear_events(raw.events, &mut parts);
    session_marker(&raw.name, &mut parts);

    let scores_target = match raw.links.as_slice() {
        // A carrier span: its annotations are about the one span it links to.
        [link] if !link.trace_id.is_empty() && !link.span_id.is_empty() => {
            ScoreTarget::OtherSpan { trace_id: link.trace_id.clone(), span_id: link.span_id.clone() }
        }
        _ => ScoreTarget::Span,
    };
    for (score, target) in parts.score_drafts.finish(&scores_target) {
        parts.add_score(score, target);
    }

    let mut input = parts.take(Field::Input);
    let mut output = parts.take(Field::Output);
    let input_is_text = is_plain_text(parts.take(Field::InputType));
    let output_is_text = is_plain_text(parts.take(Field::OutputType));
    let mut input_messages = input_messages(&mut parts);
    let mut output_messages = output_messages(&mut parts);
    let kind = parts.kind().unwrap_or_else(|| guess_kind(&parts, &input_messages, &output_messages));
    if kind == SpanKind::Llm {
        if input_messages.is_empty() && !input_is_text {
            input_messages = messages_in(&mut input, MessageRole::User).unwrap_or_default();
        }
        if output_messages.is_empty() {
            output_messages = answers_in(&mut output, &mut parts);
        }
    }
    let kind = match kind {
        SpanKind::Chain if parts.documents_in_output && has_documents(output.as_ref()) => SpanKind::Retriever,
        other => other,
    };
    let tool = (kind == SpanKind::Tool).then(|| tool(&mut parts, input.as_ref(), output.as_ref()));
    let retrieval = retrieval(kind, &mut parts, input.as_ref(), output.as_ref());
    let usage = usage(&mut parts);
    let status = status(raw.status, &mut parts);
    let status_message = text(raw.status_message).or_else(|| parts.take_text(Field::ErrorMessage));
    let errors = or_error_type(errors, status, status_message.as_deref(), &mut parts);
    let session = session_facts(&mut parts, resource);
    let turn = TurnFacts {
        id: parts.take_text(Field::TurnId),
        number: parts.take_as(Field::TurnNumber, Any::as_i64),
        metadata: std::mem::take(&mut parts.turn_metadata),
    };
    let has_messages = (!input_messages.is_empty(), !output_messages.is_empty());
    Ok(SpanRecord {
        trace_id: raw.trace_id,
        span_id: raw.span_id,
        parent_span_id: raw.parent_span_id,
        name: raw.name.into_owned(),
        kind,
        started_at,
        ended_at,
        status,
        status_message,
        session,
        turn,
        input: input.and_then(|value| content(value, input_is_text || has_messages.0)),
        output: output.and_then(|value| content(value, output_is_text || has_messages.1)),
        input_messages,
        output_messages,
        model: parts.take_text(Field::Model),
        provider: parts.take_text(Field::Provider),
        agent: parts.take_text(Field::Agent),
        tool,
        retrieval,
        usage,
        errors,
        scores: std::mem::take(&mut parts.scores),
        sampling_threshold: sampling_threshold(&raw.trace_state),
        attributes: parts
            .take_leftovers()
            .into_iter()
            .map(|attribute| (attribute.key.into_owned(), attribute.value.into_json()))
            .collect(),
        events,
        links: raw.links.into_iter().map(link).collect(),
        resource: resource.attributes.clone(),
        scope: (!scope.is_empty()).then(|| scope.to_owned()),
    })
}

fn instants(start: i64, end: i64) -> Result<(Nanos, Option<Nanos>), Refusal> {
    if start < 0 || end < 0 {
        return Err("its start or end lies before 1970".to_owned());
    }
    match (start, end) {
        (0, 0) => Err("it has neither a start nor an end time".to_owned()),
        (0, end) => Ok((Nanos(end), Some(Nanos(end)))),
        (start, 0) => Ok((Nanos(start), None)),
        (start, end) => Ok((Nanos(start), Some(Nanos(end)))),
    }
}

/// Offers an attribute to the dialects until one takes it.
pub(crate) fn hear<'a>(mut attribute: Attribute<'a>, parts: &mut Parts<'a>) {
    for (speaker, dialect) in (0_u8..).zip(DIALECTS) {
        parts.speaker = speaker;
        match dialect.attribute(attribute, parts) {
            None => return,
            Some(unknown) => attribute = unknown,
        }
    }
    parts.rest.push(attribute);
}

/// Exceptions become errors, what the dialects know becomes parts, the rest is kept as it came.
fn hear_events<'a>(events: Vec<RawEvent<'a>>, parts: &mut Parts<'a>) -> (Vec<ErrorRecord>, Vec<Json>) {
    let mut errors = Vec::new();
    let mut kept = Vec::new();
    for mut event in events {
        if event.name == "exception" {
            errors.push(exception(event.attributes));
            continue;
        }
        let mut unknown = true;
        for (speaker, dialect) in (0_u8..).zip(DIALECTS) {
            parts.speaker = speaker;
            match dialect.event(event, parts) {
                None => {
                    unknown = false;
                    event = RawEvent::default();
                    break;
                }
                Some(same) => event = same,
            }
        }
        if unknown {
            kept.push(json!({
                "name": event.name,
                "time": event.time,
                "attributes": attributes_to_json(event.attributes),
            }));
        }
    }
    (errors, kept)
}

fn exception(attributes: Vec<Attribute<'_>>) -> ErrorRecord {
    let mut error = ErrorRecord::default();
    for Attribute { key, value } in attributes {
        match key.as_ref() {
            "exception.type" => error.kind = value.into_text(),
            "exception.message" => error.message = value.into_text().unwrap_or_default(),
            "exception.stacktrace" => error.stacktrace = value.into_text(),
            _ => {}
        }
    }
    error
}

/// An `error.type` without an exception is an error too.
fn or_error_type(
    errors: Vec<ErrorRecord>,
    status: SpanStatus,
    message: Option<&str>,
    parts: &mut Parts<'_>,
) -> Vec<ErrorRecord> {
    if !errors.is_empty() || status != SpanStatus::Error || parts.peek(Field::ErrorType).is_none() {
        return errors;
    }
    let kind = parts.take_text(Field::ErrorType);
    vec![ErrorRecord { kind, message: message.unwrap_or_default().to_owned(), stacktrace: None }]
}

/// `session.start` and `session.end` are spans that only open and close a session.
fn session_marker(name: &str, parts: &mut Parts<'_>) {
    let reason = parts.take_text(Field::EndReason);
    match (name, reason) {
        ("session.end", reason) => parts.signal = Some(SessionSignal::End { reason }),
        (_, Some(reason)) => parts.signal = Some(SessionSignal::End { reason: Some(reason) }),
        ("session.start", None) if parts.signal.is_none() => parts.signal = Some(SessionSignal::Start),
        _ => return,
    }
    if matches!(name, "session.start" | "session.end") {
        parts.speaker = u8::MAX / 8;
        parts.offer_kind(SpanKind::Event);
    }
}

fn guess_kind(parts: &Parts<'_>, input: &[Message], output: &[Message]) -> SpanKind {
    let told = |field| parts.peek(field).is_some();
    if told(Field::ToolCallId) || told(Field::ToolResult) || (told(Field::ToolName) && !told(Field::Model)) {
        SpanKind::Tool
    } else if told(Field::Documents) {
        SpanKind::Retriever
    } else if told(Field::Model) && (!input.is_empty() || !output.is_empty() || told(Field::TokensInput)) {
        SpanKind::Llm
    } else if told(Field::Agent) {
        SpanKind::Agent
    } else {
        SpanKind::Chain
    }
}

fn is_plain_text(mime: Option<Any<'_>>) -> bool {
    mime.as_ref().and_then(Any::as_str).is_some_and(|mime| mime.starts_with("text/"))
}

/// An input or output. Text that is plain, or that only repeats messages already understood, is not parsed.
fn content(value: Any<'_>, keep_text: bool) -> Option<Content> {
    match value {
        Any::Null => None,
        Any::Text(text) if keep_text => Some(Content::Text(text.into_owned())),
        Any::Text(text) => Some(match parse_json_text(&text) {
            Some(json) => Content::Json(json),
            None => Content::Text(text.into_owned()),
        }),
        Any::List(_) | Any::Map(_) => Some(Content::Json(value.into_json())),
        other => other.into_text().map(Content::Text),
    }
}

fn status(code: i64, parts: &mut Parts<'_>) -> SpanStatus {
    let failed = parts.peek(Field::Level).and_then(Any::as_str) == Some("ERROR");
    match code {
        2 => SpanStatus::Error,
        _ if failed => SpanStatus::Error,
        1 => SpanStatus::Ok,
        _ => SpanStatus::Unset,
    }
}

fn session_facts(parts: &mut Parts<'_>, resource: &ResourceFacts) -> SessionFacts {
    let sessions = parts.take_sessions();
    let (id_rank, id) = sessions.first().map_or((0, None), |(rank, id)| (*rank, Some(id.clone())));
    let mut warnings = std::mem::take(&mut parts.warnings);
    let mut conversation_id = parts.take_text(Field::ConversationId);
    for (rank, other) in sessions.iter().skip(1) {
        if *rank == SessionFacts::CONVERSATION_RANK {
            conversation_id.get_or_insert_with(|| other.clone());
        } else if conversation_id.as_ref() != Some(other) {
            warnings.push(format!(
                "a span names two sessions, {:?} and {other:?}; the first counts",
                id.as_deref().unwrap_or_default()
            ));
        }
    }
    SessionFacts {
        id,
        id_rank,
        conversation_id,
        user_id: parts.take_text(Field::UserId),
        environment: parts.take_text(Field::Environment).or_else(|| resource.environment.clone()),
        release: parts.take_text(Field::Release).or_else(|| resource.release.clone()),
        tags: std::mem::take(&mut parts.tags),
        metadata: std::mem::take(&mut parts.session_metadata),
        signal: parts.signal.take(),
        warnings,
    }
}

/// OpenTelemetry's `th` of the trace state's `ot` entry.
fn sampling_threshold(trace_state: &str) -> Option<String> {
    let entry = trace_state.split(',').find_map(|entry| entry.trim().strip_prefix("ot="))?;
    entry.split(';').find_map(|pair| pair.strip_prefix("th:")).map(str::to_owned)
}

fn link(link: RawLink<'_>) -> Json {
    json!({
        "trace_id": link.trace_id,
        "span_id": link.span_id,
        "attributes": attributes_to_json(link.attributes),
    })
}

fn text(text: Cow<'_, str>) -> Option<String> {
    (!text.is_empty()).then(|| text.into_owned())
}
