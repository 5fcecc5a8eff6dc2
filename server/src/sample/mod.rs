//! The sample project's conversations as a client would send them: OTLP/JSON with OpenInference attributes.
//!
//! The conversations are `server/sample` (see its README), embedded in the binary. What is made here goes through the
//! same door as anybody's telemetry: decoded by `turnwise_ingest`, accepted by the engine.

mod content;
mod message;
mod trace;
mod wire;

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use turnwise_engine::Engine;
use turnwise_engine::ingestion::IngestError;
use turnwise_model::{Micros, ProjectId};

use content::{Article, Conversation, Files, duration_ns, read};
use message::Message;
use trace::Trace;
use wire::attributes;

/// The instructions that the sample's assistant works under.
const INSTRUCTIONS: &str = "You are the support assistant of Larkfield Outfitters, an online shop for outdoor gear. Answer from the \
    articles and tool results you are given. Where the rules do not allow what is asked, say so and offer what they do allow.";
/// Bytes after which another request is begun, well under what the door takes.
const REQUEST_BYTES: usize = 1 << 20;

/// Why the sample could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum SampleError {
    /// A file of the sample is broken: a fault of this build.
    #[error("the sample file {file} cannot be read: {reason}")]
    File {
        /// Which file.
        file: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The conversations were not understood: a fault of this build.
    #[error("the sample is no telemetry: {0}")]
    Telemetry(String),
    /// They could not be stored.
    #[error(transparent)]
    Ingest(#[from] IngestError),
}

/// Sends the sample conversations into a project, as if they had happened in the days before now.
///
/// Loading again changes nothing but the times.
///
/// # Errors
/// When the database does not take them.
pub async fn load(engine: &Engine, project: ProjectId) -> Result<u64, SampleError> {
    let mut sent = 0;
    for request in export_requests(engine.ambient().now())? {
        let decoded = turnwise_ingest::otlp::decode_traces(&request, turnwise_ingest::otlp::Encoding::Json)
            .map_err(|error| SampleError::Telemetry(error.to_string()))?;
        if let Some(refused) = decoded.error_message() {
            return Err(SampleError::Telemetry(refused));
        }
        sent += engine.ingestion().accept(project, decoded.spans).await?.spans;
    }
    Ok(sent)
}

/// The conversations as bodies of OTLP/JSON export requests, `now` being the moment of loading.
///
/// # Errors
/// When a file of the sample is broken.
pub fn export_requests(now: Micros) -> Result<Vec<Vec<u8>>, SampleError> {
    let articles: Vec<Article> = read("knowledge.json")?;
    let articles: BTreeMap<String, Article> =
        articles.into_iter().map(|article| (article.id.clone(), article)).collect();
    let mut names: Vec<_> = Files::iter().filter(|name| name.starts_with("conversations/")).collect();
    names.sort();
    let mut requests = Vec::new();
    let (mut groups, mut bytes) = (Vec::new(), 0);
    for name in names {
        let group = resource_spans(&read(&name)?, &articles, now);
        bytes += group.to_string().len();
        groups.push(group);
        if bytes > REQUEST_BYTES {
            requests.push(json!({ "resourceSpans": std::mem::take(&mut groups) }).to_string().into_bytes());
            bytes = 0;
        }
    }
    if !groups.is_empty() {
        requests.push(json!({ "resourceSpans": groups }).to_string().into_bytes());
    }
    Ok(requests)
}

/// One conversation: a trace for each turn.
fn resource_spans(conversation: &Conversation, articles: &BTreeMap<String, Article>, now: Micros) -> Json {
    let mut spans = Vec::new();
    let mut history = vec![Message::plain("system", INSTRUCTIONS)];
    let mut at = now.0.saturating_mul(1_000) - duration_ns(&conversation.started);
    for (index, turn) in conversation.turns.iter().enumerate() {
        at += turn.pause_before_ms * 1_000_000;
        let mut trace = Trace::new(&conversation.id, index, at);
        trace.turn(conversation, turn, articles, &mut history);
        at += turn.took_ms() * 1_000_000;
        let is_last = index + 1 == conversation.turns.len();
        spans.extend(trace.finish(conversation, turn, is_last));
    }
    json!({
        "resource": { "attributes": attributes([
            ("service.name", json!("larkfield-support")),
            ("service.version", json!(conversation.release)),
            ("deployment.environment.name", json!(conversation.environment)),
        ]) },
        "scopeSpans": [{ "scope": { "name": "larkfield.sample" }, "spans": spans }],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loading_later_gives_the_same_spans_at_later_times() {
        let early = export_requests(Micros(1_795_222_634_000_000)).expect("the sample is whole");
        let late = export_requests(Micros(1_795_222_635_000_000)).expect("the sample is whole");
        assert_eq!(early.len(), late.len());
        assert_ne!(early, late);
    }
}
