//! A row per turn: what was said, what was done, and every score of the turn.

use std::collections::HashMap;

use serde::Serialize;
use turnwise_model::conversation::{Session, Turn};
use turnwise_model::score::Score;
use turnwise_model::{SessionId, TurnId};
use turnwise_store::{Names, Snapshot, StoreError};

use super::Page;
use crate::columns;
use crate::exports::table::{Cell, Column, Row};
use crate::exports::used::Used;

/// Turns are large.
const AT_A_TIME: u32 = 32;

pub(super) const COLUMNS: &[Column] = columns![
    session_id: Text, external_id: Text, turn_id: Text, turn: Integer, conversation_id: Text, trace_id: Text,
    started_at: Instant, latency_ms: Integer, user: Text, assistant: Text, model: Text, tool_calls: Json, retrievals: Json,
    errors: Json, llm_calls: Integer, input_tokens: Integer, output_tokens: Integer, cost_usd: Real, environment: Text,
    release: Text, revision: Integer, scores: Json,
];

/// A score inside the row of its turn.
#[derive(Serialize)]
struct ScoreOfTurn<'s> {
    name: &'s str,
    source: &'static str,
    value: &'s turnwise_model::score::Value,
    passed: Option<bool>,
    evaluator: Option<&'s str>,
    evaluator_version: Option<&'s str>,
    author: Option<&'s str>,
    span_id: Option<&'s str>,
    stale: bool,
    created_at: turnwise_model::Micros,
}

pub(super) async fn page(
    snapshot: &mut Snapshot,
    after: Option<SessionId>,
    names: &Names,
    used: &mut Used,
) -> Result<Page, StoreError> {
    let sessions = snapshot.sessions(after, AT_A_TIME).await?;
    let ids: Vec<SessionId> = sessions.iter().map(|session| session.id).collect();
    let mut turns = snapshot.turns(&ids).await?;
    let mut scores = snapshot.scores(&ids).await?;
    let mut rows = Vec::new();
    for session in &sessions {
        let mut by_turn: HashMap<TurnId, Vec<Score>> = HashMap::new();
        for score in scores.remove(&session.id).unwrap_or_default() {
            used.score(&score, names);
            if let Some(turn) = score.target.turn() {
                by_turn.entry(turn).or_default().push(score);
            }
        }
        for turn in turns.remove(&session.id).unwrap_or_default() {
            let scores = by_turn.remove(&turn.id).unwrap_or_default();
            let scores: Vec<ScoreOfTurn<'_>> = scores.iter().map(|score| in_turn(score, names)).collect();
            rows.push(row(session, turn, Cell::json(&scores)));
        }
    }
    Ok(Page { rows, sessions: ids.len(), last: ids.last().copied() })
}

fn in_turn<'s>(score: &'s Score, names: &'s Names) -> ScoreOfTurn<'s> {
    let evaluator = score.evaluator.and_then(|evaluator| names.evaluators.get(&evaluator));
    let span = match &score.target {
        turnwise_model::score::Target::Span { span, .. } => Some(span.as_str()),
        _ => None,
    };
    ScoreOfTurn {
        name: &score.name,
        source: score.source.as_str(),
        value: &score.value,
        passed: score.passed,
        evaluator: evaluator.map(String::as_str),
        evaluator_version: score.evaluator_version.as_deref(),
        author: score.author.as_deref().map(|author| names.reviewers.get(author).map_or(author, String::as_str)),
        span_id: span,
        stale: score.stale,
        created_at: score.created_at,
    }
}

fn row(session: &Session, turn: Turn, scores: Cell) -> Row {
    vec![
        Cell::Text(session.id.to_string()),
        Cell::Text(session.external_id.clone()),
        Cell::Text(turn.id.to_string()),
        Cell::Integer(i64::from(turn.position)),
        Cell::text(turn.conversation_id),
        Cell::text(turn.trace_id),
        Cell::Integer(turn.started_at.0),
        Cell::integer(turn.latency_ms),
        Cell::text(turn.user.map(|message| message.text)),
        Cell::text(turn.assistant.map(|message| message.text)),
        Cell::text(turn.model),
        Cell::json(&turn.tool_calls),
        Cell::json(&turn.retrievals),
        Cell::json(&turn.errors),
        Cell::Integer(i64::from(turn.llm_calls)),
        Cell::integer(turn.tokens.input),
        Cell::integer(turn.tokens.output),
        Cell::real(turn.cost_usd.map(|cost| cost.0)),
        Cell::text(session.environment.clone()),
        Cell::text(session.release.clone()),
        Cell::Integer(session.revision),
        scores,
    ]
}
