//! OTLP over HTTP: `/v1/traces`, `/v1/logs`, `/v1/metrics`, also where Langfuse's SDKs send them. Answered after the commit.
//!
//! Metrics are accepted and ignored, or clients that send them besides would log errors for ever.

use std::io::{self, Read};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::State;
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use flate2::read::{MultiGzDecoder, ZlibDecoder};
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};
use turnwise_engine::access::Access;
use turnwise_engine::ingestion::IngestError;
use turnwise_ingest::otlp::{
    DecodeError, Decoded, Encoding, decode_logs, decode_traces, logs_reply, metrics_reply, traces_reply,
};
use turnwise_model::access::Scope;

use super::caller;
use super::problem::{self, MISSING_KEY, Problem};
use crate::state::ServerState;

/// The routes.
pub fn router() -> Router<ServerState> {
    let mut router = Router::new();
    for prefix in ["", "/api/public/otel"] {
        router = router
            .route(&format!("{prefix}/v1/traces"), post(traces))
            .route(&format!("{prefix}/v1/logs"), post(logs))
            .route(&format!("{prefix}/v1/metrics"), post(metrics));
    }
    router.layer(from_fn(problem::for_every_error))
}

async fn traces(State(state): State<ServerState>, headers: HeaderMap, body: Body) -> Result<Response, Problem> {
    export(&state, &headers, body, decode_traces, traces_reply).await
}

async fn logs(State(state): State<ServerState>, headers: HeaderMap, body: Body) -> Result<Response, Problem> {
    export(&state, &headers, body, decode_logs, logs_reply).await
}

async fn metrics(State(state): State<ServerState>, headers: HeaderMap, body: Body) -> Result<Response, Problem> {
    access(&state, &headers).await?;
    let encoding = encoding(&headers)?;
    read(body, state.settings.max_ingest_bytes).await?;
    Ok(reply(encoding, metrics_reply(encoding)))
}

/// Takes an export request, and answers when what it brought is stored.
async fn export(
    state: &ServerState,
    headers: &HeaderMap,
    body: Body,
    decode: fn(&[u8], Encoding) -> Result<Decoded, DecodeError>,
    answer: fn(&Decoded, Encoding) -> Vec<u8>,
) -> Result<Response, Problem> {
    let access = access(state, headers).await?;
    let encoding = encoding(headers)?;
    let packing = Packing::of(headers)?;
    let most = state.settings.max_ingest_bytes;
    let body = read(body, most).await?;
    let decoded = move || {
        let inflated = packing.inflate(&body, most)?;
        let mut decoded = decode(inflated.as_deref().unwrap_or(&body), encoding).map_err(Unreadable::Otlp)?;
        let spans = std::mem::take(&mut decoded.spans);
        Ok::<_, Unreadable>((spans, decoded))
    };
    let (accepted, decoded) = state.engine.ingestion().accept_decoded(access.project.id, decoded).await??;
    metrics::counter!("turnwise_otlp_rejected_total").increment(decoded.rejected.len() as u64);
    tracing::debug!(project = %access.project.slug, spans = accepted.spans, refused = decoded.rejected.len(), "telemetry was stored");
    Ok(reply(encoding, answer(&decoded, encoding)))
}

/// The proof that the sender's key may send telemetry.
async fn access(state: &ServerState, headers: &HeaderMap) -> Result<Access, Problem> {
    let program = caller::of_program(&state.engine, headers).await?;
    let program = program.ok_or_else(|| Problem::unauthorised("missing_credentials", MISSING_KEY))?;
    Ok(state.engine.accounts().authorise_scope(&program, Scope::Ingest).await?)
}

fn encoding(headers: &HeaderMap) -> Result<Encoding, Problem> {
    let named = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    Encoding::from_content_type(named).ok_or_else(|| {
        let detail =
            format!("the content type {named:?} is not OTLP's, send application/x-protobuf or application/json");
        Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_otlp", detail)
    })
}

fn reply(encoding: Encoding, body: Vec<u8>) -> Response {
    let content_type = match encoding {
        Encoding::Protobuf => "application/x-protobuf",
        Encoding::Json => "application/json",
    };
    ([(CONTENT_TYPE, content_type)], body).into_response()
}

async fn read(body: Body, most: usize) -> Result<Bytes, Problem> {
    to_bytes(body, most).await.map_err(|error| {
        let is_too_large = std::error::Error::source(&error)
            .is_some_and(<dyn std::error::Error>::is::<http_body_util::LengthLimitError>);
        if is_too_large {
            Unreadable::TooLarge(most).into()
        } else {
            Problem::new(
                StatusCode::BAD_REQUEST,
                "incomplete_body",
                "the body ended before it was complete, send it again",
            )
        }
    })
}

/// How a body is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Packing {
    Plain,
    Gzip,
    Deflate,
    Zstd,
}

