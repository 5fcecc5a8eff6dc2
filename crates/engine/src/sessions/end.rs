//! The end of a session as a span, for ends that come by the API instead of in telemetry.

use std::collections::BTreeMap;

use turnwise_model::conversation::Session;
use turnwise_model::telemetry::{SessionFacts, SessionSignal, SpanKind, SpanRecord, SpanStatus, TurnFacts, Usage};
use turnwise_model::{Micros, Nanos};

/// A span that says that the session ends now. Stored like any other, it is part of what the session is derived from.
pub(super) fn end_span(session: &Session, reason: &str, now: Micros) -> SpanRecord {
    let at = Nanos::from(now.max(session.last_activity_at));
    let trace = blake3::hash(format!("turnwise session end {}", session.id).as_bytes()).to_hex();
    let span = blake3::hash(format!("turnwise session end {} {}", session.id, at.0).as_bytes()).to_hex();
    SpanRecord {
        trace_id: trace[..32].to_owned(),
        span_id: span[..16].to_owned(),
        parent_span_id: None,
        name: "session.end".to_owned(),
        kind: SpanKind::Event,
        started_at: at,
        ended_at: Some(at),
        status: SpanStatus::Unset,
        status_message: None,
        session: SessionFacts {
            id: Some(session.external_id.clone()),
            signal: Some(SessionSignal::End { reason: Some(reason.to_owned()) }),
            ..SessionFacts::default()
        },
        turn: TurnFacts::default(),
        input: None,
        output: None,
        input_messages: Vec::new(),
        output_messages: Vec::new(),
        model: None,
        provider: None,
        agent: None,
        tool: None,
        retrieval: None,
        usage: Usage::default(),
        errors: Vec::new(),
        scores: Vec::new(),
        sampling_threshold: None,
        attributes: BTreeMap::new(),
        events: Vec::new(),
        links: Vec::new(),
        resource: BTreeMap::new(),
        scope: Some("turnwise.api".to_owned()),
    }
}
