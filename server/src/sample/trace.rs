//! The spans of one turn: its steps one after the other, below the turn's own.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::content::{Article, Conversation, Found, Step, Turn};
use super::message::Message;
use super::wire::{hash, span};

/// The spans of one turn while they are made.
pub(super) struct Trace {
    id: String,
    number: usize,
    started_at: i64,
    at: i64,
    spans: Vec<Json>,
}

impl Trace {
    pub(super) fn new(conversation: &str, index: usize, started_at: i64) -> Self {
        let id = hash(&format!("turnwise sample {conversation} {index}"), 16);
        Self { id, number: index + 1, started_at, at: started_at, spans: Vec::new() }
    }

    /// The steps of the turn one after the other; each tool was asked for by a model call, and a last one answers.
    pub(super) fn turn(
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
    pub(super) fn finish(mut self, conversation: &Conversation, turn: &Turn, is_last: bool) -> Vec<Json> {
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