/// Why a body cannot be read.
#[derive(Debug, thiserror::Error)]
enum Unreadable {
    #[error("the body is larger than the {0} bytes that are accepted here, send less at a time")]
    TooLarge(usize),
    #[error("the body is not compressed as its content-encoding says: {0}")]
    Inflating(io::Error),
    #[error("{0}")]
    Otlp(DecodeError),
}

impl Packing {
    fn of(headers: &HeaderMap) -> Result<Self, Problem> {
        let named =
            headers.get(CONTENT_ENCODING).map(|value| value.to_str().unwrap_or("?").trim().to_ascii_lowercase());
        match named.as_deref() {
            None | Some("" | "identity") => Ok(Self::Plain),
            Some("gzip" | "x-gzip") => Ok(Self::Gzip),
            Some("deflate") => Ok(Self::Deflate),
            Some("zstd") => Ok(Self::Zstd),
            Some(other) => {
                let detail =
                    format!("the content encoding {other:?} is not understood, send gzip, deflate, zstd or none");
                Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unknown_encoding", detail))
            }
        }
    }

    /// What was compressed, if it was; never more than `most` bytes of it are made.
    fn inflate(self, body: &[u8], most: usize) -> Result<Option<Vec<u8>>, Unreadable> {
        let inflating = match self {
            Self::Plain => return Ok(None),
            Self::Gzip => limited(MultiGzDecoder::new(body), most),
            Self::Deflate => limited(ZlibDecoder::new(body), most),
            Self::Zstd => zstd::stream::read::Decoder::with_buffer(body).and_then(|decoder| limited(decoder, most)),
        };
        let inflated = inflating.map_err(Unreadable::Inflating)?;
        if inflated.len() > most { Err(Unreadable::TooLarge(most)) } else { Ok(Some(inflated)) }
    }
}

/// All of it, or one byte more than `most`.
fn limited(reader: impl Read, most: usize) -> io::Result<Vec<u8>> {
    let mut inflated = Vec::new();
    reader.take(most as u64 + 1).read_to_end(&mut inflated)?;
    Ok(inflated)
}

impl From<Unreadable> for Problem {
    fn from(error: Unreadable) -> Self {
        let detail = error.to_string();
        match error {
            Unreadable::TooLarge(_) => Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail),
            Unreadable::Inflating(_) => Self::new(StatusCode::BAD_REQUEST, "not_compressed_so", detail),
            Unreadable::Otlp(_) => Self::new(StatusCode::BAD_REQUEST, "not_otlp", detail),
        }
    }
}

impl From<IngestError> for Problem {
    fn from(error: IngestError) -> Self {
        match &error {
            IngestError::Busy { retry_after } => Self::unavailable(*retry_after, error.to_string()),
            IngestError::Stopping => Self::unavailable(Duration::from_secs(2), error.to_string()),
            IngestError::Store(_) | IngestError::Packing(_) | IngestError::Crashed(_) => {
                Self::internal("taking in telemetry", &error)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{GzEncoder, ZlibEncoder};

    use super::*;

    const MOST: usize = 100_000;

    fn packed(packing: Packing, bytes: &[u8]) -> Vec<u8> {
        match packing {
            Packing::Plain => bytes.to_vec(),
            Packing::Gzip => {
                let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
                encoder.write_all(bytes).expect("is written");
                encoder.finish().expect("is finished")
            }
            Packing::Deflate => {
                let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
                encoder.write_all(bytes).expect("is written");
                encoder.finish().expect("is finished")
            }
            Packing::Zstd => zstd::encode_all(bytes, 1).expect("is packed"),
        }
    }

    #[test]
    fn a_body_is_inflated_to_what_it_was() {
        for packing in [Packing::Gzip, Packing::Deflate, Packing::Zstd] {
            let inflated = packing.inflate(&packed(packing, &[7; MOST]), MOST).expect("is inflated");
            assert_eq!(inflated.as_deref(), Some([7; MOST].as_slice()), "{packing:?}");
        }
    }

    #[test]
    fn a_body_that_inflates_too_far_is_refused_before_it_has() {
        for packing in [Packing::Gzip, Packing::Deflate, Packing::Zstd] {
            let refused = packing.inflate(&packed(packing, &vec![0; 500 * MOST]), MOST);
            assert!(matches!(refused, Err(Unreadable::TooLarge(MOST))), "{packing:?}");
        }
    }

    #[test]
    fn a_body_that_is_cut_or_not_compressed_is_refused() {
        for packing in [Packing::Gzip, Packing::Deflate, Packing::Zstd] {
            let whole = packed(packing, &(0..MOST).map(|place| (place % 251) as u8).collect::<Vec<_>>());
            for broken in [&whole[..whole.len() / 2], b"plain text".as_slice()] {
                assert!(matches!(packing.inflate(broken, MOST), Err(Unreadable::Inflating(_))), "{packing:?}");
            }
        }
    }
}
