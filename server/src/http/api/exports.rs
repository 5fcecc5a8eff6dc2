//! `/api/v1/exports`: files of sessions, turns, scores and reviews, written in the background or streamed at once.

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use futures::StreamExt as _;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};
use turnwise_engine::exports::{ExportError, KEPT};
use turnwise_model::ExportId;
use turnwise_model::view::export::{ExportRequest, ExportRow, Manifest};
use utoipa::{IntoParams, ToSchema};

use super::page::{Page, PageQuery};
use crate::http::access::{ProjectAccess, ToExport};
use crate::http::extract::{Json, Path, Query};
use crate::http::problem::{Problem, ProblemDetails, Problems};
use crate::state::ServerState;

/// What is to be exported.
#[derive(Debug, Default, Deserialize, ToSchema, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct NewExport {
    /// What one row is: `sessions` (when not given), `turns`, `scores` or `reviews`.
    #[schema(example = "scores")]
    kind: Option<String>,
    /// `jsonl` (when not given), `csv` or `parquet`.
    #[schema(example = "parquet")]
    format: Option<String>,
    /// Which sessions, in the filter language, such as `environment = production`; all when not given.
    #[serde(default)]
    filter: String,
}

impl NewExport {
    fn read(self) -> Result<ExportRequest, Problem> {
        let wrong = |field: &'static str| {
            move |unknown: turnwise_model::access::UnknownWord| Problem::invalid_field(field, unknown.to_string())
        };
        Ok(ExportRequest {
            kind: self.kind.as_deref().unwrap_or("sessions").parse().map_err(wrong("kind"))?,
            format: self.format.as_deref().unwrap_or("jsonl").parse().map_err(wrong("format"))?,
            filter: self.filter,
        })
    }
}

/// An export and how far it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExportResource {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
    /// What one row is.
    kind: String,
    /// The file's format.
    format: String,
    /// Which sessions; empty means all.
    filter: String,
    /// `queued`, `running`, `done`, `failed` or `cancelled`.
    #[schema(example = "done")]
    state: String,
    /// Sessions that match; `null` until they are counted.
    sessions_total: Option<i64>,
    /// Sessions that were written.
    sessions_done: i64,
    /// Rows that were written.
    rows: i64,
    /// Bytes that were written.
    bytes: i64,
    /// SHA-256 of the file, in hex, once it is done.
    sha256: Option<String>,
    /// Why it failed.
    reason: Option<String>,
    /// Who asked for it.
    requested_by: String,
    /// When it was asked for.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it last got on.
    #[schema(format = DateTime)]
    updated_at: String,
    /// When it is removed.
    #[schema(format = DateTime)]
    kept_until: String,
}

impl From<ExportRow> for ExportResource {
    fn from(row: ExportRow) -> Self {
        Self {
            id: row.id.to_string(),
            kind: row.request.kind.to_string(),
            format: row.request.format.to_string(),
            filter: row.request.filter,
            state: row.state.to_string(),
            sessions_total: row.sessions_total,
            sessions_done: row.sessions_done,
            rows: row.rows,
            bytes: row.bytes,
            sha256: row.manifest.map(|manifest| manifest.sha256),
            reason: row.reason,
            requested_by: row.requested_by_name,
            created_at: row.created_at.to_string(),
            updated_at: row.updated_at.to_string(),
            kept_until: (row.created_at + KEPT).to_string(),
        }
    }
}

