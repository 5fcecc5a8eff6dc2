//! What went wrong in a turn. An error that travels up through its parents is told once, where it arose.

use super::forest::Forest;
use crate::conversation::TurnError;
use crate::telemetry::{SpanKind, SpanRecord, SpanStatus};

/// How many errors below a span are remembered to recognise one that travelled up.
const REMEMBERED: usize = 4;

/// The error of a span that failed.
pub(super) fn of_span(span: &SpanRecord) -> Option<TurnError> {
    let failed = span.status == SpanStatus::Error || (span.status == SpanStatus::Unset && !span.errors.is_empty());
    if !failed {
        return None;
    }
    let record = span.errors.first();
    let said = record.map(|record| record.message.trim()).filter(|message| !message.is_empty());
    let message = said
        .or_else(|| span.status_message.as_deref().map(str::trim).filter(|message| !message.is_empty()))
        .map_or_else(|| format!("{} failed without saying why", span.name), str::to_owned);
    Some(TurnError {
        kind: record.and_then(|record| record.kind.as_deref()).map(short_name),
        message,
        place: Some(place(span)),
    })
}

/// A class's own name, without its modules.
fn short_name(kind: &str) -> String {
    let own = kind.rsplit(['.', ':']).next().filter(|own| !own.is_empty() && !kind.contains(' ')).unwrap_or(kind);
    own.to_owned()
}

fn place(span: &SpanRecord) -> String {
    match span.kind {
        SpanKind::Tool => {
            let name = span.tool.as_ref().and_then(|tool| tool.name.as_deref()).unwrap_or(&span.name);
            format!("tool {name}")
        }
        SpanKind::Llm => "llm call".to_owned(),
        SpanKind::Retriever => "retrieval".to_owned(),
        kind => format!("{kind} {}", span.name),
    }
}

/// For each span, its error unless a descendant already tells it.
pub(super) fn where_they_arose(forest: &Forest<'_>) -> Vec<Option<TurnError>> {
    let mut errors: Vec<Option<TurnError>> = forest.spans.iter().map(|span| of_span(span)).collect();
    let mut below: Vec<Vec<usize>> = vec![Vec::new(); forest.spans.len()];
    for &place in forest.downward.iter().rev() {
        let told_below = std::mem::take(&mut below[place]);
        let repeats = errors[place].as_ref().is_some_and(|error| {
            told_below.iter().filter_map(|below| errors[*below].as_ref()).any(|arose| {
                forest.spans[place].errors.is_empty()
                    || error.message.contains(&arose.message)
                    || arose.message.contains(&error.message)
            })
        });
        if repeats {
            errors[place] = None;
        }
        if let Some(parent) = forest.parent[place] {
            let own = errors[place].is_some().then_some(place);
            let room = REMEMBERED.saturating_sub(below[parent].len());
            below[parent].extend(own.into_iter().chain(told_below).take(room));
        }
    }
    errors
}
