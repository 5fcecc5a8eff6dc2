//! Chat messages, the same whatever the client's dialect.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::words;

/// Who a message is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageRole {
    /// The application's instructions.
    System,
    /// The user.
    User,
    /// The model.
    Assistant,
    /// A tool's result.
    Tool,
}

words!(MessageRole, "message role", { System = "system", User = "user", Assistant = "assistant", Tool = "tool" });

/// One message of a chat.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Who it is from.
    pub role: MessageRole,
    /// What it holds, in order.
    pub parts: Vec<ContentPart>,
    /// The participant's or the tool's name, where told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// A part of a message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum ContentPart {
    /// Text.
    Text {
        /// The text.
        text: String,
    },
    /// The model asks for a tool.
    ToolCall {
        /// The call's id.
        id: Option<String>,
        /// The tool.
        name: String,
        /// What it is called with, as it came: text that holds JSON stays text (see [`super::parsed`]), for a history
        /// repeats it many times before anybody looks at it.
        arguments: Option<Json>,
    },
    /// A tool's answer.
    ToolResult {
        /// The id of the call it answers.
        id: Option<String>,
        /// The answer, as it came: text that holds JSON stays text (see [`super::parsed`]).
        result: Json,
    },
    /// The model's reasoning, not part of the reply.
    Reasoning {
        /// The text.
        text: String,
    },
    /// An image, audio or file, by address or described; its bytes are not kept inline.
    Media {
        /// MIME type or modality, where told.
        media_type: Option<String>,
        /// Where it is, where told.
        uri: Option<String>,
    },
    /// Anything else, as it came.
    Other {
        /// The part as it came.
        value: Json,
    },
}

impl Message {
    /// A message of one text.
    pub fn text(role: MessageRole, text: impl Into<String>) -> Self {
        Self { role, parts: vec![ContentPart::Text { text: text.into() }], name: None }
    }

    /// All its text parts, joined by line breaks; reasoning is not text.
    #[must_use]
    pub fn plain_text(&self) -> String {
        let texts: Vec<&str> = self
            .parts
            .iter()
            .filter_map(|part| match part {
                ContentPart::Text { text } => Some(text.as_str()),
                _ => None,
            })
            .collect();
        texts.join("\n")
    }

    /// Content hash over its canonical JSON: equal messages are stored once per project.
    #[must_use]
    pub fn content_hash(&self) -> [u8; 32] {
        let canonical = serde_json::to_vec(self).unwrap_or_default();
        *blake3::hash(&canonical).as_bytes()
    }
}
