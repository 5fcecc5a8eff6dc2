//! `/api/v1/sessions`: list, show, create from messages, end, delete; their spans.

use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde::Deserialize;
use turnwise_engine::access::Access;
use turnwise_engine::sessions::SessionError;
use turnwise_ingest::messages::{Extras, SessionLog, to_spans};
use turnwise_model::view::session::{SessionQuery, SessionSort};
use utoipa::{IntoParams, ToSchema};

use super::page::{Page, PageQuery};
use super::session_resource::{SessionResource, SpanResource};
use crate::http::access::{ProjectAccess, ToIngest, ToRead, ToWrite};
use crate::http::extract::{Json, Path, Query};
use crate::http::problem::{Problem, ProblemDetails, Problems};
use crate::state::ServerState;

/// Which sessions, and how they are sorted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// In the filter language, such as `status = closed and score.resolution < 0.5`.
    #[serde(default)]
    filter: String,
    /// last_activity, started, turns, errors, tool_calls, tokens, cost, latency or duration; last_activity when not given.
    sort: Option<String>,
    /// `desc` (when not given) or `asc`.
    order: Option<String>,
    /// How many records at most, 1 to 200; 50 when not given.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// Where to go on: `next_cursor` of the page before.
    cursor: Option<String>,
}

impl ListQuery {
    fn read(self) -> Result<SessionQuery, Problem> {
        let sort = match self.sort.as_deref() {
            None => SessionSort::default(),
            Some(word) => word.parse().map_err(|unknown: turnwise_model::access::UnknownWord| {
                Problem::invalid_field("sort", unknown.to_string())
            })?,
        };
        let descending = match self.order.as_deref() {
            None | Some("desc") => true,
            Some("asc") => false,
            Some(_) => return Err(Problem::invalid_field("order", "must be asc or desc")),
        };
        let page = PageQuery { limit: self.limit, cursor: None };
        Ok(SessionQuery {
            filter: self.filter,
            sort,
            descending,
            cursor: self.cursor,
            before: None,
            limit: page.limit()?,
        })
    }
}

/// The sessions of the project
///
/// Without their turns. Needs the scope `read`.
#[utoipa::path(
    get,
    path = "/api/v1/sessions",
    tag = "sessions",
    operation_id = "listSessions",
    params(ListQuery, ("project" = Option<String>, Query, description = "For people, who may be in many projects: the slug")),
    responses((status = 200, description = "A page of sessions", body = Page<SessionResource>), Problems)
)]
pub async fn list(
    access: ProjectAccess<ToRead>,
    State(state): State<ServerState>,
    Query(query): Query<ListQuery>,
) -> Result<Json<Page<SessionResource>>, Problem> {
    let project = access.access.project.slug.as_str();
    let page = state.engine.sessions().list(&access.access, &query.read()?).await?;
    let data = page.data.into_iter().map(|row| SessionResource::in_list(project, row)).collect();
    Ok(Json(Page { data, next_cursor: page.next_cursor }))
}

/// One session
///
/// With its turns and scores. `id` is Turnwise's id or the client's. Needs the scope `read`.
#[utoipa::path(
    get,
    path = "/api/v1/sessions/{id}",
    tag = "sessions",
    operation_id = "getSession",
    params(("id" = String, Path, description = "Turnwise's id or the client's, percent-encoded"), ("project" = Option<String>, Query, description = "The project's slug")),
    responses(
        (status = 200, description = "The session", body = SessionResource),
        (status = 404, description = "The project has no such session", body = ProblemDetails, content_type = "application/problem+json"),
        Problems
    )
)]
pub async fn show(
    access: ProjectAccess<ToRead>,
    State(state): State<ServerState>,
    Path(id): Path<String>,
) -> Result<Json<SessionResource>, Problem> {
    full(&state, &access.access, &id).await.map(Json)
}

