//! What the spans tell about their session, made one: who, where, which labels, and how it ended.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::forest::Forest;
use super::sessions::TraceSession;
use crate::Nanos;
use crate::telemetry::{SessionSignal, SpanKind};

/// What is known of a session.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MergedFacts {
    /// What the client calls it; the first trace's id where it calls it nothing.
    pub external_id: Option<String>,
    /// The user, as the client calls them.
    pub user_id: Option<String>,
    /// Deployment environment, as last told.
    pub environment: Option<String>,
    /// Release, as last told.
    pub release: Option<String>,
    /// Labels, in the order first told.
    pub tags: Vec<String>,
    /// Metadata, each entry as last told; a root's word counts more than its children's.
    pub metadata: BTreeMap<String, Json>,
    /// Conversations within the session, in order.
    pub conversation_ids: Vec<String>,
    /// Things worth a warning.
    pub warnings: Vec<String>,
}

/// Merges what the spans tell.
pub(super) fn merge(forest: &Forest<'_>, sessions: &BTreeMap<String, TraceSession>) -> MergedFacts {
    let mut merged = MergedFacts::default();
    let mut warnings: BTreeSet<String> = BTreeSet::new();
    let mut users: Vec<&str> = Vec::new();
    for places in &forest.traces {
        let is_root = |place: &usize| forest.parent[*place].is_none();
        let (roots, others): (Vec<usize>, Vec<usize>) = places.iter().partition(|place| is_root(place));
        let session = sessions.get(&forest.spans[places[0]].trace_id);
        if let Some(session) = session {
            merged.external_id.get_or_insert_with(|| session.external_id.clone());
            warnings.extend(session.warnings.iter().cloned());
        }
        for &place in others.iter().chain(&roots) {
            let facts = &forest.spans[place].session;
            for (held, told) in [(&mut merged.environment, &facts.environment), (&mut merged.release, &facts.release)] {
                if told.is_some() {
                    held.clone_from(told);
                }
            }
            for (key, value) in &facts.metadata {
                if merged.metadata.get(key) != Some(value) {
                    merged.metadata.insert(key.clone(), value.clone());
                }
            }
            warnings.extend(facts.warnings.iter().cloned());
        }
        // Frameworks tag single steps: where the root has tags, they are the trace's.
        let tags_of = |places: &[usize]| -> Vec<&String> {
            places.iter().flat_map(|place| &forest.spans[*place].session.tags).collect()
        };
        let of_roots = tags_of(&roots);
        for tag in if of_roots.is_empty() { tags_of(&others) } else { of_roots } {
            if !merged.tags.contains(tag) {
                merged.tags.push(tag.clone());
            }
        }
        for &place in roots.iter().chain(&others) {
            let facts = &forest.spans[place].session;
            if let Some(user) = facts.user_id.as_deref().filter(|user| !users.contains(user)) {
                users.push(user);
            }
        }
    }
    if let [first, second, ..] = users.as_slice() {
        warnings.insert(format!("the session's spans name the users {first:?} and {second:?}; the first counts"));
    }
    merged.user_id = users.first().map(|user| (*user).to_owned());
    merged.warnings = warnings.into_iter().collect();
    merged
}

/// The last end told, unless the session went on after it.
pub(super) fn end(forest: &Forest<'_>) -> Option<(Nanos, Option<String>)> {
    let mut last: Option<(Nanos, Option<&String>)> = None;
    for span in &forest.spans {
        if let Some(SessionSignal::End { reason }) = &span.session.signal {
            let at = span.ended_at.unwrap_or(span.started_at).max(span.started_at);
            let told = (at, reason.as_ref());
            if last.is_none_or(|held| told > held) {
                last = Some(told);
            }
        }
    }
    let (at, reason) = last?;
    let went_on = forest.spans.iter().any(|span| {
        let starts = matches!(span.session.signal, Some(SessionSignal::Start)) || span.kind != SpanKind::Event;
        starts && span.started_at > at
    });
    (!went_on).then(|| (at, reason.cloned()))
}
