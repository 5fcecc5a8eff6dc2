//! The interface: pages rendered by Leptos and the server functions behind them. Both get the same [`ServerContext`].
//!
//! Who is not signed in is sent to the sign-in page before anything is rendered, and on an empty installation to the set-up page.

use std::sync::Arc;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{MethodFilter, any, get, on};
use http::header::{CACHE_CONTROL, HeaderValue};
use http::{Extensions, HeaderMap, StatusCode};
use leptos::prelude::provide_context;
use leptos::server_fn::axum::server_fn_paths;
use leptos_axum::generate_route_list;
use tower_sessions::Session;
use turnwise_app::{App, ServerContext, shell};
use turnwise_engine::access::Caller;

use super::client_ip::client_ip;
use super::problem::Problem;
use super::sign_in::BrowserSignIns;
use crate::state::ServerState;

/// Where the first owner is made.
const SET_UP: &str = "/setup";
/// Where people sign in.
const SIGN_IN: &str = "/sign-in";
/// Pages that people see before they have signed in.
const OPEN_PAGES: &[&str] = &[SET_UP, SIGN_IN, "/invite/{token}"];
/// A page may be kept by the browser that asked for it, if it asks again before showing it.
const FRESH: HeaderValue = HeaderValue::from_static("private, no-cache");

/// The pages, the server functions, and the page for what is not there.
pub fn router(state: &ServerState) -> Router<ServerState> {
    let mut functions = Router::new().route("/api/ui/{*function}", any(no_such_function));
    for (path, method) in server_fn_paths() {
        if let Ok(method) = MethodFilter::try_from(method) {
            functions = functions.route(path, on(method, call));
        }
    }
    let mut pages = Router::new();
    let mut known = std::collections::BTreeSet::new();
    for listing in generate_route_list(App) {
        if known.insert(listing.path().to_owned()) {
            pages = pages.route(listing.path(), get(show));
        }
    }
    pages.layer(from_fn_with_state(state.clone(), admit)).merge(functions).fallback(show_not_found)
}

/// Middleware: sends people to where they have to go first.
async fn admit(State(state): State<ServerState>, request: Request, next: Next) -> Response {
    let route =
        request.extensions().get::<MatchedPath>().map(|matched| matched.as_str().to_owned()).unwrap_or_default();
    let needs_setup = match state.engine.accounts().needs_setup().await {
        Ok(needs_setup) => needs_setup,
        Err(error) => return Problem::from(error).into_response(),
    };
    if needs_setup {
        return if route == SET_UP { next.run(request).await } else { Redirect::to(SET_UP).into_response() };
    }
    if route == SET_UP {
        return Redirect::to("/").into_response();
    }
    let signed_in = matches!(request.extensions().get::<Caller>(), Some(Caller::Person { .. }));
    if signed_in || OPEN_PAGES.contains(&route.as_str()) {
        return next.run(request).await;
    }
    let wanted = request.uri().path_and_query().map_or("/", |wanted| wanted.as_str());
    let sign_in = if wanted == "/" {
        SIGN_IN.to_owned()
    } else {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("next", wanted).finish();
        format!("{SIGN_IN}?{query}")
    };
    Redirect::to(&sign_in).into_response()
}

/// Renders the page of the request. The whole page is made before it is sent: it must be complete without JavaScript.
async fn show(State(state): State<ServerState>, request: Request) -> Response {
    let context = match context_of(&state, request.extensions(), request.headers()) {
        Ok(context) => context,
        Err(problem) => return problem.into_response(),
    };
    let render = leptos_axum::render_app_async_with_context(move || provide_context(context.clone()), shell);
    let mut response = render(request).await;
    response.headers_mut().entry(CACHE_CONTROL).or_insert(FRESH);
    response
}

/// The page that says there is none.
async fn show_not_found(state: State<ServerState>, request: Request) -> Response {
    let mut response = show(state, request).await;
    if response.status() == StatusCode::OK {
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    response
}

/// Runs a server function.
async fn call(State(state): State<ServerState>, request: Request) -> Response {
    match context_of(&state, request.extensions(), request.headers()) {
        Ok(context) => leptos_axum::handle_server_fns_with_context(move || provide_context(context.clone()), request)
            .await
            .into_response(),
        Err(problem) => problem.into_response(),
    }
}

async fn no_such_function() -> Problem {
    Problem::not_found("the server has no such function; if you updated it a moment ago, reload the page")
}

fn context_of(state: &ServerState, extensions: &Extensions, headers: &HeaderMap) -> Result<ServerContext, Problem> {
    let (Some(session), Some(caller)) = (extensions.get::<Session>(), extensions.get::<Caller>()) else {
        tracing::error!("a page was asked for past the middleware that finds out who is calling");
        return Err(Problem::failed());
    };
    Ok(ServerContext {
        engine: state.engine.clone(),
        caller: caller.clone(),
        ip: client_ip(extensions, headers, state.settings.trusted_proxies),
        assets: Arc::clone(&state.assets),
        sign_ins: Arc::new(BrowserSignIns::new(session.clone())),
    })
}
