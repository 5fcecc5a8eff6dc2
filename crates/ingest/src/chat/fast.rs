//! The form that OpenTelemetry's conventions describe, read without building a tree of it first: on every LLM span it
//! holds the whole history. Anything beyond it is left to the general reader.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value as Json;
use turnwise_model::telemetry::{ContentPart, Message, MessageRole};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireMessage<'t> {
    #[serde(borrow)]
    role: Cow<'t, str>,
    #[serde(borrow)]
    parts: Vec<WirePart<'t>>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default, rename = "finish_reason")]
    _finish_reason: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WirePart<'t> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'t, str>,
    content: Option<String>,
    id: Option<String>,
    name: Option<String>,
    arguments: Option<Json>,
    #[serde(alias = "result")]
    response: Option<Json>,
}

pub(super) fn messages(text: &str, default_role: MessageRole) -> Option<Vec<Message>> {
    if !text.starts_with('[') || !text.contains("\"parts\"") {
        return None;
    }
    let list: Vec<WireMessage<'_>> = serde_json::from_str(text).ok()?;
    if list.is_empty() {
        return None;
    }
    list.into_iter().map(|wire| message(wire, default_role)).collect()
}

fn message(wire: WireMessage<'_>, default_role: MessageRole) -> Option<Message> {
    let mut parts = Vec::with_capacity(wire.parts.len());
    for wire in wire.parts {
        parts.extend(part(wire)?);
    }
    Some(Message {
        role: super::role(&wire.role).unwrap_or(default_role),
        parts,
        name: wire.name.filter(|name| !name.is_empty()),
    })
}

/// A part; `Some(None)` for one that says nothing, `None` for one that the general reader must look at.
fn part(wire: WirePart<'_>) -> Option<Option<ContentPart>> {
    let told = |text: Option<String>| text.filter(|text| !text.is_empty());
    Some(match wire {
        WirePart { kind, content, id: None, name: None, arguments: None, response: None } => match kind.as_ref() {
            "text" => told(content).map(|text| ContentPart::Text { text }),
            "reasoning" => Some(ContentPart::Reasoning { text: told(content)? }),
            _ => return None,
        },
        WirePart { kind, content: None, id, name, arguments, response: None } if kind == "tool_call" => {
            let arguments = arguments.filter(|value| !value.is_null() && *value != "");
            Some(ContentPart::ToolCall { id: told(id), name: name.unwrap_or_default(), arguments })
        }
        WirePart { kind, content: None, id, name: None, arguments: None, response } if kind == "tool_call_response" => {
            Some(ContentPart::ToolResult { id: told(id), result: response.unwrap_or(Json::Null) })
        }
        _ => return None,
    })
}
