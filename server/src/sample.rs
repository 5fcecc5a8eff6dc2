//! The sample project's conversations as a client would send them: OTLP/JSON with OpenInference attributes.
//!
//! The conversations are `server/sample` (see its README), embedded in the binary. What is made here goes through the
//! same door as anybody's telemetry: decoded by `turnwise_ingest`, accepted by the engine.

use std::collections::BTreeMap;

use rust_embed::RustEmbed;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use turnwise_engine::Engine;
use turnwise_engine::ingestion::IngestError;
use turnwise_model::{Micros, ProjectId};

/// The instructions that the sample's assistant works under.
const INSTRUCTIONS: &str = "You are the support assistant of Larkfield Outfitters, an online shop for outdoor gear. Answer from the \
    articles and tool results you are given. Where the rules do not allow what is asked, say so and offer what they do allow.";
/// Bytes after which another request is begun, well under what the door takes.
const REQUEST_BYTES: usize = 1 << 20;

#[derive(RustEmbed)]
#[folder = "sample/"]
#[include = "*.json"]
struct Files;

#[derive(Deserialize)]
struct Article {
    id: String,
    title: String,
    text: String,
}

#[derive(Deserialize)]
struct Conversation {
    id: String,
    user_id: String,
    started: String,
    metadata: Json,
    tags: Vec<String>,
    environment: String,
    release: String,
    end_reason: String,
    dropoff: Option<Json>,
    turns: Vec<Turn>,
}

#[derive(Deserialize)]
struct Turn {
    user: String,
    steps: Vec<Step>,
    assistant: Option<String>,
    model: String,
    tokens: Option<Tokens>,
    cost_usd: Option<f64>,
    latency_ms: Option<i64>,
    pause_before_ms: i64,
    journey: Option<Json>,
    error: Option<Failure>,
}

impl Turn {
    /// Where no reply came, the turn lasted as long as what was done for it.
    fn took_ms(&self) -> i64 {
        self.latency_ms.unwrap_or_else(|| self.steps.iter().map(Step::latency_ms).sum())
    }
}

#[derive(Deserialize)]
struct Tokens {
    input: i64,
    output: i64,
}

