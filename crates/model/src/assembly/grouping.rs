//! Which spans make which turn.
//!
//! Explicit numbers and ids win. Else the LLM calls of a trace are grouped by the user message they answer; a trace
//! without messages is one turn. Spans around the calls go to the turn below which, above which or during which they
//! ran; tools run in traces of their own go to the turn that called them.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::forest::Forest;
use super::lineage::{Exchange, conversation};
use super::sessions::TraceSession;
use super::speech::Speech;
use crate::telemetry::{ContentPart, SessionFacts, SpanKind};

/// A turn in the making.
#[derive(Debug, Default)]
pub(super) struct Slot {
    /// What the turn's id is derived from: it does not change when more spans arrive.
    pub key: String,
    /// Its number, as told.
    pub number: Option<i64>,
    /// The conversation it belongs to.
    pub conversation: Option<String>,
    /// Its spans, by time.
    pub spans: Vec<usize>,
    /// The LLM calls that are the conversation, by time, as places in the list of speeches.
    pub main: Vec<usize>,
    /// All its LLM calls with messages, by time.
    pub speeches: Vec<usize>,
    explicit: bool,
    trace: usize,
}

/// Turns in the making, and which of them each span belongs to.
#[derive(Debug)]
pub(super) struct Grouping {
    /// The turns in order.
    pub slots: Vec<Slot>,
    /// The turn of each span.
    pub slot_of: Vec<Option<usize>>,
}

/// What the spans below a span say about whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Below {
    Nothing,
    One(usize),
    Many,
}

struct Grouper<'f, 's> {
    forest: &'f Forest<'s>,
    speeches: &'f [Speech<'s>],
    conversations: Vec<Option<String>>,
    slots: Vec<Slot>,
    slot_of: Vec<Option<usize>>,
    by_key: HashMap<String, usize>,
    /// The turn that last answered at a place in the conversation.
    by_users: HashMap<u64, usize>,
    /// How many turns of a trace with so many user messages before have got a key.
    keys_made: HashMap<(usize, usize), usize>,
}

