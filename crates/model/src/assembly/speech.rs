//! What an LLM call says about the conversation: which user message it answers, how many came before, what it replied.

use std::collections::HashMap;

use super::forest::Forest;
use crate::telemetry::{ContentPart, Message, MessageRole, SpanKind, SpanRecord, SpanStatus};

/// Messages of a call: its span's own, or those that events below it tell.
#[derive(Debug)]
pub(super) enum Told<'s> {
    Own(&'s [Message]),
    ByEvents(Vec<&'s Message>),
}

impl<'s> Told<'s> {
    pub fn len(&self) -> usize {
        match self {
            Self::Own(messages) => messages.len(),
            Self::ByEvents(messages) => messages.len(),
        }
    }

    pub fn get(&self, index: usize) -> Option<&'s Message> {
        match self {
            Self::Own(messages) => messages.get(index),
            Self::ByEvents(messages) => messages.get(index).copied(),
        }
    }

    /// The messages from a place on.
    pub fn from(&self, start: usize) -> impl DoubleEndedIterator<Item = &'s Message> + '_ {
        (start..self.len()).filter_map(|index| self.get(index))
    }
}

/// An LLM call with messages.
#[derive(Debug)]
pub(super) struct Speech<'s> {
    /// Its span.
    pub place: usize,
    /// Messages sent to the model.
    pub input: Told<'s>,
    /// Messages it answered.
    pub output: Told<'s>,
    /// Where in the input the user's messages stand.
    pub users: Vec<usize>,
}

impl<'s> Speech<'s> {
    /// The user message it answers.
    pub fn user(&self) -> Option<&'s Message> {
        self.input.get(*self.users.last()?)
    }

    /// The hash of a user message, counted from 0; equal texts have equal hashes. Made when asked for: a long history is
    /// mostly known by its end.
    pub fn user_hash(&self, number: usize) -> Option<u64> {
        self.input.get(*self.users.get(number)?).map(fingerprint)
    }

    /// The hash of the user message it answers.
    pub fn last_hash(&self) -> Option<u64> {
        self.user().map(fingerprint)
    }

    /// A hash for the place in a conversation: how many user messages there are, the first and the last two of them.
    pub fn place_hash(&self) -> u64 {
        let count = self.users.len();
        [Some(0), count.checked_sub(2), count.checked_sub(1)]
            .into_iter()
            .flatten()
            .filter_map(|number| self.user_hash(number))
            .fold(folded(SEED ^ count as u64), |hash, user| folded(hash ^ user))
    }

    /// What follows the user message in the input: the turn's earlier calls and their results.
    pub fn trailing(&self) -> impl Iterator<Item = &'s Message> + '_ {
        self.input.from(self.users.last().map_or(0, |place| place + 1))
    }

    /// Whether the turn must go on after it: it failed, or asks for a tool.
    pub fn wants_more(&self, forest: &Forest<'_>) -> bool {
        forest.spans[self.place].status == SpanStatus::Error || self.calls_tools()
    }

    /// Whether its answer asks for a tool.
    pub fn calls_tools(&self) -> bool {
        self.output.from(0).flat_map(|message| &message.parts).any(|part| matches!(part, ContentPart::ToolCall { .. }))
    }

    /// The last message of its answer that holds text.
    pub fn reply(&self) -> Option<&'s Message> {
        self.output.from(0).rev().find(|message| {
            message.role == MessageRole::Assistant
                && message.parts.iter().any(|part| matches!(part, ContentPart::Text { text } if !text.is_empty()))
        })
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
            let told = |own: &'s [Message], of_event: fn(&'s SpanRecord) -> &'s [Message]| {
                if own.is_empty() {
                    Told::ByEvents(told_by_events.iter().flat_map(|event| of_event(forest.spans[*event])).collect())
                } else {
                    Told::Own(own)
                }
            };
            let input = told(&span.input_messages, |event| &event.input_messages);
            let output = told(&span.output_messages, |event| &event.output_messages);
            let users =
                input.from(0).enumerate().filter(|(_, message)| is_from_user(message)).map(|(at, _)| at).collect();
            Speech { place, input, output, users }
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
    message.parts.iter().fold(SEED, |hash, part| match part {
        ContentPart::Text { text } => mixed(hash, text.trim().as_bytes()),
        ContentPart::Media { uri: Some(uri), .. } => mixed(hash, uri.as_bytes()),
        ContentPart::Other { value } => mixed(hash, value.to_string().as_bytes()),
        _ => hash,
    })
}

const SEED: u64 = 0x9e37_79b9_7f4a_7c15;

/// Mixes bytes into a hash, eight at a time: a session repeats its history so often that hashing is most of the work.
fn mixed(hash: u64, bytes: &[u8]) -> u64 {
    let (whole, rest) = bytes.as_chunks::<8>();
    let hash = whole.iter().fold(hash, |hash, chunk| folded(hash ^ u64::from_le_bytes(*chunk)));
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    folded(folded(hash ^ u64::from_le_bytes(last)) ^ bytes.len() as u64)
}

/// The folded product of wyhash.
const fn folded(value: u64) -> u64 {
    let product = (value ^ 0xa076_1d64_78bd_642f) as u128 * 0xe703_7ed1_a0b4_28db;
    (product as u64) ^ ((product >> 64) as u64)
}
