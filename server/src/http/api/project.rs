//! `GET /api/v1/project`: what a key names, and what it may be used for. The first call of every new client.

use serde::Serialize;
use turnwise_engine::access::Caller;
use turnwise_model::access::Role;
use utoipa::ToSchema;

use crate::http::access::{ProjectAccess, ToSee};
use crate::http::extract::Json;
use crate::http::problem::{Problem, Problems};

/// A project, and what the caller may do in it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProjectResource {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
    /// Its name in addresses, which stays.
    #[schema(example = "support-bot")]
    slug: String,
    /// Its name.
    #[schema(example = "Support bot")]
    name: String,
    /// When it was made.
    #[schema(format = DateTime)]
    created_at: String,
    /// What the key may be used for; `null` for a person.
    #[schema(example = json!(["ingest", "read"]))]
    scopes: Option<Vec<String>>,
    /// The person's role; `null` for a program.
    role: Option<String>,
}

/// The project that the key names
///
/// Any key will do, whatever its scopes: a client can check with it that its key works.
#[utoipa::path(
    get,
    path = "/api/v1/project",
    tag = "project",
    operation_id = "getProject",
    params(("project" = Option<String>, Query, description = "For people, who may be in many projects: the slug")),
    responses((status = 200, description = "The project", body = ProjectResource), Problems)
)]
pub async fn show(access: ProjectAccess<ToSee>) -> Result<Json<ProjectResource>, Problem> {
    let access = access.access;
    let (scopes, role): (_, Option<Role>) = match access.caller {
        Caller::Program { scopes, .. } => (Some(scopes.iter().map(ToString::to_string).collect()), None),
        Caller::Person { .. } | Caller::Anonymous => (None, Some(access.role)),
    };
    Ok(Json(ProjectResource {
        id: access.project.id.to_string(),
        slug: access.project.slug.to_string(),
        name: access.project.name,
        created_at: access.project.created_at.to_string(),
        scopes,
        role: role.map(|role| role.to_string()),
    }))
}
