//! The ledger: `/api/v1/sessions/{id}/evaluations` says what became of each, `/api/v1/evaluations` asks for more.

use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use turnwise_engine::evaluation::EvaluationError;
use turnwise_engine::sessions::SessionError;
use turnwise_model::evaluation::Evaluation;
use turnwise_model::view::evaluator::Asked;
use utoipa::ToSchema;

use super::page::Page;
use crate::http::access::{ProjectAccess, ToRead, ToWrite};
use crate::http::extract::{Json, Path};
use crate::http::problem::{Problem, ProblemDetails, Problems};
use crate::state::ServerState;

/// One row of the ledger.
#[derive(Debug, Serialize, ToSchema)]
pub struct EvaluationResource {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
    /// The session.
    #[schema(format = Uuid)]
    session: String,
    /// Revision of the session.
    revision: i64,
    /// The evaluator.
    #[schema(format = Uuid)]
    evaluator: String,
    /// Its name.
    evaluator_name: String,
    /// Content hash of its version.
    evaluator_version: String,
    /// `check` or `judge`.
    kind: String,
    /// The rule that asked; `null` when a person or a program did.
    rule: Option<String>,
    /// Its version.
    rule_version: Option<i64>,
    /// The probability with which the rule took the session.
    probability: Option<f64>,
    /// Stratum of the draw.
    stratum: Option<String>,
    /// sampled_out, capped, queued, running, done, failed or paused.
    state: String,
    /// Attempts so far.
    attempts: i64,
    /// Why it failed, waits, or was done without a score.
    reason: Option<String>,
    /// What it cost, in US dollars; `null` where it is not known.
    cost_usd: Option<f64>,
    /// How long it took.
    latency_ms: Option<i64>,
    /// When it was put on the ledger.
    #[schema(format = DateTime)]
    created_at: String,
    /// When its state last changed.
    #[schema(format = DateTime)]
    updated_at: String,
}

impl From<Evaluation> for EvaluationResource {
    fn from(row: Evaluation) -> Self {
        Self {
            id: row.id.to_string(),
            session: row.target.session().to_string(),
            revision: row.revision,
            evaluator: row.evaluator.to_string(),
            evaluator_name: row.evaluator_name,
            evaluator_version: row.evaluator_version,
            kind: row.kind.to_string(),
            rule: row.rule.map(|rule| rule.to_string()),
            rule_version: row.rule_version,
            probability: row.probability.map(f64::from),
            stratum: row.stratum,
            state: row.state.to_string(),
            attempts: row.attempts,
            reason: row.reason,
            cost_usd: row.cost.map(|cost| cost.0),
            latency_ms: row.latency_ms,
            created_at: row.created_at.to_string(),
            updated_at: row.updated_at.to_string(),
        }
    }
}

/// The ledger of a session
///
/// What became of each evaluation, oldest first. Needs the scope `read`.
#[utoipa::path(
    get, path = "/api/v1/sessions/{id}/evaluations", tag = "evaluations", operation_id = "listEvaluations",
    params(("id" = String, Path, description = "Turnwise's id of the session or the client's"), ("project" = Option<String>, Query, description = "For people, who may be in many projects: the slug")),
    responses(
        (status = 200, description = "All rows", body = Page<EvaluationResource>),
        (status = 404, description = "The project has no such session", body = ProblemDetails, content_type = "application/problem+json"),
        Problems
    )
)]
pub async fn ledger(
    access: ProjectAccess<ToRead>,
    State(state): State<ServerState>,
    Path(id): Path<String>,
) -> Result<Json<Page<EvaluationResource>>, Problem> {
    let session = state.engine.sessions().find(&access.access, &id).await?.ok_or(SessionError::NoSuchSession(id))?;
    let rows = state.engine.evaluations().ledger(&access.access, session).await?;
    Ok(Json(Page { data: rows.into_iter().map(EvaluationResource::from).collect(), next_cursor: None }))
}

/// Which sessions are to be evaluated by what.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// Turnwise's ids of the sessions or the client's, at most 1,000.
    #[schema(example = json!(["chat-7"]))]
    sessions: Vec<String>,
    /// Ids or names of the evaluators.
    #[schema(example = json!(["Coherence"]))]
    evaluators: Vec<String>,
}

/// What was put on the ledger.
#[derive(Debug, Serialize, ToSchema)]
pub struct AskedResource {
    /// Evaluations that wait for a worker now.
    queued: u64,
    /// Evaluations whose result is there and still holds, as nothing has changed.
    unchanged: u64,
    /// Sessions that the project does not have.
    unknown: u64,
}

/// How many sessions one request may name.
const MOST: usize = 1_000;

/// Evaluate sessions
///
/// As they are now. What was evaluated on the very same input is not evaluated again. Needs the scope `write`.
#[utoipa::path(
    post, path = "/api/v1/evaluations", tag = "evaluations", operation_id = "evaluate",
    params(("project" = Option<String>, Query, description = "The project's slug")),
    request_body = Wanted,
    responses((status = 202, description = "What was put on the ledger", body = AskedResource), Problems)
)]
pub async fn evaluate(
    access: ProjectAccess<ToWrite>,
    State(state): State<ServerState>,
    Json(wanted): Json<Wanted>,
) -> Result<(StatusCode, Json<AskedResource>), Problem> {
    let access = &access.access;
    if wanted.sessions.len() > MOST {
        return Err(Problem::invalid_field("sessions", format!("at most {MOST} can be named at once")));
    }
    let known = state.engine.evaluators().list(access).await?.evaluators;
    let mut evaluators = Vec::with_capacity(wanted.evaluators.len());
    for text in &wanted.evaluators {
        let found = known.iter().map(|summary| &summary.current);
        let found = found.into_iter().find(|version| version.name == *text || version.evaluator.to_string() == *text);
        let unknown = || Problem::invalid_field("evaluators", format!("there is no evaluator {text:?} in use"));
        evaluators.push(found.ok_or_else(unknown)?.evaluator);
    }
    let mut sessions = Vec::with_capacity(wanted.sessions.len());
    let mut unknown = 0;
    for id in &wanted.sessions {
        match state.engine.sessions().find(access, id).await? {
            Some(session) => sessions.push(session),
            None => unknown += 1,
        }
    }
    let Asked { queued, unchanged, unknown: gone } =
        state.engine.evaluations().evaluate(access, &sessions, &evaluators).await?;
    Ok((StatusCode::ACCEPTED, Json(AskedResource { queued, unchanged, unknown: unknown + gone })))
}

impl From<EvaluationError> for Problem {
    fn from(error: EvaluationError) -> Self {
        let detail = error.to_string();
        match error {
            EvaluationError::Denied(denied) => denied.into(),
            EvaluationError::NoSuchSession(_) => Self::not_found(detail),
            EvaluationError::NoSuchEvaluator(_) => Self::invalid_field("evaluators", detail),
            EvaluationError::TooMany { .. } => Self::invalid_field("sessions", detail),
            EvaluationError::Engine(error) => error.into(),
        }
    }
}
