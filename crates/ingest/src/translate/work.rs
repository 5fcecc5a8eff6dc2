//! What a span did: the tool it called, the documents it found, the tokens it used.

use serde_json::Value as Json;
use turnwise_model::Usd;
use turnwise_model::conversation::Retrieval;
use turnwise_model::telemetry::{ContentPart, MessageRole, SpanKind, ToolRecord, Usage, parse_json_text, parsed};

use super::messages::structured;
use crate::parts::{Field, Parts};
use crate::value::Any;
use crate::{chat, documents};

pub(super) fn has_documents(output: Option<&Any<'_>>) -> bool {
    output.and_then(structured).and_then(documents::from_json).is_some()
}

pub(super) fn tool(parts: &mut Parts<'_>, input: Option<&Any<'_>>, output: Option<&Any<'_>>) -> ToolRecord {
    let given =
        |value: Option<&Any<'_>>| value.filter(|value| !value.is_blank()).map(|value| value.clone().into_parsed_json());
    let arguments = match parts.take(Field::ToolArguments) {
        Some(arguments) => Some(arguments.into_parsed_json()),
        None => given(input),
    };
    let mut call_id = parts.take_text(Field::ToolCallId);
    let mut result = match parts.take(Field::ToolResult) {
        Some(result) => Some(result.into_parsed_json()),
        None => given(output),
    };
    // LangChain wraps the result in a dump of its tool message.
    if let Some(Json::Object(map)) = &result
        && map.get("type").and_then(Json::as_str).is_some_and(|kind| kind == "tool" || kind == "constructor")
        && (map.contains_key("data") || map.contains_key("kwargs"))
        && let Some(message) = chat::message(Json::Object(map.clone()), MessageRole::Tool)
        && let Some(ContentPart::ToolResult { id, result: inner }) = message.parts.into_iter().next()
    {
        call_id = call_id.or(id);
        result = Some(parsed(&inner).into_owned());
    }
    ToolRecord { name: parts.take_text(Field::ToolName), call_id, arguments, result }
}

pub(super) fn retrieval(
    kind: SpanKind,
    parts: &mut Parts<'_>,
    input: Option<&Any<'_>>,
    output: Option<&Any<'_>>,
) -> Option<Retrieval> {
    if let Some(own) = parts.own_retrieval.take() {
        return Some(own);
    }
    let mut found = parts.documents.finish();
    let searches = matches!(kind, SpanKind::Retriever | SpanKind::Reranker);
    if found.is_empty() {
        match parts.take(Field::Documents) {
            Some(value) => found = documents::from_known_json(value.into_parsed_json()),
            None if searches => {
                found = output.and_then(structured).and_then(documents::from_json).unwrap_or_default();
            }
            None => {}
        }
    }
    if !searches && found.is_empty() {
        return None;
    }
    let query = parts.take_text(Field::Query).or_else(|| {
        let asked = input?.as_str()?;
        let text = match parse_json_text(asked) {
            None => Some(asked.to_owned()),
            Some(json) => ["query", "question", "input", "text"]
                .iter()
                .find_map(|key| json.get(*key)?.as_str().map(str::to_owned)),
        };
        text.filter(|text| !text.is_empty())
    });
    Some(Retrieval { query, documents: found })
}

/// Tokens and cost. What is malformed or negative is unknown, and kept as it came.
pub(super) fn usage(parts: &mut Parts<'_>) -> Usage {
    let mut tokens = |field| parts.take_as(field, |value| value.as_i64().filter(|count| *count >= 0));
    let mut usage = Usage {
        input: tokens(Field::TokensInput),
        output: tokens(Field::TokensOutput),
        cache_read: tokens(Field::TokensCacheRead),
        cache_write: tokens(Field::TokensCacheWrite),
        reasoning: tokens(Field::TokensReasoning),
        cost: None,
    };
    let mut dollars = |field| parts.take_as(field, |value| value.as_f64().filter(|cost| *cost >= 0.0));
    let (total, of_input, of_output) =
        (dollars(Field::CostTotal), dollars(Field::CostInput), dollars(Field::CostOutput));
    usage.cost = match (total, of_input, of_output) {
        (Some(total), _, _) => Some(Usd(total)),
        (None, None, None) => None,
        (None, input, output) => Some(Usd(input.unwrap_or(0.0) + output.unwrap_or(0.0))),
    };
    usage
}
