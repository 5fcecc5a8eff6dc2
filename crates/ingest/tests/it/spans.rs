//! Spans for tests, told in few words.

use turnwise_model::Nanos;
use turnwise_model::telemetry::{Content, ContentPart, Message, MessageRole, SessionFacts, SpanKind, SpanRecord};

/// A second, in nanoseconds, at which test conversations begin.
pub const BEGIN: i64 = 1_760_000_000_000_000_000;

/// A span of trace `trace` that starts `at` milliseconds after the beginning and lasts one millisecond.
pub fn span(kind: SpanKind, trace: u32, id: u32, parent: Option<u32>, at: i64) -> SpanRecord {
    SpanRecord {
        parent_span_id: parent.map(|id| format!("{id:016x}")),
        ended_at: Some(Nanos(BEGIN + (at + 1) * 1_000_000)),
        session: SessionFacts { id: Some("s".to_owned()), ..SessionFacts::default() },
        ..SpanRecord::new(
            format!("{trace:032x}"),
            format!("{id:016x}"),
            kind.to_string(),
            kind,
            Nanos(BEGIN + at * 1_000_000),
        )
    }
}

/// A chain span with plain input and output.
pub fn chain(trace: u32, id: u32, parent: Option<u32>, at: i64, asked: &str, answered: &str) -> SpanRecord {
    let text = |text: &str| (!text.is_empty()).then(|| Content::Text(text.to_owned()));
    SpanRecord { input: text(asked), output: text(answered), ..span(SpanKind::Chain, trace, id, parent, at) }
}

/// An LLM span that was sent these messages, written `u:…`, `a:…`, `s:…`, `call:ID NAME`, `result:ID TEXT`.
pub fn llm(trace: u32, id: u32, parent: Option<u32>, at: i64, sent: &[&str], answer: &str) -> SpanRecord {
    let mut record = span(SpanKind::Llm, trace, id, parent, at);
    record.input_messages = sent.iter().map(|text| message(text)).collect();
    record.output_messages = (!answer.is_empty()).then(|| message(answer)).into_iter().collect();
    record.model = Some("m".to_owned());
    record
}

/// A message in the notation of [`llm`].
pub fn message(text: &str) -> Message {
    let (kind, rest) = text.split_once(':').expect("a message begins with its role");
    let pair = || rest.split_once(' ').map_or((rest, ""), |pair| pair);
    match kind {
        "u" => Message::text(MessageRole::User, rest),
        "a" => Message::text(MessageRole::Assistant, rest),
        "s" => Message::text(MessageRole::System, rest),
        "call" => Message {
            role: MessageRole::Assistant,
            parts: vec![ContentPart::ToolCall {
                id: Some(pair().0.to_owned()),
                name: pair().1.to_owned(),
                arguments: Some(serde_json::json!({})),
            }],
            name: None,
        },
        "result" => Message {
            role: MessageRole::Tool,
            parts: vec![ContentPart::ToolResult { id: Some(pair().0.to_owned()), result: pair().1.into() }],
            name: None,
        },
        _ => panic!("{text}"),
    }
}
