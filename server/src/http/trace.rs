//! One log line and two measurements for every request, by its route and never by its path: paths carry tokens.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use metrics::{counter, histogram};
use tracing::Instrument;

use super::request_id::RequestId;

/// Routes that are asked so often by machines that they are logged only on demand.
const QUIET: &[&str] = &["/healthz", "/readyz", "/metrics", "/assets/{*name}", "/favicon.ico"];

/// Middleware: counts, times and logs the request.
pub async fn record(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let route = matched.as_ref().map_or("unmatched", MatchedPath::as_str).to_owned();
    let request_id = request.extensions().get::<RequestId>().map(|id| id.as_str().to_owned()).unwrap_or_default();
    let span = tracing::info_span!("request", %method, route, request_id);

    let response = next.run(request).instrument(span.clone()).await;

    let elapsed = started.elapsed();
    let status = response.status();
    let labels = [("method", method_label(&method)), ("route", route.clone())];
    histogram!("http_request_duration_seconds", &labels).record(elapsed);
    counter!("http_requests_total", "method" => method_label(&method), "route" => route.clone(), "status" => status.as_str().to_owned()).increment(1);
    let milliseconds = elapsed.as_secs_f64() * 1_000.0;
    span.in_scope(|| {
        if QUIET.contains(&route.as_str()) {
            tracing::debug!(status = status.as_u16(), milliseconds, "answered");
        } else {
            tracing::info!(status = status.as_u16(), milliseconds, "answered");
        }
    });
    response
}

/// Methods that clients invent do not become labels: there would be no end of them.
fn method_label(method: &http::Method) -> String {
    let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    known.into_iter().find(|known| *known == method.as_str()).unwrap_or("OTHER").to_owned()
}
