//! A span as it is stored: columns for lists and waterfalls, the rest packed, its messages as references.
//!
//! LLM calls send the whole chat with every turn, so a message is stored once per project ([`crate::messages`]) and a
//! span holds the first 16 bytes of its hash. A body is the number of input and of output messages (four bytes each,
//! little-endian), their hashes, and the packed JSON of the record without its messages.

use std::collections::{HashMap, HashSet};
use std::io;
use std::sync::Arc;

use turnwise_model::conversation::Tokens;
use turnwise_model::telemetry::{Message, SpanKind, SpanRecord, SpanStatus};
use turnwise_model::{Nanos, ProjectId, Usd};

use crate::messages::{MessageHash, NewMessage};
use crate::packing::{pack, unpack};

/// A span made ready for storing.
#[derive(Debug, Clone, PartialEq)]
pub struct NewSpan {
    /// Its project.
    pub project: ProjectId,
    /// Its trace.
    pub trace_id: String,
    /// Its id in the trace.
    pub span_id: String,
    /// The parent.
    pub parent_span_id: Option<String>,
    /// Its name.
    pub name: String,
    /// What it does.
    pub kind: SpanKind,
    /// Start.
    pub started_at: Nanos,
    /// End.
    pub ended_at: Option<Nanos>,
    /// How it ended.
    pub status: SpanStatus,
    /// The model.
    pub model: Option<String>,
    /// Tokens as it tells them.
    pub tokens: Tokens,
    /// Cost as it tells it.
    pub cost_usd: Option<Usd>,
    /// Everything.
    pub body: Vec<u8>,
    /// Hash of everything, in hex.
    pub content_hash: String,
}

impl NewSpan {
    /// Of two versions of a span the one with the greater rank is kept, whichever comes first.
    #[must_use]
    pub fn rank(&self) -> (Nanos, &str) {
        (self.ended_at.unwrap_or(Nanos(-1)), &self.content_hash)
    }
}

/// Makes spans ready for storing. CPU work: keep it off the async threads.
pub struct SpanEncoder<'k> {
    project: ProjectId,
    /// Says which messages are stored already.
    is_known: &'k (dyn Fn(&MessageHash) -> bool + Sync),
    seen: HashSet<MessageHash>,
    messages: Vec<NewMessage>,
    /// The messages of the span before: the next one mostly begins with the same.
    before: Vec<(Message, MessageHash)>,
    json: Vec<u8>,
}

impl std::fmt::Debug for SpanEncoder<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SpanEncoder").field("project", &self.project).finish_non_exhaustive()
    }
}

impl<'k> SpanEncoder<'k> {
    /// For spans of one project. Messages of which `is_known` is true are taken to be stored.
    #[must_use]
    pub fn new(project: ProjectId, is_known: &'k (dyn Fn(&MessageHash) -> bool + Sync)) -> Self {
        Self { project, is_known, seen: HashSet::new(), messages: Vec::new(), before: Vec::new(), json: Vec::new() }
    }

    /// Makes a span ready.
    ///
    /// # Errors
    /// When there is no memory to pack it.
    pub fn encode(&mut self, mut span: SpanRecord) -> io::Result<NewSpan> {
        let input = std::mem::take(&mut span.input_messages);
        let output = std::mem::take(&mut span.output_messages);
        let mut body = Vec::new();
        for count in [input.len(), output.len()] {
            body.extend_from_slice(&u32::try_from(count).unwrap_or(u32::MAX).to_le_bytes());
        }
        let mut known = Vec::with_capacity(input.len() + output.len());
        for (position, message) in input.into_iter().chain(output).enumerate() {
            let hash = match self.before.get(position) {
                Some((same, hash)) if *same == message => *hash,
                _ => self.message(&message)?,
            };
            body.extend_from_slice(&hash.0);
            known.push((message, hash));
        }
        if !known.is_empty() {
            self.before = known;
        }
        self.json.clear();
        serde_json::to_writer(&mut self.json, &span)?;
        let mut hasher = blake3::Hasher::new();
        hasher.update(&body);
        hasher.update(&self.json);
        let content_hash = hex(&hasher.finalize().as_bytes()[..16]);
        body.append(&mut pack(&self.json)?);
        Ok(NewSpan {
            project: self.project,
            trace_id: storable(span.trace_id),
            span_id: storable(span.span_id),
            parent_span_id: span.parent_span_id.map(storable),
            name: storable(span.name),
            kind: span.kind,
            started_at: span.started_at,
            ended_at: span.ended_at,
            status: span.status,
            model: span.model.map(storable),
            tokens: Tokens { input: span.usage.input, output: span.usage.output },
            cost_usd: span.usage.cost,
            body,
            content_hash,
        })
    }

    /// The messages that the encoded spans refer to and that are not stored yet, each once.
    #[must_use]
    pub fn into_messages(self) -> Vec<NewMessage> {
        self.messages
    }

    fn message(&mut self, message: &Message) -> io::Result<MessageHash> {
        self.json.clear();
        serde_json::to_writer(&mut self.json, message)?;
        let hash = MessageHash::of(&self.json);
        if self.seen.insert(hash) && !(self.is_known)(&hash) {
            self.messages.push(NewMessage { project: self.project, hash, body: pack(&self.json)? });
        }
        Ok(hash)
    }
}

/// No engine stores NUL in text; bodies keep it.
pub(crate) fn storable(text: String) -> String {
    if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A stored span before its messages were looked up.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredSpan {
    span: SpanRecord,
    input: Vec<MessageHash>,
    output: Vec<MessageHash>,
}

impl StoredSpan {
    /// Reads a body.
    ///
    /// # Errors
    /// When the bytes are no body.
    pub(crate) fn read(body: &[u8]) -> io::Result<Self> {
        let truncated = || io::Error::new(io::ErrorKind::UnexpectedEof, "the body ends too soon");
        let (input, rest) = body.split_first_chunk::<4>().ok_or_else(truncated)?;
        let (output, rest) = rest.split_first_chunk::<4>().ok_or_else(truncated)?;
        let [input, output] =
            [input, output].map(|count| usize::try_from(u32::from_le_bytes(*count)).unwrap_or(usize::MAX));
        let bytes = input.checked_add(output).and_then(|count| count.checked_mul(16)).ok_or_else(truncated)?;
        let (hashes, packed) = rest.split_at_checked(bytes).ok_or_else(truncated)?;
        let mut hashes = hashes.as_chunks::<16>().0.iter().map(|hash| MessageHash(*hash));
        let input = hashes.by_ref().take(input).collect();
        let output = hashes.collect();
        Ok(Self { span: serde_json::from_slice(&unpack(packed)?)?, input, output })
    }

    /// The messages it refers to.
    pub fn hashes(&self) -> impl Iterator<Item = MessageHash> + '_ {
        self.input.iter().chain(&self.output).copied()
    }

    /// The record with its messages. One that is not in `messages` is left out.
    #[must_use]
    pub fn with_messages(self, messages: &HashMap<MessageHash, Arc<Message>>) -> SpanRecord {
        let find = |hashes: &[MessageHash]| {
            hashes.iter().filter_map(|hash| messages.get(hash)).map(|message| Message::clone(message)).collect()
        };
        let (input_messages, output_messages) = (find(&self.input), find(&self.output));
        SpanRecord { input_messages, output_messages, ..self.span }
    }
}
