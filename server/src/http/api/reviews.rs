//! `/api/v1/queues/{id}/claims`, `/api/v1/claims/{id}`, `/api/v1/reviews`: taking a task, answering it, reading answers.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json_, json};
use turnwise_engine::review::{ReviewError, Submission};
use turnwise_model::rubric::Answers;
use turnwise_model::view::review::Next;
use turnwise_model::view::session::SessionDetail;
use turnwise_model::{ClaimId, TaskId};
use utoipa::{IntoParams, ToSchema};

use super::page::{Page, PageQuery};
use super::queue_resource::{ProgressResource, ReviewResource, RubricResource};
use super::queues::queue_id;
use super::session_resource::SessionResource;
use crate::http::access::{ProjectAccess, ToRead, ToReview};
use crate::http::extract::{Json, Path, Query};
use crate::http::problem::{Problem, ProblemDetails, Problems};
use crate::state::ServerState;

/// How a task is asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ClaimQuery {
    /// A task that the caller holds already: the one after it is claimed.
    besides: Option<String>,
}

/// A task that the caller holds.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClaimResource {
    /// The claim.
    #[schema(format = Uuid)]
    id: String,
    /// Its fencing token, to be sent with the review.
    fence: i64,
    /// When it lapses.
    #[schema(format = DateTime)]
    expires_at: String,
    /// The task.
    task_id: String,
    /// The turn to be judged; `null` when the whole session is.
    turn_id: Option<String>,
    /// The conversation. It carries scores of machines only when the queue is not blind.
    session: SessionResource,
    /// The questions.
    rubric: RubricResource,
    /// Answers that were begun and not submitted.
    #[schema(value_type = Option<Object>)]
    draft: Option<Json_>,
    /// How far the queue is.
    progress: ProgressResource,
}

/// Take the next task
///
/// Gives the task that the caller holds already, if there is one. Held for the queue's lease time. Needs the scope `write`.
#[utoipa::path(
    post,
    path = "/api/v1/queues/{id}/claims",
    tag = "reviews",
    operation_id = "createClaim",
    params(("id" = String, Path, description = "The queue's id", format = Uuid), ClaimQuery, ("project" = Option<String>, Query, description = "The project's slug")),
    responses(
        (status = 201, description = "The task", body = ClaimResource),
        (status = 204, description = "Nothing is left that the caller may take"),
        (status = 404, description = "The project has no such queue", body = ProblemDetails, content_type = "application/problem+json"),
        Problems
    )
)]
pub async fn claim(
    access: ProjectAccess<ToReview>,
    State(state): State<ServerState>,
    Path(id): Path<String>,
    Query(query): Query<ClaimQuery>,
) -> Result<Response, Problem> {
    let besides: Option<TaskId> = match query.besides.map(|task| task.parse()) {
        None => None,
        Some(Ok(task)) => Some(task),
        Some(Err(_)) => return Err(Problem::invalid_field("besides", "must be a task's id")),
    };
    let Next { task, progress, .. } = state.engine.reviews().next(&access.access, queue_id(&id)?, besides).await?;
    let Some(task) = task else { return Ok(StatusCode::NO_CONTENT.into_response()) };
    let detail = SessionDetail { conversation: task.conversation, scores: task.verdicts };
    let claim = ClaimResource {
        id: task.ticket.claim.to_string(),
        fence: task.ticket.fence,
        expires_at: task.ticket.expires_at.to_string(),
        task_id: task.task.to_string(),
        turn_id: task.target.turn().map(|turn| turn.to_string()),
        session: SessionResource::in_full(access.access.project.slug.as_str(), detail),
        rubric: task.rubric.into(),
        draft: task.draft.map(|draft| json!(draft)),
        progress: progress.into(),
    };
    Ok((StatusCode::CREATED, Json(claim)).into_response())
}

/// A review to be committed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReview {
    /// The claim's fencing token.
    fence: i64,
    /// The answers by question key: a number, true or false, or a text.
    #[schema(value_type = Object, example = json!({"resolved": true}))]
    answers: Answers,
    /// The task, so that the answers are kept as a draft even when the claim is not known any more.
    #[schema(value_type = Option<String>, format = Uuid)]
    task_id: Option<TaskId>,
    /// The version of the rubric that was answered; the newest when not given.
    rubric_version: Option<i64>,
    /// Milliseconds of work.
    active_ms: Option<i64>,
}

/// A review that was committed.
#[derive(Debug, Serialize, ToSchema)]
pub struct CommittedReview {
    /// The review's id.
    #[schema(format = Uuid)]
    id: String,
    /// How far the queue is now.
    progress: ProgressResource,
}

