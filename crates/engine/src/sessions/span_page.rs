//! One span laid out for reading: facts in a word each, then input, output and the rest as text.

use serde_json::Value as Json;
use turnwise_model::Nanos;
use turnwise_model::telemetry::{Content, ContentPart, Message, SpanRecord, Usage, parsed};
use turnwise_model::view::trace::{SpanPage, SpanSection};

use super::error::SessionError;
use super::service::Sessions;
use crate::access::Access;

/// The most letters of one piece that a page is sent; the API has all of it.
const MOST_LETTERS: usize = 200_000;

type Piece = (Option<String>, String);

impl Sessions {
    /// One span, laid out for reading; `None` when this project has no such span.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn open_span(
        &self,
        access: &Access,
        trace_id: &str,
        span_id: &str,
    ) -> Result<Option<SpanPage>, SessionError> {
        Ok(self.span(access, trace_id, span_id).await?.map(page))
    }
}

fn page(span: SpanRecord) -> SpanPage {
    let facts = facts(&span);
    let mut sections = Vec::new();
    let mut add = |title: &str, pieces: Vec<Piece>| {
        if !pieces.is_empty() {
            let pieces = pieces.into_iter().map(|(label, text)| (label, cut(text))).collect();
            sections.push(SpanSection { title: title.to_owned(), pieces });
        }
    };
    add("Errors", errors(&span));
    let tool = span.tool.unwrap_or_default();
    add("Arguments", tool.arguments.iter().map(|value| (None, laid_out(value))).collect());
    add("Input", said(&span.input_messages, span.input.as_ref()));
    add("Output", said(&span.output_messages, span.output.as_ref()));
    add("Result", tool.result.iter().map(|value| (None, laid_out(value))).collect());
    let documents = span.retrieval.into_iter().flat_map(|retrieval| retrieval.documents);
    add("Documents", documents.map(|document| (document.id, document.text.unwrap_or_default())).collect());
    add("Attributes", fields(span.attributes));
    add("Events", span.events.iter().map(|event| (None, laid_out(event))).collect());
    add("Links", span.links.iter().map(|link| (None, laid_out(link))).collect());
    add("Resource", fields(span.resource));
    SpanPage { name: span.name, kind: span.kind, status: span.status, facts, sections }
}

fn facts(span: &SpanRecord) -> Vec<(String, String)> {
    let Usage { input, output, cache_read, cache_write, reasoning, cost } = span.usage;
    let took = span.ended_at.map(|ended| milliseconds(span.started_at, ended));
    let number = |count: Option<i64>| count.map(|count| count.to_string());
    let tool = span.tool.as_ref().and_then(|tool| tool.name.clone());
    let query = span.retrieval.as_ref().and_then(|retrieval| retrieval.query.clone());
    let known = [
        ("Status", span.status_message.clone()),
        ("Took", took),
        ("Started", Some(span.started_at.micros().to_string())),
        ("Model", span.model.clone()),
        ("Provider", span.provider.clone()),
        ("Agent", span.agent.clone()),
        ("Tool", tool),
        ("Searched for", query),
        ("Tokens in", number(input)),
        ("Tokens out", number(output)),
        ("Read from cache", number(cache_read)),
        ("Written to cache", number(cache_write)),
        ("Spent on reasoning", number(reasoning)),
        ("Cost", cost.map(|cost| format!("${}", cost.0))),
        ("Scope", span.scope.clone()),
        ("Trace", Some(span.trace_id.clone())),
        ("Span", Some(span.span_id.clone())),
        ("Parent", span.parent_span_id.clone()),
    ];
    known.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

fn milliseconds(from: Nanos, to: Nanos) -> String {
    let micros = to.0.saturating_sub(from.0).max(0) / 1_000;
    format!("{}.{:03} ms", micros / 1_000, micros % 1_000)
}

fn errors(span: &SpanRecord) -> Vec<Piece> {
    let text = |message: &str, trace: Option<&str>| match trace {
        Some(trace) => format!("{message}\n\n{trace}"),
        None => message.to_owned(),
    };
    span.errors.iter().map(|error| (error.kind.clone(), text(&error.message, error.stacktrace.as_deref()))).collect()
}

fn said(messages: &[Message], content: Option<&Content>) -> Vec<Piece> {
    if messages.is_empty() {
        return content.iter().map(|content| (None, laid_out_content(content))).collect();
    }
    messages
        .iter()
        .map(|message| {
            let who = match &message.name {
                Some(name) => format!("{}, {name}", message.role),
                None => message.role.to_string(),
            };
            (Some(who), message.parts.iter().map(part).collect::<Vec<_>>().join("\n"))
        })
        .collect()
}

fn part(part: &ContentPart) -> String {
    match part {
        ContentPart::Text { text } => text.clone(),
        ContentPart::ToolCall { name, arguments, .. } => {
            format!("calls {name}({})", arguments.as_ref().map(laid_out).unwrap_or_default())
        }
        ContentPart::ToolResult { result, .. } => laid_out(result),
        ContentPart::Reasoning { text } => format!("(reasoning) {text}"),
        ContentPart::Media { media_type, uri } => {
            let kind = media_type.as_deref().unwrap_or("media");
            uri.as_ref().map_or_else(|| format!("({kind})"), |uri| format!("({kind}) {uri}"))
        }
        ContentPart::Other { value } => laid_out(value),
    }
}

fn laid_out_content(content: &Content) -> String {
    match content {
        Content::Text(text) => laid_out(&Json::String(text.clone())),
        Content::Json(json) => laid_out(json),
    }
}

/// Structured data over lines; text as it is.
fn laid_out(value: &Json) -> String {
    match parsed(value).as_ref() {
        Json::String(text) => text.clone(),
        json => format!("{json:#}"),
    }
}

fn fields(values: std::collections::BTreeMap<String, Json>) -> Vec<Piece> {
    values.into_iter().map(|(name, value)| (Some(name), laid_out(&value))).collect()
}

fn cut(text: String) -> String {
    match text.char_indices().nth(MOST_LETTERS) {
        Some((at, _)) => format!("{}\n\n… and more, to be had over the API", &text[..at]),
        None => text,
    }
}
