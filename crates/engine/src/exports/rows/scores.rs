//! A row per score, with everything that is known of how it came about.

use turnwise_model::score::{Score, Target, Value};
use turnwise_model::view::review::ReviewRow;
use turnwise_model::{SessionId, TurnId};
use turnwise_store::{Names, SessionName, Snapshot, StoreError};

use super::Page;
use super::design::{Designs, Reviewed};
use crate::columns;
use crate::exports::table::{Cell, Column, Row};
use crate::exports::used::Used;

const AT_A_TIME: u32 = 256;

pub(super) const COLUMNS: &[Column] = columns![
    score_id: Text, session_id: Text, external_id: Text, turn_id: Text, turn: Integer, span_id: Text, name: Text,
    source: Text, value: Json, number: Real, label: Text, passed: Flag, evaluator: Text, evaluator_id: Text,
    evaluator_version: Text, author: Text, author_id: Text, queue: Text, queue_id: Text, task_id: Text, review_id: Text,
    rubric_version: Integer, exposure: Text, active_ms: Integer, arm: Text, probability: Real, stratum: Text, rule: Text,
    rule_id: Text, rule_version: Integer, explanation: Text, evidence: Json, revision: Integer, stale: Flag,
    created_at: Instant,
];

pub(super) async fn page(
    snapshot: &mut Snapshot,
    after: Option<SessionId>,
    names: &Names,
    used: &mut Used,
) -> Result<Page, StoreError> {
    let sessions = snapshot.session_names(after, AT_A_TIME).await?;
    let ids: Vec<SessionId> = sessions.iter().map(|session| session.id).collect();
    let mut scores = snapshot.scores(&ids).await?;
    let positions = snapshot.positions(&ids).await?;
    let designs = Designs::read(snapshot, &ids).await?;
    let reviews = snapshot.reviews(&ids).await?;
    let reviewed = Reviewed::new(snapshot.project(), &reviews);
    let mut rows = Vec::with_capacity(scores.values().map(Vec::len).sum());
    for session in &sessions {
        for score in scores.remove(&session.id).unwrap_or_default() {
            used.score(&score, names);
            let position = score.target.turn().and_then(|turn: TurnId| positions.get(&turn)).copied();
            let review = reviewed.of(score.id);
            rows.push(row(session, score, position, review, &designs, names, used));
        }
    }
    Ok(Page { rows, sessions: ids.len(), last: ids.last().copied() })
}

fn row(
    session: &SessionName,
    score: Score,
    position: Option<i64>,
    review: Option<&ReviewRow>,
    designs: &Designs,
    names: &Names,
    used: &mut Used,
) -> Row {
    let origin = review.map_or_else(|| designs.of_score(&score), |review| designs.of_review(review));
    let [arm, probability, stratum, rule, rule_id, rule_version] = origin.cells(names, used);
    if let Some(review) = review {
        used.rubric(review.review.rubric, review.review.rubric_version, names);
    }
    let turn = score.target.turn();
    let number = score.value.number();
    let label = match &score.value {
        Value::Number(_) => None,
        other => Some(other.display()),
    };
    let value = Cell::Json(plain(&score.value));
    let evaluator = score.evaluator.and_then(|evaluator| names.evaluators.get(&evaluator)).map(String::as_str);
    let author = score.author.as_deref().map(|author| names.reviewers.get(author).map_or(author, String::as_str));
    vec![
        Cell::Text(score.id.to_string()),
        Cell::Text(session.id.to_string()),
        Cell::Text(session.external_id.clone()),
        Cell::text(turn.map(|turn| turn.to_string())),
        Cell::integer(position),
        Cell::text(match score.target {
            Target::Span { span, .. } => Some(span),
            Target::Session { .. } | Target::Turn { .. } => None,
        }),
        Cell::Text(score.name),
        Cell::Text(score.source.as_str().to_owned()),
        value,
        Cell::real(number),
        Cell::text(label),
        Cell::flag(score.passed),
        Cell::text(evaluator),
        Cell::text(score.evaluator.map(|evaluator| evaluator.to_string())),
        Cell::text(score.evaluator_version),
        Cell::text(author),
        Cell::text(score.author.as_deref()),
        Cell::text(review.and_then(|review| names.queues.get(&review.task.queue)).map(String::as_str)),
        Cell::text(review.map(|review| review.task.queue.to_string())),
        Cell::text(review.map(|review| review.task.id.to_string())),
        Cell::text(review.map(|review| review.review.id.to_string())),
        Cell::integer(score.rubric_version),
        Cell::text(score.exposure.map(|exposure| exposure.as_str())),
        Cell::integer(score.active_ms),
        arm,
        probability,
        stratum,
        rule,
        rule_id,
        rule_version,
        Cell::text(score.explanation),
        Cell::json(&score.evidence),
        Cell::Integer(score.revision),
        Cell::Flag(score.stale),
        Cell::Integer(score.created_at.0),
    ]
}

/// The value as itself: a number, true or false, a text, a list of texts.
fn plain(value: &Value) -> serde_json::Value {
    match value {
        Value::Number(number) => (*number).into(),
        Value::Flag(flag) => (*flag).into(),
        Value::Label(text) | Value::Text(text) => text.as_str().into(),
        Value::Labels(labels) => labels.as_slice().into(),
    }
}
