//! A row per session: its aggregates, and its fresh scores in summary.

use turnwise_model::SessionId;
use turnwise_model::conversation::{EndReason, Session};
use turnwise_store::{Names, Snapshot, StoreError};

use super::Page;
use crate::columns;
use crate::exports::table::{Cell, Column, Row};
use crate::exports::used::Used;
use crate::sessions::summaries;

const AT_A_TIME: u32 = 256;

pub(super) const COLUMNS: &[Column] = columns![
    session_id: Text, external_id: Text, user_id: Text, status: Text, end_reason: Text, ended_by: Text, revision: Integer,
    environment: Text, release: Text, tags: Json, metadata: Json, started_at: Instant, last_activity_at: Instant,
    turns: Integer, spans: Integer, tool_calls: Integer, errors: Integer, input_tokens: Integer, output_tokens: Integer,
    cost_usd: Real, latency_ms: Integer, preview: Text, warnings: Json, scores: Json,
];

pub(super) async fn page(
    snapshot: &mut Snapshot,
    after: Option<SessionId>,
    names: &Names,
    used: &mut Used,
) -> Result<Page, StoreError> {
    let sessions = snapshot.sessions(after, AT_A_TIME).await?;
    let ids: Vec<SessionId> = sessions.iter().map(|session| session.id).collect();
    let mut scores = snapshot.scores(&ids).await?;
    let mut rows = Vec::with_capacity(sessions.len());
    for session in sessions {
        let scores = scores.remove(&session.id).unwrap_or_default();
        scores.iter().filter(|score| !score.stale).for_each(|score| used.score(score, names));
        rows.push(row(session, Cell::json(&summaries(&scores))));
    }
    Ok(Page { rows, sessions: ids.len(), last: ids.last().copied() })
}

fn row(session: Session, scores: Cell) -> Row {
    let ended_by = session.end_reason.as_ref().map(|reason| match reason {
        EndReason::Client(_) => "client",
        EndReason::Idle => "idle",
        EndReason::Age => "age",
    });
    vec![
        Cell::Text(session.id.to_string()),
        Cell::Text(session.external_id),
        Cell::text(session.user_id),
        Cell::Text(session.status.to_string()),
        Cell::text(session.end_reason.as_ref().map(EndReason::as_str)),
        Cell::text(ended_by),
        Cell::Integer(session.revision),
        Cell::text(session.environment),
        Cell::text(session.release),
        Cell::json(&session.tags),
        Cell::json(&session.metadata),
        Cell::Integer(session.started_at.0),
        Cell::Integer(session.last_activity_at.0),
        Cell::Integer(session.turn_count),
        Cell::Integer(session.span_count),
        Cell::Integer(session.tool_call_count),
        Cell::Integer(session.error_count),
        Cell::integer(session.tokens.input),
        Cell::integer(session.tokens.output),
        Cell::real(session.cost_usd.map(|cost| cost.0)),
        Cell::integer(session.latency_ms),
        Cell::text(session.preview),
        Cell::json(&session.warnings),
        scores,
    ]
}
