//! `/api/v1/providers`: where judges ask. For owners who are signed in; keys go in and never come out.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde::{Deserialize, Serialize};
use turnwise_engine::providers::{JudgeEnvironment, ProviderSettingError};
use turnwise_model::ProviderId;
use turnwise_model::view::evaluator::{ProviderDraft, ProviderRow, ProviderTest};
use utoipa::ToSchema;

use super::page::Page;
use crate::http::access::{ProjectAccess, ToManage};
use crate::http::extract::{Json, Path};
use crate::http::problem::{Problem, ProblemDetails, Problems};
use crate::state::ServerState;

/// A model provider.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProviderResource {
    /// Its id; `null` for the one that the server's environment names.
    id: Option<String>,
    /// Its name.
    #[schema(example = "OpenAI")]
    name: String,
    /// The address before `/chat/completions`.
    #[schema(example = "https://api.openai.com/v1")]
    base_url: String,
    /// The model asked unless an evaluator names another.
    model: String,
    /// Whether a key is stored. It is never given.
    has_key: bool,
    /// Why it cannot be used as it is stored.
    trouble: Option<String>,
    /// US dollars per million prompt tokens.
    input_price: Option<f64>,
    /// US dollars per million completion tokens.
    output_price: Option<f64>,
    /// How many calls at once.
    concurrency: u32,
    /// How long one call may take, in seconds.
    timeout_seconds: u32,
    /// Whether judges ask this one.
    in_use: bool,
    /// When it was made; `null` for the environment's.
    created_at: Option<String>,
}

impl From<ProviderRow> for ProviderResource {
    fn from(row: ProviderRow) -> Self {
        Self {
            id: row.id.map(|id| id.to_string()),
            name: row.name,
            base_url: row.base_url,
            model: row.model,
            has_key: row.has_key,
            trouble: row.trouble,
            input_price: row.input_price,
            output_price: row.output_price,
            concurrency: row.concurrency,
            timeout_seconds: row.timeout_seconds,
            in_use: row.in_use,
            created_at: row.created_at.map(|at| at.to_string()),
        }
    }
}

/// A model provider's settings.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProviderSettings {
    /// Name, for people.
    #[schema(example = "OpenAI")]
    name: String,
    /// The address before `/chat/completions`.
    #[schema(example = "https://api.openai.com/v1")]
    base_url: String,
    /// The model asked unless an evaluator names another.
    model: String,
    /// The key. Left out, the one that is stored stays, unless the address is another one.
    key: Option<String>,
    /// US dollars per million prompt tokens.
    input_price: Option<f64>,
    /// US dollars per million completion tokens.
    output_price: Option<f64>,
    /// How many calls at once, 1 to 64; 8 when not given.
    concurrency: Option<u32>,
    /// How long one call may take, 1 to 600 seconds; 60 when not given.
    timeout_seconds: Option<u32>,
}

impl From<ProviderSettings> for ProviderDraft {
    fn from(settings: ProviderSettings) -> Self {
        Self {
            name: settings.name,
            base_url: settings.base_url,
            model: settings.model,
            key: settings.key,
            input_price: settings.input_price,
            output_price: settings.output_price,
            concurrency: settings.concurrency.unwrap_or(JudgeEnvironment::CONCURRENCY),
            timeout_seconds: settings.timeout_seconds.unwrap_or(JudgeEnvironment::TIMEOUT_SECONDS),
        }
    }
}

/// The model providers
///
/// The project's, oldest first, then the environment's; judges ask the first. For owners who are signed in.
#[utoipa::path(
    get, path = "/api/v1/providers", tag = "providers", operation_id = "listProviders",
    params(("project" = Option<String>, Query, description = "The project's slug")),
    responses((status = 200, description = "All of them", body = Page<ProviderResource>), Problems)
)]
pub async fn list(
    access: ProjectAccess<ToManage>,
    State(state): State<ServerState>,
) -> Result<Json<Page<ProviderResource>>, Problem> {
    let rows = state.engine.providers().list(&access.access).await?;
    Ok(Json(Page { data: rows.into_iter().map(ProviderResource::from).collect(), next_cursor: None }))
}

