//! `GET /api/v1/members`: the people of the project, for those who map reviewers to their own records.

use axum::extract::State;
use serde::Serialize;
use turnwise_model::account::Member;
use utoipa::ToSchema;

use super::page::{Page, PageQuery};
use crate::http::access::{ProjectAccess, ToRead};
use crate::http::extract::{Json, Query};
use crate::http::problem::{Problem, Problems};
use crate::state::ServerState;

/// A person as a member of the project.
#[derive(Debug, Serialize, ToSchema)]
pub struct MemberResource {
    /// The person's account.
    #[schema(format = Uuid)]
    account_id: String,
    /// The person's address.
    #[schema(example = "ada@example.com")]
    email: String,
    /// The person's name.
    #[schema(example = "Ada")]
    name: String,
    /// What the person may do: viewer, reviewer, editor or owner.
    #[schema(example = "reviewer")]
    role: String,
    /// When the person joined.
    #[schema(format = DateTime)]
    joined_at: String,
}

impl From<Member> for MemberResource {
    fn from(member: Member) -> Self {
        Self {
            account_id: member.account.to_string(),
            email: member.email.to_string(),
            name: member.name,
            role: member.role.to_string(),
            joined_at: member.joined_at.to_string(),
        }
    }
}

/// The members of the project
///
/// Needs the scope `read`.
#[utoipa::path(
    get,
    path = "/api/v1/members",
    tag = "project",
    operation_id = "listMembers",
    params(PageQuery, ("project" = Option<String>, Query, description = "For people, who may be in many projects: the slug")),
    responses((status = 200, description = "A page of members", body = Page<MemberResource>), Problems)
)]
pub async fn list(
    access: ProjectAccess<ToRead>,
    State(state): State<ServerState>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<MemberResource>>, Problem> {
    let members = state.engine.accounts().members(&access.access).await?;
    Ok(Json(page.cut(members, |member| member.account.to_string(), MemberResource::from)?))
}
