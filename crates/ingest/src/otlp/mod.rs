//! OTLP, the protocol of OpenTelemetry, in protobuf and JSON.

pub mod decode;
pub mod encode;
mod json;
mod protobuf;
pub mod raw;
pub mod reply;

pub use decode::{DecodeError, Decoded, Encoding, Rejected, decode_logs, decode_traces};
pub use encode::{encode_traces, to_otlp};
pub use reply::{logs_reply, metrics_reply, traces_reply};