/// The exports of the project
///
/// Newest first. They are kept for seven days. Needs the scope `read`, or the role editor.
#[utoipa::path(
    get,
    path = "/api/v1/exports",
    tag = "exports",
    operation_id = "listExports",
    params(PageQuery, ("project" = Option<String>, Query, description = "For people, who may be in many projects: the slug")),
    responses((status = 200, description = "A page of exports", body = Page<ExportResource>), Problems)
)]
pub async fn list(
    access: ProjectAccess<ToExport>,
    State(state): State<ServerState>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<ExportResource>>, Problem> {
    let exports = state.engine.exports().list(&access.access).await?;
    // Newest first: the key counts down.
    let key = |row: &ExportRow| format!("{:020}~{}", i64::MAX - row.created_at.0, row.id);
    Ok(Json(query.cut(exports, key, ExportResource::from)?))
}

/// Start an export
///
/// It is written in the background and survives a restart: ask for it again until its `state` is `done`, then get its file.
/// All rows are of one snapshot. Needs the scope `read`, or the role editor.
#[utoipa::path(
    post,
    path = "/api/v1/exports",
    tag = "exports",
    operation_id = "startExport",
    params(("project" = Option<String>, Query, description = "The project's slug")),
    request_body = NewExport,
    responses((status = 202, description = "It will be written", body = ExportResource), Problems)
)]
pub async fn start(
    access: ProjectAccess<ToExport>,
    State(state): State<ServerState>,
    Json(export): Json<NewExport>,
) -> Result<Response, Problem> {
    let row = state.engine.exports().start(&access.access, &export.read()?).await?;
    Ok((StatusCode::ACCEPTED, Json(ExportResource::from(row))).into_response())
}

/// Export at once
///
/// The rows as they are now, straight into the answer, which ends early only when something fails. For large exports that
/// shall survive a lost connection start one instead. Needs the scope `read`, or the role editor.
#[utoipa::path(
    get,
    path = "/api/v1/exports/stream",
    tag = "exports",
    operation_id = "streamExport",
    params(NewExport, ("project" = Option<String>, Query, description = "The project's slug")),
    responses((status = 200, description = "The file", body = String, content_type = "application/x-ndjson"), Problems)
)]
pub async fn stream(
    access: ProjectAccess<ToExport>,
    State(state): State<ServerState>,
    Query(export): Query<NewExport>,
) -> Result<Response, Problem> {
    let request = export.read()?;
    let stream = state.engine.exports().stream(&access.access, &request).await?;
    let name = request.file_name(access.access.project.slug.as_str(), state.engine.ambient().now());
    let body = Body::from_stream(stream.map(|piece| piece.map(Bytes::from)));
    Ok((attached(request.format.media_type(), &name), body).into_response())
}

/// One export
///
/// Needs the scope `read`, or the role editor.
#[utoipa::path(
    get,
    path = "/api/v1/exports/{id}",
    tag = "exports",
    operation_id = "getExport",
    params(("id" = String, Path, format = Uuid), ("project" = Option<String>, Query, description = "The project's slug")),
    responses(
        (status = 200, description = "The export", body = ExportResource),
        (status = 404, description = "The project has no such export", body = ProblemDetails, content_type = "application/problem+json"),
        Problems
    )
)]
pub async fn show(
    access: ProjectAccess<ToExport>,
    State(state): State<ServerState>,
    Path(id): Path<String>,
) -> Result<Json<ExportResource>, Problem> {
    let row = state.engine.exports().get(&access.access, known(&id)?).await?;
    Ok(Json(row.into()))
}

/// The file of an export
///
/// Once its `state` is `done`. Needs the scope `read`, or the role editor.
#[utoipa::path(
    get,
    path = "/api/v1/exports/{id}/file",
    tag = "exports",
    operation_id = "getExportFile",
    params(("id" = String, Path, format = Uuid), ("project" = Option<String>, Query, description = "The project's slug")),
    responses(
        (status = 200, description = "The file", body = String, content_type = "application/x-ndjson"),
        (status = 404, description = "The project has no such export", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 409, description = "It is not done", body = ProblemDetails, content_type = "application/problem+json"),
        Problems
    )
)]
pub async fn file(
    access: ProjectAccess<ToExport>,
    State(state): State<ServerState>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let (row, pieces) = state.engine.exports().file(&access.access, known(&id)?).await?;
    let name = row.request.file_name(access.access.project.slug.as_str(), row.created_at);
    let body = Body::from_stream(pieces.map(|piece| piece.map(Bytes::from)));
    let length = HeaderValue::from(row.bytes);
    Ok((attached(row.request.format.media_type(), &name), [(CONTENT_LENGTH, length)], body).into_response())
}

