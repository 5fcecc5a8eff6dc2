//! `/api/v1/queues`: list, make, show and change queues; their tasks.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde::{Deserialize, Serialize};
use turnwise_engine::access::Access;
use turnwise_engine::queues::QueueError;
use turnwise_model::QueueId;
use turnwise_model::queue::{Queue, TaskState};
use turnwise_model::view::review::NamedTarget;
use utoipa::{IntoParams, ToSchema};

use super::page::{Page, PageQuery};
use super::queue_resource::{NewQueue, QueueResource, TaskResource};
use crate::http::access::{ProjectAccess, ToRead, ToWrite};
use crate::http::extract::{Json, Path, Query};
use crate::http::problem::{Problem, ProblemDetails, Problems};
use crate::state::ServerState;

/// How many targets are taken at a time.
const MOST_TARGETS: usize = 1_000;

/// The queues of the project
///
/// With how far each is. Needs the scope `read`.
#[utoipa::path(
    get,
    path = "/api/v1/queues",
    tag = "queues",
    operation_id = "listQueues",
    params(PageQuery, ("project" = Option<String>, Query, description = "For people, who may be in many projects: the slug")),
    responses((status = 200, description = "A page of queues", body = Page<QueueResource>), Problems)
)]
pub async fn list(
    access: ProjectAccess<ToRead>,
    State(state): State<ServerState>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<QueueResource>>, Problem> {
    let queues = state.engine.queues().list(&access.access).await?;
    Ok(Json(page.cut(queues, |summary| summary.queue.id.to_string(), QueueResource::from)?))
}

/// Make a queue
///
/// With a rubric of its own. Needs the scope `write`.
#[utoipa::path(
    post,
    path = "/api/v1/queues",
    tag = "queues",
    operation_id = "createQueue",
    params(("project" = Option<String>, Query, description = "The project's slug")),
    request_body = NewQueue,
    responses(
        (status = 201, description = "The queue", body = QueueResource),
        (status = 409, description = "The name is taken", body = ProblemDetails, content_type = "application/problem+json"),
        Problems
    )
)]
pub async fn create(
    access: ProjectAccess<ToWrite>,
    State(state): State<ServerState>,
    Json(new): Json<NewQueue>,
) -> Result<Response, Problem> {
    let queue = state.engine.queues().create(&access.access, &new.read()?).await?;
    let location = format!("/api/v1/queues/{}", queue.id);
    let queue = with_rubric(&state, &access.access, queue).await?;
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(queue)).into_response())
}

/// One queue
///
/// With its questions. Needs the scope `read`.
#[utoipa::path(
    get,
    path = "/api/v1/queues/{id}",
    tag = "queues",
    operation_id = "getQueue",
    params(("id" = String, Path, description = "The queue's id", format = Uuid), ("project" = Option<String>, Query, description = "The project's slug")),
    responses(
        (status = 200, description = "The queue", body = QueueResource),
        (status = 404, description = "The project has no such queue", body = ProblemDetails, content_type = "application/problem+json"),
        Problems
    )
)]
pub async fn show(
    access: ProjectAccess<ToRead>,
    State(state): State<ServerState>,
    Path(id): Path<String>,
) -> Result<Json<QueueResource>, Problem> {
    let queue = known(&state, &access.access, &id).await?;
    Ok(Json(with_rubric(&state, &access.access, queue).await?))
}

/// Change a queue
///
/// All of its settings; changed questions make a new version of its rubric. Needs the scope `write`.
#[utoipa::path(
    put,
    path = "/api/v1/queues/{id}",
    tag = "queues",
    operation_id = "updateQueue",
    params(("id" = String, Path, description = "The queue's id", format = Uuid), ("project" = Option<String>, Query, description = "The project's slug")),
    request_body = NewQueue,
    responses(
        (status = 200, description = "The queue as it is now", body = QueueResource),
        (status = 404, description = "The project has no such queue", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 409, description = "The name is taken", body = ProblemDetails, content_type = "application/problem+json"),
        Problems
    )
)]
pub async fn update(
    access: ProjectAccess<ToWrite>,
    State(state): State<ServerState>,
    Path(id): Path<String>,
    Json(new): Json<NewQueue>,
) -> Result<Json<QueueResource>, Problem> {
    let queue = state.engine.queues().update(&access.access, queue_id(&id)?, &new.read()?).await?;
    Ok(Json(with_rubric(&state, &access.access, queue).await?))
}

/// Which tasks.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TaskQuery {
    /// open, done or cancelled; all when not given.
    state: Option<String>,
    /// How many records at most, 1 to 200; 50 when not given.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// Where to go on: `next_cursor` of the page before.
    cursor: Option<String>,
}

