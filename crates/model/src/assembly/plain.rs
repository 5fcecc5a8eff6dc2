//! What was asked and answered, out of inputs and outputs that are no lists of messages: plain text, and the shapes that
//! frameworks give their arguments and results.

use serde_json::{Map, Value as Json};

use crate::telemetry::{Content, Message, MessageRole, SpanRecord};

const ASKED_KEYS: [&str; 11] = [
    "input",
    "question",
    "query",
    "prompt",
    "message",
    "user_message",
    "user_input",
    "text",
    "content",
    "user",
    "request",
];
const ANSWERED_KEYS: [&str; 10] =
    ["output", "answer", "response", "result", "text", "content", "message", "reply", "completion", "final_output"];

/// What the user may have asked, by a span's input: the best guess first. Empty when nothing is told.
pub(super) fn asked(span: &SpanRecord) -> Vec<String> {
    if let Some(message) = span.input_messages.iter().rev().find(|message| super::speech::is_from_user(message)) {
        return vec![message.plain_text()];
    }
    let mut found = Vec::new();
    match &span.input {
        None => {}
        Some(Content::Text(text)) => found.push(text.clone()),
        Some(Content::Json(json)) => texts(json, &ASKED_KEYS, MessageRole::User, 0, &mut found),
    }
    found.retain(|text| !text.trim().is_empty());
    found
}

/// What was answered, by a span's output.
pub(super) fn answered(span: &SpanRecord) -> Option<String> {
    let told = span.output_messages.iter().rev().find(|message| message.role == MessageRole::Assistant);
    if let Some(text) = told.map(Message::plain_text).filter(|text| !text.trim().is_empty()) {
        return Some(text);
    }
    let mut found = Vec::new();
    match &span.output {
        None => {}
        // What Python prints for an object that is no text.
        Some(Content::Text(text)) if text.starts_with('<') && text.contains(" object at 0x") => {}
        Some(Content::Text(text)) => found.push(text.clone()),
        Some(Content::Json(json)) => texts(json, &ANSWERED_KEYS, MessageRole::Assistant, 0, &mut found),
    }
    found.into_iter().find(|text| !text.trim().is_empty())
}

/// Collects texts out of JSON: the last message of the role in a list of messages, a call's arguments, a value under a
/// telling key.
fn texts(json: &Json, keys: &[&str], role: MessageRole, depth: u8, found: &mut Vec<String>) {
    if depth > 4 {
        return;
    }
    match json {
        Json::String(text) => found.push(text.clone()),
        Json::Array(items) => {
            if let Some(text) = last_message(items, role) {
                found.push(text);
            } else if let [only] = items.as_slice() {
                texts(only, keys, role, depth + 1, found);
            }
        }
        Json::Object(map) => {
            if let Some(Json::Array(items)) = map.get("messages") {
                // A state's messages say it, or nothing else in it does.
                match items.as_slice() {
                    [Json::Array(inner)] => found.extend(last_message(inner, role)),
                    items => found.extend(last_message(items, role)),
                }
                return;
            }
            if let (Some(Json::Array(args)), Some(Json::Object(named))) = (map.get("args"), map.get("kwargs")) {
                let given = args.iter().chain(named.values());
                found.extend(given.filter_map(|value| value.as_str().map(str::to_owned)));
                return;
            }
            if let Some(text) = message_text(map, role) {
                found.push(text);
                return;
            }
            let told = keys.iter().find_map(|key| map.get(*key).filter(|value| !value.is_null()));
            match (told, map.len()) {
                (Some(value), _) => texts(value, keys, role, depth + 1, found),
                (None, 1) => map.values().for_each(|value| {
                    if value.is_string() {
                        texts(value, keys, role, depth + 1, found);
                    }
                }),
                _ => {}
            }
        }
        _ => {}
    }
}

fn last_message(items: &[Json], role: MessageRole) -> Option<String> {
    items.iter().rev().find_map(|item| message_text(item.as_object()?, role))
}

/// The text of a message of this role, in OpenAI's form or one of LangChain's dumps.
fn message_text(map: &Map<String, Json>, role: MessageRole) -> Option<String> {
    let word = map.get("role").or_else(|| map.get("type")).and_then(Json::as_str)?;
    let inner = map.get("data").or_else(|| map.get("kwargs")).and_then(Json::as_object);
    let word = match inner.and_then(|inner| inner.get("type")).and_then(Json::as_str) {
        Some(inner) if word == "constructor" => inner,
        _ => word,
    };
    let matches = match role {
        MessageRole::User => matches!(word, "user" | "human"),
        MessageRole::Assistant => matches!(word, "assistant" | "ai" | "model"),
        MessageRole::System => word == "system",
        MessageRole::Tool => word == "tool",
    };
    let map = inner.unwrap_or(map);
    let content = map.get("content").or_else(|| map.get("parts"));
    let text = match content? {
        Json::String(text) => text.clone(),
        Json::Array(parts) => {
            let texts: Vec<&str> = parts
                .iter()
                .filter_map(|part| part.get("text").or_else(|| part.get("content")).and_then(Json::as_str))
                .collect();
            texts.join("\n")
        }
        _ => return None,
    };
    (matches && !text.trim().is_empty()).then_some(text)
}
