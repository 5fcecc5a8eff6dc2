//! What the dialects have understood of one span so far: typed slots, filled by whoever speaks best.
//!
//! A dialect *offers* a value for a [`Field`]; the offer of the dialect that stands first in the list wins, whatever
//! the order of the attributes. Values that lost and differ from the winner are kept as plain attributes.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use turnwise_model::Micros;
use turnwise_model::conversation::Retrieval;
use turnwise_model::score::{Source, Value};
use turnwise_model::telemetry::{IncomingScore, Message, ScoreTarget, SessionSignal, SpanKind};

use crate::draft::{DocumentDrafts, MessageDrafts, ScoreDrafts};
use crate::value::{Any, Attribute};

/// A single-valued fact about a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the record's fields")]
pub enum Field {
    ConversationId,
    UserId,
    Environment,
    Release,
    Input,
    InputType,
    Output,
    OutputType,
    OutputToolCalls,
    InputMessages,
    OutputMessages,
    SystemInstructions,
    Model,
    Provider,
    Agent,
    ToolName,
    ToolCallId,
    ToolArguments,
    ToolResult,
    Query,
    Documents,
    TokensInput,
    TokensOutput,
    TokensCacheRead,
    TokensCacheWrite,
    TokensReasoning,
    CostTotal,
    CostInput,
    CostOutput,
    TurnId,
    TurnNumber,
    ErrorType,
    ErrorMessage,
    Level,
    EndReason,
}

/// How many [`Field`]s there are.
const FIELDS: usize = Field::EndReason as usize + 1;

#[derive(Debug)]
struct Slot<'a> {
    rank: u8,
    attribute: Attribute<'a>,
}

/// What has been understood of a span.
#[derive(Debug)]
pub struct Parts<'a> {
    /// Place of the dialect that is speaking; its offers get this rank.
    pub speaker: u8,
    slots: [Option<Slot<'a>>; FIELDS],
    kind: Option<(u8, SpanKind)>,
    sessions: Vec<(u8, String)>,
    /// Input messages told attribute by attribute.
    pub input_drafts: MessageDrafts<'a>,
    /// Output messages told attribute by attribute.
    pub output_drafts: MessageDrafts<'a>,
    /// Messages told by events, in the order of the events.
    pub event_input: Vec<Message>,
    /// Answers told by events.
    pub event_output: Vec<Message>,
    /// Input messages in Turnwise's own form, which win over all others.
    pub own_input: Option<Vec<Message>>,
    /// Output messages in Turnwise's own form.
    pub own_output: Option<Vec<Message>>,
    /// A retrieval in Turnwise's own form, which wins over all others.
    pub own_retrieval: Option<Retrieval>,
    /// Documents told attribute by attribute.
    pub documents: DocumentDrafts<'a>,
    /// Scores told attribute by attribute.
    pub score_drafts: ScoreDrafts<'a>,
    /// Scores that are complete.
    pub scores: Vec<IncomingScore>,
    /// Labels of the session.
    pub tags: Vec<String>,
    /// Metadata of the session.
    pub session_metadata: BTreeMap<String, Json>,
    /// Metadata of the turn.
    pub turn_metadata: BTreeMap<String, Json>,
    /// A start or an end of the session.
    pub signal: Option<SessionSignal>,
    /// Things worth a warning.
    pub warnings: Vec<String>,
    /// Whether the dialect hides retrieved documents in the plain output of such a span.
    pub documents_in_output: bool,
    /// Attributes that nobody claimed, or that lost to a better one.
    pub rest: Vec<Attribute<'a>>,
}

impl Default for Parts<'_> {
    fn default() -> Self {
        Self {
            speaker: 0,
            slots: [const { None }; FIELDS],
            kind: None,
            sessions: Vec::new(),
            input_drafts: MessageDrafts::default(),
            output_drafts: MessageDrafts::default(),
            event_input: Vec::new(),
            event_output: Vec::new(),
            own_input: None,
            own_output: None,
            own_retrieval: None,
            documents: DocumentDrafts::default(),
            score_drafts: ScoreDrafts::default(),
            scores: Vec::new(),
            tags: Vec::new(),
            session_metadata: BTreeMap::new(),
            turn_metadata: BTreeMap::new(),
            signal: None,
            warnings: Vec::new(),
            documents_in_output: false,
            rest: Vec::new(),
        }
    }
}

impl<'a> Parts<'a> {
    /// Offers a value for a field, as the dialect's first choice.
    pub fn offer(&mut self, field: Field, attribute: Attribute<'a>) {
        self.offer_as(field, 0, attribute);
    }

    /// Offers a value for a field; `choice` 0 to 7 orders the dialect's own offers, the lower the better.
    pub fn offer_as(&mut self, field: Field, choice: u8, attribute: Attribute<'a>) {
        self.offer_ranked(field, self.speaker * 8 + choice, attribute);
    }

