//! Replies to exports, in the encoding of the request: how many records were refused and why.

use opentelemetry_proto::tonic::collector::logs::v1::{ExportLogsPartialSuccess, ExportLogsServiceResponse};
use opentelemetry_proto::tonic::collector::trace::v1::{ExportTracePartialSuccess, ExportTraceServiceResponse};
use prost::Message as _;
use serde_json::json;

use super::{Decoded, Encoding};

/// The reply to a traces export.
#[must_use]
pub fn traces_reply(decoded: &Decoded, encoding: Encoding) -> Vec<u8> {
    let refused = count(decoded);
    match (encoding, decoded.error_message()) {
        (Encoding::Protobuf, message) => ExportTraceServiceResponse {
            partial_success: message
                .map(|error_message| ExportTracePartialSuccess { rejected_spans: refused, error_message }),
        }
        .encode_to_vec(),
        (Encoding::Json, None) => b"{}".to_vec(),
        (Encoding::Json, Some(message)) => {
            json!({"partialSuccess": {"rejectedSpans": refused.to_string(), "errorMessage": message}})
                .to_string()
                .into()
        }
    }
}

/// The reply to a logs export.
#[must_use]
pub fn logs_reply(decoded: &Decoded, encoding: Encoding) -> Vec<u8> {
    let refused = count(decoded);
    match (encoding, decoded.error_message()) {
        (Encoding::Protobuf, message) => ExportLogsServiceResponse {
            partial_success: message
                .map(|error_message| ExportLogsPartialSuccess { rejected_log_records: refused, error_message }),
        }
        .encode_to_vec(),
        (Encoding::Json, None) => b"{}".to_vec(),
        (Encoding::Json, Some(message)) => {
            json!({"partialSuccess": {"rejectedLogRecords": refused.to_string(), "errorMessage": message}})
                .to_string()
                .into()
        }
    }
}

/// The reply to a metrics export: accepted, and ignored.
#[must_use]
pub fn metrics_reply(encoding: Encoding) -> Vec<u8> {
    match encoding {
        Encoding::Protobuf => Vec::new(),
        Encoding::Json => b"{}".to_vec(),
    }
}

fn count(decoded: &Decoded) -> i64 {
    i64::try_from(decoded.rejected.len()).unwrap_or(i64::MAX)
}
