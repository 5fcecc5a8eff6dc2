//! Wire formats in, model records out. Pure: bytes go in, [`SpanRecord`]s come out, nothing is read or written.
//!
//! - [`otlp`]: OTLP traces and logs as protobuf or JSON; and records back into OTLP.
//! - [`dialect`]: the ways of telling about LLM calls in attributes, one file each.
//! - [`messages`], [`tau_bench`], [`mtrag`]: files of conversations, turned into the same records as telemetry, so that
//!   idempotence and turn assembly are the same path for all.
//!
//! [`SpanRecord`]: turnwise_model::telemetry::SpanRecord

pub mod chat;
pub mod dialect;
pub mod documents;
pub mod draft;
pub mod messages;
pub mod mtrag;
pub mod otlp;
pub mod parts;
pub mod synthetic;
pub mod tau_bench;
pub mod translate;
pub mod value;
