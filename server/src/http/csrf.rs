//! Requests that change something and rest on a cookie must come from our own pages, or from no page at all.
//!
//! By what browsers say of themselves (Sec-Fetch-Site, Origin), so forms need no token. A request with a key rests on no
//! cookie (see [`super::caller`]), and another site cannot make a browser send one.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use tower::{Layer, Service};
use tower_http::csrf::{ConfigError, CsrfLayer, ProtectionError};
use url::Url;

use super::credentials;
use super::problem::Problem;

/// What is answered to a request from elsewhere.
type Refusal = fn(ProtectionError) -> Response;

/// The check for requests that may rest on a cookie.
pub type Check = CsrfLayer<Refusal>;

/// The check. A proxy may rewrite Host, so the address people use is trusted beside it.
///
/// # Errors
/// When the public address cannot be an origin.
pub fn check(public_url: Option<&Url>) -> Result<Check, ConfigError> {
    let mut layer = CsrfLayer::new();
    if let Some(url) = public_url {
        layer = layer.add_trusted_origin(url.origin().ascii_serialization())?;
    }
    Ok(layer.with_rejection_response(refuse as Refusal))
}

/// Middleware: refuses what another site made a browser send.
pub async fn refuse_cross_site(State(check): State<Check>, request: Request, mut next: Next) -> Response {
    if credentials::are_present(request.headers()) {
        return next.run(request).await;
    }
    let Ok(response) = match futures::future::poll_fn(|context| next.poll_ready(context)).await {
        Ok(()) => check.layer(next).call(request).await,
        Err(never) => match never {},
    };
    response
}

fn refuse(_: ProtectionError) -> Response {
    let detail = "this came from another site; if it did not, the proxy in front must pass Host and Origin on, or public_url must be set";
    Problem::new(StatusCode::FORBIDDEN, "cross_site", detail).into_response()
}
