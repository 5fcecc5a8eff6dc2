//! All routes and what every request passes through, from the outside in.

use std::sync::Arc;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use tower_http::csrf::ConfigError;

use super::{
    api, assets, caller, compression, csrf, health, limits, metrics, origin, otlp, pages, panic, problem, request_id,
    security_headers, sign_in, trace,
};
use crate::state::ServerState;

/// The whole of HTTP as one router.
///
/// # Errors
/// When the public address cannot be an origin.
pub fn app(state: ServerState) -> Result<Router, ConfigError> {
    let settings = Arc::clone(&state.settings);
    let machines = Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(metrics::serve));
    let everything = if settings.answers {
        let files =
            Router::new().route("/assets/{*name}", get(assets::serve)).route("/favicon.ico", get(assets::favicon));
        machines.merge(files).merge(otlp::router()).merge(for_callers(&state)?)
    } else {
        machines.fallback(async || problem::Problem::not_found("this process only does background work"))
    };
    // The layer that is added last is the outermost.
    Ok(everything
        .layer(from_fn_with_state(settings.request_timeout, limits::in_time))
        .layer(panic::layer())
        .layer(from_fn(problem::name_the_request))
        .layer(compression::layer())
        .layer(from_fn_with_state(settings.is_https(), security_headers::set))
        .layer(from_fn(trace::record))
        .layer(from_fn_with_state(state.engine.ambient().clone(), request_id::give))
        .with_state(state))
}

/// The routes for which it matters who is calling: the API and the interface.
fn for_callers(state: &ServerState) -> Result<Router<ServerState>, ConfigError> {
    let settings = &state.settings;
    let origin = origin::Origin::new(settings.public_url.as_ref(), settings.trusted_proxies > 0);
    Ok(api::router()
        .merge(pages::router(state))
        .layer(from_fn_with_state(state.clone(), caller::find_out))
        .layer(sign_in::layer(state.engine.clone(), settings.is_https()))
        .layer(from_fn_with_state(settings.max_body_bytes, limits::small_bodies))
        .layer(from_fn_with_state(csrf::check(settings.public_url.as_ref())?, csrf::refuse_cross_site))
        .layer(from_fn_with_state(Arc::new(origin), origin::settle)))
}
