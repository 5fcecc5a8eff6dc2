//! Chat messages out of JSON: OpenTelemetry's parts, OpenAI's and Anthropic's content, Gemini's, LangChain's dumps and
//! the Vercel AI SDK's model messages. What is not understood is kept as it came.

mod fast;

use serde_json::{Map, Value as Json};
use turnwise_model::telemetry::{ContentPart, Message, MessageRole, parse_json_text};

/// A role in any client's word.
#[must_use]
pub fn role(word: &str) -> Option<MessageRole> {
    Some(match word {
        "user" | "human" | "USER" | "HumanMessage" | "HumanMessageChunk" => MessageRole::User,
        "assistant" | "ai" | "model" | "agent" | "ASSISTANT" | "AIMessage" | "AIMessageChunk" => MessageRole::Assistant,
        "system" | "developer" | "SYSTEM" | "SystemMessage" => MessageRole::System,
        "tool" | "function" | "TOOL" | "ToolMessage" | "FunctionMessage" => MessageRole::Tool,
        _ => match word.to_ascii_lowercase().as_str() {
            "user" | "human" | "customer" => MessageRole::User,
            "assistant" | "ai" | "model" | "agent" | "bot" => MessageRole::Assistant,
            "system" | "developer" => MessageRole::System,
            "tool" | "function" => MessageRole::Tool,
            _ => return None,
        },
    })
}

/// Messages out of JSON text; `None` when it holds none.
#[must_use]
pub fn messages_in_text(text: &str, default_role: MessageRole) -> Option<Vec<Message>> {
    fast::messages(text, default_role).or_else(|| messages(parse_json_text(text)?, default_role))
}

/// Messages out of a list, or an object that holds one as `messages`; `None` when it holds none.
/// `default_role` is that of a message that does not tell.
#[must_use]
pub fn messages(json: Json, default_role: MessageRole) -> Option<Vec<Message>> {
    match json {
        Json::Array(mut items) => {
            // LangChain batches: a list of lists.
            if items.len() == 1 && items[0].is_array() {
                return messages(items.remove(0), default_role);
            }
            let messages: Vec<Message> = items.into_iter().filter_map(|item| message(item, default_role)).collect();
            (!messages.is_empty()).then_some(messages)
        }
        Json::Object(mut map) => match map.remove("messages") {
            Some(list @ Json::Array(_)) => {
                let mut found = messages(list, default_role)?;
                // Anthropic and Vercel put the instructions beside the messages.
                if let Some(system) = map.remove("system") {
                    let parts = content(system);
                    if !parts.is_empty() {
                        found.insert(0, Message { role: MessageRole::System, parts, name: None });
                    }
                }
                Some(found)
            }
            _ => {
                let is_message = map.contains_key("role") || map.contains_key("kwargs") || map.contains_key("data");
                if is_message { message(Json::Object(map), default_role).map(|message| vec![message]) } else { None }
            }
        },
        _ => None,
    }
}

