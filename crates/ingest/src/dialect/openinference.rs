//! OpenInference, as the instrumentations of Arize Phoenix write it.
//! Source: the semantic conventions of the openinference repository.

use std::borrow::Cow;

use turnwise_model::telemetry::SpanKind;

use super::{Dialect, metadata_object};
use crate::draft::{DocumentDraft, MessageDraft, ScoreScope, numbered};
use crate::parts::{Field, Parts};
use crate::value::Attribute;

/// OpenInference.
pub struct OpenInference;

impl Dialect for OpenInference {
    fn attribute<'a>(&self, attribute: Attribute<'a>, parts: &mut Parts<'a>) -> Option<Attribute<'a>> {
        // Copying the key copies nothing where it is borrowed from the body.
        let key = attribute.key.clone();
        let (head, tail) = key.split_once('.').unwrap_or((&key, ""));
        match (head, tail) {
            ("llm", _) => return llm(tail, attribute, parts),
            ("input", "value") => parts.offer(Field::Input, attribute),
            ("input", "mime_type") => parts.offer(Field::InputType, attribute),
            ("output", "value") => parts.offer(Field::Output, attribute),
            ("output", "mime_type") => parts.offer(Field::OutputType, attribute),
            ("openinference", "span.kind") => match attribute.value.as_str().and_then(kind) {
                Some(kind) => parts.offer_kind(kind),
                None => return Some(attribute),
            },
            ("metadata", "") => return metadata_object(attribute, parts),
            ("tag", "tags") => parts.add_tags(attribute.value.into_texts()),
            ("agent", "name") => parts.offer(Field::Agent, attribute),
            ("retrieval", _) => return documents(tail, "documents.", attribute, parts),
            ("reranker", "query") => parts.offer(Field::Query, attribute),
            ("reranker", "model_name") => parts.offer_as(Field::Model, 1, attribute),
            ("reranker", _) => return documents(tail, "output_documents.", attribute, parts),
            ("embedding", "model_name") => parts.offer_as(Field::Model, 1, attribute),
            ("tool", "name") => parts.offer(Field::ToolName, attribute),
            ("tool", "parameters") => parts.offer(Field::ToolArguments, attribute),
            ("tool", "id") => parts.offer_as(Field::ToolCallId, 1, attribute),
            ("tool_call", "id") => parts.offer(Field::ToolCallId, attribute),
            ("tool_call", "function.name") => parts.offer_as(Field::ToolName, 1, attribute),
            ("tool_call", "function.arguments") => parts.offer_as(Field::ToolArguments, 1, attribute),
            ("annotations" | "evaluations", _) => return score(ScoreScope::Span, &key, attribute, parts),
            ("trace", _) => return score(ScoreScope::Trace, tail, attribute, parts),
            ("session", _) => return score(ScoreScope::Session, tail, attribute, parts),
            _ => return Some(attribute),
        }
        None
    }
}

fn kind(word: &str) -> Option<SpanKind> {
    Some(match word {
        "LLM" => SpanKind::Llm,
        "EMBEDDING" => SpanKind::Embedding,
        "CHAIN" | "PROMPT" => SpanKind::Chain,
        "RETRIEVER" => SpanKind::Retriever,
        "RERANKER" => SpanKind::Reranker,
        "TOOL" => SpanKind::Tool,
        "AGENT" => SpanKind::Agent,
        "GUARDRAIL" => SpanKind::Guardrail,
        "EVALUATOR" => SpanKind::Evaluator,
        _ => {
            let upper = word.to_ascii_uppercase();
            return if upper == word { None } else { kind(&upper) };
        }
    })
}

fn llm<'a>(tail: &str, attribute: Attribute<'a>, parts: &mut Parts<'a>) -> Option<Attribute<'a>> {
    let rank = parts.speaker;
    if let Some(rest) = tail.strip_prefix("input_messages.") {
        return message(rest, |index| parts.input_drafts.at(rank, index), attribute);
    }
    if let Some(rest) = tail.strip_prefix("output_messages.") {
        return message(rest, |index| parts.output_drafts.at(rank, index), attribute);
    }
    match tail {
        "model_name" => parts.offer(Field::Model, attribute),
        "provider" => parts.offer(Field::Provider, attribute),
        "system" => parts.offer_as(Field::Provider, 1, attribute),
        "token_count.prompt" => parts.offer(Field::TokensInput, attribute),
        "token_count.completion" => parts.offer(Field::TokensOutput, attribute),
        "token_count.prompt_details.cache_read" => parts.offer(Field::TokensCacheRead, attribute),
        "token_count.prompt_details.cache_write" => parts.offer(Field::TokensCacheWrite, attribute),
        "token_count.completion_details.reasoning" => parts.offer(Field::TokensReasoning, attribute),
        "cost.total" => parts.offer(Field::CostTotal, attribute),
        "cost.prompt" => parts.offer(Field::CostInput, attribute),
        "cost.completion" => parts.offer(Field::CostOutput, attribute),
        _ => return Some(attribute),
    }
    None
}

