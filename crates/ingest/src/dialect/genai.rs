//! OpenTelemetry's semantic conventions for generative AI: attributes, and the older form in events.
//! Source: the gen-ai documents of the OpenTelemetry semantic conventions, 1.26 to 1.40.

use serde_json::{Map, Value as Json};
use turnwise_model::telemetry::{ContentPart, Message, MessageRole, ScoreTarget, SpanKind};
use turnwise_model::{Micros, Nanos};

use super::{Dialect, identity};
use crate::chat;
use crate::otlp::raw::RawEvent;
use crate::parts::{Field, Parts, ScoreParts};
use crate::value::{Any, Attribute, attributes_to_json, parse_json_text};

/// OpenTelemetry GenAI.
pub struct GenAi;

impl Dialect for GenAi {
    fn attribute<'a>(&self, attribute: Attribute<'a>, parts: &mut Parts<'a>) -> Option<Attribute<'a>> {
        let Some(tail) = attribute.key.strip_prefix("gen_ai.") else {
            return Some(attribute);
        };
        match tail {
            "conversation.id" => return identity(attribute, parts),
            "operation.name" => match attribute.value.as_str().and_then(kind) {
                Some(kind) => parts.offer_kind(kind),
                None => return Some(attribute),
            },
            "provider.name" => parts.offer(Field::Provider, attribute),
            "system" => parts.offer_as(Field::Provider, 1, attribute),
            "agent.name" => parts.offer(Field::Agent, attribute),
            "request.model" => parts.offer(Field::Model, attribute),
            "response.model" => parts.offer_as(Field::Model, 1, attribute),
            "usage.input_tokens" => parts.offer(Field::TokensInput, attribute),
            "usage.output_tokens" => parts.offer(Field::TokensOutput, attribute),
            "usage.cache_read.input_tokens" => parts.offer(Field::TokensCacheRead, attribute),
            "usage.cache_read_input_tokens" => parts.offer_as(Field::TokensCacheRead, 1, attribute),
            "usage.cache_creation.input_tokens" => parts.offer(Field::TokensCacheWrite, attribute),
            "usage.cache_write.input_tokens" => parts.offer_as(Field::TokensCacheWrite, 1, attribute),
            "usage.cache_creation_input_tokens" => parts.offer_as(Field::TokensCacheWrite, 2, attribute),
            "usage.reasoning.output_tokens" => parts.offer(Field::TokensReasoning, attribute),
            "usage.reasoning_tokens" => parts.offer_as(Field::TokensReasoning, 1, attribute),
            "usage.cost" => parts.offer(Field::CostTotal, attribute),
            "tool.name" => parts.offer(Field::ToolName, attribute),
            "tool.call.id" => parts.offer(Field::ToolCallId, attribute),
            "tool.call.arguments" => parts.offer(Field::ToolArguments, attribute),
            "tool.call.result" => parts.offer(Field::ToolResult, attribute),
            "retrieval.query.text" => parts.offer(Field::Query, attribute),
            "retrieval.documents" => parts.offer(Field::Documents, attribute),
            "input.messages" => parts.offer(Field::InputMessages, attribute),
            "output.messages" => parts.offer(Field::OutputMessages, attribute),
            "prompt" => parts.offer_as(Field::InputMessages, 1, attribute),
            "completion" => parts.offer_as(Field::OutputMessages, 1, attribute),
            "system_instructions" => parts.offer(Field::SystemInstructions, attribute),
            _ => return Some(attribute),
        }
        None
    }

    fn event<'a>(&self, event: RawEvent<'a>, parts: &mut Parts<'a>) -> Option<RawEvent<'a>> {
        match event.name.as_ref() {
            "gen_ai.evaluation.result" => {
                let at = (event.time != 0).then(|| Nanos(event.time).micros());
                parts.add_score(evaluation(event.attributes, at), ScoreTarget::Span);
                None
            }
            "gen_ai.client.inference.operation.details" | "gen_ai.content.prompt" | "gen_ai.content.completion" => {
                for attribute in event.attributes {
                    if let Some(unknown) = self.attribute(attribute, parts) {
                        parts.rest.push(unknown);
                    }
                }
                None
            }
            name if is_message_event(name) => {
                let answer = name == "gen_ai.choice";
                let name = event.name.clone();
                if let Json::Object(fields) = attributes_to_json(event.attributes) {
                    let list = if answer { &mut parts.event_output } else { &mut parts.event_input };
                    list.extend(event_message(&name, fields));
                }
                None
            }
            _ => Some(event),
        }
    }
}

