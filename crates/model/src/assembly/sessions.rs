//! Which session a trace belongs to.
//!
//! Clients put the session's id on the root alone, on the children alone, or on all; children arrive before their root,
//! also in other requests. So a session is found by trace: the best id that any of its spans tells is the trace's.

use std::collections::BTreeMap;

use crate::telemetry::{SessionFacts, SpanRecord};

/// The session of one trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceSession {
    /// What the client calls the session; the trace's own id where it tells none.
    pub external_id: String,
    /// Whether the client told it. Where not, a later span of the trace may.
    pub told: bool,
    /// Other ids that the trace tells, as warnings.
    pub warnings: Vec<String>,
}

/// The session of every trace among the spans, by trace id. The order of the spans does not matter.
#[must_use]
pub fn resolve_sessions<'s>(spans: impl IntoIterator<Item = &'s SpanRecord>) -> BTreeMap<String, TraceSession> {
    let mut claims: BTreeMap<&str, Vec<Claim<'s>>> = BTreeMap::new();
    for span in spans {
        let of_trace = claims.entry(&span.trace_id).or_default();
        let Some(id) = span.session.id.as_deref() else {
            continue;
        };
        let claim = Claim {
            rank: span.session.id_rank,
            below_root: span.parent_span_id.is_some(),
            started_at: span.started_at.0,
            span_id: &span.span_id,
            id,
        };
        // Of a session named by all of a trace's spans, only the best naming is kept.
        match of_trace.iter_mut().find(|held| held.id == id) {
            Some(held) => *held = claim.min(*held),
            None => of_trace.push(claim),
        }
    }
    claims
        .into_iter()
        .map(|(trace, mut claims)| {
            claims.sort_unstable();
            let session = match claims.first() {
                None => TraceSession { external_id: trace.to_owned(), told: false, warnings: Vec::new() },
                Some(best) => TraceSession {
                    external_id: best.id.to_owned(),
                    told: true,
                    warnings: claims[1..]
                        .iter()
                        // A conversation's id beside a session's names the conversation.
                        .filter(|other| other.rank != SessionFacts::CONVERSATION_RANK)
                        .map(|other| {
                            format!(
                                "trace {trace} names the sessions {:?} and {:?}; the first counts",
                                best.id, other.id
                            )
                        })
                        .collect(),
                },
            };
            (trace.to_owned(), session)
        })
        .collect()
}

/// A span's word for which session it belongs to; the least is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Claim<'s> {
    rank: u8,
    below_root: bool,
    started_at: i64,
    span_id: &'s str,
    id: &'s str,
}