/// One message; `None` when it is none.
#[must_use]
pub fn message(json: Json, default_role: MessageRole) -> Option<Message> {
    let mut map = match json {
        Json::Object(map) => map,
        Json::String(text) => return Some(Message::text(default_role, text)),
        _ => return None,
    };
    let mut told = map.get("role").and_then(Json::as_str).and_then(role);
    if told.is_none() {
        told = map.get("type").and_then(Json::as_str).and_then(role);
    }
    // LangChain's dumps: {"type": "human", "data": {…}} and {"lc": 1, "id": […, "HumanMessage"], "kwargs": {…}}.
    if let Some(Json::Array(path)) = map.get("id") {
        told = told.or_else(|| role(path.last()?.as_str()?));
    }
    for wrapper in ["data", "kwargs"] {
        if let Some(Json::Object(inner)) = map.get_mut(wrapper) {
            map = std::mem::take(inner);
        }
    }
    let role = told.or_else(|| map.get("role").and_then(Json::as_str).and_then(role)).unwrap_or(default_role);
    let mut parts = Vec::with_capacity(1);
    if let Some(text) = text_at(&map, "reasoning_content") {
        parts.push(ContentPart::Reasoning { text });
    }
    let call_id = ["tool_call_id", "toolCallId"].iter().find_map(|key| text_at(&map, key));
    let body = map.remove("parts").or_else(|| map.remove("content")).unwrap_or(Json::Null);
    if call_id.is_some() || (role == MessageRole::Tool && !is_part_list(&body)) {
        let result = match body {
            Json::Array(_) if is_part_list(&body) => {
                Json::String(Message { role, parts: content(body), name: None }.plain_text())
            }
            other => other,
        };
        parts.push(ContentPart::ToolResult { id: call_id, result });
    } else {
        parts.extend(content(body));
    }
    if let Some(text) = text_at(&map, "refusal") {
        parts.push(ContentPart::Text { text });
    }
    for key in ["tool_calls", "toolCalls"] {
        if let Some(Json::Array(calls)) = map.remove(key) {
            // LangChain repeats in the parts what it lists here.
            let listed: Vec<ContentPart> = calls.into_iter().filter_map(tool_call).collect();
            for call in listed {
                if !parts.contains(&call) {
                    parts.push(call);
                }
            }
        }
    }
    if let Some(call @ Json::Object(_)) = map.remove("function_call") {
        parts.extend(tool_call(call));
    }
    Some(Message { role, parts, name: text_at(&map, "name") })
}

/// The parts of a message's content: text, or a list of parts.
#[must_use]
pub fn content(json: Json) -> Vec<ContentPart> {
    match json {
        Json::Null => Vec::new(),
        Json::String(text) if text.is_empty() => Vec::new(),
        Json::String(text) => vec![ContentPart::Text { text }],
        Json::Array(items) => items.into_iter().filter_map(part).collect(),
        other => part(other).into_iter().collect(),
    }
}

/// Whether a content is a list of typed parts.
fn is_part_list(json: &Json) -> bool {
    json.as_array().is_some_and(|items| {
        !items.is_empty() && items.iter().all(|item| item.get("type").is_some_and(Json::is_string))
    })
}

/// A tool call in OpenAI's, LangChain's or Vercel's form; `None` when it names no tool.
#[must_use]
pub fn tool_call(json: Json) -> Option<ContentPart> {
    let Json::Object(mut map) = json else {
        return None;
    };
    let id = ["id", "toolCallId", "tool_call_id"].iter().find_map(|key| text_at(&map, key));
    if let Some(Json::Object(function)) = map.get_mut("function") {
        map = std::mem::take(function);
    }
    let name = ["name", "toolName", "tool_name"].iter().find_map(|key| text_at(&map, key))?;
    Some(ContentPart::ToolCall { id, name, arguments: arguments(&mut map) })
}

fn arguments(map: &mut Map<String, Json>) -> Option<Json> {
    let value = ["arguments", "args", "input"].iter().find_map(|key| map.remove(*key))?;
    match value {
        Json::Null => None,
        Json::String(text) if text.is_empty() => None,
        other => Some(other),
    }
}

