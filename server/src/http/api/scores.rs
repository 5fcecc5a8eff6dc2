//! `/api/v1/scores`: scores that programs send about sessions, turns and spans.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use turnwise_model::view::session::NewScore;
use utoipa::ToSchema;

use crate::http::access::{ProjectAccess, ToIngest};
use crate::http::extract::Json;
use crate::http::problem::{Problem, ProblemDetails, Problems};
use crate::state::ServerState;

/// One score or many.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum OneOrMany {
    /// One.
    One(NewScore),
    /// Many.
    Many(Vec<NewScore>),
}

/// A score to be taken.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewScoreBody {
    /// The sender's id: sending it again replaces it.
    id: Option<String>,
    /// The session, by Turnwise's id or the client's.
    #[schema(example = "chat-7")]
    session: String,
    /// The turn, by its id.
    turn: Option<String>,
    /// Or the turn, by its place from 1.
    position: Option<u32>,
    /// Or a span, 16 hex digits.
    span: Option<String>,
    /// What was asked.
    #[schema(example = "thumb")]
    name: String,
    /// A number, true or false, a text, or a list of texts.
    #[schema(value_type = Object, example = json!(true))]
    value: serde_json::Value,
    /// `user`, `llm`, `code` or `api` (when not given).
    source: Option<String>,
    /// Whether it meets the sender's threshold.
    passed: Option<bool>,
    /// Why.
    explanation: Option<String>,
    /// Who judged.
    author: Option<String>,
}

/// What became of scores.
#[derive(Debug, Serialize, ToSchema)]
pub struct Taken {
    data: Vec<TakenScore>,
}

/// What became of a score.
#[derive(Debug, Serialize, ToSchema)]
pub struct TakenScore {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
    /// The session it is about.
    #[schema(format = Uuid)]
    session_id: String,
}

/// Send scores
///
/// One or a list of up to 1,000; all are taken or none. With the header `Idempotency-Key`, scores without an id of their own
/// replace those sent under the same key before. Needs the scope `ingest`.
#[utoipa::path(
    post,
    path = "/api/v1/scores",
    tag = "scores",
    operation_id = "createScores",
    params(("project" = Option<String>, Query, description = "The project's slug"), ("idempotency-key" = Option<String>, Header, description = "Any text")),
    request_body = NewScoreBody,
    responses(
        (status = 201, description = "They are stored", body = Taken),
        (status = 404, description = "The project has no such session", body = ProblemDetails, content_type = "application/problem+json"),
        Problems
    )
)]
pub async fn create(
    access: ProjectAccess<ToIngest>,
    State(state): State<ServerState>,
    headers: HeaderMap,
    Json(scores): Json<OneOrMany>,
) -> Result<Response, Problem> {
    let mut scores = match scores {
        OneOrMany::One(score) => vec![score],
        OneOrMany::Many(scores) if scores.len() > 1_000 => {
            return Err(Problem::invalid_field("scores", "send at most 1,000 at a time"));
        }
        OneOrMany::Many(scores) => scores,
    };
    if let Some(key) = headers.get("idempotency-key").and_then(|key| key.to_str().ok()) {
        for (index, score) in scores.iter_mut().enumerate() {
            score.id.get_or_insert_with(|| format!("{key}:{index}"));
        }
    }
    let taken = state.engine.sessions().add_scores(&access.access, &scores).await?;
    let data = taken
        .into_iter()
        .map(|taken| TakenScore { id: taken.id.to_string(), session_id: taken.session.to_string() })
        .collect();
    Ok((StatusCode::CREATED, Json(Taken { data })).into_response())
}
