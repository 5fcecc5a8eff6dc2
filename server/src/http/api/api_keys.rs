//! `/api/v1/api-keys`: list, make and revoke keys. For owners who are signed in: a key that leaked must not make others.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde::{Deserialize, Serialize};
use turnwise_model::ApiKeyId;
use turnwise_model::access::Scope;
use turnwise_model::account::ApiKey;
use utoipa::ToSchema;

use super::page::{Page, PageQuery};
use crate::http::access::{ProjectAccess, ToManage};
use crate::http::extract::{Json, Path, Query};
use crate::http::problem::{Problem, ProblemDetails, Problems};
use crate::state::ServerState;

/// A key, without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApiKeyResource {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
    /// What people call it.
    #[schema(example = "production")]
    name: String,
    /// The beginning of the secret, to recognise it by.
    #[schema(example = "tw_4f2a")]
    prefix: String,
    /// What it may be used for: ingest, read, write.
    scopes: Vec<String>,
    /// When it was made.
    #[schema(format = DateTime)]
    created_at: String,
    /// Who made it.
    created_by_name: String,
    /// When it was last used, to the minute; `null` when never.
    #[schema(format = DateTime)]
    last_used_at: Option<String>,
    /// Since when it is refused; `null` while it works.
    #[schema(format = DateTime)]
    revoked_at: Option<String>,
}

impl From<ApiKey> for ApiKeyResource {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id.to_string(),
            name: key.name,
            prefix: key.prefix,
            scopes: key.scopes.iter().map(ToString::to_string).collect(),
            created_at: key.created_at.to_string(),
            created_by_name: key.created_by_name,
            last_used_at: key.last_used_at.map(|at| at.to_string()),
            revoked_at: key.revoked_at.map(|at| at.to_string()),
        }
    }
}

/// A key to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewApiKey {
    /// What people call it.
    #[schema(example = "production")]
    name: String,
    /// What it may be used for: ingest, read, write.
    #[schema(example = json!(["ingest"]))]
    scopes: Vec<String>,
}

/// A key that was just made.
#[derive(Debug, Serialize, ToSchema)]
pub struct CreatedApiKey {
    /// The key.
    #[serde(flatten)]
    key: ApiKeyResource,
    /// Its secret. It cannot be had again.
    #[schema(example = "tw_4f2a…")]
    secret: String,
}

/// The keys of the project
///
/// Revoked ones too. For owners who are signed in.
#[utoipa::path(
    get,
    path = "/api/v1/api-keys",
    tag = "api-keys",
    operation_id = "listApiKeys",
    params(PageQuery, ("project" = Option<String>, Query, description = "The project's slug")),
    responses((status = 200, description = "A page of keys", body = Page<ApiKeyResource>), Problems)
)]
pub async fn list(
    access: ProjectAccess<ToManage>,
    State(state): State<ServerState>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<ApiKeyResource>>, Problem> {
    let keys = state.engine.accounts().api_keys(&access.access).await?;
    Ok(Json(page.cut(keys, |key| key.id.to_string(), ApiKeyResource::from)?))
}

/// Make a key
///
/// Its secret is in this answer and nowhere else. For owners who are signed in.
#[utoipa::path(
    post,
    path = "/api/v1/api-keys",
    tag = "api-keys",
    operation_id = "createApiKey",
    params(("project" = Option<String>, Query, description = "The project's slug")),
    request_body = NewApiKey,
    responses((status = 201, description = "The key with its secret", body = CreatedApiKey), Problems)
)]
pub async fn create(
    access: ProjectAccess<ToManage>,
    State(state): State<ServerState>,
    Json(new): Json<NewApiKey>,
) -> Result<Response, Problem> {
    let scopes: Result<Vec<Scope>, _> = new.scopes.iter().map(|scope| scope.parse()).collect();
    let scopes = scopes.map_err(|unknown| Problem::invalid_field("scopes", unknown.to_string()))?;
    let (key, secret) = state.engine.accounts().create_api_key(&access.access, &new.name, &scopes).await?;
    let location = format!("/api/v1/api-keys/{}", key.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(CreatedApiKey { key: key.into(), secret }))
        .into_response())
}

/// Revoke a key
///
/// Programs that use it are refused from now on, by other servers within 5 seconds. For owners who are signed in.
#[utoipa::path(
    delete,
    path = "/api/v1/api-keys/{id}",
    tag = "api-keys",
    operation_id = "revokeApiKey",
    params(
        ("id" = String, Path, description = "The key's id", format = Uuid),
        ("project" = Option<String>, Query, description = "The project's slug")
    ),
    responses(
        (status = 204, description = "It is revoked"),
        (status = 404, description = "The project has no such working key", body = ProblemDetails, content_type = "application/problem+json"),
        Problems
    )
)]
pub async fn revoke(
    access: ProjectAccess<ToManage>,
    State(state): State<ServerState>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let id: ApiKeyId = id.parse().map_err(|_| Problem::not_found("no such API key"))?;
    state.engine.accounts().revoke_api_key(&access.access, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