    /// Offers a value for a field whose order of precedence is not that of the dialects, such as the user's id.
    pub fn offer_ranked(&mut self, field: Field, rank: u8, attribute: Attribute<'a>) {
        // Empty text says nothing, except as the answer of a tool.
        let said = !attribute.value.is_blank() || (field == Field::ToolResult && attribute.value != Any::Null);
        if !said {
            return;
        }
        let offer = Slot { rank, attribute };
        let slot = &mut self.slots[field as usize];
        let loser = match slot {
            None => {
                *slot = Some(offer);
                return;
            }
            Some(held) if offer.rank < held.rank => std::mem::replace(held, offer),
            Some(_) => offer,
        };
        let same = slot.as_ref().is_some_and(|held| held.attribute.value == loser.attribute.value);
        if !same {
            self.rest.push(loser.attribute);
        }
    }

    /// Takes a field's value.
    pub fn take(&mut self, field: Field) -> Option<Any<'a>> {
        self.slots[field as usize].take().map(|slot| slot.attribute.value)
    }

    /// Takes a field's value if it can be read; one that cannot is kept as a plain attribute.
    pub fn take_as<T>(&mut self, field: Field, read: impl FnOnce(&Any<'a>) -> Option<T>) -> Option<T> {
        let slot = self.slots[field as usize].take()?;
        let value = read(&slot.attribute.value);
        if value.is_none() {
            self.rest.push(slot.attribute);
        }
        value
    }

    /// Takes a field's value as text.
    pub fn take_text(&mut self, field: Field) -> Option<String> {
        self.take(field)?.into_text().filter(|text| !text.is_empty())
    }

    /// A field's value, if one was offered.
    #[must_use]
    pub fn peek(&self, field: Field) -> Option<&Any<'a>> {
        self.slots[field as usize].as_ref().map(|slot| &slot.attribute.value)
    }

    /// Takes all values that nobody took.
    pub fn take_leftovers(&mut self) -> Vec<Attribute<'a>> {
        let mut left = std::mem::take(&mut self.rest);
        left.extend(self.slots.iter_mut().filter_map(|slot| slot.take().map(|slot| slot.attribute)));
        left
    }

    /// Offers what the span does; the first dialect wins.
    pub fn offer_kind(&mut self, kind: SpanKind) {
        let rank = self.speaker * 8;
        if self.kind.is_none_or(|(held, _)| rank < held) {
            self.kind = Some((rank, kind));
        }
    }

    /// What the span does, where a dialect said.
    #[must_use]
    pub fn kind(&self) -> Option<SpanKind> {
        self.kind.map(|(_, kind)| kind)
    }

    /// Offers a session id; `rank` is the place of its attribute in the order of precedence.
    pub fn offer_session(&mut self, rank: u8, value: &Any<'a>) {
        if let Some(id) = value.clone().into_text().filter(|id| !id.trim().is_empty()) {
            self.sessions.push((rank, id));
        }
    }

    /// All session ids offered, best first.
    #[must_use]
    pub fn take_sessions(&mut self) -> Vec<(u8, String)> {
        let mut sessions = std::mem::take(&mut self.sessions);
        sessions.sort();
        sessions.dedup_by(|later, earlier| later.1 == earlier.1);
        sessions
    }

    /// Adds labels that are not there yet.
    pub fn add_tags(&mut self, tags: Vec<String>) {
        for tag in tags {
            if !self.tags.contains(&tag) {
                self.tags.push(tag);
            }
        }
    }

    /// Adds a score; one that says nothing is dropped.
    pub fn add_score(&mut self, score: ScoreParts, target: ScoreTarget) {
        self.scores.extend(score.finish(target));
    }
}

/// The parts of a score, as the dialects tell them.
#[derive(Debug, Default, Clone)]
pub struct ScoreParts {
    /// Its name.
    pub name: Option<String>,
    /// A number.
    pub number: Option<f64>,
    /// A label.
    pub label: Option<String>,
    /// Why.
    pub explanation: Option<String>,
    /// The client's word for who judged.
    pub judge: Option<String>,
    /// The client's id of it.
    pub identifier: Option<String>,
    /// When it was given.
    pub at: Option<Micros>,
}

impl ScoreParts {
    /// The score; `None` where neither number, label nor explanation was told. An absent number is never a 0.
    #[must_use]
    pub fn finish(self, target: ScoreTarget) -> Option<IncomingScore> {
        let (value, label, explanation) = match (self.number, self.label, self.explanation) {
            (Some(number), label, explanation) => (Value::Number(number), label, explanation),
            (None, Some(label), explanation) => (Value::Label(label), None, explanation),
            (None, None, Some(explanation)) => (Value::Text(explanation), None, None),
            (None, None, None) => return None,
        };
        let source = match self.judge.map(|judge| judge.to_ascii_uppercase()).as_deref() {
            Some("HUMAN" | "ANNOTATION") => Source::Human,
            Some("LLM" | "EVAL" | "MODEL") => Source::Llm,
            Some("CODE") => Source::Code,
            Some("USER" | "END_USER") => Source::User,
            _ => Source::Api,
        };
        Some(IncomingScore {
            name: self.name.filter(|name| !name.is_empty()).unwrap_or_else(|| "score".to_owned()),
            value,
            label,
            explanation,
            source,
            identifier: self.identifier,
            target,
            at: self.at,
        })
    }
}
