//! `/api/v1/evaluators`: what turns sessions into scores. List, show, create, change, archive, try.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde::{Deserialize, Serialize};
use turnwise_engine::evaluators::{EvaluatorSettingError, catalogue};
use turnwise_model::EvaluatorId;
use turnwise_model::evaluation::{EvaluatorVersion, Granularity, Method};
use turnwise_model::view::evaluator::{
    CatalogueEntry, Effort, EvaluatorDetail, EvaluatorDraft, EvaluatorSummary, StateCounts, Trial, VersionRow,
};
use utoipa::ToSchema;

use super::page::{Page, PageQuery};
use crate::http::access::{ProjectAccess, ToRead, ToWrite};
use crate::http::extract::{Json, Path, Query};
use crate::http::problem::{Problem, ProblemDetails, Problems};
use crate::state::ServerState;

/// A version of an evaluator.
#[derive(Debug, Serialize, ToSchema)]
pub struct EvaluatorVersionResource {
    /// Its number, from 1.
    version: i64,
    /// Content hash: equal contents are one version. Scores name it.
    hash: String,
    /// `session` or `turn`.
    granularity: String,
    /// `{"kind": "check", "check", "settings"}` or `{"kind": "judge", "prompt", "model", "temperature"}`.
    #[schema(value_type = Object)]
    method: Method,
    /// Name of the scores it writes.
    score_name: String,
    /// A score at or above this passes.
    threshold: f64,
    /// When it was made.
    #[schema(format = DateTime)]
    created_at: String,
    /// What its evaluations took.
    effort: EffortResource,
}

/// How many evaluations are in which state, and what they took.
#[derive(Debug, Serialize, ToSchema)]
pub struct EffortResource {
    /// Counts by state; `done` ones as `scored` and `without_score`.
    #[schema(value_type = Object)]
    states: StateCounts,
    /// Sum of the known costs in US dollars; `null` where none is known.
    cost_usd: Option<f64>,
    /// Mean latency in milliseconds.
    mean_latency_ms: Option<f64>,
}

/// An evaluator.
#[derive(Debug, Serialize, ToSchema)]
pub struct EvaluatorResource {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
    /// Its name, unique in the project.
    #[schema(example = "Coherence")]
    name: String,
    /// `check` or `judge`.
    kind: String,
    /// Its newest version.
    current: EvaluatorVersionResource,
    /// Why the latest evaluation that came to nothing did not.
    trouble: Option<String>,
    /// It is a judge, and there is no model provider.
    waiting_for_provider: bool,
    /// When it was taken out of use.
    archived_at: Option<String>,
    /// All versions, newest first; only for one evaluator.
    #[serde(skip_serializing_if = "Option::is_none")]
    versions: Option<Vec<EvaluatorVersionResource>>,
}

impl EvaluatorVersionResource {
    fn new(version: EvaluatorVersion, effort: Effort) -> Self {
        Self {
            version: version.number,
            hash: version.hash,
            granularity: version.granularity.to_string(),
            method: version.method,
            score_name: version.score_name,
            threshold: version.threshold,
            created_at: version.created_at.to_string(),
            effort: EffortResource {
                states: effort.states,
                cost_usd: effort.cost.map(|cost| cost.0),
                mean_latency_ms: effort.mean_latency_ms,
            },
        }
    }
}

impl From<EvaluatorSummary> for EvaluatorResource {
    fn from(summary: EvaluatorSummary) -> Self {
        Self {
            id: summary.current.evaluator.to_string(),
            name: summary.current.name.clone(),
            kind: summary.current.method.kind().to_string(),
            current: EvaluatorVersionResource::new(summary.current, summary.effort),
            trouble: summary.trouble.map(|trouble| trouble.reason),
            waiting_for_provider: summary.waiting_for_provider,
            archived_at: None,
            versions: None,
        }
    }
}

impl From<EvaluatorDetail> for EvaluatorResource {
    fn from(detail: EvaluatorDetail) -> Self {
        let versions = detail.versions.into_iter();
        let versions = versions.map(|VersionRow { version, effort }| EvaluatorVersionResource::new(version, effort));
        Self {
            archived_at: detail.archived_at.map(|at| at.to_string()),
            versions: Some(versions.collect()),
            ..Self::from(detail.summary)
        }
    }
}

/// A built-in evaluator, to make one's own of.
#[derive(Debug, Serialize, ToSchema)]
pub struct CatalogueResource {
    /// Its key, for `from`.
    #[schema(example = "coherence")]
    key: String,
    /// What it is called.
    title: String,
    /// What it looks for.
    description: String,
    /// `check` or `judge`.
    kind: String,
    /// What an evaluator made of it begins with.
    #[schema(value_type = Object)]
    draft: EvaluatorDraft,
}

