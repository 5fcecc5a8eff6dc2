//! The Vercel AI SDK's telemetry. The outer span of a call (`ai.generateText`) repeats prompt, answer and usage of the
//! inner ones (`ai.generateText.doGenerate`), which are the LLM calls.
//! Source: the telemetry page of the AI SDK's documentation.

use turnwise_model::telemetry::SpanKind;

use super::{Dialect, identity, metadata};
use crate::parts::{Field, Parts};
use crate::value::Attribute;

/// Vercel AI SDK.
pub struct Vercel;

impl Dialect for Vercel {
    fn attribute<'a>(&self, attribute: Attribute<'a>, parts: &mut Parts<'a>) -> Option<Attribute<'a>> {
        let key = attribute.key.clone();
        let Some(tail) = key.strip_prefix("ai.") else {
            return Some(attribute);
        };
        match tail {
            "operationId" => match attribute.value.as_str().and_then(kind) {
                Some(kind) => parts.offer_kind(kind),
                None => return Some(attribute),
            },
            "prompt" => parts.offer(Field::Input, attribute),
            "prompt.messages" => parts.offer(Field::InputMessages, attribute),
            "value" => parts.offer_as(Field::Input, 1, attribute),
            "response.text" => parts.offer(Field::Output, attribute),
            "response.object" => parts.offer_as(Field::Output, 1, attribute),
            "response.toolCalls" => parts.offer(Field::OutputToolCalls, attribute),
            // The names before version 4.
            "result.text" => parts.offer_as(Field::Output, 2, attribute),
            "result.object" => parts.offer_as(Field::Output, 3, attribute),
            "result.toolCalls" => parts.offer_as(Field::OutputToolCalls, 1, attribute),
            "toolCall.name" => parts.offer(Field::ToolName, attribute),
            "toolCall.id" => parts.offer(Field::ToolCallId, attribute),
            "toolCall.args" | "toolCall.input" => parts.offer(Field::ToolArguments, attribute),
            "toolCall.result" | "toolCall.output" => parts.offer(Field::ToolResult, attribute),
            "usage.inputTokens" => parts.offer(Field::TokensInput, attribute),
            "usage.promptTokens" => parts.offer_as(Field::TokensInput, 1, attribute),
            "usage.tokens" => parts.offer_as(Field::TokensInput, 2, attribute),
            "usage.outputTokens" => parts.offer(Field::TokensOutput, attribute),
            "usage.completionTokens" => parts.offer_as(Field::TokensOutput, 1, attribute),
            "usage.cachedInputTokens" => parts.offer(Field::TokensCacheRead, attribute),
            "usage.reasoningTokens" => parts.offer(Field::TokensReasoning, attribute),
            "model.id" => parts.offer(Field::Model, attribute),
            "model.provider" => parts.offer(Field::Provider, attribute),
            _ => match tail.strip_prefix("telemetry.metadata.") {
                Some(name) => {
                    let attribute = identity(attribute, parts)?;
                    metadata("ai.telemetry.metadata", name, attribute.value, parts);
                }
                None => return Some(attribute),
            },
        }
        None
    }
}

fn kind(operation: &str) -> Option<SpanKind> {
    Some(match operation.strip_prefix("ai.")? {
        "toolCall" => SpanKind::Tool,
        "embed.doEmbed" | "embedMany.doEmbed" => SpanKind::Embedding,
        "rerank.doRerank" => SpanKind::Reranker,
        inner if inner.ends_with(".doGenerate") || inner.ends_with(".doStream") => SpanKind::Llm,
        _ => SpanKind::Chain,
    })
}
