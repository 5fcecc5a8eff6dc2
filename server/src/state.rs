//! What every handler can reach: the engine, the settings of HTTP, the built site.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::FromRef;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio_util::sync::CancellationToken;
use turnwise_app::Assets;
use turnwise_engine::Engine;
use url::Url;

use crate::config::{Config, MetricsAccess};
use crate::http::{Site, recorder};

/// The settings that handlers need.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The address people reach this under, if it was configured.
    pub public_url: Option<Url>,
    /// How many proxies in front of this add to X-Forwarded-For.
    pub trusted_proxies: u8,
    /// Who may read `/metrics`.
    pub metrics: MetricsAccess,
    /// How long a request may take until its answer begins.
    pub request_timeout: Duration,
    /// Bytes that the body of an ordinary request may have.
    pub max_body_bytes: usize,
    /// Bytes that telemetry in one request may have, after inflating.
    pub max_ingest_bytes: usize,
    /// Whether the interface and the API are served, or only health and metrics.
    pub answers: bool,
}

impl Settings {
    /// Whether people reach this over https only.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.public_url.as_ref().is_some_and(|url| url.scheme() == "https")
    }
}

impl From<&Config> for Settings {
    fn from(config: &Config) -> Self {
        Self {
            public_url: config.public_url.clone(),
            trusted_proxies: config.trusted_proxies,
            metrics: config.metrics,
            request_timeout: config.request_timeout(),
            max_body_bytes: config.max_body_bytes,
            max_ingest_bytes: config.max_ingest_bytes,
            answers: config.role.answers(),
        }
    }
}

/// What every handler can reach. Clones share everything.
#[derive(Clone)]
pub struct ServerState {
    /// The services.
    pub engine: Engine,
    /// The settings that handlers need.
    pub settings: Arc<Settings>,
    /// The files of the built site.
    pub site: Arc<Site>,
    /// The names of those files, for pages.
    pub assets: Arc<Assets>,
    /// What was measured in this process.
    pub recorder: PrometheusHandle,
    /// Cancelled when the process is about to end: answers that never end by themselves must then end.
    pub stopping: CancellationToken,
}

impl ServerState {
    /// With these services, settings and this site.
    #[must_use]
    pub fn new(engine: Engine, settings: Settings, site: Site, stopping: CancellationToken) -> Self {
        let assets = match site.manifest().map(serde_json::from_slice::<Assets>) {
            Some(Ok(assets)) => assets,
            Some(Err(error)) => {
                tracing::error!(%error, "the manifest of the built site cannot be read, pages have no styles");
                Assets::default()
            }
            None => {
                tracing::warn!(
                    "this binary was built without the site, pages have no styles: build it with `cargo xtask build`"
                );
                Assets::default()
            }
        };
        Self {
            engine,
            settings: Arc::new(settings),
            site: Arc::new(site),
            assets: Arc::new(assets),
            recorder: recorder(),
            stopping,
        }
    }
}

impl FromRef<ServerState> for Arc<Site> {
    fn from_ref(state: &ServerState) -> Self {
        Arc::clone(&state.site)
    }
}