/// An evaluator as it is made or changed. What is left out stays, or is what the entry of the catalogue says.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EvaluatorChange {
    /// Begin with this entry of the catalogue. Only for a new one.
    #[schema(example = "latency")]
    from: Option<String>,
    /// Name, unique in the project.
    #[schema(example = "Quick enough")]
    name: Option<String>,
    /// `session` or `turn`.
    #[schema(value_type = Option<String>)]
    granularity: Option<Granularity>,
    /// `{"kind": "check", "check", "settings"}` or `{"kind": "judge", "prompt", "model", "temperature"}`.
    #[schema(value_type = Option<Object>)]
    method: Option<Method>,
    /// Name of the scores: lowercase letters, digits and underscores.
    score_name: Option<String>,
    /// A score at or above this passes, 0 to 1.
    threshold: Option<f64>,
}

impl EvaluatorChange {
    fn over(self, base: EvaluatorDraft) -> EvaluatorDraft {
        EvaluatorDraft {
            name: self.name.unwrap_or(base.name),
            granularity: self.granularity.unwrap_or(base.granularity),
            method: self.method.unwrap_or(base.method),
            score_name: self.score_name.unwrap_or(base.score_name),
            threshold: self.threshold.unwrap_or(base.threshold),
        }
    }

    fn new_draft(self) -> Result<EvaluatorDraft, Problem> {
        if let Some(key) = &self.from {
            let entry = catalogue().into_iter().find(|entry| entry.key == *key);
            let unknown = || Problem::invalid_field("from", "there is no such entry, see /api/v1/evaluators/catalogue");
            let draft = entry.ok_or_else(unknown)?.draft;
            return Ok(self.over(draft));
        }
        let missing = |field| Problem::invalid_field(field, "is needed where `from` is not given");
        Ok(EvaluatorDraft {
            name: self.name.ok_or_else(|| missing("name"))?,
            granularity: self.granularity.unwrap_or(Granularity::Session),
            method: self.method.ok_or_else(|| missing("method"))?,
            score_name: self.score_name.ok_or_else(|| missing("score_name"))?,
            threshold: self.threshold.unwrap_or(0.5),
        })
    }
}

/// The evaluators of the project
///
/// With what each did. Archived ones are left out. Needs the scope `read`.
#[utoipa::path(
    get, path = "/api/v1/evaluators", tag = "evaluators", operation_id = "listEvaluators",
    params(PageQuery, ("project" = Option<String>, Query, description = "For people, who may be in many projects: the slug")),
    responses((status = 200, description = "A page of evaluators", body = Page<EvaluatorResource>), Problems)
)]
pub async fn list(
    access: ProjectAccess<ToRead>,
    State(state): State<ServerState>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<EvaluatorResource>>, Problem> {
    let list = state.engine.evaluators().list(&access.access).await?;
    Ok(Json(page.cut(list.evaluators, |summary| summary.current.evaluator.to_string(), EvaluatorResource::from)?))
}

/// What is built in
///
/// Needs the scope `read`.
#[utoipa::path(
    get, path = "/api/v1/evaluators/catalogue", tag = "evaluators", operation_id = "listCatalogue",
    params(("project" = Option<String>, Query, description = "The project's slug")),
    responses((status = 200, description = "All entries", body = Page<CatalogueResource>), Problems)
)]
pub async fn built_in(_access: ProjectAccess<ToRead>) -> Json<Page<CatalogueResource>> {
    let show = |entry: CatalogueEntry| CatalogueResource {
        key: entry.key,
        title: entry.title,
        description: entry.description,
        kind: entry.kind.to_string(),
        draft: entry.draft,
    };
    Json(Page { data: catalogue().into_iter().map(show).collect(), next_cursor: None })
}

/// One evaluator
///
/// With its versions. Needs the scope `read`.
#[utoipa::path(
    get, path = "/api/v1/evaluators/{id}", tag = "evaluators", operation_id = "getEvaluator",
    params(("id" = String, Path, description = "The evaluator's id", format = Uuid), ("project" = Option<String>, Query, description = "The project's slug")),
    responses(
        (status = 200, description = "The evaluator", body = EvaluatorResource),
        (status = 404, description = "The project has no such evaluator", body = ProblemDetails, content_type = "application/problem+json"),
        Problems
    )
)]
pub async fn show(
    access: ProjectAccess<ToRead>,
    State(state): State<ServerState>,
    Path(id): Path<String>,
) -> Result<Json<EvaluatorResource>, Problem> {
    Ok(Json(state.engine.evaluators().get(&access.access, evaluator_id(&id)?).await?.into()))
}

