//! OpenLLMetry (Traceloop): its own attributes, and the older numbered form of the GenAI ones.
//! Source: `opentelemetry-semantic-conventions-ai` and the traceloop-sdk.

use serde_json::Value as Json;
use turnwise_model::telemetry::SpanKind;

use super::langfuse::unquoted;
use super::{Dialect, identity, metadata};
use crate::draft::{MessageDraft, numbered};
use crate::parts::{Field, Parts};
use crate::value::{Any, Attribute, parse_json_text};

/// OpenLLMetry.
pub struct OpenLlmetry;

impl Dialect for OpenLlmetry {
    fn attribute<'a>(&self, attribute: Attribute<'a>, parts: &mut Parts<'a>) -> Option<Attribute<'a>> {
        let key = attribute.key.clone();
        let (head, tail) = key.split_once('.').unwrap_or((&key, ""));
        let rank = parts.speaker;
        match head {
            "gen_ai" => {
                if let Some(rest) = tail.strip_prefix("prompt.") {
                    return message(rest, |index| parts.input_drafts.at(rank, index), attribute);
                }
                if let Some(rest) = tail.strip_prefix("completion.") {
                    return message(rest, |index| parts.output_drafts.at(rank, index), attribute);
                }
                match tail {
                    "usage.prompt_tokens" => parts.offer(Field::TokensInput, attribute),
                    "usage.completion_tokens" => parts.offer(Field::TokensOutput, attribute),
                    _ => return Some(attribute),
                }
            }
            "llm" => match (tail, attribute.value.as_str()) {
                ("request.type", Some("chat" | "completion")) => parts.offer_kind(SpanKind::Llm),
                ("request.type", Some("embedding")) => parts.offer_kind(SpanKind::Embedding),
                ("request.type", Some("rerank")) => parts.offer_kind(SpanKind::Reranker),
                ("usage.prompt_tokens", _) => parts.offer_as(Field::TokensInput, 1, attribute),
                ("usage.completion_tokens", _) => parts.offer_as(Field::TokensOutput, 1, attribute),
                _ => return Some(attribute),
            },
            "traceloop" => return traceloop(tail, attribute, parts),
            _ => return Some(attribute),
        }
        None
    }
}

fn traceloop<'a>(tail: &str, attribute: Attribute<'a>, parts: &mut Parts<'a>) -> Option<Attribute<'a>> {
    if let Some(name) = tail.strip_prefix("association.properties.") {
        let attribute = identity(attribute, parts)?;
        metadata("traceloop.association.properties", name, attribute.value, parts);
        return None;
    }
    match tail {
        "span.kind" => match attribute.value.as_str() {
            Some("workflow") => parts.offer_kind(SpanKind::Chain),
            Some("task") => {
                parts.documents_in_output = true;
                parts.offer_kind(SpanKind::Chain);
            }
            Some("agent") => parts.offer_kind(SpanKind::Agent),
            Some("tool") => parts.offer_kind(SpanKind::Tool),
            _ => return Some(attribute),
        },
        "entity.name" => parts.offer_as(Field::ToolName, 1, attribute),
        "entity.input" => {
            arguments(&attribute, parts);
            parts.offer(Field::Input, Attribute { key: attribute.key, value: unquoted(attribute.value) });
        }
        "entity.output" => {
            parts.offer(Field::Output, Attribute { key: attribute.key, value: unquoted(attribute.value) });
        }
        _ => return Some(attribute),
    }
    None
}

/// The decorators record a call as `{"args": […], "kwargs": {…}}`: its arguments are those of a tool, its first text
/// the query of a search.
fn arguments<'a>(attribute: &Attribute<'a>, parts: &mut Parts<'a>) {
    let Some(Json::Object(mut call)) = attribute.value.as_str().and_then(parse_json_text) else {
        return;
    };
    let (Some(Json::Array(args)), Some(Json::Object(named))) = (call.remove("args"), call.remove("kwargs")) else {
        return;
    };
    let first_text = args.iter().chain(named.values()).find_map(|value| value.as_str().map(str::to_owned));
    if let Some(query) = first_text {
        parts.offer_as(Field::Query, 1, Attribute::new("traceloop.entity.input.query", Any::text(query)));
    }
    if args.is_empty() {
        let arguments = Any::from(Json::Object(named));
        parts.offer_as(Field::ToolArguments, 1, Attribute::new("traceloop.entity.input.kwargs", arguments));
    }
}

/// `N.…` of the numbered prompts and completions.
fn message<'d, 'a: 'd>(
    rest: &str,
    at: impl FnOnce(usize) -> Option<&'d mut MessageDraft<'a>>,
    attribute: Attribute<'a>,
) -> Option<Attribute<'a>> {
    let Some((index, field)) = numbered(rest) else {
        return Some(attribute);
    };
    let call = field.strip_prefix("tool_calls.").and_then(numbered);
    if call.is_none() && !matches!(field, "role" | "content" | "tool_call_id" | "name") {
        return Some(attribute);
    }
    let Some(draft) = at(index) else {
        return Some(attribute);
    };
    match (field, call) {
        (_, Some((index, field))) => match (draft.tool_call(index), field) {
            (Some(call), "id") => call.id = Some(attribute.value),
            (Some(call), "name") => call.name = Some(attribute.value),
            (Some(call), "arguments") => call.arguments = Some(attribute.value),
            _ => return Some(attribute),
        },
        ("role", _) => draft.role = Some(attribute.value),
        ("content", _) => draft.content = Some(attribute.value),
        ("tool_call_id", _) => draft.tool_call_id = Some(attribute.value),
        _ => draft.name = Some(attribute.value),
    }
    None
}