/// `N.message.…` of a list of messages.
fn message<'d, 'a: 'd>(
    rest: &str,
    at: impl FnOnce(usize) -> Option<&'d mut MessageDraft<'a>>,
    attribute: Attribute<'a>,
) -> Option<Attribute<'a>> {
    let Some((index, field)) = numbered(rest) else {
        return Some(attribute);
    };
    let Some(field) = field.strip_prefix("message.") else {
        return Some(attribute);
    };
    let known = matches!(field, "role" | "content" | "name" | "tool_call_id")
        || field.starts_with("contents.")
        || field.starts_with("tool_calls.")
        || field.starts_with("function_call_");
    if !known {
        return Some(attribute);
    }
    let Some(draft) = at(index) else {
        return Some(attribute);
    };
    match field {
        "role" => draft.role = Some(attribute.value),
        "content" => draft.content = Some(attribute.value),
        "name" => draft.name = Some(attribute.value),
        "tool_call_id" => draft.tool_call_id = Some(attribute.value),
        "function_call_name" | "function_call_arguments_json" => {
            let Some(call) = draft.tool_call(0) else {
                return Some(attribute);
            };
            if field == "function_call_name" {
                call.name = Some(attribute.value);
            } else {
                call.arguments = Some(attribute.value);
            }
        }
        _ => {
            if let Some((index, field)) = field.strip_prefix("contents.").and_then(numbered) {
                let Some(part) = draft.part(index) else {
                    return Some(attribute);
                };
                match field {
                    "message_content.type" => part.kind = Some(attribute.value),
                    "message_content.text" => part.text = Some(attribute.value),
                    "message_content.image.image.url" | "message_content.image" | "message_content.audio.url" => {
                        part.uri = Some(attribute.value);
                    }
                    _ => return Some(attribute),
                }
            } else if let Some((index, field)) = field.strip_prefix("tool_calls.").and_then(numbered) {
                let Some(call) = draft.tool_call(index) else {
                    return Some(attribute);
                };
                match field {
                    "tool_call.id" => call.id = Some(attribute.value),
                    "tool_call.function.name" => call.name = Some(attribute.value),
                    "tool_call.function.arguments" => call.arguments = Some(attribute.value),
                    _ => return Some(attribute),
                }
            } else {
                return Some(attribute);
            }
        }
    }
    None
}

/// `documents.N.document.…`.
fn documents<'a>(tail: &str, list: &str, attribute: Attribute<'a>, parts: &mut Parts<'a>) -> Option<Attribute<'a>> {
    let Some((index, field)) = tail.strip_prefix(list).and_then(numbered) else {
        return Some(attribute);
    };
    let place: fn(&mut DocumentDraft<'a>, Attribute<'a>) = match field {
        "document.id" => |draft, attribute| draft.id = Some(attribute.value),
        "document.content" => |draft, attribute| draft.content = Some(attribute.value),
        "document.score" => |draft, attribute| draft.score = Some(attribute.value),
        "document.metadata" => |draft, attribute| draft.metadata = Some(attribute.value),
        _ => return Some(attribute),
    };
    match parts.documents.at(index) {
        Some(draft) => place(draft, attribute),
        None => return Some(attribute),
    }
    None
}

/// `annotations.N.annotation.…` and `evaluations.N.evaluation.…`.
fn score<'a>(scope: ScoreScope, tail: &str, attribute: Attribute<'a>, parts: &mut Parts<'a>) -> Option<Attribute<'a>> {
    let (list, rest) = match tail.split_once('.') {
        Some(("annotations", rest)) => (false, rest),
        Some(("evaluations", rest)) => (true, rest),
        _ => return Some(attribute),
    };
    let Some((index, field)) = numbered(rest) else {
        return Some(attribute);
    };
    let Some(name) = field.strip_prefix(if list { "evaluation." } else { "annotation." }) else {
        return Some(attribute);
    };
    if !matches!(name, "name" | "score" | "label" | "explanation" | "annotator_kind" | "identifier") {
        return Some(attribute);
    }
    match parts.score_drafts.at(scope, list, index) {
        Some(draft) => draft.facts.push((Cow::Owned(name.to_owned()), attribute.value)),
        None => return Some(attribute),
    }
    None
}
