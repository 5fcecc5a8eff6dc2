//! The attributes of Langfuse's OpenTelemetry SDKs (Python v3 and later, JS v4 and later).
//! Source: `LangfuseOtelSpanAttributes` in both SDKs.

use serde_json::Value as Json;
use turnwise_model::telemetry::SpanKind;

use super::{Dialect, identity, metadata, metadata_object};
use crate::parts::{Field, Parts};
use crate::value::{Any, Attribute, parse_json_text};

/// Langfuse.
pub struct Langfuse;

impl Dialect for Langfuse {
    fn attribute<'a>(&self, attribute: Attribute<'a>, parts: &mut Parts<'a>) -> Option<Attribute<'a>> {
        let key = attribute.key.clone();
        let Some(tail) = key.strip_prefix("langfuse.") else {
            return Some(attribute);
        };
        match tail {
            "session.id" | "user.id" | "trace.metadata.langfuse_session_id" | "trace.metadata.langfuse_user_id" => {
                return identity(attribute, parts);
            }
            "environment" => parts.offer(Field::Environment, attribute),
            "release" => parts.offer(Field::Release, attribute),
            "version" => parts.offer_as(Field::Release, 1, attribute),
            "trace.tags" | "trace.metadata.langfuse_tags" => parts.add_tags(attribute.value.into_texts()),
            "trace.input" => parts.offer_as(Field::Input, 1, attribute),
            "trace.output" => parts.offer_as(Field::Output, 1, attribute),
            "trace.metadata" => return metadata_object(attribute, parts),
            "observation.type" => match attribute.value.as_str().and_then(kind) {
                Some(kind) => parts.offer_kind(kind),
                None => return Some(attribute),
            },
            "observation.input" => parts.offer(Field::Input, attribute),
            "observation.output" => parts.offer(Field::Output, attribute),
            "observation.model.name" => parts.offer(Field::Model, attribute),
            "observation.level" => parts.offer(Field::Level, attribute),
            "observation.status_message" => parts.offer(Field::ErrorMessage, attribute),
            "observation.usage_details" => return usage(attribute, parts),
            "observation.cost_details" => return cost(attribute, parts),
            _ => match tail.strip_prefix("trace.metadata.") {
                // Version 5 encodes every value as JSON, texts too.
                Some(name) => metadata("langfuse.trace.metadata", name, unquoted(attribute.value), parts),
                None => return Some(attribute),
            },
        }
        None
    }
}

fn kind(word: &str) -> Option<SpanKind> {
    Some(match word {
        "generation" => SpanKind::Llm,
        "span" | "chain" => SpanKind::Chain,
        "event" => SpanKind::Event,
        "agent" => SpanKind::Agent,
        "tool" => SpanKind::Tool,
        "retriever" => SpanKind::Retriever,
        "evaluator" => SpanKind::Evaluator,
        "guardrail" => SpanKind::Guardrail,
        "embedding" => SpanKind::Embedding,
        _ => return None,
    })
}

/// A text that is itself a JSON text, without its quotes.
pub(super) fn unquoted(value: Any<'_>) -> Any<'_> {
    match &value {
        Any::Text(text) if text.starts_with('"') => match serde_json::from_str::<String>(text) {
            Ok(inner) => Any::text(inner),
            Err(_) => value,
        },
        _ => value,
    }
}

/// `{"input": 10, "output": 20, "cache_read_input_tokens": 3, …}` as JSON text. Malformed usage is kept as it came and
/// costs nothing else.
fn usage<'a>(attribute: Attribute<'a>, parts: &mut Parts<'a>) -> Option<Attribute<'a>> {
    let Some(map) = object(&attribute.value) else {
        return Some(attribute);
    };
    for (name, value) in map {
        let field = match name.as_str() {
            "input" | "input_tokens" | "prompt_tokens" | "promptTokens" => Field::TokensInput,
            "output" | "output_tokens" | "completion_tokens" | "completionTokens" => Field::TokensOutput,
            "cache_read_input_tokens" | "input_cached_tokens" | "input_cache_read" => Field::TokensCacheRead,
            "cache_creation_input_tokens" | "input_cache_creation" => Field::TokensCacheWrite,
            "output_reasoning_tokens" | "output_reasoning" | "reasoning_tokens" => Field::TokensReasoning,
            _ => continue,
        };
        parts.offer(field, Attribute::new(format!("{}.{name}", attribute.key), Any::from(value)));
    }
    None
}

/// `{"total": 0.01, "input": …, "output": …}` as JSON text.
fn cost<'a>(attribute: Attribute<'a>, parts: &mut Parts<'a>) -> Option<Attribute<'a>> {
    let Some(map) = object(&attribute.value) else {
        return Some(attribute);
    };
    for (name, value) in map {
        let field = match name.as_str() {
            "total" => Field::CostTotal,
            "input" => Field::CostInput,
            "output" => Field::CostOutput,
            _ => continue,
        };
        parts.offer(field, Attribute::new(format!("{}.{name}", attribute.key), Any::from(value)));
    }
    None
}

fn object(value: &Any<'_>) -> Option<serde_json::Map<String, Json>> {
    match value {
        Any::Text(text) => match parse_json_text(text)? {
            Json::Object(map) => Some(map),
            _ => None,
        },
        Any::Map(_) => match value.clone().into_json() {
            Json::Object(map) => Some(map),
            _ => None,
        },
        _ => None,
    }
}
