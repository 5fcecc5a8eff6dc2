//! Records back into OTLP: OpenInference and `session.*` attributes, and Turnwise's own for what those cannot say.
//!
//! What this writes, [`decode_traces`](super::decode_traces) reads back to equal records; importers, the sample project
//! and benchmarks send through it what any client would send.

use std::collections::BTreeMap;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{
    AnyValue, ArrayValue, InstrumentationScope, KeyValue, KeyValueList, any_value::Value as Wire,
};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, Status, span};
use prost::Message as _;
use serde_json::Value as Json;
use turnwise_model::telemetry::{
    Content, ContentPart, Message, MessageRole, SessionSignal, SpanKind, SpanRecord, SpanStatus,
};

use crate::dialect::{SESSION_KEYS, is_framework_word, is_turn_word, own};
use crate::translate::ResourceFacts;
use crate::value::{Any, Attribute, parse_json_text};

/// The records as the protobuf body of an export request.
#[must_use]
pub fn encode_traces(spans: &[SpanRecord]) -> Vec<u8> {
    to_otlp(spans).encode_to_vec()
}

/// The records as an export request, in the order given; neighbours of one resource and scope share a group.
#[must_use]
pub fn to_otlp(spans: &[SpanRecord]) -> ExportTraceServiceRequest {
    let mut groups: Vec<ResourceSpans> = Vec::new();
    let mut previous: Option<&SpanRecord> = None;
    for record in spans {
        let same_resource = previous.is_some_and(|held| held.resource == record.resource);
        if !same_resource {
            let attributes = record.resource.iter().map(|(key, value)| pair(key, value.clone())).collect();
            groups.push(ResourceSpans {
                resource: Some(Resource { attributes, ..Resource::default() }),
                ..ResourceSpans::default()
            });
        }
        if let Some(group) = groups.last_mut() {
            if !same_resource || previous.is_none_or(|held| held.scope != record.scope) {
                let name = record.scope.clone().unwrap_or_default();
                group.scope_spans.push(ScopeSpans {
                    scope: Some(InstrumentationScope { name, ..InstrumentationScope::default() }),
                    ..ScopeSpans::default()
                });
            }
            if let Some(scope) = group.scope_spans.last_mut() {
                scope.spans.push(span(record));
            }
        }
        previous = Some(record);
    }
    ExportTraceServiceRequest { resource_spans: groups }
}

fn span(record: &SpanRecord) -> Span {
    let mut attributes = Attributes::default();
    kind(record, &mut attributes);
    session(record, &mut attributes);
    turn(record, &mut attributes);
    content("input", record.input.as_ref(), &mut attributes);
    content("output", record.output.as_ref(), &mut attributes);
    messages("llm.input_messages", own::INPUT_MESSAGES, &record.input_messages, &mut attributes);
    messages("llm.output_messages", own::OUTPUT_MESSAGES, &record.output_messages, &mut attributes);
    attributes.text("llm.model_name", record.model.as_deref());
    attributes.text("llm.provider", record.provider.as_deref());
    attributes.text("agent.name", record.agent.as_deref());
    tool(record, &mut attributes);
    retrieval(record, &mut attributes);
    usage(record, &mut attributes);
    if !record.scores.is_empty() {
        attributes.json(own::SCORES, &record.scores);
    }
    for (key, value) in &record.attributes {
        if !key.starts_with(own::PREFIX) {
            attributes.0.push(pair(key, value.clone()));
        }
    }
    Span {
        trace_id: hex::decode(&record.trace_id).unwrap_or_default(),
        span_id: hex::decode(&record.span_id).unwrap_or_default(),
        parent_span_id: record.parent_span_id.as_ref().and_then(|id| hex::decode(id).ok()).unwrap_or_default(),
        trace_state: record.sampling_threshold.as_ref().map(|th| format!("ot=th:{th}")).unwrap_or_default(),
        name: record.name.clone(),
        kind: span::SpanKind::Internal as i32,
        start_time_unix_nano: record.started_at.0.unsigned_abs(),
        end_time_unix_nano: record.ended_at.map_or(0, |end| end.0.unsigned_abs()),
        attributes: attributes.0,
        events: events(record),
        links: record.links.iter().map(link).collect(),
        status: Some(Status {
            message: record.status_message.clone().unwrap_or_default(),
            code: match record.status {
                SpanStatus::Unset => 0,
                SpanStatus::Ok => 1,
                SpanStatus::Error => 2,
            },
        }),
        ..Span::default()
    }
}

/// A list of attributes in the making.
#[derive(Default)]
struct Attributes(Vec<KeyValue>);

