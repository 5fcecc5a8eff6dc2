//! The life of a session: open, closed when its end was told or it is idle or old, open again when it changes.

use std::time::Duration;

use turnwise_model::conversation::{EndReason, Session, SessionStatus};
use turnwise_model::{Micros, ProjectId};
use turnwise_store::{ProjectSettings, SessionRecord, SessionState};

use super::build::Built;

/// A session whose end was told waits so long after its last span for those that exporters send late.
const AFTER_END: Duration = Duration::from_secs(2);
/// One that is idle or old waits so long, so that history being imported is whole before it is closed.
const AFTER_SILENCE: Duration = Duration::from_secs(5);

/// The session as it is after deriving, given what it was before.
pub(super) fn after(
    before: Option<&SessionRecord>,
    built: &Built,
    project: ProjectId,
    settings: &ProjectSettings,
) -> SessionRecord {
    let changed = before.is_none_or(|before| before.state.content_hash != built.content_hash);
    let was_closed = before.is_some_and(|before| before.session.status == SessionStatus::Closed);
    let revision = before.map_or(1, |before| before.session.revision + i64::from(was_closed && changed));
    let closed = before.filter(|_| was_closed && !changed);
    let (status, end_reason, closed_at, closes) = match closed {
        // The client's own word counts more than ours, also when it comes late.
        Some(before) => (
            SessionStatus::Closed,
            built.end_reason.clone().or_else(|| before.session.end_reason.clone()),
            before.state.closed_at,
            None,
        ),
        None => (SessionStatus::Open, None, None, Some(closes(built, settings))),
    };
    SessionRecord {
        project,
        session: Session { status, end_reason, revision, ..built.session.clone() },
        state: SessionState {
            content_hash: built.content_hash.clone(),
            received_at: built.received_at,
            closed_at,
            closes,
            model: built.model.clone(),
        },
    }
}

/// When the session closes if nothing more comes, and how it will then have ended.
fn closes(built: &Built, settings: &ProjectSettings) -> (Micros, EndReason) {
    if let Some(reason) = &built.end_reason {
        return (built.received_at + AFTER_END, reason.clone());
    }
    let idle = built.session.last_activity_at + settings.idle_limit;
    let old = built.session.started_at + settings.max_age;
    let (at, reason) = if old < idle { (old, EndReason::Age) } else { (idle, EndReason::Idle) };
    (at.max(built.received_at + AFTER_SILENCE), reason)
}
