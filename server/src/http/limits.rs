//! How much a request may send and how long its answer may take to begin.

use std::time::Duration;

use axum::body::{Body, HttpBody, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::StatusCode;

use super::problem::Problem;

/// Middleware for routes whose bodies are small: reads the whole body before the handler runs, or answers 413.
pub async fn small_bodies(State(max): State<usize>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if announced > max {
        return too_large(max).into_response();
    }
    match to_bytes(body, max).await {
        Ok(bytes) => next.run(Request::from_parts(parts, Body::from(bytes))).await,
        Err(error) if is_too_large(&error) => too_large(max).into_response(),
        Err(_) => Problem::new(
            StatusCode::BAD_REQUEST,
            "incomplete_body",
            "the body ended before it was complete, send it again",
        )
        .into_response(),
    }
}

fn is_too_large(error: &axum::Error) -> bool {
    std::error::Error::source(error).is_some_and(<dyn std::error::Error>::is::<http_body_util::LengthLimitError>)
}

fn too_large(max: usize) -> Problem {
    let detail = format!("the body is larger than the {max} bytes that are accepted here, send less at a time");
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail)
}

/// Middleware: gives up a request whose answer has not begun in time. Streams may then go on as long as they like.
pub async fn in_time(State(limit): State<Duration>, request: Request, next: Next) -> Response {
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            let detail = format!(
                "this took longer than {} seconds and was given up, ask for less or try again later",
                limit.as_secs()
            );
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "timeout", detail).into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::middleware::from_fn_with_state;
    use axum::routing::get;
    use tower::ServiceExt as _;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_handler_that_does_not_answer_is_given_up() {
        let never = get(async || std::future::pending::<()>().await);
        let app = Router::new().route("/", never).layer(from_fn_with_state(Duration::from_secs(30), in_time));
        let request = Request::new(Body::empty());
        let response = app.oneshot(request).await.expect("never fails");
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    }
}