impl Attributes {
    fn text(&mut self, key: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.0.push(pair(key, Json::String(text.to_owned())));
        }
    }

    fn number(&mut self, key: &str, number: Option<i64>) {
        if let Some(number) = number {
            self.0.push(pair(key, Json::from(number)));
        }
    }

    /// A value as JSON text.
    fn json(&mut self, key: &str, value: &impl serde::Serialize) {
        if let Ok(text) = serde_json::to_string(value) {
            self.text(key, Some(&text));
        }
    }

    /// A value as JSON text where it is structured, else as it is.
    fn value(&mut self, key: &str, value: &Json) {
        match value {
            Json::Array(_) | Json::Object(_) => self.text(key, Some(&value.to_string())),
            other => self.0.push(pair(key, other.clone())),
        }
    }
}

fn kind(record: &SpanRecord, attributes: &mut Attributes) {
    let word = match record.kind {
        SpanKind::Agent => "AGENT",
        SpanKind::Chain => "CHAIN",
        SpanKind::Llm => "LLM",
        SpanKind::Retriever => "RETRIEVER",
        SpanKind::Reranker => "RERANKER",
        SpanKind::Embedding => "EMBEDDING",
        SpanKind::Tool => "TOOL",
        SpanKind::Guardrail => "GUARDRAIL",
        SpanKind::Evaluator => "EVALUATOR",
        SpanKind::Event => return attributes.text(own::KIND, Some(record.kind.as_str())),
    };
    attributes.text("openinference.span.kind", Some(word));
}

fn session(record: &SpanRecord, attributes: &mut Attributes) {
    let facts = &record.session;
    let key = SESSION_KEYS.get(usize::from(facts.id_rank)).copied().unwrap_or(SESSION_KEYS[0]);
    attributes.text(key, facts.id.as_deref());
    attributes.text("conversation.id", facts.conversation_id.as_deref());
    attributes.text("user.id", facts.user_id.as_deref());
    let resource = ResourceFacts::of(&record.resource);
    if facts.environment != resource.environment {
        attributes.text(own::ENVIRONMENT, facts.environment.as_deref());
    }
    if facts.release != resource.release {
        attributes.text(own::RELEASE, facts.release.as_deref());
    }
    if !facts.tags.is_empty() {
        attributes.0.push(pair("tag.tags", Json::from(facts.tags.clone())));
    }
    metadata(&facts.metadata, attributes);
    match &facts.signal {
        Some(SessionSignal::End { reason: Some(reason) }) => attributes.text("session.end_reason", Some(reason)),
        Some(signal) => attributes.json(own::SIGNAL, signal),
        None => {}
    }
    if !facts.warnings.is_empty() {
        attributes.json(own::WARNINGS, &facts.warnings);
    }
}

/// Plain attributes for the names of WIRE's sessions, one JSON object for the client's own entries.
fn metadata(metadata: &BTreeMap<String, Json>, attributes: &mut Attributes) {
    const SPOKEN_FOR: [&str; 12] = [
        "session.id",
        "session.end_reason",
        "session.tags",
        "user.id",
        "user.tags",
        "app.tags",
        "journey.tags",
        "dropoff.tags",
        "environment",
        "release",
        "tags",
        "session.annotations",
    ];
    let reserved = |key: &str| {
        SPOKEN_FOR.contains(&key)
            || is_turn_word(key)
            || is_framework_word(key)
            || matches!(key, "thread_id" | "session_id" | "sessionId" | "user_id" | "userId")
            || key.starts_with("session.annotations.")
            || key.starts_with("session.evaluations.")
    };
    if metadata.keys().any(|key| reserved(key)) {
        return attributes.json(own::SESSION_METADATA, metadata);
    }
    let (plain, own_entries): (Vec<_>, Vec<_>) = metadata.iter().partition(|(key, value)| {
        let named = ["session.", "user.", "journey.", "dropoff.", "app."]
            .iter()
            .any(|prefix| key.strip_prefix(prefix).is_some_and(|name| !name.is_empty()));
        named && !value.is_null()
    });
    for (key, value) in plain {
        attributes.0.push(pair(key, value.clone()));
    }
    if !own_entries.is_empty() {
        attributes.json("metadata", &own_entries.into_iter().collect::<BTreeMap<_, _>>());
    }
}

