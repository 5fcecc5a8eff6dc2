//! How fast requests are read, and a long session assembled: `cargo bench -p turnwise-ingest`.
//!
//! The budget of the whole way to the acknowledgement is 20,000 spans a second of 7.5 kB on two cores; reading must take
//! a small part of it. Bodies are made of invented conversations as instrumentations send them, with the full history
//! on every LLM span.

use divan::counter::{BytesCount, ItemsCount};
use serde_json::json;
use turnwise_ingest::otlp::{Encoding, decode_traces, encode_traces};
use turnwise_model::assembly::assemble;
use turnwise_model::telemetry::SpanRecord;
use turnwise_model::{Id, Micros, ProjectId, SessionId};

fn main() {
    divan::main();
}

/// Conversations of so many turns with tool calls, as records.
fn conversations(count: usize, turns: usize) -> Vec<SpanRecord> {
    let policy =
        "You are the helpdesk of a public library. Answer from the rules below and from nothing else. ".repeat(20);
    (0..count)
        .flat_map(|conversation| {
            let mut messages = vec![json!({"role": "system", "content": policy})];
            for turn in 0..turns {
                let call = format!("call_{conversation}_{turn}");
                messages.extend([
                    json!({"role": "user", "content": format!("I have question {turn}, which is about a \"book\" that I cannot find on its shelf.")}),
                    json!({"role": "assistant", "content": null, "tool_calls": [{"id": call, "type": "function",
                        "function": {"name": "find_book", "arguments": format!("{{\"title\": \"Book {turn}\"}}")}}]}),
                    json!({"role": "tool", "tool_call_id": call, "content": json!({"copies": 1, "shelf": "3C", "rows": vec!["a row of the catalogue"; 12]}).to_string()}),
                    json!({"role": "assistant", "content": format!("Book {turn} stands on shelf 3C.\nThere is one copy, and you may keep it for four weeks.")}),
                ]);
            }
            let line = json!({"session_id": format!("session {conversation}"), "messages": messages}).to_string();
            let at = Micros(1_760_000_000_000_000);
            turnwise_ingest::messages::read_line(&line, at).map(|imported| imported.spans).unwrap_or_default()
        })
        .collect()
}

/// Moves the messages of encoded spans from OpenInference's numbered attributes to GenAI's JSON.
fn genai_json(spans: &[SpanRecord]) -> Vec<u8> {
    use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value::Value};
    use prost::Message as _;
    use turnwise_model::telemetry::{ContentPart, Message};

    let part = |part: &ContentPart| match part {
        ContentPart::Text { text } => json!({"type": "text", "content": text}),
        ContentPart::ToolCall { id, name, arguments } => {
            json!({"type": "tool_call", "id": id, "name": name, "arguments": arguments})
        }
        ContentPart::ToolResult { id, result } => json!({"type": "tool_call_response", "id": id, "response": result}),
        other => json!(other),
    };
    let text = |messages: &[Message]| {
        let list: Vec<_> = messages
            .iter()
            .map(|message| json!({"role": message.role.as_str(), "parts": message.parts.iter().map(part).collect::<Vec<_>>()}))
            .collect();
        json!(list).to_string()
    };
    let bare: Vec<SpanRecord> = spans
        .iter()
        .map(|span| SpanRecord { input_messages: Vec::new(), output_messages: Vec::new(), ..span.clone() })
        .collect();
    let mut request = turnwise_ingest::otlp::to_otlp(&bare);
    let sent =
        request.resource_spans.iter_mut().flat_map(|group| &mut group.scope_spans).flat_map(|scope| &mut scope.spans);
    for (span, record) in sent.zip(spans) {
        for (key, messages) in
            [("gen_ai.input.messages", &record.input_messages), ("gen_ai.output.messages", &record.output_messages)]
        {
            if !messages.is_empty() {
                let value = Some(AnyValue { value: Some(Value::StringValue(text(messages))) });
                span.attributes.push(KeyValue { key: key.to_owned(), value, ..KeyValue::default() });
            }
        }
    }
    request.encode_to_vec()
}

fn decode(bencher: divan::Bencher<'_, '_>, body: &[u8], spans: usize) {
    eprintln!("{} bytes a span", body.len() / spans);
    bencher
        .counter(ItemsCount::new(spans))
        .counter(BytesCount::new(body.len()))
        .bench(|| decode_traces(divan::black_box(body), Encoding::Protobuf));
}

#[divan::bench]
fn openinference_protobuf(bencher: divan::Bencher<'_, '_>) {
    let spans = conversations(10, 12);
    decode(bencher, &encode_traces(&spans), spans.len());
}

#[divan::bench]
fn genai_json_in_protobuf(bencher: divan::Bencher<'_, '_>) {
    let spans = conversations(10, 12);
    decode(bencher, &genai_json(&spans), spans.len());
}

#[divan::bench]
fn assemble_twenty_thousand_spans(bencher: divan::Bencher<'_, '_>) {
    // 200 conversations of 20 turns as one session, without the explicit numbers, so that messages decide.
    let mut spans = conversations(250, 20);
    for span in &mut spans {
        span.turn.number = None;
        span.session.id = Some("one".to_owned());
    }
    spans.truncate(20_000);
    let session = SessionId::derive(ProjectId::from_uuid(uuid::Uuid::from_u128(1)), "one");
    bencher.counter(ItemsCount::new(spans.len())).bench(|| assemble(session, divan::black_box(&spans)));
}
