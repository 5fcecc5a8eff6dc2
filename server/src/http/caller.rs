//! Who is calling: a program by its key or, if it shows none, a person by the sign-in cookie. Found out once for each request.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use tower_sessions::Session;
use turnwise_engine::Engine;
use turnwise_engine::access::Caller;

use super::problem::Problem;
use super::{credentials, sign_in};
use crate::state::ServerState;

/// Middleware: puts the [`Caller`] into the request. A key that is unknown or revoked is refused here, whatever was asked for.
pub async fn find_out(
    State(state): State<ServerState>,
    session: Session,
    mut request: Request,
    next: Next,
) -> Response {
    match of_request(&state.engine, &session, request.headers()).await {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(problem) => problem.into_response(),
    }
}

async fn of_request(engine: &Engine, session: &Session, headers: &HeaderMap) -> Result<Caller, Problem> {
    if let Some(program) = of_program(engine, headers).await? {
        return Ok(program);
    }
    Ok(match sign_in::account(session, engine).await? {
        Some(account) => Caller::Person { account },
        None => Caller::Anonymous,
    })
}

/// The program whose key a request shows; `None` when it shows none.
///
/// # Errors
/// 401 when what it shows is no valid key.
pub async fn of_program(engine: &Engine, headers: &HeaderMap) -> Result<Option<Caller>, Problem> {
    let key = credentials::key_of(headers)
        .map_err(|error| Problem::unauthorised("unreadable_credentials", error.to_string()))?;
    let Some(key) = key else { return Ok(None) };
    match engine.accounts().caller_of_key(&key).await? {
        Some(caller) => Ok(Some(caller)),
        None => Err(Problem::unauthorised(
            "invalid_key",
            "this API key is unknown or was revoked, make one under Settings, API keys",
        )),
    }
}