fn turn(record: &SpanRecord, attributes: &mut Attributes) {
    const SPOKEN_FOR: [&str; 5] =
        ["turn.id", "turn.number", "conversation.id", "conversation.session_id", "conversation.turn_number"];
    attributes.text("turn.id", record.turn.id.as_deref());
    attributes.number("conversation.turn_number", record.turn.number);
    let plain = record.turn.metadata.iter().all(|(key, value)| {
        let named = ["conversation.", "turn.", "context."]
            .iter()
            .any(|prefix| key.strip_prefix(prefix).is_some_and(|name| !name.is_empty()));
        named && !SPOKEN_FOR.contains(&key.as_str()) && !value.is_null()
    });
    if plain {
        for (key, value) in &record.turn.metadata {
            attributes.0.push(pair(key, value.clone()));
        }
    } else {
        attributes.json(own::TURN_METADATA, &record.turn.metadata);
    }
}

fn content(side: &str, content: Option<&Content>, attributes: &mut Attributes) {
    let (text, mime) = match content {
        None => return,
        Some(Content::Text(text)) => (text.clone(), "text/plain"),
        Some(Content::Json(json)) => (json.to_string(), "application/json"),
    };
    attributes.text(&format!("{side}.value"), Some(&text));
    attributes.text(&format!("{side}.mime_type"), Some(mime));
}

/// Messages as OpenInference flattens them, or as JSON of our own where one of them is more than that can say.
fn messages(prefix: &str, own_key: &str, messages: &[Message], attributes: &mut Attributes) {
    if messages.is_empty() {
        return;
    }
    if !messages.iter().all(is_simple) {
        return attributes.json(own_key, &messages);
    }
    for (index, message) in messages.iter().enumerate() {
        let prefix = format!("{prefix}.{index}.message");
        attributes.text(&format!("{prefix}.role"), Some(message.role.as_str()));
        attributes.text(&format!("{prefix}.name"), message.name.as_deref());
        let mut call = 0;
        for part in &message.parts {
            match part {
                ContentPart::Text { text } => attributes.text(&format!("{prefix}.content"), Some(text)),
                ContentPart::ToolResult { id, result } => {
                    attributes.text(&format!("{prefix}.tool_call_id"), id.as_deref());
                    if !result.is_null() {
                        attributes.value(&format!("{prefix}.content"), result);
                    }
                }
                ContentPart::ToolCall { id, name, arguments } => {
                    let prefix = format!("{prefix}.tool_calls.{call}.tool_call");
                    call += 1;
                    attributes.text(&format!("{prefix}.id"), id.as_deref());
                    attributes.text(&format!("{prefix}.function.name"), Some(name));
                    if let Some(arguments) = arguments {
                        attributes.value(&format!("{prefix}.function.arguments"), arguments);
                    }
                }
                _ => {}
            }
        }
    }
}

/// Whether OpenInference can say the message: one text, then calls; or one result of a tool.
fn is_simple(message: &Message) -> bool {
    let told = |text: &Option<String>| text.as_ref().is_none_or(|text| !text.is_empty());
    // Structured values would come back as text; text that looks like a list of parts, as parts.
    let flat = |json: &Json| !matches!(json, Json::Array(_) | Json::Object(_));
    if !told(&message.name) {
        return false;
    }
    if message.role == MessageRole::Tool {
        return match message.parts.as_slice() {
            [ContentPart::ToolResult { id, result }] => told(id) && flat(result),
            _ => false,
        };
    }
    message.parts.iter().enumerate().all(|(place, part)| match part {
        ContentPart::Text { text } => place == 0 && !text.is_empty() && !text.starts_with("[{"),
        ContentPart::ToolCall { id, name, arguments } => {
            told(id)
                && !name.is_empty()
                && arguments.as_ref().is_none_or(|json| !json.is_null() && *json != "" && flat(json))
        }
        _ => false,
    })
}

fn tool(record: &SpanRecord, attributes: &mut Attributes) {
    let Some(tool) = &record.tool else {
        return;
    };
    attributes.text("tool.name", tool.name.as_deref());
    attributes.text("tool_call.id", tool.call_id.as_deref());
    let told = |content: &Option<Content>, value: &Json| match (content, value) {
        (Some(Content::Json(json)), value) => json == value,
        (Some(Content::Text(text)), Json::String(value)) => text == value && parse_json_text(text).is_none(),
        _ => false,
    };
    if let Some(arguments) = tool.arguments.as_ref().filter(|value| !told(&record.input, value)) {
        attributes.value("tool.parameters", arguments);
    }
    if let Some(result) = tool.result.as_ref().filter(|value| !told(&record.output, value)) {
        attributes.value(own::TOOL_RESULT, result);
    }
}

