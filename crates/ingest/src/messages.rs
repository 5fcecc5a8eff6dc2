//! Message logs: JSON lines of conversations in OpenAI's chat format, as records like those of telemetry.
//!
//! Each session becomes one trace, each turn in it a chain span with an LLM span and tool spans below, with ids derived
//! from the session's id and the places of the messages: importing a file twice, or a longer version of it, changes
//! nothing that was there.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value as Json};
use turnwise_model::conversation::Retrieval;
use turnwise_model::telemetry::{
    Content, ContentPart, IncomingScore, Message, MessageRole, SessionFacts, SessionSignal, SpanKind, SpanRecord,
    ToolRecord, TurnFacts, parsed,
};
use turnwise_model::{Micros, Nanos};

use crate::{chat, synthetic};

/// How much of the history an LLM span repeats.
const WINDOW: usize = 200;

/// Why a line was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MessagesError {
    /// The line is no JSON object of the right form.
    #[error("the line cannot be read: {0}")]
    Malformed(String),
    /// There are no messages.
    #[error("the session has no messages, give at least one in \"messages\"")]
    Empty,
    /// A message is no message.
    #[error("message {index}: {reason}")]
    Message {
        /// Its place, from 0.
        index: usize,
        /// Why.
        reason: String,
    },
}

/// A session as a client hands it in.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionLog {
    /// The client's id; where absent, one is derived from the messages.
    #[serde(default)]
    pub session_id: Option<String>,
    /// The user.
    #[serde(default)]
    pub user_id: Option<String>,
    /// Whatever else is known of the session.
    #[serde(default)]
    pub metadata: Option<Map<String, Json>>,
    /// Labels.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Deployment environment.
    #[serde(default)]
    pub environment: Option<String>,
    /// Release of the application.
    #[serde(default)]
    pub release: Option<String>,
    /// The model that answered, where one did all.
    #[serde(default)]
    pub model: Option<String>,
    /// How the session ended, in the client's word.
    #[serde(default)]
    pub end_reason: Option<String>,
    /// The messages in order.
    pub messages: Vec<Json>,
}

/// Something beyond messages that an importer knows of a session.
#[derive(Debug, Clone, Default)]
pub struct Extras {
    /// Retrievals by turn, from 0.
    pub retrievals: BTreeMap<usize, Retrieval>,
    /// Scores of the session, carried by its first span.
    pub scores: Vec<IncomingScore>,
    /// Whether the user closed the session with the last message.
    pub ended: Option<SessionSignal>,
}

/// A session of a message log as records.
#[derive(Debug, Clone, PartialEq)]
pub struct Imported {
    /// The session's external id.
    pub session_id: String,
    /// Its spans.
    pub spans: Vec<SpanRecord>,
}

/// Reads one line of a message log. `at` is when the session began where its messages do not tell: the same instant
/// gives the same records.
///
/// # Errors
/// When the line is malformed, or a message in it is; the message names its place.
pub fn read_line(line: &str, at: Micros) -> Result<Imported, MessagesError> {
    let log: SessionLog = serde_json::from_str(line).map_err(|error| MessagesError::Malformed(error.to_string()))?;
    to_spans(log, &Extras::default(), at)
}

/// A message of the log with its instant and position.
struct Placed {
    index: usize,
    message: Message,
    at: Option<Nanos>,
}

/// Turns a session log into records.
///
/// # Errors
/// When there are no messages, or one of them is malformed.
pub fn to_spans(log: SessionLog, extras: &Extras, at: Micros) -> Result<Imported, MessagesError> {
    if log.messages.is_empty() {
        return Err(MessagesError::Empty);
    }
    let session_id = log
        .session_id
        .clone()
        .filter(|id| !id.is_empty())
        .unwrap_or_else(|| synthetic::trace_id(&[Json::Array(log.messages.clone()).to_string().as_bytes()]));
    let placed = log.messages.into_iter().enumerate().map(place).collect::<Result<Vec<_>, _>>()?;
    let facts = SessionFacts {
        id: Some(session_id.clone()),
        user_id: log.user_id,
        environment: log.environment,
        release: log.release,
        tags: log.tags,
        metadata: log.metadata.unwrap_or_default().into_iter().collect(),
        ..SessionFacts::default()
    };
    let mut builder =
        Builder { session_id: &session_id, facts, model: log.model, clock: Nanos::from(at), spans: Vec::new() };
    let mut history: Vec<Message> = Vec::new();
    for (number, turn) in turns(placed).into_iter().enumerate() {
        builder.turn(number, turn, &mut history, extras.retrievals.get(&number));
    }
    let signal = extras.ended.clone().or(log.end_reason.map(|reason| SessionSignal::End { reason: Some(reason) }));
    if let Some(signal) = signal {
        builder.end(signal);
    }
    if let Some(first) = builder.spans.first_mut() {
        first.scores.extend(extras.scores.iter().cloned());
    }
    let spans = builder.spans;
    Ok(Imported { session_id, spans })
}

