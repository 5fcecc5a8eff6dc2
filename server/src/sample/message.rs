//! Messages in the history of a model call, as OpenInference attributes.

use serde_json::{Value as Json, json};

/// A message in the history of a model call.
#[derive(Clone)]
pub(super) struct Message {
    pub(super) role: &'static str,
    pub(super) content: Option<String>,
    pub(super) call: Option<(String, String, String)>,
    pub(super) answers: Option<String>,
}

impl Message {
    pub(super) fn plain(role: &'static str, content: &str) -> Self {
        Self { role, content: Some(content.to_owned()), call: None, answers: None }
    }

    /// The model asks for a tool.
    pub(super) fn asks(id: &str, name: &str, arguments: &Json) -> Self {
        let call = Some((id.to_owned(), name.to_owned(), arguments.to_string()));
        Self { role: "assistant", content: None, call, answers: None }
    }

    /// The tool's answer to a call.
    pub(super) fn answers(id: &str, content: String) -> Self {
        Self { role: "tool", content: Some(content), call: None, answers: Some(id.to_owned()) }
    }

    pub(super) fn write(&self, prefix: &str, into: &mut Vec<(String, Json)>) {
        into.push((format!("{prefix}.message.role"), json!(self.role)));
        if let Some(content) = &self.content {
            into.push((format!("{prefix}.message.content"), json!(content)));
        }
        if let Some(id) = &self.answers {
            into.push((format!("{prefix}.message.tool_call_id"), json!(id)));
        }
        if let Some((id, name, arguments)) = &self.call {
            let call = format!("{prefix}.message.tool_calls.0.tool_call");
            into.push((format!("{call}.id"), json!(id)));
            into.push((format!("{call}.function.name"), json!(name)));
            into.push((format!("{call}.function.arguments"), json!(arguments)));
        }
    }
}
