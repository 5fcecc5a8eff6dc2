//! `/healthz`: the process runs. `/readyz`: it can also do its work, so send it requests.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Serialize;
use turnwise_store::migrations;

use super::extract::Json;
use crate::state::ServerState;

/// What `/readyz` finds.
#[derive(Debug, Serialize)]
struct Readiness {
    ready: bool,
    database: &'static str,
    migrations: &'static str,
}

/// `GET /healthz`.
pub async fn alive() -> &'static str {
    "ok\n"
}

/// `GET /readyz`. Answers 503 while the database is away or older than this program, or the process is stopping.
pub async fn ready(State(state): State<ServerState>) -> Response {
    let store = state.engine.store();
    let database = store.ping().await;
    let migrated = store
        .applied_migrations()
        .await
        .map(|applied| migrations::ALL.iter().all(|known| applied.contains(&known.version)));
    for error in [database.as_ref().err(), migrated.as_ref().err()].into_iter().flatten() {
        tracing::warn!(%error, "not ready");
    }
    let migrations = match migrated {
        Ok(true) => "applied",
        Ok(false) => "missing, run `turnwise migrate`",
        Err(_) => "unknown",
    };
    let ready = database.is_ok() && matches!(migrated, Ok(true)) && !state.stopping.is_cancelled();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let database = if database.is_ok() { "answers" } else { "does not answer" };
    (status, Json(Readiness { ready, database, migrations })).into_response()
}