fn part(json: Json) -> Option<ContentPart> {
    let mut map = match json {
        Json::Object(map) => map,
        Json::String(text) => return Some(ContentPart::Text { text }),
        Json::Null => return None,
        other => return Some(ContentPart::Other { value: other }),
    };
    // Gemini's parts have no type.
    if let Some(Json::Object(mut call)) = map.remove("functionCall").or_else(|| map.remove("function_call")) {
        let name = text_at(&call, "name").unwrap_or_default();
        return Some(ContentPart::ToolCall { id: text_at(&call, "id"), name, arguments: arguments(&mut call) });
    }
    if let Some(Json::Object(mut response)) = map.remove("functionResponse").or_else(|| map.remove("function_response"))
    {
        let id = text_at(&response, "id");
        return Some(ContentPart::ToolResult { id, result: response.remove("response").unwrap_or(Json::Null) });
    }
    let kind = text_at(&map, "type").unwrap_or_default();
    match kind.as_str() {
        "text" | "input_text" | "output_text" | "" => {
            match ["content", "text"].iter().find_map(|key| take_text(&mut map, key)) {
                Some(text) => Some(ContentPart::Text { text }),
                None if kind.is_empty() && !map.is_empty() => Some(ContentPart::Other { value: Json::Object(map) }),
                None => None,
            }
        }
        "tool_call" | "tool_use" | "tool-call" | "server_tool_call" => {
            let id = ["id", "toolCallId", "tool_call_id"].iter().find_map(|key| text_at(&map, key));
            let name = ["name", "toolName", "tool_name"].iter().find_map(|key| text_at(&map, key)).unwrap_or_default();
            Some(ContentPart::ToolCall { id, name, arguments: arguments(&mut map) })
        }
        "tool_call_response" | "tool_result" | "tool-result" | "server_tool_call_response" => {
            let id = ["id", "tool_use_id", "toolCallId", "tool_call_id"].iter().find_map(|key| text_at(&map, key));
            let result = ["response", "result", "content", "output"].iter().find_map(|key| map.remove(*key));
            Some(ContentPart::ToolResult { id, result: result.unwrap_or(Json::Null) })
        }
        "reasoning" | "thinking" => {
            match ["content", "text", "thinking", "reasoning"].iter().find_map(|key| text_at(&map, key)) {
                Some(text) => Some(ContentPart::Reasoning { text }),
                None => Some(ContentPart::Other { value: Json::Object(map) }),
            }
        }
        "image" | "image_url" | "input_image" | "audio" | "input_audio" | "video" | "file" | "media" | "blob"
        | "uri" | "document" => {
            let media_type = ["mime_type", "media_type", "mediaType", "mimeType", "modality"]
                .iter()
                .find_map(|key| text_at(&map, key))
                .or(Some(kind));
            let uri = ["uri", "url", "file_id", "image_url", "image"].iter().find_map(|key| match map.get(*key)? {
                Json::String(text) => Some(text.clone()),
                Json::Object(inner) => text_at(inner, "url"),
                _ => None,
            });
            // Bytes are not kept inline, nor as a data address.
            Some(ContentPart::Media { media_type, uri: uri.filter(|uri| !uri.starts_with("data:")) })
        }
        _ => Some(ContentPart::Other { value: Json::Object(map) }),
    }
}

/// Takes text out of a map, without copying it; empty text counts as none.
fn take_text(map: &mut Map<String, Json>, key: &str) -> Option<String> {
    match map.remove(key)? {
        Json::String(text) if !text.is_empty() => Some(text),
        Json::String(_) => None,
        other => {
            map.insert(key.to_owned(), other);
            None
        }
    }
}

