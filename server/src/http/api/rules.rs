//! `/api/v1/rules`: list, show, create, change, archive; what a rule would do; why there is a score or none.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde::Deserialize;
use turnwise_engine::rules::RuleError;
use turnwise_engine::sessions::SessionError;
use turnwise_model::RuleId;
use turnwise_model::rule::Rule;
use turnwise_model::view::rule::{Explanation, RuleDetail, RuleDraft, RulePreview, RuleSummary};
use utoipa::IntoParams;

use super::page::{Page, PageQuery};
use super::rule_resource::{ExplanationResource, NewRule, PreviewResource, RuleResource};
use crate::http::access::{ProjectAccess, ToRead, ToWrite};
use crate::http::extract::{Json, Path, Query};
use crate::http::problem::{Problem, ProblemDetails, Problems};
use crate::state::ServerState;

/// The rules of the project
///
/// By name, with what each did in the last seven days. Needs the scope `read`.
#[utoipa::path(
    get,
    path = "/api/v1/rules",
    tag = "rules",
    operation_id = "listRules",
    params(PageQuery, ("project" = Option<String>, Query, description = "The project's slug")),
    responses((status = 200, description = "A page of rules: `rule`, `activity`, the names of `evaluators` and `queues`", body = Page<serde_json::Value>), Problems)
)]
pub async fn list(
    access: ProjectAccess<ToRead>,
    State(state): State<ServerState>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<RuleSummary>>, Problem> {
    let rules = state.engine.rules().list(&access.access).await?;
    Ok(Json(page.cut(rules, |summary| summary.rule.name.clone(), |summary| summary)?))
}

/// Make a rule
///
/// It looks at every session that closes from now on. Needs the scope `write`.
#[utoipa::path(
    post,
    path = "/api/v1/rules",
    tag = "rules",
    operation_id = "createRule",
    params(("project" = Option<String>, Query, description = "The project's slug")),
    request_body = NewRule,
    responses((status = 201, description = "The rule", body = RuleResource), Problems)
)]
pub async fn create(
    access: ProjectAccess<ToWrite>,
    State(state): State<ServerState>,
    Json(draft): Json<RuleDraft>,
) -> Result<Response, Problem> {
    let rule = state.engine.rules().create(&access.access, &draft).await?;
    let location = format!("/api/v1/rules/{}", rule.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(rule)).into_response())
}

/// What a rule would do
///
/// With the sessions that closed in the last seven days. Nothing is done. Needs the scope `read`.
#[utoipa::path(
    post,
    path = "/api/v1/rules/preview",
    tag = "rules",
    operation_id = "previewRule",
    params(("project" = Option<String>, Query, description = "The project's slug")),
    request_body = NewRule,
    responses((status = 200, description = "What it would do", body = PreviewResource), Problems)
)]
pub async fn preview(
    access: ProjectAccess<ToRead>,
    State(state): State<ServerState>,
    Json(draft): Json<RuleDraft>,
) -> Result<Json<RulePreview>, Problem> {
    Ok(Json(state.engine.rules().preview(&access.access, &draft).await?))
}

/// One rule
///
/// With all its versions, newest first, and its latest backfills. Needs the scope `read`.
#[utoipa::path(
    get,
    path = "/api/v1/rules/{id}",
    tag = "rules",
    operation_id = "getRule",
    params(("id" = String, Path, description = "The rule's id", format = Uuid), ("project" = Option<String>, Query, description = "The project's slug")),
    responses(
        (status = 200, description = "`rule`, `activity`, `versions`, `backfills`", body = serde_json::Value),
        (status = 404, description = "The project has no such rule", body = ProblemDetails, content_type = "application/problem+json"),
        Problems
    )
)]
pub async fn show(
    access: ProjectAccess<ToRead>,
    State(state): State<ServerState>,
    Path(id): Path<String>,
) -> Result<Json<RuleDetail>, Problem> {
    Ok(Json(state.engine.rules().get(&access.access, known(&id)?).await?))
}

