//! `/api/v1/docs`: a page of our own that lists the operations and sends requests. It loads nothing from elsewhere.

use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};

/// Only what lies beside the page, and requests to this server.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const BRIEFLY: &str = "public, max-age=300";

/// `GET /api/v1/docs`.
pub async fn page() -> Response {
    let headers =
        [(CONTENT_TYPE, "text/html; charset=utf-8"), (CONTENT_SECURITY_POLICY, POLICY), (CACHE_CONTROL, BRIEFLY)];
    (headers, include_str!("docs/page.html")).into_response()
}

/// `GET /api/v1/docs/try.js`.
pub async fn script() -> Response {
    ([(CONTENT_TYPE, "text/javascript; charset=utf-8"), (CACHE_CONTROL, BRIEFLY)], include_str!("docs/try.js"))
        .into_response()
}

/// `GET /api/v1/docs/try.css`.
pub async fn style() -> Response {
    ([(CONTENT_TYPE, "text/css; charset=utf-8"), (CACHE_CONTROL, BRIEFLY)], include_str!("docs/try.css"))
        .into_response()
}