fn place((index, json): (usize, Json)) -> Result<Placed, MessagesError> {
    let refuse = |reason: &str| MessagesError::Message { index, reason: reason.to_owned() };
    let map = json.as_object().ok_or_else(|| refuse("expected an object with role and content"))?;
    let role = map.get("role").and_then(Json::as_str).ok_or_else(|| refuse("role is missing"))?;
    if chat::role(role).is_none() {
        return Err(refuse(&format!("role {role:?} is unknown, expected system, user, assistant or tool")));
    }
    let at = match map.get("timestamp").or_else(|| map.get("created_at")) {
        None | Some(Json::Null) => None,
        Some(value) => Some(instant(value).ok_or_else(|| {
            refuse(&format!("timestamp {value} is no instant, expected RFC 3339 or seconds since 1970"))
        })?),
    };
    let message = chat::message(json, MessageRole::User).ok_or_else(|| refuse("expected an object"))?;
    Ok(Placed { index, message, at })
}

/// RFC 3339, or seconds, milliseconds, microseconds or nanoseconds since 1970 by their size.
fn instant(value: &Json) -> Option<Nanos> {
    match value {
        Json::String(text) => Micros::parse(text).ok().map(Nanos::from),
        Json::Number(number) => match number.as_i64() {
            Some(count) => {
                let scale = match count.unsigned_abs() {
                    0..100_000_000_000 => 1_000_000_000,
                    100_000_000_000..100_000_000_000_000 => 1_000_000,
                    100_000_000_000_000..100_000_000_000_000_000 => 1_000,
                    _ => 1,
                };
                (count >= 0).then(|| Nanos(count.saturating_mul(scale)))
            }
            None => seconds(&number.to_string()),
        },
        _ => None,
    }
}

/// Seconds with a fraction, read digit by digit so that no float rounds them.
fn seconds(text: &str) -> Option<Nanos> {
    let (whole, fraction) = text.split_once('.')?;
    let whole: i64 = whole.parse().ok()?;
    let digits: String = fraction.chars().chain(std::iter::repeat('0')).take(9).collect();
    let fraction: i64 = digits.parse().ok()?;
    (whole >= 0).then(|| Nanos(whole.saturating_mul(1_000_000_000).saturating_add(fraction)))
}

/// Messages by turn: each user message begins one; what comes before the first belongs to it, unless the assistant
/// speaks first.
fn turns(placed: Vec<Placed>) -> Vec<Vec<Placed>> {
    let mut turns: Vec<Vec<Placed>> = Vec::new();
    for item in placed {
        let begins = item.message.role == MessageRole::User
            && !item.message.parts.iter().any(|part| matches!(part, ContentPart::ToolResult { .. }));
        match turns.last_mut() {
            Some(turn) if !begins || turn.iter().all(|held| held.message.role == MessageRole::System) => {
                turn.push(item)
            }
            _ => turns.push(vec![item]),
        }
    }
    turns
}

/// The messages that an LLM span repeats: the instructions and the last [`WINDOW`] messages, so that a very long log
/// does not grow with the square of its length.
fn window(history: &[Message]) -> Vec<Message> {
    if history.len() <= WINDOW {
        return history.to_vec();
    }
    let (early, late) = history.split_at(history.len() - WINDOW);
    early.iter().take_while(|message| message.role == MessageRole::System).chain(late).cloned().collect()
}

struct Builder<'s> {
    session_id: &'s str,
    facts: SessionFacts,
    model: Option<String>,
    /// The last instant used; spans without one of their own follow it by a microsecond.
    clock: Nanos,
    spans: Vec<SpanRecord>,
}