/// A session as messages in OpenAI's chat format.
#[derive(Debug, Deserialize, ToSchema)]
#[expect(dead_code, reason = "only its description is used; the body is read by the importer of message logs")]
pub struct NewSession {
    /// The client's id. Sending more messages under the same id makes the session longer; sending it again changes nothing.
    /// Without it one is derived from the messages.
    #[schema(example = "chat-7")]
    session_id: Option<String>,
    /// The user.
    user_id: Option<String>,
    /// Whatever else is known of the session.
    #[schema(value_type = Option<Object>)]
    metadata: Option<serde_json::Value>,
    /// Labels.
    tags: Option<Vec<String>>,
    /// Deployment environment.
    environment: Option<String>,
    /// Release of the application.
    release: Option<String>,
    /// The model that answered.
    model: Option<String>,
    /// How the session ended; without it, more is expected.
    end_reason: Option<String>,
    /// `{role, content, tool_calls?, tool_call_id?, name?, timestamp?}` in order.
    #[schema(value_type = Vec<Object>, example = json!([{"role": "user", "content": "Where is my parcel?"}, {"role": "assistant", "content": "On its way."}]))]
    messages: Vec<serde_json::Value>,
}

/// Create a session from messages
///
/// Answered when it is stored. Needs the scope `ingest`.
#[utoipa::path(
    post,
    path = "/api/v1/sessions",
    tag = "sessions",
    operation_id = "createSession",
    params(("project" = Option<String>, Query, description = "The project's slug")),
    request_body = NewSession,
    responses((status = 201, description = "The session", body = SessionResource), Problems)
)]
pub async fn create(
    access: ProjectAccess<ToIngest>,
    State(state): State<ServerState>,
    Json(mut log): Json<SessionLog>,
) -> Result<Response, Problem> {
    let access = &access.access;
    let sessions = state.engine.sessions();
    // Where the messages tell no times, those of the session's first sending stay.
    let known = match log.session_id.as_deref().filter(|id| !id.is_empty()) {
        Some(id) => sessions.started_at(access, id).await?,
        None => None,
    };
    // The first message is placed one microsecond after the time that is given for all.
    let at = known.map_or_else(|| state.engine.ambient().now(), |first| first - Duration::from_micros(1));
    log.session_id = log.session_id.filter(|id| !id.is_empty());
    let imported =
        to_spans(log, &Extras::default(), at).map_err(|error| Problem::invalid_field("messages", error.to_string()))?;
    state.engine.ingestion().accept(access.project.id, imported.spans).await?;
    let session = sessions.settle(access, &imported.session_id).await?;
    let id = session.map_or(imported.session_id, |session| session.id.to_string());
    let location = format!("/api/v1/sessions/{id}");
    let created = full(&state, access, &id).await?;
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(created)).into_response())
}

/// How a session ended.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct End {
    /// In the client's word; `ended` when not given.
    #[schema(example = "resolved")]
    #[serde(default)]
    reason: String,
}

/// End a session
///
/// It is closed now; more telemetry opens it again. Needs the scope `ingest`.
#[utoipa::path(
    post,
    path = "/api/v1/sessions/{id}/end",
    tag = "sessions",
    operation_id = "endSession",
    params(("id" = String, Path, description = "Turnwise's id or the client's"), ("project" = Option<String>, Query, description = "The project's slug")),
    request_body = End,
    responses(
        (status = 200, description = "The session", body = SessionResource),
        (status = 404, description = "The project has no such session", body = ProblemDetails, content_type = "application/problem+json"),
        Problems
    )
)]
pub async fn end(
    access: ProjectAccess<ToIngest>,
    State(state): State<ServerState>,
    Path(id): Path<String>,
    Json(end): Json<End>,
) -> Result<Json<SessionResource>, Problem> {
    let session = state.engine.sessions().end(&access.access, &id, &end.reason).await?;
    Ok(Json(SessionResource::new(access.access.project.slug.as_str(), session)))
}

