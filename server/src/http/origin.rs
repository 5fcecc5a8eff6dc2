//! Under which address people see this server. Links and cookies are made of it, so clients may not choose it.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderName, HeaderValue};
use url::Url;

const PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// What may be believed about the address.
#[derive(Debug, Clone)]
pub struct Origin {
    stated: Option<(HeaderValue, HeaderValue)>,
    behind_proxy: bool,
}

impl Origin {
    /// From the configured address, if there is one, and whether a trusted proxy stands in front.
    #[must_use]
    pub fn new(public_url: Option<&Url>, behind_proxy: bool) -> Self {
        let stated = public_url.and_then(|url| {
            let host = match url.port() {
                Some(port) => format!("{}:{port}", url.host_str()?),
                None => url.host_str()?.to_owned(),
            };
            Some((HeaderValue::from_str(url.scheme()).ok()?, HeaderValue::from_str(&host).ok()?))
        });
        Self { stated, behind_proxy }
    }
}

/// Middleware: replaces what the request says of scheme and host by what was configured; takes it away where no proxy is trusted.
pub async fn settle(State(origin): State<Arc<Origin>>, mut request: Request, next: Next) -> Response {
    let headers = request.headers_mut();
    if let Some((scheme, host)) = &origin.stated {
        headers.insert(PROTO, scheme.clone());
        headers.insert(HOST, host.clone());
    } else if !origin.behind_proxy {
        headers.remove(PROTO);
        headers.remove(HOST);
    }
    next.run(request).await
}
