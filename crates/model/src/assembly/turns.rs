//! A turn out of its spans: who said what, what it called and found, what it cost, what went wrong.

use serde_json::Value as Json;

use super::forest::Forest;
use super::grouping::{Grouping, Slot};
use super::speech::Speech;
use super::tools::{self, EarlierCalls};
use super::{errors, plain};
use crate::conversation::{MessageText, Retrieval, Tokens, Turn, TurnError};
use crate::telemetry::{ContentPart, Message, SpanKind};
use crate::{SessionId, TurnId, Usd};

/// What is known of every span before turns are built.
pub(super) struct Known<'f, 's> {
    pub forest: &'f Forest<'s>,
    pub speeches: &'f [Speech<'s>],
    /// Each span's usage that no descendant tells too.
    pub usage: Vec<LeafUsage>,
    /// Each span's error, where it arose.
    pub errors: Vec<Option<TurnError>>,
    /// Whether some descendant is an LLM call.
    pub llm_below: Vec<bool>,
    /// Whether the span or an ancestor judges or guards.
    pub beside: Vec<bool>,
}

/// Usage of a span, without what its descendants tell.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct LeafUsage {
    pub tokens: Tokens,
    pub cost: Option<Usd>,
}

impl<'f, 's> Known<'f, 's> {
    /// Looks at every span once.
    pub fn of(forest: &'f Forest<'s>, speeches: &'f [Speech<'s>]) -> Self {
        let told = |place: usize| forest.spans[place].usage;
        let input_below = forest.below(|place| told(place).input.is_some());
        let output_below = forest.below(|place| told(place).output.is_some());
        let cost_below = forest.below(|place| told(place).cost.is_some());
        let usage = forest
            .spans
            .iter()
            .enumerate()
            .map(|(place, span)| {
                let generates = !matches!(span.kind, SpanKind::Embedding | SpanKind::Reranker);
                LeafUsage {
                    tokens: Tokens {
                        input: span.usage.input.filter(|_| generates && !input_below[place]),
                        output: span.usage.output.filter(|_| generates && !output_below[place]),
                    },
                    cost: span.usage.cost.filter(|_| !cost_below[place]),
                }
            })
            .collect();
        Self {
            forest,
            speeches,
            usage,
            errors: errors::where_they_arose(forest),
            llm_below: forest.below(|place| forest.spans[place].kind == SpanKind::Llm),
            beside: forest.beside_the_conversation(),
        }
    }

    /// Builds all turns.
    pub fn turns(&self, session: SessionId, grouping: &Grouping) -> Vec<Turn> {
        let mut earlier = EarlierCalls::default();
        grouping
            .slots
            .iter()
            .enumerate()
            .map(|(place, slot)| self.turn(session, place, slot, grouping, &mut earlier))
            .collect()
    }

    fn turn(
        &self,
        session: SessionId,
        place: usize,
        slot: &Slot,
        grouping: &Grouping,
        earlier: &mut EarlierCalls,
    ) -> Turn {
        let forest = self.forest;
        let tops: Vec<usize> = slot
            .spans
            .iter()
            .copied()
            .filter(|span| forest.parent[*span].is_none_or(|parent| grouping.slot_of[parent] != Some(place)))
            .collect();
        let (assistant, model) = self.assistant(slot, &tops);
        let speeches: Vec<&Speech<'_>> = slot.speeches.iter().map(|index| &self.speeches[*index]).collect();
        let usage = slot.spans.iter().map(|span| self.usage[*span]);
        let (tokens, cost_usd) = usage.fold((Tokens::default(), None), |(tokens, cost), usage| {
            (tokens.plus(usage.tokens), add_cost(cost, usage.cost))
        });
        let is_call = |span: &&usize| forest.spans[**span].kind == SpanKind::Llm && !self.llm_below[**span];
        let first = slot.spans.first().map(|span| forest.spans[*span]);
        Turn {
            id: TurnId::derive(session, &slot.key),
            position: u32::try_from(place + 1).unwrap_or(u32::MAX),
            conversation_id: slot.conversation.clone(),
            trace_id: first.map(|span| span.trace_id.clone()),
            started_at: first.map(|span| span.started_at.micros()).unwrap_or_default(),
            latency_ms: self.latency(slot),
            user: self.user(slot, &tops),
            assistant,
            model,
            tool_calls: tools::calls(forest, place, &speeches, &slot.spans, earlier),
            retrievals: self.retrievals(slot),
            errors: slot.spans.iter().filter_map(|span| self.errors[*span].clone()).collect(),
            tokens,
            cost_usd,
            llm_calls: u32::try_from(slot.spans.iter().filter(is_call).count()).unwrap_or(u32::MAX),
        }
    }

    /// The user's message: that which the LLM calls answer. Where the application wraps the question in a longer prompt,
    /// the question as a top span tells it.
    fn user(&self, slot: &Slot, tops: &[usize]) -> Option<MessageText> {
        let forest = self.forest;
        if let Some(speech) = slot.main.first().map(|index| &self.speeches[*index]) {
            let message = speech.user()?;
            let prompt = message_text(message);
            let asked = tops
                .iter()
                .filter(|top| **top != speech.place)
                .flat_map(|top| plain::asked(forest.spans[*top]))
                .find(|asked| asked.trim() != prompt.text.trim() && wraps(&prompt.text, asked));
            return Some(match asked {
                Some(text) => MessageText { text, parts: prompt.parts },
                None => prompt,
            });
        }
        let candidates = || self.by_depth(slot).filter(|place| self.can_ask(*place));
        let told = candidates().find_map(|place| plain::asked(forest.spans[place]).into_iter().next());
        let text = told.or_else(|| candidates().find_map(|place| Some(forest.spans[place].input.as_ref()?.as_text())));
        text.filter(|text| !text.trim().is_empty()).map(|text| MessageText { text, parts: Vec::new() })
    }

    /// The reply and the model that wrote it: the last answer of the conversation's LLM calls. Where a top span tells an
    /// output that one of the calls wrote, that one: work on the side may come last.
    fn assistant(&self, slot: &Slot, tops: &[usize]) -> (Option<MessageText>, Option<String>) {
        let forest = self.forest;
        let model_of = |speech: &Speech<'_>| forest.spans[speech.place].model.clone();
        let last_model = || {
            let models = slot.spans.iter().rev().filter(|place| forest.spans[**place].kind == SpanKind::Llm);
            models.filter_map(|place| forest.spans[*place].model.clone()).next()
        };
        let all = || slot.speeches.iter().rev().map(|index| &self.speeches[*index]);
        let shown = tops.iter().rev().find_map(|top| plain::answered(forest.spans[*top]));
        if let Some(shown) = &shown {
            let writer = all().find_map(|speech| {
                let reply = speech.reply()?;
                let text = reply.plain_text();
                (text.trim() == shown.trim()).then_some((speech, reply))
            });
            if let Some((speech, reply)) = writer {
                return (Some(message_text(reply)), model_of(speech).or_else(last_model));
            }
            if let Some(speech) =
                all().find(|speech| speech.reply().is_some_and(|reply| wraps(&reply.plain_text(), shown)))
            {
                let text = MessageText { text: shown.clone(), parts: Vec::new() };
                return (Some(text), model_of(speech).or_else(last_model));
            }
        }
        let main = || slot.main.iter().rev().map(|index| &self.speeches[*index]);
        let answered = main().find(|speech| !speech.calls_tools() && speech.reply().is_some());
        if let Some((speech, reply)) = answered.and_then(|speech| Some((speech, speech.reply()?))) {
            return (Some(message_text(reply)), model_of(speech).or_else(last_model));
        }
        if let Some(text) = shown {
            return (Some(MessageText { text, parts: Vec::new() }), last_model());
        }
        // Words said beside a tool call, when nothing came after it.
        let beside_call = main().chain(all()).find_map(|speech| Some((speech, speech.reply()?)));
        if let Some((speech, reply)) = beside_call {
            return (Some(message_text(reply)), model_of(speech).or_else(last_model));
        }
        let candidates = || self.by_depth(slot).filter(|place| self.can_ask(*place));
        let told = candidates().find_map(|place| plain::answered(forest.spans[place]));
        let text = match told {
            Some(text) => Some(text),
            // With LLM calls that told messages, an output of another shape is no reply.
            None if !slot.speeches.is_empty() => None,
            None => candidates().find_map(|place| Some(forest.spans[place].output.as_ref()?.as_text())),
        };
        let text = text.filter(|text| !text.trim().is_empty());
        (text.map(|text| MessageText { text, parts: Vec::new() }), last_model())
    }

    /// Whether a span's plain input and output can be what user and assistant said.
    fn can_ask(&self, place: usize) -> bool {
        matches!(self.forest.spans[place].kind, SpanKind::Agent | SpanKind::Chain | SpanKind::Llm)
            && !self.beside[place]
    }

    /// A turn's spans, the topmost first.
    fn by_depth<'a>(&'a self, slot: &'a Slot) -> impl Iterator<Item = usize> + 'a {
        let mut places = slot.spans.clone();
        places.sort_by_key(|place| self.forest.depth[*place]);
        places.into_iter()
    }

    fn retrievals(&self, slot: &Slot) -> Vec<Retrieval> {
        let searched = |place: usize| {
            self.forest.spans[place].retrieval.as_ref().filter(|_| self.forest.spans[place].kind != SpanKind::Reranker)
        };
        slot.spans
            .iter()
            .copied()
            // A retriever within a retriever finds a part of what that one returns.
            .filter(|place| !self.forest.ancestors(*place).take(8).any(|above| searched(above).is_some()))
            .filter_map(|place| self.forest.spans[place].retrieval.clone())
            .collect()
    }

    /// Milliseconds from the first start to the last end; as told by `turn.latency_ms` where it is.
    fn latency(&self, slot: &Slot) -> Option<i64> {
        let told = slot
            .spans
            .iter()
            .find_map(|place| self.forest.spans[*place].turn.metadata.get("turn.latency_ms").and_then(Json::as_i64));
        if told.is_some_and(|told| told >= 0) {
            return told;
        }
        let timed = slot.spans.iter().filter(|place| !self.beside[**place]).map(|place| self.forest.spans[*place]);
        let timed = timed.filter(|span| span.kind != SpanKind::Event);
        let (mut start, mut end) = (i64::MAX, None);
        for span in timed {
            start = start.min(span.started_at.0);
            end = end.max(span.ended_at.map(|end| end.0));
        }
        Some(end?.saturating_sub(start).max(0) / 1_000_000)
    }
}

/// Adds costs; unknown and known make known.
pub(super) fn add_cost(one: Option<Usd>, other: Option<Usd>) -> Option<Usd> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one + other),
        (known, None) | (None, known) => known,
    }
}

/// Whether a longer text holds a shorter one that is long enough not to be there by chance.
fn wraps(long: &str, short: &str) -> bool {
    let short = short.trim();
    short.len() >= 4 && long.contains(short)
}

/// A message as text, with its parts where it is more than one text; tool calls stand elsewhere in the turn.
fn message_text(message: &Message) -> MessageText {
    let parts: Vec<ContentPart> =
        message.parts.iter().filter(|part| !matches!(part, ContentPart::ToolCall { .. })).cloned().collect();
    let one_text = matches!(parts.as_slice(), [ContentPart::Text { .. }]);
    MessageText { text: message.plain_text(), parts: if one_text { Vec::new() } else { parts } }
}
