//! Where imported spans go: into this process's engine, or to a server over HTTP. Both store before they answer.

use std::time::Duration;

use turnwise_engine::Engine;
use turnwise_engine::ingestion::IngestError;
use turnwise_ingest::otlp::encode_traces;
use turnwise_model::ProjectId;
use turnwise_model::telemetry::SpanRecord;
use url::Url;

use crate::failure::Failure;

/// How often a server that is busy or away is asked again.
const TRIES: u32 = 8;

/// Where spans go.
#[derive(Debug, Clone)]
pub enum Sink {
    /// Into the database, by the engine.
    Engine(Engine, ProjectId),
    /// To a server.
    Server(Server),
}

/// A server's door for telemetry.
#[derive(Debug, Clone)]
pub struct Server {
    address: Url,
    key: String,
    client: reqwest::Client,
}

impl Server {
    /// The door of the server at this address, for a project's key.
    ///
    /// # Errors
    /// When the address cannot be one.
    pub fn new(address: &Url, key: &str) -> Result<Self, Failure> {
        let address = address.join("/v1/traces").map_err(|error| Failure::Configuration(format!("--url: {error}")))?;
        #[expect(
            clippy::disallowed_methods,
            reason = "a command of its own, which has no engine whose client it could share"
        )]
        let builder = reqwest::Client::builder();
        let client = builder
            .timeout(Duration::from_secs(120))
            .build()
            .map_err(|error| Failure::unexpected("the HTTP client cannot be made", error))?;
        Ok(Self { address, key: key.to_owned(), client })
    }
}

impl Sink {
    /// Stores spans. When it comes back they are stored for good.
    ///
    /// # Errors
    /// When they cannot be stored; sending them again changes nothing.
    pub async fn send(&self, spans: Vec<SpanRecord>) -> Result<u64, Failure> {
        match self {
            Self::Engine(engine, project) => {
                let mut tries = 0;
                loop {
                    tries += 1;
                    match engine.ingestion().accept(*project, spans.clone()).await {
                        Ok(accepted) => return Ok(accepted.spans),
                        Err(IngestError::Busy { retry_after }) if tries < TRIES => {
                            tokio::time::sleep(retry_after).await
                        }
                        Err(error) => return Err(Failure::unexpected("the spans cannot be stored", error)),
                    }
                }
            }
            Self::Server(server) => server.send(spans).await,
        }
    }
}

impl Server {
    async fn send(&self, spans: Vec<SpanRecord>) -> Result<u64, Failure> {
        let count = spans.len() as u64;
        let body = bytes::Bytes::from(encode_traces(&spans));
        let mut tries = 0;
        loop {
            tries += 1;
            let request = self
                .client
                .post(self.address.clone())
                .bearer_auth(&self.key)
                .header("content-type", "application/x-protobuf");
            let pause = match request.body(body.clone()).send().await {
                Ok(answer) if answer.status().is_success() => return Ok(count),
                Ok(answer) if matches!(answer.status().as_u16(), 429 | 502 | 503 | 504) && tries < TRIES => {
                    let told = answer.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
                    Duration::from_secs(told.unwrap_or(2))
                }
                Ok(answer) => {
                    let status = answer.status();
                    let said = answer.text().await.unwrap_or_default();
                    let detail = serde_json::from_str::<serde_json::Value>(&said)
                        .ok()
                        .and_then(|problem| Some(problem.get("detail")?.as_str()?.to_owned()));
                    return Err(Failure::Refused(format!(
                        "{} answered {status}: {}",
                        self.address,
                        detail.unwrap_or(said)
                    )));
                }
                Err(error) if tries < TRIES && (error.is_connect() || error.is_timeout()) => {
                    tracing::warn!(%error, "the server does not answer and is tried again");
                    Duration::from_secs(2)
                }
                Err(error) => return Err(Failure::unexpected("the server cannot be reached", error)),
            };
            tokio::time::sleep(pause).await;
        }
    }
}
