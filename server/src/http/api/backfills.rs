//! `/api/v1/backfills`: a rule applied to sessions of the past: start, follow, cancel.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde::Deserialize;
use turnwise_engine::rules::RuleError;
use turnwise_model::BackfillId;
use turnwise_model::view::rule::Backfill;
use utoipa::ToSchema;

use super::rule_resource::BackfillResource;
use super::rules::known;
use crate::http::access::{ProjectAccess, ToRead, ToWrite};
use crate::http::extract::{Json, Path};
use crate::http::problem::{Problem, ProblemDetails, Problems};
use crate::state::ServerState;

/// How far a backfill may go.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewBackfill {
    /// How many sessions it may take at most, 1 to 1,000,000. Where more would be, those with the least draw are taken and
    /// their probability is lowered accordingly.
    #[schema(example = 1000)]
    cap: i64,
}

/// Apply a rule to the past
///
/// To all closed sessions, in the background. One backfill of a rule at a time. Needs the scope `write`.
#[utoipa::path(
    post,
    path = "/api/v1/rules/{id}/backfill",
    tag = "rules",
    operation_id = "startBackfill",
    params(("id" = String, Path, description = "The rule's id", format = Uuid), ("project" = Option<String>, Query, description = "The project's slug")),
    request_body = NewBackfill,
    responses(
        (status = 202, description = "The backfill", body = BackfillResource),
        (status = 404, description = "The project has no such rule", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 409, description = "One is under way", body = ProblemDetails, content_type = "application/problem+json"),
        Problems
    )
)]
pub async fn start(
    access: ProjectAccess<ToWrite>,
    State(state): State<ServerState>,
    Path(id): Path<String>,
    Json(new): Json<NewBackfill>,
) -> Result<Response, Problem> {
    let backfill = state.engine.rules().backfill(&access.access, known(&id)?, new.cap).await?;
    let location = format!("/api/v1/backfills/{}", backfill.id);
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], Json(backfill)).into_response())
}

/// How a backfill stands
///
/// Needs the scope `read`.
#[utoipa::path(
    get,
    path = "/api/v1/backfills/{id}",
    tag = "rules",
    operation_id = "getBackfill",
    params(("id" = String, Path, description = "The backfill's id", format = Uuid), ("project" = Option<String>, Query, description = "The project's slug")),
    responses(
        (status = 200, description = "The backfill", body = BackfillResource),
        (status = 404, description = "The project has no such backfill", body = ProblemDetails, content_type = "application/problem+json"),
        Problems
    )
)]
pub async fn show(
    access: ProjectAccess<ToRead>,
    State(state): State<ServerState>,
    Path(id): Path<String>,
) -> Result<Json<Backfill>, Problem> {
    Ok(Json(state.engine.rules().backfill_progress(&access.access, known_backfill(&id)?).await?))
}

/// Cancel a backfill
///
/// What it has put on the ledger stays. Needs the scope `write`.
#[utoipa::path(
    delete,
    path = "/api/v1/backfills/{id}",
    tag = "rules",
    operation_id = "cancelBackfill",
    params(("id" = String, Path, description = "The backfill's id", format = Uuid), ("project" = Option<String>, Query, description = "The project's slug")),
    responses(
        (status = 200, description = "The backfill as it was left", body = BackfillResource),
        (status = 404, description = "The project has no such backfill", body = ProblemDetails, content_type = "application/problem+json"),
        Problems
    )
)]
pub async fn cancel(
    access: ProjectAccess<ToWrite>,
    State(state): State<ServerState>,
    Path(id): Path<String>,
) -> Result<Json<Backfill>, Problem> {
    Ok(Json(state.engine.rules().cancel_backfill(&access.access, known_backfill(&id)?).await?))
}

fn known_backfill(id: &str) -> Result<BackfillId, Problem> {
    id.parse().map_err(|_| RuleError::NoSuchBackfill.into())
}