#[derive(Deserialize)]
struct Failure {
    #[serde(rename = "type")]
    kind: String,
    message: String,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Step {
    Retrieval { query: String, documents: Vec<Found>, latency_ms: i64 },
    Tool { name: String, arguments: Json, result: Option<Json>, error: Option<String>, latency_ms: i64 },
}

impl Step {
    const fn latency_ms(&self) -> i64 {
        match self {
            Self::Retrieval { latency_ms, .. } | Self::Tool { latency_ms, .. } => *latency_ms,
        }
    }
}

#[derive(Deserialize)]
struct Found {
    id: String,
    score: f64,
}

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

fn read<T: for<'de> Deserialize<'de>>(name: &str) -> Result<T, SampleError> {
    let broken = |reason: String| SampleError::File { file: name.to_owned(), reason };
    let file = Files::get(name).ok_or_else(|| broken("it is not in this binary".to_owned()))?;
    serde_json::from_slice(&file.data).map_err(|error| broken(error.to_string()))
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

/// A message in the history of a model call.
#[derive(Clone)]
struct Message {
    role: &'static str,
    content: Option<String>,
    call: Option<(String, String, String)>,
    answers: Option<String>,
}

impl Message {
    fn plain(role: &'static str, content: &str) -> Self {
        Self { role, content: Some(content.to_owned()), call: None, answers: None }
    }

    /// The model asks for a tool.
    fn asks(id: &str, name: &str, arguments: &Json) -> Self {
        let call = Some((id.to_owned(), name.to_owned(), arguments.to_string()));
        Self { role: "assistant", content: None, call, answers: None }
    }

    /// The tool's answer to a call.
    fn answers(id: &str, content: String) -> Self {
        Self { role: "tool", content: Some(content), call: None, answers: Some(id.to_owned()) }
    }

    fn write(&self, prefix: &str, into: &mut Vec<(String, Json)>) {
        into.push((format!("{prefix}.message.role"), json!(self.role)));
        if let Some(content) = &self.content {
            into.push((format!("{prefix}.message.content"), json!(content)));
        }
        if let Some(id) = &self.answers {
            into.push((format!("{prefix}.message.tool_call_id"), json!(id)));
        }
        if let Some((id, name, arguments)) = &self.call {
            let call = format!("{prefix}.message.tool_calls.0.tool_call");
            into.push((format!("{call}.id"), json!(id)));
            into.push((format!("{call}.function.name"), json!(name)));
            into.push((format!("{call}.function.arguments"), json!(arguments)));
        }
    }
}

/// The spans of one turn while they are made.
struct Trace {
    id: String,
    number: usize,
    started_at: i64,
    at: i64,
    spans: Vec<Json>,
}

impl Trace {
    fn new(conversation: &str, index: usize, started_at: i64) -> Self {
        let id = hash(&format!("turnwise sample {conversation} {index}"), 16);
        Self { id, number: index + 1, started_at, at: started_at, spans: Vec::new() }
    }

    /// The steps of the turn one after the other; each tool was asked for by a model call, and a last one answers.
    fn turn(
        &mut self,
        conversation: &Conversation,
        turn: &Turn,
        articles: &BTreeMap<String, Article>,
        history: &mut Vec<Message>,
    ) {
        let model_calls = 1 + turn.steps.iter().filter(|step| matches!(step, Step::Tool { .. })).count();
        let in_steps: i64 = turn.steps.iter().map(Step::latency_ms).sum();
        let in_models = (turn.took_ms() - in_steps).max(0) * 1_000_000;
        let each = in_models / i64::try_from(model_calls).unwrap_or(1);
        history.push(Message::plain("user", &turn.user));
        for (index, step) in turn.steps.iter().enumerate() {
            match step {
                Step::Retrieval { query, documents, latency_ms } => {
                    self.retrieval(query, documents, articles, *latency_ms)
                }
                Step::Tool { name, arguments, result, error, latency_ms } => {
                    let call = format!("call_{}_{index}", &self.id[..8]);
                    let asks = Message::asks(&call, name, arguments);
                    self.model_call(conversation, turn, history, Some(&asks), each, false);
                    history.push(asks);
                    self.tool(&call, name, arguments, result.as_ref(), error.as_deref(), *latency_ms);
                    let answer = match (result, error) {
                        (Some(result), _) => result.to_string(),
                        (None, error) => format!("Error: {}", error.as_deref().unwrap_or("no answer")),
                    };
                    history.push(Message::answers(&call, answer));
                }
            }
        }
        let reply = turn.assistant.as_deref().map(|text| Message::plain("assistant", text));
        let left = self.started_at + turn.took_ms() * 1_000_000 - self.at;
        self.model_call(conversation, turn, history, reply.as_ref(), left.max(0), true);
        history.extend(reply);
    }

    fn retrieval(&mut self, query: &str, documents: &[Found], articles: &BTreeMap<String, Article>, latency_ms: i64) {
        let mut all =
            vec![("openinference.span.kind".to_owned(), json!("RETRIEVER")), ("input.value".to_owned(), json!(query))];
        for (index, found) in documents.iter().enumerate() {
            let document = format!("retrieval.documents.{index}.document");
            all.push((format!("{document}.id"), json!(found.id)));
            all.push((format!("{document}.score"), json!(found.score)));
            if let Some(article) = articles.get(&found.id) {
                all.push((format!("{document}.content"), json!(article.text)));
                all.push((format!("{document}.metadata"), json!(json!({ "title": article.title }).to_string())));
            }
        }
        self.child("search articles", latency_ms * 1_000_000, all, None);
    }

    fn tool(
        &mut self,
        call: &str,
        name: &str,
        arguments: &Json,
        result: Option<&Json>,
        error: Option<&str>,
        latency_ms: i64,
    ) {
        let mut all = vec![
            ("openinference.span.kind".to_owned(), json!("TOOL")),
            ("tool.name".to_owned(), json!(name)),
            ("tool.id".to_owned(), json!(call)),
            ("tool.parameters".to_owned(), json!(arguments.to_string())),
            ("input.value".to_owned(), json!(arguments.to_string())),
            ("input.mime_type".to_owned(), json!("application/json")),
        ];
        if let Some(result) = result {
            all.push(("output.value".to_owned(), json!(result.to_string())));
            all.push(("output.mime_type".to_owned(), json!("application/json")));
        }
        self.child(name, latency_ms * 1_000_000, all, error.map(|message| ("ToolError", message)));
    }

    /// A call of the model with the whole history. The turn's tokens and cost stand on the call that ends it.
    fn model_call(
        &mut self,
        conversation: &Conversation,
        turn: &Turn,
        history: &[Message],
        output: Option<&Message>,
        lasts: i64,
        ends: bool,
    ) {
        let mut all = vec![
            ("openinference.span.kind".to_owned(), json!("LLM")),
            ("llm.model_name".to_owned(), json!(turn.model)),
            ("llm.provider".to_owned(), json!("larkfield")),
            ("conversation.messages_in_context".to_owned(), json!(history.len())),
            ("session.id".to_owned(), json!(conversation.id)),
        ];
        for (index, message) in history.iter().enumerate() {
            message.write(&format!("llm.input_messages.{index}"), &mut all);
        }
        if let Some(output) = output {
            output.write("llm.output_messages.0", &mut all);
        }
        if ends {
            if let Some(tokens) = &turn.tokens {
                all.push(("llm.token_count.prompt".to_owned(), json!(tokens.input)));
                all.push(("llm.token_count.completion".to_owned(), json!(tokens.output)));
            }
            all.extend(turn.cost_usd.map(|cost| ("llm.cost.total".to_owned(), json!(cost))));
        }
        let failed = turn.error.as_ref().filter(|_| ends).map(|error| (error.kind.as_str(), error.message.as_str()));
        self.child("chat", lasts, all, failed);
    }

    fn child(&mut self, name: &str, lasts: i64, all: Vec<(String, Json)>, failed: Option<(&str, &str)>) {
        let span = span(
            &self.id,
            &self.span_id(self.spans.len() + 1),
            Some(&self.span_id(0)),
            name,
            (self.at, self.at + lasts),
            all,
            failed,
        );
        self.at += lasts;
        self.spans.push(span);
    }

    fn span_id(&self, index: usize) -> String {
        hash(&format!("{} {index}", self.id), 8)
    }

    /// The spans, the root last, as exporters send them.
    fn finish(mut self, conversation: &Conversation, turn: &Turn, is_last: bool) -> Vec<Json> {
        let mut all = vec![
            ("openinference.span.kind".to_owned(), json!("AGENT")),
            ("agent.name".to_owned(), json!("larkfield-support")),
            ("session.id".to_owned(), json!(conversation.id)),
            ("user.id".to_owned(), json!(conversation.user_id)),
            ("metadata".to_owned(), json!(conversation.metadata.to_string())),
            ("tag.tags".to_owned(), json!(conversation.tags)),
            ("turn.number".to_owned(), json!(self.number)),
            ("input.value".to_owned(), json!(turn.user)),
        ];
        all.extend(turn.latency_ms.map(|latency| ("turn.latency_ms".to_owned(), json!(latency))));
        all.extend(turn.assistant.as_ref().map(|text| ("output.value".to_owned(), json!(text))));
        all.extend(turn.journey.iter().flat_map(|journey| named("journey", journey)));
        if is_last {
            all.extend(conversation.dropoff.iter().flat_map(|dropoff| named("dropoff", dropoff)));
            if conversation.dropoff.is_some() {
                all.push(("dropoff.detected".to_owned(), json!(true)));
            }
            // A session that ended idle never said that it ended.
            if conversation.end_reason != "idle" {
                all.push(("session.end_reason".to_owned(), json!(conversation.end_reason)));
            }
        }
        let ended_at = self.started_at + turn.took_ms() * 1_000_000;
        let failed = turn.error.as_ref().map(|error| (error.kind.as_str(), error.message.as_str()));
        let root = span(
            &self.id,
            &self.span_id(0),
            None,
            "support turn",
            (self.started_at, ended_at.max(self.at)),
            all,
            failed,
        );
        self.spans.push(root);
        self.spans
    }
}

/// The fields of an object as attributes `prefix.field`.
fn named<'a>(prefix: &'a str, object: &'a Json) -> impl Iterator<Item = (String, Json)> + 'a {
    object.as_object().into_iter().flatten().map(move |(key, value)| (format!("{prefix}.{key}"), value.clone()))
}

fn span(
    trace: &str,
    id: &str,
    parent: Option<&str>,
    name: &str,
    (start, end): (i64, i64),
    all: Vec<(String, Json)>,
    failed: Option<(&str, &str)>,
) -> Json {
    let mut span = json!({
        "traceId": trace,
        "spanId": id,
        "name": name,
        "kind": 1,
        "startTimeUnixNano": start.to_string(),
        "endTimeUnixNano": end.to_string(),
        "attributes": attributes(all),
    });
    if let Some(parent) = parent {
        span["parentSpanId"] = json!(parent);
    }
    if let Some((kind, message)) = failed {
        span["status"] = json!({ "code": 2, "message": message });
        span["events"] = json!([{
            "name": "exception",
            "timeUnixNano": end.to_string(),
            "attributes": attributes([("exception.type", json!(kind)), ("exception.message", json!(message))]),
        }]);
    }
    span
}

fn attributes<K: Into<String>>(all: impl IntoIterator<Item = (K, Json)>) -> Vec<Json> {
    all.into_iter().map(|(key, value)| json!({ "key": key.into(), "value": any_value(&value) })).collect()
}

fn any_value(value: &Json) -> Json {
    match value {
        Json::Bool(flag) => json!({ "boolValue": flag }),
        Json::Number(number) if number.is_f64() => json!({ "doubleValue": number }),
        Json::Number(number) => json!({ "intValue": number.to_string() }),
        Json::Array(items) => json!({ "arrayValue": { "values": items.iter().map(any_value).collect::<Vec<_>>() } }),
        Json::String(text) => json!({ "stringValue": text }),
        other => json!({ "stringValue": other.to_string() }),
    }
}

/// An id of so many bytes in hex: the same text gives the same id.
fn hash(text: &str, bytes: usize) -> String {
    blake3::hash(text.as_bytes()).to_hex()[..bytes * 2].to_owned()
}

/// Nanoseconds of an ISO 8601 duration of days, hours, minutes and seconds, such as `PT167H30M`.
fn duration_ns(text: &str) -> i64 {
    let mut total = 0_i64;
    let mut number = 0_i64;
    for letter in text.chars() {
        let seconds = match letter {
            '0'..='9' => {
                number = number * 10 + i64::from(letter.to_digit(10).unwrap_or(0));
                continue;
            }
            'D' => 86_400,
            'H' => 3_600,
            'M' => 60,
            'S' => 1,
            _ => 0,
        };
        total += number * seconds;
        number = 0;
    }
    total * 1_000_000_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_read() {
        assert_eq!(duration_ns("PT167H30M"), (167 * 60 + 30) * 60 * 1_000_000_000);
        assert_eq!(duration_ns("P1DT2S"), 86_402_000_000_000);
    }

    #[test]
    fn loading_later_gives_the_same_spans_at_later_times() {
        let early = export_requests(Micros(1_795_222_634_000_000)).expect("the sample is whole");
        let late = export_requests(Micros(1_795_222_635_000_000)).expect("the sample is whole");
        assert_eq!(early.len(), late.len());
        assert_ne!(early, late);
    }
}
