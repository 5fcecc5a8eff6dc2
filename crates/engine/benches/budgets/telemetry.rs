//! Generated telemetry: sessions of turns, each an agent, two LLM calls with the whole history, and a tool.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use futures::StreamExt as _;
use turnwise_engine::ambient_os;
use turnwise_ingest::otlp::encode_traces;
use turnwise_model::telemetry::{
    Content, ContentPart, Message, MessageRole, SessionFacts, SpanKind, SpanRecord, SpanStatus, ToolRecord, Usage,
};
use turnwise_model::{Nanos, Usd};

use crate::bench::Bench;

/// Turns of a generated session; each is an agent, two LLM calls with the whole history, and a tool.
pub const TURNS: usize = 6;
pub const SPANS_PER_TURN: usize = 4;
/// Messages of the history that are sent along.
const HISTORY: usize = 40;
/// Requests under way at a time, as from a few exporters.
pub const CLIENTS: usize = 8;

/// Words that differ from text to text, as those of real conversations do.
pub fn text(seed: usize, bytes: usize) -> String {
    const WORDS: &[&str] = &[
        "parcel", "refund", "order", "return", "please", "the", "a", "delivery", "was", "not", "policy", "customer",
        "size", "boots", "tent", "within", "days", "number", "address", "friday", "and", "invoice", "store", "credit",
        "we", "can", "you", "send", "it", "back",
    ];
    let mut state = (seed as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5555;
    let mut text = String::with_capacity(bytes + 16);
    while text.len() < bytes {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let word = WORDS[usize::try_from(state >> 33).unwrap() % WORDS.len()];
        text.push_str(word);
        if state.is_multiple_of(11) {
            text.push_str(&(state % 9_973).to_string());
        }
        text.push(' ');
    }
    text
}

fn span(session: usize, turn: usize, place: usize, kind: SpanKind, at: i64) -> SpanRecord {
    SpanRecord {
        parent_span_id: (place > 0)
            .then(|| format!("{:016x}", (session * 1_000_000 + turn * 10 + 1) as u64 * 0x9e37_79b9)),
        ended_at: Some(Nanos(at + place as i64 * 200_000_000 + 180_000_000)),
        status: SpanStatus::Ok,
        session: SessionFacts {
            id: Some(format!("bench-{session}")),
            user_id: Some(format!("user-{}", session % 1_000)),
            tags: vec!["bench".to_owned()],
            ..SessionFacts::default()
        },
        attributes: BTreeMap::from([(
            "llm.invocation_parameters".to_owned(),
            serde_json::json!("{\"temperature\": 0.2, \"max_tokens\": 1024}"),
        )]),
        resource: BTreeMap::from([
            ("service.name".to_owned(), serde_json::json!("bench")),
            ("telemetry.sdk.name".to_owned(), serde_json::json!("opentelemetry")),
        ]),
        scope: Some("bench".to_owned()),
        ..SpanRecord::new(
            format!("{:032x}", (session * 1_000_000 + turn + 1) as u128 * 0x9e37_79b9_7f4a_7c15),
            format!("{:016x}", (session * 1_000_000 + turn * 10 + place + 1) as u64 * 0x9e37_79b9),
            format!("{kind} step"),
            kind,
            Nanos(at + place as i64 * 200_000_000),
        )
    }
}

/// A session's spans, turn by turn, children before their root as exporters send them.
pub fn session_spans(session: usize, turns: usize, bytes: usize, at: i64) -> Vec<Vec<SpanRecord>> {
    let mut history = vec![Message::text(MessageRole::System, text(7, 3 * bytes))];
    (0..turns)
        .map(|turn| {
            let seed = session * 10_000 + turn * 10;
            // Long histories are cut as applications cut them: the instructions and the latest messages.
            let beyond = history.len().saturating_sub(HISTORY);
            history.drain(1..=beyond);
            let at = at + turn as i64 * 60_000_000_000;
            history.push(Message::text(MessageRole::User, text(seed, bytes / 2)));
            let (user, reply) = (text(seed, bytes / 2), text(seed + 3, bytes));
            let call_id = format!("call_{session}_{turn}");
            let arguments = serde_json::json!({ "order": format!("LF-{seed}"), "detail": text(seed + 1, 60) });
            let asks = Message {
                role: MessageRole::Assistant,
                parts: vec![ContentPart::ToolCall {
                    id: Some(call_id.clone()),
                    name: "get_order".to_owned(),
                    arguments: Some(arguments.clone()),
                }],
                name: None,
            };
            let result = serde_json::json!({ "status": "shipped", "note": text(seed + 2, bytes) });
            let answers = Message {
                role: MessageRole::Tool,
                parts: vec![ContentPart::ToolResult { id: Some(call_id.clone()), result: result.clone() }],
                name: None,
            };
            let usage = Usage { input: Some(1_200), output: Some(90), cost: Some(Usd(0.002)), ..Usage::default() };
            let mut spans = Vec::with_capacity(SPANS_PER_TURN);
            let model = Some("support-large-1".to_owned());
            spans.push(SpanRecord {
                input_messages: history.clone(),
                output_messages: vec![asks.clone()],
                model: model.clone(),
                usage,
                ..span(session, turn, 1, SpanKind::Llm, at)
            });
            history.push(asks);
            let tool = Some(ToolRecord {
                name: Some("get_order".to_owned()),
                call_id: Some(call_id),
                arguments: Some(arguments),
                result: Some(result),
            });
            spans.push(SpanRecord { tool, ..span(session, turn, 2, SpanKind::Tool, at) });
            history.push(answers);
            let replied = Message::text(MessageRole::Assistant, reply.clone());
            spans.push(SpanRecord {
                input_messages: history.clone(),
                output_messages: vec![replied.clone()],
                model,
                usage,
                ..span(session, turn, 3, SpanKind::Llm, at)
            });
            history.push(replied);
            spans.push(SpanRecord {
                input: Some(Content::Text(user)),
                output: Some(Content::Text(reply)),
                ended_at: Some(Nanos(at + 1_000_000_000)),
                ..span(session, turn, 0, SpanKind::Agent, at)
            });
            spans
        })
        .collect()
}

/// Export requests of about `size` spans: the turns of many sessions as they happen, side by side.
pub fn requests(sessions: usize, size: usize, bytes: usize) -> Vec<Vec<u8>> {
    let now = ambient_os::ambient().now();
    let at = Nanos::from(now - Duration::from_secs(3_600)).0;
    let mut requests = Vec::new();
    let mut gathered = Vec::new();
    let mut alive: Vec<std::vec::IntoIter<Vec<SpanRecord>>> = Vec::new();
    let mut next = 0;
    loop {
        while alive.len() < 64 && next < sessions {
            alive.push(session_spans(next, TURNS, bytes, at).into_iter());
            next += 1;
        }
        alive.retain_mut(|session| match session.next() {
            Some(turn) => {
                gathered.extend(turn);
                true
            }
            None => false,
        });
        while gathered.len() >= size {
            let rest = gathered.split_off(size);
            requests.push(encode_traces(&gathered));
            gathered = rest;
        }
        if alive.is_empty() && next >= sessions {
            if !gathered.is_empty() {
                requests.push(encode_traces(&gathered));
            }
            return requests;
        }
    }
}

/// Sends the requests, several at a time; spans per second.
pub async fn send(bench: &Bench, requests: Vec<Vec<u8>>) -> (f64, Vec<Duration>) {
    let began = Instant::now();
    let results: Vec<(u64, Duration)> = futures::stream::iter(requests)
        .map(|body| async {
            let began = Instant::now();
            (bench.accept(body).await, began.elapsed())
        })
        .buffer_unordered(CLIENTS)
        .collect()
        .await;
    let spans: u64 = results.iter().map(|(spans, _)| spans).sum();
    (spans as f64 / began.elapsed().as_secs_f64(), results.into_iter().map(|(_, took)| took).collect())
}
