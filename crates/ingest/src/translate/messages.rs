//! The messages of a span, by whichever way its dialect tells them: numbered attributes, JSON, events, plain content.

use serde_json::Value as Json;
use turnwise_model::telemetry::{ContentPart, Message, MessageRole, parse_json_text};

use crate::chat;
use crate::parts::{Field, Parts};
use crate::value::Any;

pub(super) fn input_messages(parts: &mut Parts<'_>) -> Vec<Message> {
    if let Some(messages) = parts.own_input.take() {
        return messages;
    }
    // The numbered form of a better dialect beats JSON, JSON beats the numbered form of a worse one.
    let numbered_first = parts.input_drafts.rank().is_some_and(|rank| rank <= 1);
    let mut messages = Vec::new();
    if !numbered_first {
        let read = |value: &Any<'_>| listed(value, MessageRole::User);
        messages = parts.take_as(Field::InputMessages, read).unwrap_or_default();
    }
    if messages.is_empty() {
        messages = parts.input_drafts.finish(MessageRole::User);
    }
    if messages.is_empty() {
        messages = std::mem::take(&mut parts.event_input);
    }
    if let Some(instructions) = parts.take(Field::SystemInstructions) {
        let told = messages.first().is_some_and(|message| message.role == MessageRole::System);
        let content = chat::content(instructions.into_parsed_json());
        if !told && !content.is_empty() {
            messages.insert(0, Message { role: MessageRole::System, parts: content, name: None });
        }
    }
    messages
}

pub(super) fn output_messages(parts: &mut Parts<'_>) -> Vec<Message> {
    if let Some(messages) = parts.own_output.take() {
        return messages;
    }
    let numbered_first = parts.output_drafts.rank().is_some_and(|rank| rank <= 1);
    let mut messages = Vec::new();
    if !numbered_first {
        let read = |value: &Any<'_>| listed(value, MessageRole::Assistant);
        messages = parts.take_as(Field::OutputMessages, read).unwrap_or_default();
    }
    if messages.is_empty() {
        messages = parts.output_drafts.finish(MessageRole::Assistant);
    }
    if messages.is_empty() {
        messages = std::mem::take(&mut parts.event_output);
    }
    messages
}

/// Messages listed in a value or in its text; `None` when there are none, so that the value is kept as it came.
fn listed(value: &Any<'_>, role: MessageRole) -> Option<Vec<Message>> {
    match value {
        Any::Text(text) => chat::messages_in_text(text, role),
        Any::List(_) | Any::Map(_) => chat::messages(value.clone().into_json(), role),
        _ => None,
    }
}

/// A value that is a list or an object, or text that holds one.
pub(super) fn structured(value: &Any<'_>) -> Option<Json> {
    match value {
        Any::Text(text) => parse_json_text(text),
        Any::List(_) | Any::Map(_) => Some(value.clone().into_json()),
        _ => None,
    }
}

/// Messages that a client put into an LLM span's plain input; the input is then told by them.
pub(super) fn messages_in(value: &mut Option<Any<'_>>, role: MessageRole) -> Option<Vec<Message>> {
    let messages = chat::messages(structured(value.as_ref()?)?, role)?;
    *value = None;
    Some(messages)
}

/// The answer of an LLM span that tells it as plain output: text, messages, or a provider's response.
pub(super) fn answers_in(output: &mut Option<Any<'_>>, parts: &mut Parts<'_>) -> Vec<Message> {
    let calls: Vec<ContentPart> = match parts.take_as(Field::OutputToolCalls, structured) {
        Some(Json::Array(calls)) => calls.into_iter().filter_map(chat::tool_call).collect(),
        _ => Vec::new(),
    };
    let mut messages = match output.as_ref().map(structured) {
        None => Vec::new(),
        Some(None) => {
            let text = output.take().and_then(Any::into_text).filter(|text| !text.is_empty());
            text.map(|text| Message::text(MessageRole::Assistant, text)).into_iter().collect()
        }
        Some(Some(Json::Object(mut map))) => {
            let found = match map.remove("choices") {
                Some(Json::Array(choices)) => choices
                    .into_iter()
                    .filter_map(|mut choice| chat::message(choice.get_mut("message")?.take(), MessageRole::Assistant))
                    .collect(),
                _ if map.contains_key("content") || map.contains_key("messages") => {
                    chat::messages(with_role(map), MessageRole::Assistant).unwrap_or_default()
                }
                _ => Vec::new(),
            };
            if !found.is_empty() {
                *output = None;
            }
            found
        }
        Some(Some(list)) => match chat::messages(list, MessageRole::Assistant) {
            Some(found) => {
                *output = None;
                found
            }
            None => Vec::new(),
        },
    };
    if !calls.is_empty() {
        match messages.last_mut() {
            Some(last) => last.parts.extend(calls),
            None => messages.push(Message { role: MessageRole::Assistant, parts: calls, name: None }),
        }
    }
    messages
}

fn with_role(mut map: serde_json::Map<String, Json>) -> Json {
    map.entry("role").or_insert_with(|| Json::String("assistant".to_owned()));
    Json::Object(map)
}