impl Builder<'_> {
    fn turn(&mut self, number: usize, turn: Vec<Placed>, history: &mut Vec<Message>, retrieval: Option<&Retrieval>) {
        let ends_at = turn.iter().filter_map(|placed| placed.at).next_back();
        let starts_at = turn.iter().find_map(|placed| placed.at);
        let index = turn.first().map_or(0, |placed| placed.index);
        let user = turn
            .iter()
            .find(|placed| placed.message.role == MessageRole::User)
            .map(|placed| placed.message.plain_text());
        let reply = turn
            .iter()
            .rev()
            .find(|placed| placed.message.role == MessageRole::Assistant && !placed.message.plain_text().is_empty());
        let reply = reply.map(|placed| placed.message.plain_text());
        let root = self.span(SpanKind::Chain, "turn", &format!("turn {index}"), None, starts_at);
        let root_id = root.span_id.clone();
        root.ended_at = ends_at.filter(|end| starts_at.is_some_and(|start| *end > start));
        root.turn = TurnFacts { number: i64::try_from(number + 1).ok(), ..TurnFacts::default() };
        root.input = user.map(Content::Text);
        root.output = reply.map(Content::Text);
        if let Some(retrieval) = retrieval {
            let span =
                self.span(SpanKind::Retriever, "retrieve", &format!("retrieval {index}"), Some(&root_id), starts_at);
            span.retrieval = Some(retrieval.clone());
            span.input = retrieval.query.clone().map(Content::Text);
        }
        // By call id, so that a result finds the tool span of its call.
        let mut calls: BTreeMap<String, usize> = BTreeMap::new();
        let mut previous_at = starts_at;
        for placed in turn {
            if placed.message.role == MessageRole::Assistant {
                let key = format!("llm {}", placed.index);
                let model = self.model.clone();
                let span = self.span(SpanKind::Llm, "chat", &key, Some(&root_id), previous_at.or(placed.at));
                span.ended_at = placed.at.filter(|end| *end > span.started_at);
                span.input_messages = window(history);
                span.output_messages = vec![placed.message.clone()];
                span.model = model;
                for (place, part) in placed.message.parts.iter().enumerate() {
                    if let ContentPart::ToolCall { id, name, arguments } = part {
                        let key = format!("tool {}.{place}", placed.index);
                        let span = self.span(SpanKind::Tool, name, &key, Some(&root_id), placed.at);
                        span.tool = Some(ToolRecord {
                            name: Some(name.clone()),
                            call_id: id.clone(),
                            arguments: arguments.as_ref().map(|arguments| parsed(arguments).into_owned()),
                            result: None,
                        });
                        if let Some(id) = id {
                            calls.insert(id.clone(), self.spans.len() - 1);
                        }
                    }
                }
            }
            for part in &placed.message.parts {
                if let ContentPart::ToolResult { id: Some(id), result } = part
                    && let Some(span) = calls.get(id).and_then(|place| self.spans.get_mut(*place))
                    && let Some(tool) = &mut span.tool
                {
                    tool.result = Some(parsed(result).into_owned());
                    span.ended_at = placed.at.filter(|end| *end > span.started_at);
                }
            }
            previous_at = placed.at.or(previous_at);
            history.push(placed.message);
        }
    }

    fn end(&mut self, signal: SessionSignal) {
        let span = self.span(SpanKind::Event, "session.end", "end", None, None);
        span.session.signal = Some(signal);
    }

    fn span(
        &mut self,
        kind: SpanKind,
        name: &str,
        key: &str,
        parent: Option<&str>,
        at: Option<Nanos>,
    ) -> &mut SpanRecord {
        let next = Nanos(self.clock.0.saturating_add(1_000));
        self.clock = at.map_or(next, |at| at.max(next));
        self.spans.push(SpanRecord {
            parent_span_id: parent.map(str::to_owned),
            session: self.facts.clone(),
            scope: Some("turnwise.import".to_owned()),
            ..SpanRecord::new(
                synthetic::trace_id(&[self.session_id.as_bytes()]),
                synthetic::span_id(&[self.session_id.as_bytes(), key.as_bytes()]),
                name.to_owned(),
                kind,
                self.clock,
            )
        });
        let last = self.spans.len() - 1;
        &mut self.spans[last]
    }
}
