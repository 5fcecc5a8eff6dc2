//! All routes of the API. A route and its description are one thing, so neither can be forgotten.

use axum::Router;
use axum::middleware::from_fn;
use axum::routing::{any, get};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{
    api_keys, backfills, docs, evaluations, evaluators, exports, members, openapi, project, providers, queues, reviews,
    rules, scores, sessions,
};
use crate::http::problem;
use crate::state::ServerState;

/// The described routes.
pub fn resources() -> OpenApiRouter<ServerState> {
    OpenApiRouter::with_openapi(openapi::frame())
        .routes(routes!(project::show))
        .routes(routes!(members::list))
        .routes(routes!(api_keys::list, api_keys::create))
        .routes(routes!(api_keys::revoke))
        .routes(routes!(sessions::list, sessions::create))
        .routes(routes!(sessions::show, sessions::delete))
        .routes(routes!(sessions::end))
        .routes(routes!(sessions::spans))
        .routes(routes!(sessions::span))
        .routes(routes!(scores::create))
        .routes(routes!(exports::list, exports::start))
        .routes(routes!(exports::stream))
        .routes(routes!(exports::show, exports::delete))
        .routes(routes!(exports::cancel))
        .routes(routes!(exports::file))
        .routes(routes!(exports::manifest))
        .routes(routes!(rules::list, rules::create))
        .routes(routes!(rules::preview))
        .routes(routes!(rules::show, rules::update, rules::archive))
        .routes(routes!(rules::explain))
        .routes(routes!(backfills::start))
        .routes(routes!(backfills::show, backfills::cancel))
        .routes(routes!(evaluators::list, evaluators::create))
        .routes(routes!(evaluators::built_in))
        .routes(routes!(evaluators::show, evaluators::change, evaluators::archive))
        .routes(routes!(evaluators::try_on))
        .routes(routes!(evaluations::ledger))
        .routes(routes!(evaluations::evaluate))
        .routes(routes!(providers::list, providers::create))
        .routes(routes!(providers::change, providers::delete))
        .routes(routes!(providers::test))
        .routes(routes!(queues::list, queues::create))
        .routes(routes!(queues::show, queues::update))
        .routes(routes!(queues::tasks, queues::add_tasks))
        .routes(routes!(reviews::claim))
        .routes(routes!(reviews::submit))
        .routes(routes!(reviews::release))
        .routes(routes!(reviews::list))
}

/// The routes with what describes them, and an answer for addresses under which there is nothing.
pub fn router() -> Router<ServerState> {
    let (resources, _) = resources().split_for_parts();
    resources
        .route("/api/v1/openapi.json", get(openapi::serve))
        .route("/api/v1/docs", get(docs::page))
        .route("/api/v1/docs/try.js", get(docs::script))
        .route("/api/v1/docs/try.css", get(docs::style))
        .route("/api/{*rest}", any(nothing_here))
        .layer(from_fn(problem::for_every_error))
}

async fn nothing_here() -> problem::Problem {
    problem::Problem::not_found("nothing is served under this address, see /api/v1/docs")
}