/// Add a model provider
///
/// Judges that wait for one go on. For owners who are signed in.
#[utoipa::path(
    post, path = "/api/v1/providers", tag = "providers", operation_id = "createProvider",
    params(("project" = Option<String>, Query, description = "The project's slug")),
    request_body = ProviderSettings,
    responses((status = 201, description = "The provider", body = ProviderResource), Problems)
)]
pub async fn create(
    access: ProjectAccess<ToManage>,
    State(state): State<ServerState>,
    Json(settings): Json<ProviderSettings>,
) -> Result<Response, Problem> {
    let id = state.engine.providers().save(&access.access, None, &settings.into()).await?;
    let location = format!("/api/v1/providers/{id}");
    let row = one(&state, &access, id).await?;
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(row)).into_response())
}

/// Change a model provider
///
/// For owners who are signed in.
#[utoipa::path(
    put, path = "/api/v1/providers/{id}", tag = "providers", operation_id = "changeProvider",
    params(("id" = String, Path, description = "The provider's id", format = Uuid), ("project" = Option<String>, Query, description = "The project's slug")),
    request_body = ProviderSettings,
    responses(
        (status = 200, description = "The provider", body = ProviderResource),
        (status = 404, description = "The project has no such provider", body = ProblemDetails, content_type = "application/problem+json"),
        Problems
    )
)]
pub async fn change(
    access: ProjectAccess<ToManage>,
    State(state): State<ServerState>,
    Path(id): Path<String>,
    Json(settings): Json<ProviderSettings>,
) -> Result<Json<ProviderResource>, Problem> {
    let id = provider_id(&id)?;
    state.engine.providers().save(&access.access, Some(id), &settings.into()).await?;
    Ok(Json(one(&state, &access, id).await?))
}

/// Remove a model provider
///
/// With its key. For owners who are signed in.
#[utoipa::path(
    delete, path = "/api/v1/providers/{id}", tag = "providers", operation_id = "deleteProvider",
    params(("id" = String, Path, description = "The provider's id", format = Uuid), ("project" = Option<String>, Query, description = "The project's slug")),
    responses(
        (status = 204, description = "It is gone"),
        (status = 404, description = "The project has no such provider", body = ProblemDetails, content_type = "application/problem+json"),
        Problems
    )
)]
pub async fn delete(
    access: ProjectAccess<ToManage>,
    State(state): State<ServerState>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    state.engine.providers().delete(&access.access, provider_id(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Test a model provider
///
/// Asks it a trifle, as a judge would. For owners who are signed in.
#[utoipa::path(
    post, path = "/api/v1/providers/{id}/test", tag = "providers", operation_id = "testProvider",
    params(("id" = String, Path, description = "The provider's id", format = Uuid), ("project" = Option<String>, Query, description = "The project's slug")),
    responses(
        (status = 200, description = "`{works, message, model, latency_ms}`", body = serde_json::Value),
        (status = 404, description = "The project has no such provider", body = ProblemDetails, content_type = "application/problem+json"),
        Problems
    )
)]
pub async fn test(
    access: ProjectAccess<ToManage>,
    State(state): State<ServerState>,
    Path(id): Path<String>,
) -> Result<Json<ProviderTest>, Problem> {
    Ok(Json(state.engine.providers().test(&access.access, Some(provider_id(&id)?)).await?))
}

async fn one(
    state: &ServerState,
    access: &ProjectAccess<ToManage>,
    id: ProviderId,
) -> Result<ProviderResource, Problem> {
    let rows = state.engine.providers().list(&access.access).await?;
    let row = rows.into_iter().find(|row| row.id == Some(id));
    Ok(row.ok_or(ProviderSettingError::NoSuchProvider)?.into())
}

fn provider_id(text: &str) -> Result<ProviderId, Problem> {
    text.parse().map_err(|_| Problem::not_found("no such provider in this project"))
}

impl From<ProviderSettingError> for Problem {
    fn from(error: ProviderSettingError) -> Self {
        let detail = error.to_string();
        match error {
            ProviderSettingError::Denied(denied) => denied.into(),
            ProviderSettingError::NoSuchProvider => Self::not_found(detail),
            ProviderSettingError::Setting { field, .. } => Self::invalid_field(field, detail),
            ProviderSettingError::KeyNeededAgain => Self::invalid_field("key", detail),
            ProviderSettingError::NoSecret => Self::new(StatusCode::CONFLICT, "no_secret", detail),
            ProviderSettingError::Engine(error) => error.into(),
        }
    }
}