fn text_at(map: &Map<String, Json>, key: &str) -> Option<String> {
    map.get(key)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The parts with JSON text read, as turn assembly does.
    fn read(parts: Vec<ContentPart>) -> Vec<ContentPart> {
        let parsed = |json: Json| turnwise_model::telemetry::parsed(&json).into_owned();
        parts
            .into_iter()
            .map(|part| match part {
                ContentPart::ToolCall { id, name, arguments } => {
                    ContentPart::ToolCall { id, name, arguments: arguments.map(parsed) }
                }
                ContentPart::ToolResult { id, result } => ContentPart::ToolResult { id, result: parsed(result) },
                other => other,
            })
            .collect()
    }

    fn one(json: Json) -> Message {
        message(json, MessageRole::User).unwrap()
    }

    #[test]
    fn the_same_tool_call_is_understood_from_every_maker() {
        let expected = ContentPart::ToolCall {
            id: Some("c1".to_owned()),
            name: "find".to_owned(),
            arguments: Some(json!({"title": "x"})),
        };
        let forms = [
            json!({"role": "assistant", "content": null, "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "find", "arguments": "{\"title\":\"x\"}"}}]}),
            json!({"role": "assistant", "parts": [{"type": "tool_call", "id": "c1", "name": "find", "arguments": {"title": "x"}}]}),
            json!({"role": "assistant", "content": [{"type": "tool_use", "id": "c1", "name": "find", "input": {"title": "x"}}]}),
            json!({"role": "assistant", "content": [{"type": "tool-call", "toolCallId": "c1", "toolName": "find", "args": {"title": "x"}}]}),
            json!({"type": "ai", "data": {"content": "", "tool_calls": [{"name": "find", "args": {"title": "x"}, "id": "c1"}]}}),
            json!({"role": "model", "parts": [{"functionCall": {"id": "c1", "name": "find", "args": {"title": "x"}}}]}),
        ];
        for form in forms {
            let message = one(form.clone());
            assert_eq!((message.role, read(message.parts)), (MessageRole::Assistant, vec![expected.clone()]), "{form}");
        }
    }

    #[test]
    fn the_same_tool_result_is_understood_from_every_maker() {
        let expected = vec![ContentPart::ToolResult { id: Some("c1".to_owned()), result: json!({"copies": 1}) }];
        let forms = [
            json!({"role": "tool", "tool_call_id": "c1", "content": "{\"copies\": 1}"}),
            json!({"role": "tool", "parts": [{"type": "tool_call_response", "id": "c1", "response": {"copies": 1}}]}),
            json!({"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c1", "content": "{\"copies\": 1}"}]}),
            json!({"role": "tool", "content": [{"type": "tool-result", "toolCallId": "c1", "result": {"copies": 1}}]}),
            json!({"type": "tool", "data": {"content": "{\"copies\": 1}", "tool_call_id": "c1"}}),
        ];
        for form in forms {
            assert_eq!(read(one(form.clone()).parts), expected, "{form}");
        }
    }

    #[test]
    fn the_fast_reader_and_the_general_one_agree() {
        let text = json!([
            {"role": "system", "parts": [{"type": "text", "content": "be kind"}]},
            {"role": "user", "name": "ann", "parts": [{"type": "text", "content": "where? \u{1f33f}"}, {"type": "text", "content": ""}]},
            {"role": "assistant", "parts": [
                {"type": "reasoning", "content": "hm"},
                {"type": "tool_call", "id": "c1", "name": "find", "arguments": {"a": [1, null]}},
                {"type": "tool_call", "id": "c2", "name": "find", "arguments": "{}"},
                {"type": "tool_call", "id": null, "name": "find"}]},
            {"role": "tool", "parts": [
                {"type": "tool_call_response", "id": "c1", "response": {"b": 2}},
                {"type": "tool_call_response", "id": "c2", "result": "text"}]},
            {"role": "assistant", "parts": [{"type": "text", "content": "here"}], "finish_reason": "stop"},
        ])
        .to_string();
        let fast = fast::messages(&text, MessageRole::User);
        assert!(fast.is_some());
        assert_eq!(fast, messages(parse_json_text(&text).unwrap(), MessageRole::User));
        let beyond = r#"[{"role": "user", "parts": [{"type": "blob", "mime_type": "image/png"}]}]"#;
        assert_eq!(fast::messages(beyond, MessageRole::User), None);
        assert!(messages_in_text(beyond, MessageRole::User).is_some());
    }

    #[test]
    fn what_is_not_understood_is_kept_as_it_came() {
        let odd = json!({"type": "hologram", "depth": 3});
        assert_eq!(
            one(json!({"role": "user", "content": [odd.clone()]})).parts,
            vec![ContentPart::Other { value: odd }]
        );
    }
}