/// Make an evaluator
///
/// Needs the scope `write`.
#[utoipa::path(
    post, path = "/api/v1/evaluators", tag = "evaluators", operation_id = "createEvaluator",
    params(("project" = Option<String>, Query, description = "The project's slug")),
    request_body = EvaluatorChange,
    responses((status = 201, description = "The evaluator", body = EvaluatorResource), Problems)
)]
pub async fn create(
    access: ProjectAccess<ToWrite>,
    State(state): State<ServerState>,
    Json(new): Json<EvaluatorChange>,
) -> Result<Response, Problem> {
    let evaluators = state.engine.evaluators();
    let made = evaluators.create(&access.access, &new.new_draft()?).await?;
    let detail: EvaluatorResource = evaluators.get(&access.access, made.id).await?.into();
    let location = format!("/api/v1/evaluators/{}", made.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(detail)).into_response())
}

/// Change an evaluator
///
/// Another name is only that; anything else makes a new version. Needs the scope `write`.
#[utoipa::path(
    patch, path = "/api/v1/evaluators/{id}", tag = "evaluators", operation_id = "changeEvaluator",
    params(("id" = String, Path, description = "The evaluator's id", format = Uuid), ("project" = Option<String>, Query, description = "The project's slug")),
    request_body = EvaluatorChange,
    responses(
        (status = 200, description = "The evaluator", body = EvaluatorResource),
        (status = 404, description = "The project has no such evaluator", body = ProblemDetails, content_type = "application/problem+json"),
        Problems
    )
)]
pub async fn change(
    access: ProjectAccess<ToWrite>,
    State(state): State<ServerState>,
    Path(id): Path<String>,
    Json(change): Json<EvaluatorChange>,
) -> Result<Json<EvaluatorResource>, Problem> {
    if change.from.is_some() {
        return Err(Problem::invalid_field("from", "is only for a new evaluator"));
    }
    let id = evaluator_id(&id)?;
    let evaluators = state.engine.evaluators();
    let before = evaluators.get(&access.access, id).await?.summary.current;
    evaluators.update(&access.access, id, &change.over(before.into())).await?;
    Ok(Json(evaluators.get(&access.access, id).await?.into()))
}

/// Archive an evaluator
///
/// It is out of use; its scores stay. Needs the scope `write`.
#[utoipa::path(
    delete, path = "/api/v1/evaluators/{id}", tag = "evaluators", operation_id = "archiveEvaluator",
    params(("id" = String, Path, description = "The evaluator's id", format = Uuid), ("project" = Option<String>, Query, description = "The project's slug")),
    responses(
        (status = 204, description = "It is archived"),
        (status = 404, description = "The project has no such evaluator in use", body = ProblemDetails, content_type = "application/problem+json"),
        Problems
    )
)]
pub async fn archive(
    access: ProjectAccess<ToWrite>,
    State(state): State<ServerState>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    state.engine.evaluators().archive(&access.access, evaluator_id(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// On which session an evaluator is tried.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TryOn {
    /// Turnwise's id of the session or the client's.
    #[schema(example = "chat-7")]
    session: String,
    /// The evaluator with these changes, which are not kept.
    #[serde(default)]
    change: EvaluatorChange,
}

/// Try an evaluator on a session
///
/// Nothing of it is kept. A judge costs what its call costs. Needs the scope `write`.
#[utoipa::path(
    post, path = "/api/v1/evaluators/{id}/try", tag = "evaluators", operation_id = "tryEvaluator",
    params(("id" = String, Path, description = "The evaluator's id", format = Uuid), ("project" = Option<String>, Query, description = "The project's slug")),
    request_body = TryOn,
    responses(
        (status = 200, description = "`{session, verdicts[], reason, failed, cost, latency_ms, model}`: verdicts, or the reason why there are none", body = serde_json::Value),
        (status = 404, description = "The project has no such evaluator or session", body = ProblemDetails, content_type = "application/problem+json"),
        Problems
    )
)]
pub async fn try_on(
    access: ProjectAccess<ToWrite>,
    State(state): State<ServerState>,
    Path(id): Path<String>,
    Json(wanted): Json<TryOn>,
) -> Result<Json<Trial>, Problem> {
    let evaluators = state.engine.evaluators();
    let current = evaluators.get(&access.access, evaluator_id(&id)?).await?.summary.current;
    let draft = wanted.change.over(current.into());
    Ok(Json(evaluators.try_on(&access.access, &draft, &wanted.session).await?))
}

fn evaluator_id(text: &str) -> Result<EvaluatorId, Problem> {
    text.parse().map_err(|_| Problem::not_found("no such evaluator in this project"))
}

impl From<EvaluatorSettingError> for Problem {
    fn from(error: EvaluatorSettingError) -> Self {
        let detail = error.to_string();
        if let Some(field) = error.field() {
            return Self::invalid_field(field, detail);
        }
        match error {
            EvaluatorSettingError::Denied(denied) => denied.into(),
            EvaluatorSettingError::Engine(error) => error.into(),
            EvaluatorSettingError::Archived => Self::new(StatusCode::CONFLICT, "archived", detail),
            _ => Self::not_found(detail),
        }
    }
}