fn retrieval(record: &SpanRecord, attributes: &mut Attributes) {
    let Some(retrieval) = &record.retrieval else {
        return;
    };
    for (index, document) in retrieval.documents.iter().enumerate() {
        let prefix = format!("retrieval.documents.{index}.document");
        attributes.text(&format!("{prefix}.id"), document.id.as_deref());
        attributes.text(&format!("{prefix}.content"), document.text.as_deref());
        if let Some(score) = document.score {
            attributes.0.push(pair(&format!("{prefix}.score"), Json::from(score)));
        }
        if let Some(metadata) = &document.metadata {
            attributes.value(&format!("{prefix}.metadata"), metadata);
        }
    }
    let query_is_input = match (&retrieval.query, &record.input) {
        (Some(query), Some(Content::Text(text))) => {
            query == text && parse_json_text(text).is_none() && !text.is_empty()
        }
        (None, None) => true,
        _ => false,
    };
    let plain = retrieval.documents.iter().all(|document| {
        let told = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
        told(&document.text)
            && document
                .metadata
                .as_ref()
                .is_none_or(|metadata| metadata.is_object() && document.id.is_some() && document.score.is_some())
    });
    let searches = matches!(record.kind, SpanKind::Retriever | SpanKind::Reranker);
    if !query_is_input || !plain || !searches || retrieval.documents.is_empty() {
        attributes.json(own::RETRIEVAL, retrieval);
    }
}

fn usage(record: &SpanRecord, attributes: &mut Attributes) {
    let usage = &record.usage;
    attributes.number("llm.token_count.prompt", usage.input);
    attributes.number("llm.token_count.completion", usage.output);
    attributes.number("llm.token_count.prompt_details.cache_read", usage.cache_read);
    attributes.number("llm.token_count.prompt_details.cache_write", usage.cache_write);
    attributes.number("llm.token_count.completion_details.reasoning", usage.reasoning);
    if let Some(cost) = usage.cost {
        attributes.0.push(pair("llm.cost.total", Json::from(cost.0)));
    }
}

fn events(record: &SpanRecord) -> Vec<span::Event> {
    let errors = record.errors.iter().map(|error| {
        let mut attributes = Attributes::default();
        attributes.text("exception.type", error.kind.as_deref());
        attributes.text("exception.message", Some(&error.message));
        attributes.text("exception.stacktrace", error.stacktrace.as_deref());
        span::Event {
            name: "exception".to_owned(),
            time_unix_nano: record.ended_at.unwrap_or(record.started_at).0.unsigned_abs(),
            attributes: attributes.0,
            ..span::Event::default()
        }
    });
    let others = record.events.iter().map(|event| span::Event {
        name: event.get("name").and_then(Json::as_str).unwrap_or_default().to_owned(),
        time_unix_nano: event.get("time").and_then(Json::as_u64).unwrap_or(0),
        attributes: object(event.get("attributes")),
        ..span::Event::default()
    });
    errors.chain(others).collect()
}

fn link(link: &Json) -> span::Link {
    let id = |key| link.get(key).and_then(Json::as_str).and_then(|id| hex::decode(id).ok()).unwrap_or_default();
    span::Link {
        trace_id: id("trace_id"),
        span_id: id("span_id"),
        attributes: object(link.get("attributes")),
        ..span::Link::default()
    }
}

fn object(json: Option<&Json>) -> Vec<KeyValue> {
    match json {
        Some(Json::Object(map)) => map.iter().map(|(key, value)| pair(key, value.clone())).collect(),
        _ => Vec::new(),
    }
}

fn pair(key: &str, value: Json) -> KeyValue {
    KeyValue { key: key.to_owned(), value: Some(wire(Any::from(value))), ..KeyValue::default() }
}

fn wire(value: Any<'_>) -> AnyValue {
    let value = match value {
        Any::Null => None,
        Any::Text(text) => Some(Wire::StringValue(text.into_owned())),
        Any::Bool(flag) => Some(Wire::BoolValue(flag)),
        Any::Int(number) => Some(Wire::IntValue(number)),
        Any::Double(number) => Some(Wire::DoubleValue(number)),
        Any::Bytes(bytes) => Some(Wire::BytesValue(bytes.into_owned())),
        Any::List(items) => Some(Wire::ArrayValue(ArrayValue { values: items.into_iter().map(wire).collect() })),
        Any::Map(entries) => Some(Wire::KvlistValue(KeyValueList {
            values: entries
                .into_iter()
                .map(|Attribute { key, value }| KeyValue {
                    key: key.into_owned(),
                    value: Some(wire(value)),
                    ..KeyValue::default()
                })
                .collect(),
        })),
    };
    AnyValue { value }
}
