//! The end of a session as a span, for ends that come by the API instead of in telemetry.

use turnwise_model::conversation::Session;
use turnwise_model::telemetry::{SessionFacts, SessionSignal, SpanKind, SpanRecord};
use turnwise_model::{Micros, Nanos};

/// A span that says that the session ends now. Stored like any other, it is part of what the session is derived from.
pub(super) fn end_span(session: &Session, reason: &str, now: Micros) -> SpanRecord {
    let at = Nanos::from(now.max(session.last_activity_at));
    let trace = blake3::hash(format!("turnwise session end {}", session.id).as_bytes()).to_hex();
    let span = blake3::hash(format!("turnwise session end {} {}", session.id, at.0).as_bytes()).to_hex();
    SpanRecord {
        ended_at: Some(at),
        session: SessionFacts {
            id: Some(session.external_id.clone()),
            signal: Some(SessionSignal::End { reason: Some(reason.to_owned()) }),
            ..SessionFacts::default()
        },
        scope: Some("turnwise.api".to_owned()),
        ..SpanRecord::new(trace[..32].to_owned(), span[..16].to_owned(), "session.end".to_owned(), SpanKind::Event, at)
    }
}
