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

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::extract::Request;
    use axum::routing::get;
    use http::StatusCode;
    use tower::ServiceExt as _;

    use super::*;

    async fn broken() -> &'static str {
        panic!("a secret of the handler")
    }

    #[tokio::test]
    async fn a_handler_that_panics_is_answered_for() {
        let app = Router::new().route("/", get(broken)).layer(layer());
        let response = app.oneshot(Request::new(Body::empty())).await.expect("never fails");
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let body = axum::body::to_bytes(response.into_body(), 10_000).await.expect("is read");
        let text = String::from_utf8_lossy(&body);
        assert!(text.contains("\"internal\"") && !text.contains("secret"), "{text}");
    }
}
