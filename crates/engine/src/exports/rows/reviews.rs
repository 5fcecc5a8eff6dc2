//! A row per answer of a review (the long form): reviews of different rubrics stand in one table, agreement tools take it as
//! it is, and `pivot(index="review_id", columns="question", values="answer")` makes it wide. What is the
//! review's own, such as `active_ms`, stands on each of its rows.

use std::collections::HashSet;

use turnwise_model::queue::Review;
use turnwise_model::rubric::Answer;
use turnwise_model::view::review::ReviewRow;
use turnwise_model::{ScoreId, SessionId};
use turnwise_store::{Names, SessionName, Snapshot, StoreError};

use super::Page;
use super::design::{Designs, score_id};
use crate::columns;
use crate::exports::table::{Cell, Column, Row};
use crate::exports::used::Used;

const AT_A_TIME: u32 = 256;

pub(super) const COLUMNS: &[Column] = columns![
    review_id: Text, session_id: Text, external_id: Text, turn_id: Text, turn: Integer, question: Text, answer: Text,
    number: Real, value: Json, reviewer: Text, reviewer_id: Text, queue: Text, queue_id: Text, task_id: Text, rubric: Text,
    rubric_id: Text, rubric_version: Integer, exposure: Text, active_ms: Integer, arm: Text, probability: Real,
    stratum: Text, rule: Text, rule_id: Text, rule_version: Integer, revision: Integer, stale: Flag, created_at: Instant,
];

pub(super) async fn page(
    snapshot: &mut Snapshot,
    after: Option<SessionId>,
    names: &Names,
    used: &mut Used,
) -> Result<Page, StoreError> {
    let sessions = snapshot.session_names(after, AT_A_TIME).await?;
    let ids: Vec<SessionId> = sessions.iter().map(|session| session.id).collect();
    let reviews = snapshot.reviews(&ids).await?;
    if reviews.is_empty() {
        return Ok(Page { rows: Vec::new(), sessions: ids.len(), last: ids.last().copied() });
    }
    let project = snapshot.project();
    let positions = snapshot.positions(&ids).await?;
    let designs = Designs::read(snapshot, &ids).await?;
    let stale: HashSet<ScoreId> = snapshot.stale_answers(&ids).await?;
    let mut rows = Vec::new();
    for row in &reviews {
        let session = row.task.target.session();
        // Both are sorted by the session's id.
        let Ok(place) = sessions.binary_search_by_key(&session, |session| session.id) else { continue };
        let session = &sessions[place];
        let position = row.task.target.turn().and_then(|turn| positions.get(&turn)).copied();
        used.rubric(row.review.rubric, row.review.rubric_version, names);
        for (question, answer) in &row.review.answers {
            let stale = stale.contains(&score_id(project, row, question));
            let origin = designs.of_review(row).cells(names, used);
            rows.push(cells(session, row, position, question, answer, stale, origin, names));
        }
    }
    Ok(Page { rows, sessions: ids.len(), last: ids.last().copied() })
}

#[expect(clippy::too_many_arguments, reason = "a row is put together from many places, once")]
fn cells(
    session: &SessionName,
    row: &ReviewRow,
    position: Option<i64>,
    question: &str,
    answer: &Answer,
    stale: bool,
    origin: [Cell; 6],
    names: &Names,
) -> Row {
    let ReviewRow { review, task, .. } = row;
    let Review { reviewer, rubric, .. } = review;
    let (text, number) = match answer {
        Answer::Flag(flag) => ((if *flag { "yes" } else { "no" }).to_owned(), Some(f64::from(u8::from(*flag)))),
        Answer::Number(number) => (number.to_string(), Some(*number)),
        Answer::Text(text) => (text.clone(), None),
    };
    let mut cells = vec![
        Cell::Text(review.id.to_string()),
        Cell::Text(session.id.to_string()),
        Cell::Text(session.external_id.clone()),
        Cell::text(task.target.turn().map(|turn| turn.to_string())),
        Cell::integer(position),
        Cell::Text(question.to_owned()),
        Cell::Text(text),
        Cell::real(number),
        Cell::json(answer),
        Cell::text(Some(names.reviewers.get(reviewer).unwrap_or(reviewer).as_str())),
        Cell::text(Some(reviewer.as_str())),
        Cell::text(names.queues.get(&task.queue).map(String::as_str)),
        Cell::Text(task.queue.to_string()),
        Cell::Text(task.id.to_string()),
        Cell::text(names.rubrics.get(rubric).map(String::as_str)),
        Cell::Text(rubric.to_string()),
        Cell::Integer(review.rubric_version),
        Cell::Text(review.exposure.to_string()),
        Cell::integer(review.active_ms),
    ];
    cells.extend(origin);
    cells.extend([Cell::Integer(task.revision), Cell::Flag(stale), Cell::Integer(review.created_at.0)]);
    cells
}