/// Which version a change was made to.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UpdateQuery {
    /// The version that was changed: if it is not the newest any more, the change is refused with 409. Optional.
    version: Option<i64>,
}

/// Change a rule
///
/// Makes a new version; the whole rule is given. Needs the scope `write`.
#[utoipa::path(
    put,
    path = "/api/v1/rules/{id}",
    tag = "rules",
    operation_id = "updateRule",
    params(UpdateQuery, ("id" = String, Path, description = "The rule's id", format = Uuid), ("project" = Option<String>, Query, description = "The project's slug")),
    request_body = NewRule,
    responses(
        (status = 200, description = "The new version", body = RuleResource),
        (status = 404, description = "The project has no such rule", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 409, description = "It was changed in the meantime, or its name is taken", body = ProblemDetails, content_type = "application/problem+json"),
        Problems
    )
)]
pub async fn update(
    access: ProjectAccess<ToWrite>,
    State(state): State<ServerState>,
    Path(id): Path<String>,
    Query(query): Query<UpdateQuery>,
    Json(draft): Json<RuleDraft>,
) -> Result<Json<Rule>, Problem> {
    Ok(Json(state.engine.rules().update(&access.access, known(&id)?, &draft, query.version).await?))
}

/// Archive a rule
///
/// It decides nothing any more; scores and tasks stay. Needs the scope `write`.
#[utoipa::path(
    delete,
    path = "/api/v1/rules/{id}",
    tag = "rules",
    operation_id = "archiveRule",
    params(("id" = String, Path, description = "The rule's id", format = Uuid), ("project" = Option<String>, Query, description = "The project's slug")),
    responses(
        (status = 204, description = "It is archived"),
        (status = 404, description = "The project has no such rule", body = ProblemDetails, content_type = "application/problem+json"),
        Problems
    )
)]
pub async fn archive(
    access: ProjectAccess<ToWrite>,
    State(state): State<ServerState>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    state.engine.rules().archive(&access.access, known(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// About which session one asks.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ExplainQuery {
    /// Turnwise's id or the client's.
    session: String,
}

/// Why there is a score, or none
///
/// What became of a session at every rule that is on, evaluator by evaluator. Needs the scope `read`.
#[utoipa::path(
    get,
    path = "/api/v1/evaluations/explain",
    tag = "rules",
    operation_id = "explainEvaluations",
    params(ExplainQuery, ("project" = Option<String>, Query, description = "The project's slug")),
    responses(
        (status = 200, description = "All of them", body = Page<ExplanationResource>),
        (status = 404, description = "The project has no such session", body = ProblemDetails, content_type = "application/problem+json"),
        Problems
    )
)]
pub async fn explain(
    access: ProjectAccess<ToRead>,
    State(state): State<ServerState>,
    Query(query): Query<ExplainQuery>,
) -> Result<Json<Page<Explanation>>, Problem> {
    let found = state.engine.sessions().find(&access.access, &query.session).await?;
    let session = found.ok_or(SessionError::NoSuchSession(query.session))?;
    let data = state.engine.rules().explain(&access.access, session).await?;
    Ok(Json(Page { data, next_cursor: None }))
}

pub(super) fn known(id: &str) -> Result<RuleId, Problem> {
    id.parse().map_err(|_| RuleError::NoSuchRule.into())
}

impl From<RuleError> for Problem {
    fn from(error: RuleError) -> Self {
        let detail = error.to_string();
        match error {
            RuleError::NoSuchRule | RuleError::NoSuchSession | RuleError::NoSuchBackfill => Self::not_found(detail),
            RuleError::NameTaken(_) | RuleError::Changed { .. } | RuleError::BackfillRunning | RuleError::Withheld => {
                Self::new(StatusCode::CONFLICT, "conflict", detail)
            }
            RuleError::Filter { field, error } => Self::invalid_field(&field, error.to_string()),
            RuleError::Field { field, reason } => Self::invalid_field(&field, reason),
            RuleError::Denied(denied) => denied.into(),
            RuleError::Engine(error) => error.into(),
        }
    }
}