/// Commit a review
///
/// Once per claim: sending the same again changes nothing and succeeds. The answers become scores of the source `human`.
/// 409 when the claim has lapsed and somebody else has the task (`claim_lapsed`), when the task has all its reviews
/// (`task_full`) or one of the caller's (`already_reviewed`); the answers are then kept as a draft. Needs the scope `write`.
#[utoipa::path(
    post,
    path = "/api/v1/claims/{id}/review",
    tag = "reviews",
    operation_id = "createReview",
    params(("id" = String, Path, description = "The claim's id", format = Uuid), ("project" = Option<String>, Query, description = "The project's slug")),
    request_body = NewReview,
    responses(
        (status = 201, description = "It is committed", body = CommittedReview),
        (status = 409, description = "The claim does not hold any more", body = ProblemDetails, content_type = "application/problem+json"),
        Problems
    )
)]
pub async fn submit(
    access: ProjectAccess<ToReview>,
    State(state): State<ServerState>,
    Path(id): Path<String>,
    Json(new): Json<NewReview>,
) -> Result<Response, Problem> {
    let submission = Submission {
        claim: claim_id(&id)?,
        fence: new.fence,
        task: new.task_id,
        answers: new.answers,
        rubric_version: new.rubric_version,
        active_ms: new.active_ms,
    };
    let done = state.engine.reviews().submit(&access.access, &submission).await?;
    let review = CommittedReview { id: done.review.to_string(), progress: done.progress.into() };
    Ok((StatusCode::CREATED, Json(review)).into_response())
}

/// How a claim is given back.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReleaseQuery {
    /// The claim's fencing token.
    fence: i64,
}

/// Give a task back
///
/// Anybody may take it then, the caller included. Needs the scope `write`.
#[utoipa::path(
    delete,
    path = "/api/v1/claims/{id}",
    tag = "reviews",
    operation_id = "releaseClaim",
    params(("id" = String, Path, description = "The claim's id", format = Uuid), ReleaseQuery, ("project" = Option<String>, Query, description = "The project's slug")),
    responses(
        (status = 204, description = "It is given back"),
        (status = 409, description = "The claim does not hold any more", body = ProblemDetails, content_type = "application/problem+json"),
        Problems
    )
)]
pub async fn release(
    access: ProjectAccess<ToReview>,
    State(state): State<ServerState>,
    Path(id): Path<String>,
    Query(query): Query<ReleaseQuery>,
) -> Result<StatusCode, Problem> {
    state.engine.reviews().release(&access.access, claim_id(&id)?, query.fence).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Which reviews.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReviewQuery {
    /// A queue's id; the reviews of all queues when not given.
    queue: Option<String>,
    /// How many records at most, 1 to 200; 50 when not given.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// Where to go on: `next_cursor` of the page before.
    cursor: Option<String>,
}

/// The reviews of the project
///
/// Oldest first. Needs the scope `read`.
#[utoipa::path(
    get,
    path = "/api/v1/reviews",
    tag = "reviews",
    operation_id = "listReviews",
    params(ReviewQuery, ("project" = Option<String>, Query, description = "The project's slug")),
    responses((status = 200, description = "A page of reviews", body = Page<ReviewResource>), Problems)
)]
pub async fn list(
    access: ProjectAccess<ToRead>,
    State(state): State<ServerState>,
    Query(query): Query<ReviewQuery>,
) -> Result<Json<Page<ReviewResource>>, Problem> {
    let queue = query.queue.as_deref().map(queue_id).transpose()?;
    let limit = PageQuery { limit: query.limit, cursor: None }.limit()?;
    let page = state.engine.reviews().list(&access.access, queue, query.cursor.as_deref(), limit).await?;
    Ok(Json(Page { data: page.data.into_iter().map(ReviewResource::from).collect(), next_cursor: page.next_cursor }))
}

fn claim_id(id: &str) -> Result<ClaimId, Problem> {
    id.parse().map_err(|_| Problem::not_found("no such claim"))
}

impl From<ReviewError> for Problem {
    fn from(error: ReviewError) -> Self {
        let detail = error.to_string();
        let conflict = |code| Self::new(StatusCode::CONFLICT, code, detail.clone());
        match error {
            ReviewError::NoSuchQueue | ReviewError::NoSuchTask | ReviewError::NoSuchClaim => Self::not_found(detail),
            ReviewError::ClaimLapsed => conflict("claim_lapsed"),
            ReviewError::TaskFull => conflict("task_full"),
            ReviewError::AlreadyReviewed => conflict("already_reviewed"),
            ReviewError::NotUndoable => conflict("not_undoable"),
            ReviewError::Invalid(invalid) => Self::invalid_field(&format!("answers.{}", invalid.key), invalid.problem),
            ReviewError::Denied(denied) => denied.into(),
            ReviewError::Engine(error) => error.into(),
        }
    }
}
