//! The spans in a fixed order, without duplicates, with their parents: what everything else in assembly stands on.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde::{Deserialize, Serialize};

use crate::telemetry::{SpanKind, SpanRecord};

/// What names a span among all of a session.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SpanKey {
    /// Its trace, 32 hex digits.
    pub trace_id: String,
    /// Its id, 16 hex digits.
    pub span_id: String,
}

/// Spans by place. Places follow time, so that comparing places compares times.
#[derive(Debug)]
pub(super) struct Forest<'s> {
    /// The spans, each once, in order of time.
    pub spans: Vec<&'s SpanRecord>,
    /// The place of each span's parent, where the parent was received.
    pub parent: Vec<Option<usize>>,
    /// The depth of each span below the topmost received ancestor.
    pub depth: Vec<u32>,
    /// All places, parents before their children.
    pub downward: Vec<usize>,
    /// Places by trace; traces in order of their first span.
    pub traces: Vec<Vec<usize>>,
    /// The trace of each span, a place in `traces`.
    pub trace_of: Vec<usize>,
    places: HashMap<(&'s str, &'s str), usize>,
}

impl<'s> Forest<'s> {
    /// Orders spans. Of several versions of one span the one that ended last counts, whatever came first.
    pub fn plant(records: &'s [SpanRecord]) -> Self {
        let mut newest: HashMap<(&str, &str), &SpanRecord> = HashMap::with_capacity(records.len());
        for record in records {
            match newest.entry((&record.trace_id, &record.span_id)) {
                Entry::Vacant(entry) => {
                    entry.insert(record);
                }
                Entry::Occupied(mut entry) => {
                    if supersedes(record, entry.get()) {
                        entry.insert(record);
                    }
                }
            }
        }
        let mut spans: Vec<&SpanRecord> = newest.into_values().collect();
        // Clocks of a millisecond make ties: then the call with the shorter history came first.
        spans.sort_unstable_by_key(|span| {
            (span.started_at, span.input_messages.len(), span.ended_at, span.trace_id.as_str(), span.span_id.as_str())
        });
        let places: HashMap<(&str, &str), usize> = spans
            .iter()
            .enumerate()
            .map(|(place, span)| ((span.trace_id.as_str(), span.span_id.as_str()), place))
            .collect();
        let parent: Vec<Option<usize>> = spans
            .iter()
            .enumerate()
            .map(|(place, span)| {
                let parent = places.get(&(span.trace_id.as_str(), span.parent_span_id.as_deref()?)).copied()?;
                (parent != place).then_some(parent)
            })
            .collect();
        let (parent, depth) = without_cycles(parent);
        let mut downward: Vec<usize> = (0..spans.len()).collect();
        downward.sort_by_key(|place| depth[*place]);
        let mut by_trace: HashMap<&str, usize> = HashMap::new();
        let mut traces: Vec<Vec<usize>> = Vec::new();
        let mut trace_of = Vec::with_capacity(spans.len());
        for (place, span) in spans.iter().enumerate() {
            let trace = *by_trace.entry(&span.trace_id).or_insert_with(|| {
                traces.push(Vec::new());
                traces.len() - 1
            });
            traces[trace].push(place);
            trace_of.push(trace);
        }
        Self { spans, parent, depth, downward, traces, trace_of, places }
    }

    /// The place of a span.
    pub fn place(&self, trace_id: &str, span_id: &str) -> Option<usize> {
        self.places.get(&(trace_id, span_id)).copied()
    }

    /// A span's ancestors, the nearest first.
    pub fn ancestors(&self, place: usize) -> impl Iterator<Item = usize> + '_ {
        std::iter::successors(self.parent[place], |place| self.parent[*place])
    }

    /// For each span, whether some descendant has the property.
    pub fn below(&self, property: impl Fn(usize) -> bool) -> Vec<bool> {
        let mut below = vec![false; self.spans.len()];
        for &place in self.downward.iter().rev() {
            if let Some(parent) = self.parent[place]
                && (below[place] || property(place))
            {
                below[parent] = true;
            }
        }
        below
    }

    /// For each span, whether it or some ancestor judges or guards rather than converses.
    pub fn beside_the_conversation(&self) -> Vec<bool> {
        let mut beside = vec![false; self.spans.len()];
        for &place in &self.downward {
            beside[place] = matches!(self.spans[place].kind, SpanKind::Evaluator | SpanKind::Guardrail)
                || self.parent[place].is_some_and(|parent| beside[parent]);
        }
        beside
    }
}

/// Whether one version of a span is newer than another, decided by what they say and never by which came first.
fn supersedes(new: &SpanRecord, held: &SpanRecord) -> bool {
    if new == held {
        return false;
    }
    let order = |span: &SpanRecord| (span.ended_at.is_some(), span.ended_at, std::cmp::Reverse(span.started_at));
    order(new).cmp(&order(held)).then_with(|| text(new).cmp(&text(held))).is_gt()
}

fn text(span: &SpanRecord) -> String {
    serde_json::to_string(span).unwrap_or_default()
}

/// Depths, with the links that close a circle cut.
fn without_cycles(mut parent: Vec<Option<usize>>) -> (Vec<Option<usize>>, Vec<u32>) {
    const UNKNOWN: u32 = u32::MAX;
    let mut depth = vec![UNKNOWN; parent.len()];
    let mut on_path = vec![false; parent.len()];
    let mut path = Vec::new();
    for start in 0..parent.len() {
        let mut place = start;
        // Climbs until a span of known depth, a root, or a span already on the path.
        let mut base = loop {
            if depth[place] != UNKNOWN {
                break depth[place] + 1;
            }
            if on_path[place] {
                // The first of the circle in time becomes a root; all else on the path hangs below it.
                let circle = path.iter().position(|held| *held == place).unwrap_or(0);
                let first = path[circle..].iter().copied().min().unwrap_or(place);
                parent[first] = None;
                for held in path.drain(..) {
                    on_path[held] = false;
                }
                place = start;
                continue;
            }
            on_path[place] = true;
            path.push(place);
            match parent[place] {
                Some(above) => place = above,
                None => break 0,
            }
        };
        while let Some(held) = path.pop() {
            depth[held] = base;
            on_path[held] = false;
            base += 1;
        }
    }
    (parent, depth)
}