fn kind(operation: &str) -> Option<SpanKind> {
    Some(match operation {
        "chat" | "text_completion" | "generate_content" => SpanKind::Llm,
        "embeddings" => SpanKind::Embedding,
        "execute_tool" => SpanKind::Tool,
        "invoke_agent" | "create_agent" => SpanKind::Agent,
        "invoke_workflow" => SpanKind::Chain,
        "retrieval" => SpanKind::Retriever,
        _ => return None,
    })
}

/// Whether an event of this name carries a message.
pub(crate) fn is_message_event(name: &str) -> bool {
    matches!(
        name,
        "gen_ai.system.message"
            | "gen_ai.user.message"
            | "gen_ai.assistant.message"
            | "gen_ai.tool.message"
            | "gen_ai.choice"
    )
}

/// The message that an event carries in its attributes or, as a log record, in its body.
pub(crate) fn event_message(name: &str, mut fields: Map<String, Json>) -> Option<Message> {
    // Some write the body as JSON text into one attribute.
    if let Some(Json::String(text)) = fields.remove("gen_ai.event.content") {
        match parse_json_text(&text) {
            Some(Json::Object(inner)) => fields.extend(inner),
            _ => {
                fields.insert("content".to_owned(), Json::String(text));
            }
        }
    }
    let default_role = match name {
        "gen_ai.system.message" => MessageRole::System,
        "gen_ai.user.message" => MessageRole::User,
        "gen_ai.tool.message" => MessageRole::Tool,
        _ => MessageRole::Assistant,
    };
    // A choice wraps its message.
    match fields.remove("message") {
        Some(Json::Object(inner)) => fields = inner,
        Some(Json::String(text)) => match parse_json_text(&text) {
            Some(Json::Object(inner)) => fields = inner,
            _ => {
                fields.insert("content".to_owned(), Json::String(text));
            }
        },
        _ => {}
    }
    // Lists arrive as JSON text where attributes must be flat.
    for key in ["content", "tool_calls", "parts"] {
        if let Some(Json::String(text)) = fields.get(key)
            && text.starts_with('[')
            && let Some(list @ Json::Array(_)) = parse_json_text(text)
        {
            fields.insert(key.to_owned(), list);
        }
    }
    // The id of the call that a tool message answers is called `id` here.
    if default_role == MessageRole::Tool
        && let Some(id) = fields.remove("id")
    {
        fields.insert("tool_call_id".to_owned(), id);
    }
    let message = chat::message(Json::Object(fields), default_role)?;
    let empty =
        message.parts.iter().all(|part| matches!(part, ContentPart::ToolResult { id: None, result: Json::Null }));
    (!empty).then_some(message)
}

/// The score that an evaluation result tells.
pub(crate) fn evaluation(attributes: Vec<Attribute<'_>>, at: Option<Micros>) -> ScoreParts {
    let mut score = ScoreParts { at, ..ScoreParts::default() };
    for Attribute { key, value } in attributes {
        match key.as_ref() {
            "gen_ai.evaluation.name" => score.name = value.into_text(),
            "gen_ai.evaluation.score.value" => score.number = value.as_f64(),
            "gen_ai.evaluation.score.label" => score.label = value.into_text(),
            "gen_ai.evaluation.explanation" => score.explanation = value.into_text(),
            "gen_ai.evaluation.id" => score.identifier = value.into_text(),
            "gen_ai.evaluation.annotator_kind" => score.judge = value.into_text(),
            _ => {}
        }
    }
    score
}

/// An attribute's value as an object; used for log bodies.
#[must_use]
pub(crate) fn object(value: Any<'_>) -> Map<String, Json> {
    match value.into_parsed_json() {
        Json::Object(map) => map,
        Json::Null => Map::new(),
        other => Map::from_iter([("content".to_owned(), other)]),
    }
}