/// The tasks of a queue
///
/// Oldest first. Needs the scope `read`.
#[utoipa::path(
    get,
    path = "/api/v1/queues/{id}/tasks",
    tag = "queues",
    operation_id = "listTasks",
    params(("id" = String, Path, description = "The queue's id", format = Uuid), TaskQuery, ("project" = Option<String>, Query, description = "The project's slug")),
    responses(
        (status = 200, description = "A page of tasks", body = Page<TaskResource>),
        (status = 404, description = "The project has no such queue", body = ProblemDetails, content_type = "application/problem+json"),
        Problems
    )
)]
pub async fn tasks(
    access: ProjectAccess<ToRead>,
    State(state): State<ServerState>,
    Path(id): Path<String>,
    Query(query): Query<TaskQuery>,
) -> Result<Json<Page<TaskResource>>, Problem> {
    let queue = known(&state, &access.access, &id).await?;
    let wanted = match query.state.as_deref() {
        None => None,
        Some(word) => {
            Some(word.parse::<TaskState>().map_err(|unknown| Problem::invalid_field("state", unknown.to_string()))?)
        }
    };
    let limit = PageQuery { limit: query.limit, cursor: None }.limit()?;
    let queues = state.engine.queues();
    let page = queues.tasks(&access.access, queue.id, wanted, query.cursor.as_deref(), limit).await?;
    Ok(Json(Page { data: page.data.into_iter().map(TaskResource::from).collect(), next_cursor: page.next_cursor }))
}

/// Targets to be put into a queue.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTasks {
    /// `{session, position?}`: a session by Turnwise's id or the client's, or one of its turns by its position from 1.
    #[schema(value_type = Vec<Object>, example = json!([{"session": "chat-7", "position": 2}]))]
    targets: Vec<NamedTarget>,
}

/// What became of targets.
#[derive(Debug, Serialize, ToSchema)]
pub struct AddedTasks {
    /// How many are new in the queue; the others were there already.
    added: u64,
}

/// Put targets into a queue
///
/// Up to 1,000 at a time, all or none. Such tasks have no inclusion probability. Needs the scope `write`.
#[utoipa::path(
    post,
    path = "/api/v1/queues/{id}/tasks",
    tag = "queues",
    operation_id = "createTasks",
    params(("id" = String, Path, description = "The queue's id", format = Uuid), ("project" = Option<String>, Query, description = "The project's slug")),
    request_body = NewTasks,
    responses(
        (status = 201, description = "They are in the queue", body = AddedTasks),
        (status = 404, description = "The project has no such queue", body = ProblemDetails, content_type = "application/problem+json"),
        Problems
    )
)]
pub async fn add_tasks(
    access: ProjectAccess<ToWrite>,
    State(state): State<ServerState>,
    Path(id): Path<String>,
    Json(new): Json<NewTasks>,
) -> Result<Response, Problem> {
    if new.targets.len() > MOST_TARGETS {
        return Err(Problem::invalid_field("targets", format!("send at most {MOST_TARGETS} at a time")));
    }
    let queue = known(&state, &access.access, &id).await?;
    let queues = state.engine.queues();
    let targets = queues.targets(&access.access, &new.targets).await?;
    let added = queues.add(&access.access, queue.id, &targets).await?;
    Ok((StatusCode::CREATED, Json(AddedTasks { added })).into_response())
}

pub(super) fn queue_id(id: &str) -> Result<QueueId, Problem> {
    id.parse().map_err(|_| QueueError::NoSuchQueue.into())
}

async fn known(state: &ServerState, access: &Access, id: &str) -> Result<Queue, Problem> {
    Ok(state.engine.queues().get(access, queue_id(id)?).await?.ok_or(QueueError::NoSuchQueue)?)
}

async fn with_rubric(state: &ServerState, access: &Access, queue: Queue) -> Result<QueueResource, Problem> {
    let rubric = state.engine.queues().rubric(access, queue.id).await?;
    Ok(QueueResource::with_rubric(queue, rubric))
}

impl From<QueueError> for Problem {
    fn from(error: QueueError) -> Self {
        let detail = error.to_string();
        match error {
            QueueError::NoSuchQueue => Self::not_found(detail),
            QueueError::NoSuchTarget { index, .. } => Self::invalid_field(&format!("targets[{index}]"), detail),
            QueueError::NameTaken(_) => Self::new(StatusCode::CONFLICT, "name_taken", detail),
            QueueError::Setting { .. } => Self::new(StatusCode::BAD_REQUEST, "invalid", detail),
            QueueError::Rubric(_) => Self::invalid_field("questions", detail),
            QueueError::Denied(denied) => denied.into(),
            QueueError::Engine(error) => error.into(),
        }
    }
}
