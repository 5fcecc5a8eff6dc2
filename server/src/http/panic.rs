//! A handler that panics costs one answer, not the process. The panic itself is logged by the hook of `crate::logs`.

use std::any::Any;

use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;

use super::problem::Problem;

/// Answers 500 instead of breaking the connection.
pub fn layer() -> CatchPanicLayer<fn(Box<dyn Any + Send + 'static>) -> Response> {
    CatchPanicLayer::custom(answer as fn(Box<dyn Any + Send + 'static>) -> Response)
}

fn answer(_panic: Box<dyn Any + Send + 'static>) -> Response {
    Problem::failed().into_response()
}
