//! What an LLM call says about the conversation: which user message it answers, how many came before, what it replied.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::forest::Forest;
use crate::telemetry::{ContentPart, Message, MessageRole, SpanKind, SpanStatus};

/// An LLM call with messages.
#[derive(Debug)]
pub(super) struct Speech<'s> {
    /// Its span.
    pub place: usize,
    /// Messages sent to the model.
    pub input: Vec<&'s Message>,
    /// Messages it answered.
    pub output: Vec<&'s Message>,
    /// Hashes of the user messages in the input, in order; equal texts have equal hashes.
    pub users: Vec<u64>,
    /// Where in the input the last user message stands.
    pub last_user: Option<usize>,
}

impl<'s> Speech<'s> {
    /// The user message it answers.
    pub fn user(&self) -> Option<&'s Message> {
        self.input.get(self.last_user?).copied()
    }

    /// What follows the user message in the input: the turn's earlier calls and their results.
    pub fn trailing(&self) -> &[&'s Message] {
        &self.input[self.last_user.map_or(0, |place| place + 1)..]
    }

    /// Whether the turn must go on after it: it failed, or asks for a tool.
    pub fn wants_more(&self, forest: &Forest<'_>) -> bool {
        forest.spans[self.place].status == SpanStatus::Error || self.calls_tools()
    }

    /// Whether its answer asks for a tool.
    pub fn calls_tools(&self) -> bool {
        self.output.iter().flat_map(|message| &message.parts).any(|part| matches!(part, ContentPart::ToolCall { .. }))
    }

    /// The last message of its answer that holds text.
    pub fn reply(&self) -> Option<&'s Message> {
        self.output
            .iter()
            .rev()
            .find(|message| {
                message.role == MessageRole::Assistant
                    && message.parts.iter().any(|part| matches!(part, ContentPart::Text { text } if !text.is_empty()))
            })
            .copied()
    }
}

/// The LLM calls that tell messages, in order of time. Of nested calls that repeat each other only the innermost speaks;
/// calls of evaluators and guardrails do not take part in the conversation.
pub(super) fn speeches<'s>(forest: &Forest<'s>) -> Vec<Speech<'s>> {
    let mut events: HashMap<usize, Vec<usize>> = HashMap::new();
    for (place, span) in forest.spans.iter().enumerate() {
        if span.kind == SpanKind::Event
            && let Some(parent) = forest.parent[place]
            && !(span.input_messages.is_empty() && span.output_messages.is_empty())
        {
            events.entry(parent).or_default().push(place);
        }
    }
    let beside = forest.beside_the_conversation();
    let speaks = |place: usize| {
        let span = forest.spans[place];
        let told = !span.input_messages.is_empty() || !span.output_messages.is_empty() || events.contains_key(&place);
        span.kind == SpanKind::Llm && told
    };
    let repeated = forest.below(speaks);
    (0..forest.spans.len())
        .filter(|place| speaks(*place) && !repeated[*place] && !beside[*place])
        .map(|place| {
            let span = forest.spans[place];
            let told_by_events = events.get(&place).map_or(&[][..], Vec::as_slice);
            let mut input: Vec<&Message> = span.input_messages.iter().collect();
            if input.is_empty() {
                input = told_by_events.iter().flat_map(|event| &forest.spans[*event].input_messages).collect();
            }
            let mut output: Vec<&Message> = span.output_messages.iter().collect();
            if output.is_empty() {
                output = told_by_events.iter().flat_map(|event| &forest.spans[*event].output_messages).collect();
            }
            let mut users = Vec::new();
            let mut last_user = None;
            for (index, message) in input.iter().enumerate() {
                if is_from_user(message) {
                    users.push(fingerprint(message));
                    last_user = Some(index);
                }
            }
            Speech { place, input, output, users, last_user }
        })
        .collect()
}

/// Whether a message is a user's own. Some clients send tool results in the user's name.
pub(super) fn is_from_user(message: &Message) -> bool {
    message.role == MessageRole::User
        && !message.parts.is_empty()
        && !message.parts.iter().any(|part| matches!(part, ContentPart::ToolResult { .. }))
}

/// A hash of what a message says, the same for the same texts. Only compared within one assembly, never stored.
pub(super) fn fingerprint(message: &Message) -> u64 {
    let mut hasher = DefaultHasher::new();
    for part in &message.parts {
        match part {
            ContentPart::Text { text } => text.trim().hash(&mut hasher),
            ContentPart::Media { media_type, uri } => (media_type, uri).hash(&mut hasher),
            ContentPart::Other { value } => value.to_string().hash(&mut hasher),
            _ => {}
        }
    }
    hasher.finish()
}

/// One hash for a whole list of user messages.
pub(super) fn fingerprint_of_all(users: &[u64]) -> u64 {
    let mut hasher = DefaultHasher::new();
    users.hash(&mut hasher);
    hasher.finish()
}