/// Groups the spans of a session.
pub(super) fn group(
    forest: &Forest<'_>,
    speeches: &[Speech<'_>],
    sessions: &BTreeMap<String, TraceSession>,
) -> Grouping {
    let mut grouper = Grouper {
        forest,
        speeches,
        conversations: conversations(forest, sessions),
        slots: Vec::new(),
        slot_of: vec![None; forest.spans.len()],
        by_key: HashMap::new(),
        by_users: HashMap::new(),
        keys_made: HashMap::new(),
    };
    let mut of_trace: Vec<Vec<usize>> = vec![Vec::new(); forest.traces.len()];
    for (index, speech) in speeches.iter().enumerate() {
        of_trace[forest.trace_of[speech.place]].push(index);
    }
    let explicit = explicit_keys(forest, &grouper.conversations);
    let beside = forest.beside_the_conversation();
    let mut orphans = Vec::new();
    for (trace, places) in forest.traces.iter().enumerate() {
        if places.iter().any(|place| explicit[*place].is_some()) {
            grouper.explicit(trace, &explicit);
        } else if !of_trace[trace].is_empty() {
            grouper.by_messages(trace, &of_trace[trace]);
        } else if places.iter().any(|place| !beside[*place] && has_content(forest, *place)) {
            grouper.whole_trace(trace);
        } else if places.iter().any(|place| is_work(forest.spans[*place].kind)) {
            orphans.push(trace);
        }
    }
    let owners = grouper.owners_of_calls();
    grouper.settle(&owners);
    for trace in orphans {
        grouper.adopt(trace, &owners);
    }
    grouper.finish()
}

/// Whether a span alone makes its trace a turn.
fn has_content(forest: &Forest<'_>, place: usize) -> bool {
    let span = forest.spans[place];
    match span.kind {
        SpanKind::Llm | SpanKind::Agent => true,
        SpanKind::Chain => {
            span.input.is_some()
                || span.output.is_some()
                || !span.input_messages.is_empty()
                || !span.output_messages.is_empty()
        }
        _ => false,
    }
}

const fn is_work(kind: SpanKind) -> bool {
    matches!(kind, SpanKind::Tool | SpanKind::Retriever | SpanKind::Reranker | SpanKind::Embedding)
}

/// The conversation of each span: its own, its parent's, or the first of its trace.
fn conversations(forest: &Forest<'_>, sessions: &BTreeMap<String, TraceSession>) -> Vec<Option<String>> {
    let mut found: Vec<Option<String>> = vec![None; forest.spans.len()];
    let mut first_of_trace: Vec<Option<String>> = vec![None; forest.traces.len()];
    for (place, span) in forest.spans.iter().enumerate() {
        let session = sessions.get(&span.trace_id).map(|session| session.external_id.as_str());
        let facts = &span.session;
        let named = facts
            .conversation_id
            .as_deref()
            .or_else(|| facts.id.as_deref().filter(|_| facts.id_rank == SessionFacts::CONVERSATION_RANK));
        found[place] = named.filter(|id| Some(*id) != session && !id.is_empty()).map(str::to_owned);
        let of_trace = &mut first_of_trace[forest.trace_of[place]];
        if of_trace.is_none() {
            of_trace.clone_from(&found[place]);
        }
    }
    for &place in &forest.downward {
        if found[place].is_none() {
            found[place] = match forest.parent[place] {
                Some(parent) => found[parent].clone(),
                None => first_of_trace[forest.trace_of[place]].clone(),
            };
        }
    }
    found
}

/// An explicit turn: its key, and its number where it is one.
type Explicit = (String, Option<i64>);

/// The explicit turn of each span: its own word, or its parent's.
fn explicit_keys(forest: &Forest<'_>, conversations: &[Option<String>]) -> Vec<Option<Explicit>> {
    let mut keys: Vec<Option<Explicit>> = vec![None; forest.spans.len()];
    for &place in &forest.downward {
        let span = forest.spans[place];
        let conversation = conversations[place].as_deref().unwrap_or_default();
        let own = match (span.turn.number, &span.turn.id) {
            _ if span.kind == SpanKind::Event && span.session.signal.is_some() => None,
            (Some(number), _) => Some((format!("number:{conversation}:{number}"), Some(number))),
            (None, Some(id)) => Some((format!("id:{id}"), None)),
            (None, None) => None,
        };
        keys[place] = own.or_else(|| keys[forest.parent[place]?].clone());
    }
    keys
}

impl Grouper<'_, '_> {
    fn open(&mut self, key: String, trace: usize, number: Option<i64>) -> usize {
        if let Some(&slot) = self.by_key.get(&key) {
            return slot;
        }
        self.slots.push(Slot { key: key.clone(), number, trace, ..Slot::default() });
        self.by_key.insert(key, self.slots.len() - 1);
        self.slots.len() - 1
    }

    fn explicit(&mut self, trace: usize, explicit: &[Option<Explicit>]) {
        let places = &self.forest.traces[trace];
        let told: Vec<&Explicit> = places.iter().filter_map(|place| explicit[*place].as_ref()).collect();
        let only = told.iter().all(|key| key.0 == told[0].0).then_some(told[0]);
        for &place in places {
            if let Some((key, number)) = explicit[place].as_ref().or(only) {
                let slot = self.open(key.clone(), trace, *number);
                self.slots[slot].explicit = true;
                self.slot_of[place] = Some(slot);
            }
        }
    }

    fn by_messages(&mut self, trace: usize, among: &[usize]) {
        let forest = self.forest;
        let places = &forest.traces[trace];
        let roots: Vec<usize> = places.iter().copied().filter(|place| forest.parent[*place].is_none()).collect();
        let exchanges = conversation(forest, self.speeches, among, &roots);
        let mut mine: Vec<usize> = Vec::new();
        for exchange in &exchanges {
            let users = exchange.speeches.first().map_or(0, |first| self.speeches[*first].place_hash());
            let slot = match self.continued(trace, exchange, users) {
                Some(slot) => slot,
                None => {
                    let key = self.fresh_key(trace, exchange.users, mine.is_empty());
                    self.open(key, trace, None)
                }
            };
            self.by_users.insert(users, slot);
            self.slots[slot].main.extend(&exchange.speeches);
            for speech in &exchange.speeches {
                self.slot_of[self.speeches[*speech].place] = Some(slot);
            }
            mine.push(slot);
        }
        mine.dedup();
        if let [only] = mine.as_slice() {
            for &place in places {
                self.slot_of[place].get_or_insert(*only);
            }
        }
    }

    /// The turn of an earlier trace that this exchange goes on with: the same user message after the same ones, and
    /// either the earlier attempt failed or asked for a tool, or this call carries the results.
    fn continued(&self, trace: usize, exchange: &Exchange, users: u64) -> Option<usize> {
        if exchange.users == 0 {
            return None;
        }
        let slot = *self.by_users.get(&users)?;
        let held = &self.slots[slot];
        let first = &self.speeches[*exchange.speeches.first()?];
        let last = &self.speeches[*held.main.last()?];
        let goes_on = last.wants_more(self.forest) || first.trailing().next().is_some();
        let same_conversation = self.conversations[last.place] == self.conversations[first.place];
        (held.trace != trace && !held.explicit && goes_on && same_conversation).then_some(slot)
    }

    /// The first turn of a trace is known by the trace, further ones by how many user messages came before.
    fn fresh_key(&mut self, trace: usize, users: usize, first: bool) -> String {
        let trace_id = &self.forest.spans[self.forest.traces[trace][0]].trace_id;
        if first {
            return format!("trace:{trace_id}");
        }
        let times = self.keys_made.entry((trace, users)).or_default();
        *times += 1;
        if *times == 1 { format!("trace:{trace_id}:{users}") } else { format!("trace:{trace_id}:{users}:{times}") }
    }

    fn whole_trace(&mut self, trace: usize) {
        let key = self.fresh_key(trace, 0, true);
        let slot = self.open(key, trace, None);
        for &place in &self.forest.traces[trace] {
            self.slot_of[place] = Some(slot);
        }
    }

    /// Which turn asked for which tool call.
    fn owners_of_calls(&self) -> HashMap<String, usize> {
        let mut owners = HashMap::new();
        for speech in self.speeches {
            let Some(slot) = self.slot_of[speech.place] else {
                continue;
            };
            for part in speech.output.from(0).flat_map(|message| &message.parts) {
                if let ContentPart::ToolCall { id: Some(id), .. } = part {
                    owners.entry(id.clone()).or_insert(slot);
                }
            }
        }
        owners
    }

    fn owner(&self, place: usize, owners: &HashMap<String, usize>) -> Option<usize> {
        let id = self.forest.spans[place].tool.as_ref()?.call_id.as_ref()?;
        owners.get(id).copied()
    }

    /// Gives the spans around the LLM calls of traces with several turns to one of these.
    fn settle(&mut self, owners: &HashMap<String, usize>) {
        let forest = self.forest;
        let mut below = vec![Below::Nothing; forest.spans.len()];
        for &place in forest.downward.iter().rev() {
            if let Some(slot) = self.slot_of[place] {
                below[place] = join(below[place], Below::One(slot));
            }
            if let Some(parent) = forest.parent[place] {
                below[parent] = join(below[parent], below[place]);
            }
        }
        for places in &forest.traces {
            let mut ends: Vec<(usize, i64)> = Vec::new();
            for &place in places {
                if let Some(slot) = self.slot_of[place] {
                    let span = forest.spans[place];
                    let end = span.ended_at.unwrap_or(span.started_at).0;
                    match ends.iter_mut().find(|(held, _)| *held == slot) {
                        Some((_, held)) => *held = end.max(*held),
                        None => ends.push((slot, end)),
                    }
                }
            }
            if ends.is_empty() {
                continue;
            }
            for &place in places {
                if self.slot_of[place].is_some() || forest.spans[place].session.signal.is_some() {
                    continue;
                }
                let started = forest.spans[place].started_at.0;
                let around = || {
                    forest.ancestors(place).find_map(|above| match below[above] {
                        Below::One(slot) => Some(slot),
                        _ => None,
                    })
                };
                let during = || ends.iter().find(|(_, end)| *end >= started).or(ends.last()).map(|(slot, _)| *slot);
                self.slot_of[place] = match below[place] {
                    Below::One(slot) => Some(slot),
                    // It holds several turns: it belongs to the session.
                    Below::Many => None,
                    Below::Nothing => self.owner(place, owners).or_else(around).or_else(during),
                };
            }
        }
    }

    /// Gives a trace of nothing but tools or retrievals to the turn that caused it.
    fn adopt(&mut self, trace: usize, owners: &HashMap<String, usize>) {
        let forest = self.forest;
        let places = &forest.traces[trace];
        let starts = |slot: usize| {
            let first = self.slots[slot].main.first().map(|speech| self.speeches[*speech].place);
            first.or_else(|| self.slot_of.iter().position(|held| *held == Some(slot)))
        };
        let began = places[0];
        let by_call = places.iter().find_map(|place| self.owner(*place, owners));
        let before =
            || (0..self.slots.len()).filter(|slot| starts(*slot) < Some(began)).max_by_key(|slot| starts(*slot));
        let after =
            || (0..self.slots.len()).filter(|slot| starts(*slot) > Some(began)).min_by_key(|slot| starts(*slot));
        let called = places.iter().any(|place| forest.spans[*place].kind == SpanKind::Tool);
        let slot = by_call.or_else(|| if called { before().or_else(after) } else { after().or_else(before) });
        match slot {
            Some(slot) => places.iter().for_each(|place| self.slot_of[*place] = Some(slot)),
            None => self.whole_trace(trace),
        }
    }

    fn finish(mut self) -> Grouping {
        for (place, slot) in self.slot_of.iter().enumerate() {
            if let Some(slot) = slot {
                self.slots[*slot].spans.push(place);
            }
        }
        for (index, speech) in self.speeches.iter().enumerate() {
            if let Some(slot) = self.slot_of[speech.place] {
                self.slots[slot].speeches.push(index);
            }
        }
        for slot in &mut self.slots {
            if slot.explicit {
                let among: HashSet<usize> = slot.spans.iter().copied().collect();
                let is_root = |place: &usize| self.forest.parent[*place].is_none_or(|parent| !among.contains(&parent));
                let roots: Vec<usize> = slot.spans.iter().copied().filter(is_root).collect();
                let exchanges = conversation(self.forest, self.speeches, &slot.speeches, &roots);
                slot.main = exchanges.into_iter().flat_map(|exchange| exchange.speeches).collect();
            }
            slot.main.sort_unstable();
            slot.conversation = slot.spans.iter().find_map(|place| self.conversations[*place].clone());
        }
        let order = in_order(&self.slots);
        let mut new_place = vec![0; order.len()];
        for (new, old) in order.iter().enumerate() {
            new_place[*old] = new;
        }
        let mut slots: Vec<(usize, Slot)> = new_place.iter().copied().zip(self.slots).collect();
        slots.sort_unstable_by_key(|(place, _)| *place);
        Grouping {
            slots: slots.into_iter().map(|(_, slot)| slot).collect(),
            slot_of: self.slot_of.into_iter().map(|slot| slot.map(|slot| new_place[slot])).collect(),
        }
    }
}

const fn join(one: Below, other: Below) -> Below {
    match (one, other) {
        (Below::Nothing, known) | (known, Below::Nothing) => known,
        (Below::One(a), Below::One(b)) if a == b => one,
        _ => Below::Many,
    }
}

/// Turns by time; among those of one conversation that are numbered, the numbers decide.
fn in_order(slots: &[Slot]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..slots.len()).collect();
    order.sort_unstable_by_key(|slot| (slots[*slot].spans.first(), &slots[*slot].key));
    let mut numbered: BTreeMap<Option<&str>, Vec<usize>> = BTreeMap::new();
    for (place, slot) in order.iter().enumerate() {
        if slots[*slot].number.is_some() {
            numbered.entry(slots[*slot].conversation.as_deref()).or_default().push(place);
        }
    }
    for places in numbered.values() {
        let mut of_conversation: Vec<usize> = places.iter().map(|place| order[*place]).collect();
        of_conversation.sort_by_key(|slot| slots[*slot].number);
        for (place, slot) in places.iter().zip(of_conversation) {
            order[*place] = slot;
        }
    }
    order
}
