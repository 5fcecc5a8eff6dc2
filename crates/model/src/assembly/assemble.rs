//! The one function: spans of a session in, turns, sums and facts out.

use std::collections::BTreeMap;

use super::facts::{self, MergedFacts};
use super::forest::{Forest, SpanKey};
use super::grouping::group;
use super::sessions::resolve_sessions;
use super::speech::speeches;
use super::turns::{Known, add_cost};
use crate::conversation::{Tokens, Turn};
use crate::telemetry::{IncomingScore, ScoreTarget, SpanRecord};
use crate::{Nanos, SessionId, TurnId, Usd};

/// A session's turns with everything that follows from its spans.
#[derive(Debug, Clone, PartialEq)]
pub struct Assembled {
    /// The turns in order.
    pub turns: Vec<Turn>,
    /// The turn of each span; spans that belong to the session as a whole are not listed.
    pub turn_of: BTreeMap<SpanKey, TurnId>,
    /// Sums over the session.
    pub totals: Totals,
    /// What the spans tell about the session.
    pub facts: MergedFacts,
    /// The explicit end, unless the session went on after it.
    pub ended: Option<EndSignal>,
    /// Scores that came with the spans.
    pub scores: Vec<AssembledScore>,
}

/// Sums over a session. Unknown is `None`, never 0.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Totals {
    /// Distinct spans.
    pub spans: u64,
    /// Tools called.
    pub tool_calls: u64,
    /// Errors, each where it arose.
    pub errors: u64,
    /// LLM calls.
    pub llm_calls: u64,
    /// Tokens, of leaves only.
    pub tokens: Tokens,
    /// Cost, of leaves only.
    pub cost_usd: Option<Usd>,
    /// Sum of the turns' latencies.
    pub latency_ms: Option<i64>,
    /// The first start.
    pub started_at: Option<Nanos>,
    /// The last start or end.
    pub last_activity_at: Option<Nanos>,
}

/// An explicit end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndSignal {
    /// When.
    pub at: Nanos,
    /// The client's word for why.
    pub reason: Option<String>,
}

/// A score that came with a span, with what it turned out to be about.
#[derive(Debug, Clone, PartialEq)]
pub struct AssembledScore {
    /// The span that carried it.
    pub carrier: SpanKey,
    /// The score; its target is [`ScoreTarget::Session`], [`ScoreTarget::Turn`] or [`ScoreTarget::OtherSpan`].
    pub score: IncomingScore,
    /// The turn it is about or in which the span lies.
    pub turn: Option<TurnId>,
}

/// Assembles the turns of a session from all spans of all of its traces.
///
/// The order of the spans does not matter, and a span given twice counts once; of different versions of a span the one
/// that ended last counts. Turn ids are derived from what names a turn (its number, its trace), so that they stay the
/// same when more spans arrive.
#[must_use]
pub fn assemble(session: SessionId, records: &[SpanRecord]) -> Assembled {
    let forest = Forest::plant(records);
    let sessions = resolve_sessions(forest.spans.iter().copied());
    let speeches = speeches(&forest);
    let grouping = group(&forest, &speeches, &sessions);
    let known = Known::of(&forest, &speeches);
    let turns = known.turns(session, &grouping);
    let turn_of_place = |place: usize| grouping.slot_of[place].and_then(|slot| turns.get(slot)).map(|turn| turn.id);
    let key = |place: usize| SpanKey {
        trace_id: forest.spans[place].trace_id.clone(),
        span_id: forest.spans[place].span_id.clone(),
    };

    let mut totals = Totals {
        spans: forest.spans.len() as u64,
        errors: known.errors.iter().flatten().count() as u64,
        started_at: forest.spans.first().map(|span| span.started_at),
        last_activity_at: forest
            .spans
            .iter()
            .map(|span| span.ended_at.unwrap_or(span.started_at).max(span.started_at))
            .max(),
        ..Totals::default()
    };
    for usage in &known.usage {
        totals.tokens = totals.tokens.plus(usage.tokens);
        totals.cost_usd = add_cost(totals.cost_usd, usage.cost);
    }
    for turn in &turns {
        totals.tool_calls += turn.tool_calls.len() as u64;
        totals.llm_calls += u64::from(turn.llm_calls);
        totals.latency_ms = match (totals.latency_ms, turn.latency_ms) {
            (Some(sum), Some(latency)) => Some(sum.saturating_add(latency)),
            (known, None) | (None, known) => known,
        };
    }

    let mut facts = facts::merge(&forest, &sessions);
    for conversation in turns.iter().filter_map(|turn| turn.conversation_id.as_ref()) {
        if !facts.conversation_ids.contains(conversation) {
            facts.conversation_ids.push(conversation.clone());
        }
    }

    let mut scores = Vec::new();
    for (place, span) in forest.spans.iter().enumerate() {
        for score in &span.scores {
            let carrier = key(place);
            let mut score = score.clone();
            let about = match &score.target {
                ScoreTarget::Session => None,
                ScoreTarget::Turn => turn_of_place(place),
                ScoreTarget::OtherSpan { trace_id, span_id } => {
                    forest.place(trace_id, span_id).and_then(turn_of_place).or_else(|| turn_of_place(place))
                }
                // What is said of the span that is the whole turn is said of the turn.
                ScoreTarget::Span if span.parent_span_id.is_none() && turn_of_place(place).is_some() => {
                    score.target = ScoreTarget::Turn;
                    turn_of_place(place)
                }
                ScoreTarget::Span => {
                    let SpanKey { trace_id, span_id } = carrier.clone();
                    score.target = ScoreTarget::OtherSpan { trace_id, span_id };
                    turn_of_place(place)
                }
            };
            scores.push(AssembledScore { carrier, score, turn: about });
        }
    }

    // Already in the map's order, so that building it costs no sorting of long keys.
    let mut by_id: Vec<&Vec<usize>> = forest.traces.iter().collect();
    by_id.sort_unstable_by_key(|places| &forest.spans[places[0]].trace_id);
    let turn_of = by_id
        .into_iter()
        .flat_map(|places| {
            let mut places = places.clone();
            places.sort_unstable_by_key(|place| &forest.spans[*place].span_id);
            places
        })
        .filter_map(|place| Some((key(place), turn_of_place(place)?)))
        .collect();
    let ended = facts::end(&forest).map(|(at, reason)| EndSignal { at, reason });
    Assembled { turn_of, totals, facts, ended, scores, turns }
}
