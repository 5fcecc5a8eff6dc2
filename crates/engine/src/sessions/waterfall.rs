//! Spans in the order of their waterfall: each followed by those that lie in it. Pure, and safe with parents that are
//! missing, or that lie in each other.

use std::collections::{HashMap, HashSet};

use turnwise_model::Nanos;
use turnwise_store::SpanLink;

/// A span's place in the waterfall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// Index of the span among those given.
    pub span: usize,
    /// How many spans it lies in.
    pub depth: u32,
    /// How many spans lie in it.
    pub within: u32,
    /// Its children are folded away.
    pub folded: bool,
    /// Extent of the outermost span that it lies in and of everything in that.
    pub from: Nanos,
    /// Its end.
    pub to: Nanos,
}

/// The rows of the waterfall. `spans` are by start; siblings stay in that order.
pub(super) fn rows(spans: &[SpanLink], folded: &HashSet<&str>) -> Vec<Place> {
    let index: HashMap<(&str, &str), usize> =
        spans.iter().enumerate().map(|(at, span)| ((span.trace_id.as_str(), span.span_id.as_str()), at)).collect();
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); spans.len()];
    let mut roots = Vec::new();
    for (at, span) in spans.iter().enumerate() {
        let parent = span.parent_span_id.as_deref().and_then(|id| index.get(&(span.trace_id.as_str(), id)).copied());
        match parent.filter(|parent| *parent != at) {
            Some(parent) => children[parent].push(at),
            None => roots.push(at),
        }
    }
    let mut rows = Vec::with_capacity(spans.len());
    let mut seen = vec![false; spans.len()];
    for root in roots {
        below(root, spans, &children, &mut seen, &mut rows);
    }
    // Spans that lie in each other hang on no root.
    for at in 0..spans.len() {
        if !seen[at] {
            below(at, spans, &children, &mut seen, &mut rows);
        }
    }
    fold(rows, spans, folded)
}

/// A root with everything in it.
fn below(root: usize, spans: &[SpanLink], children: &[Vec<usize>], seen: &mut [bool], rows: &mut Vec<Place>) {
    let first = rows.len();
    let mut waiting = vec![(root, 0)];
    while let Some((at, depth)) = waiting.pop() {
        if std::mem::replace(&mut seen[at], true) {
            continue;
        }
        rows.push(Place { span: at, depth, within: 0, folded: false, from: Nanos(0), to: Nanos(0) });
        waiting.extend(children[at].iter().rev().map(|child| (*child, depth + 1)));
    }
    let extent = rows[first..].iter().map(|row| &spans[row.span]).fold((i64::MAX, i64::MIN), |(from, to), span| {
        let end = span.ended_at.unwrap_or(span.started_at);
        (from.min(span.started_at.0), to.max(end.0))
    });
    // Whoever is deeper and follows without a break lies in it.
    let mut open: Vec<usize> = Vec::new();
    for at in first..rows.len() {
        rows[at].from = Nanos(extent.0);
        rows[at].to = Nanos(extent.1);
        while open.last().is_some_and(|last| rows[*last].depth >= rows[at].depth) {
            close(&mut open, rows);
        }
        open.push(at);
    }
    while !open.is_empty() {
        close(&mut open, rows);
    }
}

/// The innermost open row ends: what lies in it lies in the one around it too.
fn close(open: &mut Vec<usize>, rows: &mut [Place]) {
    if let Some(done) = open.pop()
        && let Some(around) = open.last()
    {
        rows[*around].within += rows[done].within + 1;
    }
}

fn fold(rows: Vec<Place>, spans: &[SpanLink], folded: &HashSet<&str>) -> Vec<Place> {
    if folded.is_empty() {
        return rows;
    }
    let mut kept = Vec::with_capacity(rows.len());
    let mut hidden = 0;
    for mut row in rows {
        if hidden > 0 {
            hidden -= 1;
            continue;
        }
        row.folded = row.within > 0 && folded.contains(spans[row.span].span_id.as_str());
        if row.folded {
            hidden = row.within;
        }
        kept.push(row);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(id: &str, parent: Option<&str>, from: i64, to: i64) -> SpanLink {
        SpanLink {
            trace_id: "t".to_owned(),
            span_id: id.to_owned(),
            parent_span_id: parent.map(str::to_owned),
            started_at: Nanos(from),
            ended_at: Some(Nanos(to)),
        }
    }

    fn drawn(spans: &[SpanLink], folded: &[&str]) -> Vec<String> {
        rows(spans, &folded.iter().copied().collect())
            .iter()
            .map(|row| format!("{}{} {}", "-".repeat(row.depth as usize), spans[row.span].span_id, row.within))
            .collect()
    }

    #[test]
    fn each_span_is_followed_by_those_that_lie_in_it() {
        let spans = [
            span("a", None, 0, 100),
            span("b", Some("a"), 1, 50),
            span("d", Some("a"), 2, 60),
            span("c", Some("b"), 3, 40),
            span("e", None, 200, 300),
        ];
        assert_eq!(drawn(&spans, &[]), ["a 3", "-b 1", "--c 0", "-d 0", "e 0"]);
        assert_eq!(drawn(&spans, &["b"]), ["a 3", "-b 1", "-d 0", "e 0"]);
        assert_eq!(drawn(&spans, &["a", "c"]), ["a 3", "e 0"]);
    }

    #[test]
    fn a_missing_parent_and_parents_that_lie_in_each_other_hide_nothing() {
        let spans = [
            span("a", Some("gone"), 0, 1),
            span("x", Some("y"), 1, 2),
            span("y", Some("x"), 2, 3),
            span("me", Some("me"), 3, 4),
        ];
        assert_eq!(drawn(&spans, &[]), ["a 0", "me 0", "x 1", "-y 0"]);
    }

    #[test]
    fn bars_are_measured_against_the_outermost_span_and_what_outlasts_it() {
        let spans = [span("a", None, 10, 20), span("b", Some("a"), 15, 40)];
        let rows = rows(&spans, &HashSet::new());
        assert_eq!((rows[1].from, rows[1].to), (Nanos(10), Nanos(40)));
    }

    #[test]
    fn twenty_thousand_spans_one_in_another_are_no_trouble() {
        let chain: Vec<SpanLink> = (0..20_000_i64)
            .map(|at| span(&at.to_string(), (at > 0).then(|| (at - 1).to_string()).as_deref(), at, 20_000))
            .collect();
        let rows = rows(&chain, &HashSet::new());
        assert_eq!((rows[0].within, rows[19_999].depth), (19_999, 19_999));
    }
}