/// The manifest of an export
///
/// What the file is and everything that is needed to make it again: filter, snapshot, counts, columns, versions of
/// evaluators, rules and rubrics, and the file's SHA-256. Needs the scope `read`, or the role editor.
#[utoipa::path(
    get,
    path = "/api/v1/exports/{id}/manifest",
    tag = "exports",
    operation_id = "getExportManifest",
    params(("id" = String, Path, format = Uuid), ("project" = Option<String>, Query, description = "The project's slug")),
    responses(
        (status = 200, description = "The manifest", body = Object),
        (status = 404, description = "The project has no such export", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 409, description = "It is not done", body = ProblemDetails, content_type = "application/problem+json"),
        Problems
    )
)]
pub async fn manifest(
    access: ProjectAccess<ToExport>,
    State(state): State<ServerState>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let row = state.engine.exports().get(&access.access, known(&id)?).await?;
    let name = row.request.file_name(access.access.project.slug.as_str(), row.created_at);
    let manifest: Manifest = row.manifest.ok_or(ExportError::NotDone(row.state))?;
    Ok((
        attached("application/json", &format!("{name}.manifest.json")),
        axum::Json(manifest).into_response().into_body(),
    )
        .into_response())
}

/// Stop an export
///
/// One that has ended stays as it is. Needs the scope `read`, or the role editor.
#[utoipa::path(
    post,
    path = "/api/v1/exports/{id}/cancel",
    tag = "exports",
    operation_id = "cancelExport",
    params(("id" = String, Path, format = Uuid), ("project" = Option<String>, Query, description = "The project's slug")),
    responses(
        (status = 200, description = "The export", body = ExportResource),
        (status = 404, description = "The project has no such export", body = ProblemDetails, content_type = "application/problem+json"),
        Problems
    )
)]
pub async fn cancel(
    access: ProjectAccess<ToExport>,
    State(state): State<ServerState>,
    Path(id): Path<String>,
) -> Result<Json<ExportResource>, Problem> {
    let row = state.engine.exports().cancel(&access.access, known(&id)?).await?;
    Ok(Json(row.into()))
}

/// Remove an export and its file
///
/// A program that may only read removes its own. Needs the scope `read`, or the role editor.
#[utoipa::path(
    delete,
    path = "/api/v1/exports/{id}",
    tag = "exports",
    operation_id = "deleteExport",
    params(("id" = String, Path, format = Uuid), ("project" = Option<String>, Query, description = "The project's slug")),
    responses(
        (status = 204, description = "It is gone"),
        (status = 404, description = "The project has no such export", body = ProblemDetails, content_type = "application/problem+json"),
        Problems
    )
)]
pub async fn delete(
    access: ProjectAccess<ToExport>,
    State(state): State<ServerState>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    state.engine.exports().delete(&access.access, known(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn known(id: &str) -> Result<ExportId, Problem> {
    id.parse().map_err(|_| ExportError::NoSuchExport.into())
}

/// Headers of a file to be saved. Its name is made of the project's slug and our own words, so it needs no quoting.
fn attached(media_type: &'static str, name: &str) -> [(http::HeaderName, HeaderValue); 3] {
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""))
        .unwrap_or_else(|_| HeaderValue::from_static("attachment"));
    [
        (CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (CONTENT_DISPOSITION, disposition),
        (CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
    ]
}

impl From<ExportError> for Problem {
    fn from(error: ExportError) -> Self {
        let detail = error.to_string();
        match error {
            ExportError::Filter(_) => Self::invalid_field("filter", detail),
            ExportError::Format(_) => Self::invalid_field("format", detail),
            ExportError::NoSuchExport => Self::not_found(detail),
            ExportError::NotDone(_) => Self::new(StatusCode::CONFLICT, "not_done", detail),
            ExportError::NotRead(_) => Self::new(StatusCode::REQUEST_TIMEOUT, "not_read", detail),
            ExportError::Denied(denied) => denied.into(),
            ExportError::Engine(error) => error.into(),
        }
    }
}