/// Delete a session
///
/// With its spans, turns, scores, evaluations, tasks and reviews. Needs the scope `write`.
#[utoipa::path(
    delete,
    path = "/api/v1/sessions/{id}",
    tag = "sessions",
    operation_id = "deleteSession",
    params(("id" = String, Path, description = "Turnwise's id or the client's"), ("project" = Option<String>, Query, description = "The project's slug")),
    responses(
        (status = 204, description = "It is gone"),
        (status = 404, description = "The project has no such session", body = ProblemDetails, content_type = "application/problem+json"),
        Problems
    )
)]
pub async fn delete(
    access: ProjectAccess<ToWrite>,
    State(state): State<ServerState>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    state.engine.sessions().delete(&access.access, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The spans of a session
///
/// By start, without their content. Needs the scope `read`.
#[utoipa::path(
    get,
    path = "/api/v1/sessions/{id}/spans",
    tag = "sessions",
    operation_id = "listSpans",
    params(("id" = String, Path, description = "Turnwise's id or the client's"), ("project" = Option<String>, Query, description = "The project's slug")),
    responses(
        (status = 200, description = "All of them", body = Page<SpanResource>),
        (status = 404, description = "The project has no such session", body = ProblemDetails, content_type = "application/problem+json"),
        Problems
    )
)]
pub async fn spans(
    access: ProjectAccess<ToRead>,
    State(state): State<ServerState>,
    Path(id): Path<String>,
) -> Result<Json<Page<SpanResource>>, Problem> {
    let sessions = state.engine.sessions();
    let session = sessions.find(&access.access, &id).await?.ok_or(SessionError::NoSuchSession(id))?;
    let spans = sessions.spans(&access.access, session).await?;
    Ok(Json(Page { data: spans.into_iter().map(SpanResource::from).collect(), next_cursor: None }))
}

/// One span
///
/// With everything that was sent. Needs the scope `read`.
#[utoipa::path(
    get,
    path = "/api/v1/spans/{trace_id}/{span_id}",
    tag = "sessions",
    operation_id = "getSpan",
    params(
        ("trace_id" = String, Path, description = "32 hex digits"), ("span_id" = String, Path, description = "16 hex digits"),
        ("project" = Option<String>, Query, description = "The project's slug")
    ),
    responses(
        (status = 200, description = "The span", body = serde_json::Value),
        (status = 404, description = "The project has no such span", body = ProblemDetails, content_type = "application/problem+json"),
        Problems
    )
)]
pub async fn span(
    access: ProjectAccess<ToRead>,
    State(state): State<ServerState>,
    Path((trace_id, span_id)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let span = state.engine.sessions().span(&access.access, &trace_id, &span_id).await?;
    let span = span.ok_or_else(|| Problem::not_found("no such span in this project"))?;
    Ok(Json(span).into_response())
}

async fn full(state: &ServerState, access: &Access, id: &str) -> Result<SessionResource, Problem> {
    let detail = state.engine.sessions().get(access, id).await?;
    let detail = detail.ok_or_else(|| SessionError::NoSuchSession(id.to_owned()))?;
    Ok(SessionResource::in_full(access.project.slug.as_str(), detail))
}

impl From<SessionError> for Problem {
    fn from(error: SessionError) -> Self {
        let detail = error.to_string();
        match error {
            SessionError::Filter(_) | SessionError::ScoresWithheld => Self::invalid_field("filter", detail),
            SessionError::Cursor(_) => Self::invalid_field("cursor", detail),
            SessionError::Limit { .. } => Self::invalid_field("limit", detail),
            SessionError::View(_) => Self::invalid_field("name", detail),
            SessionError::NoSuchSession(_) => Self::not_found(detail),
            SessionError::NoSuchTurn { .. } | SessionError::InvalidScore { .. } => {
                Self::invalid_field("scores", detail)
            }
            SessionError::Denied(denied) => denied.into(),
            SessionError::Ingest(error) => error.into(),
            SessionError::Engine(error) => error.into(),
        }
    }
}
