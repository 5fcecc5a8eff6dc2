//! Generated values: of the wire, of hostile JSON, and span records such as decoding makes.

use opentelemetry_proto::tonic::common::v1::any_value::Value as Wire;
use opentelemetry_proto::tonic::common::v1::{AnyValue, ArrayValue, KeyValue, KeyValueList};
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use turnwise_model::conversation::{Document, Retrieval};
use turnwise_model::score::{Source, Value};
use turnwise_model::telemetry::{
    Content, ContentPart, ErrorRecord, IncomingScore, Message, MessageRole, ScoreTarget, SessionFacts, SessionSignal,
    SpanKind, SpanRecord, SpanStatus, ToolRecord, TurnFacts, Usage,
};
use turnwise_model::{Micros, Nanos, Usd};

use super::spans::span;

pub fn any_values() -> impl Strategy<Value = AnyValue> {
    let leaf = prop_oneof![
        ".{0,12}".prop_map(Wire::StringValue),
        any::<bool>().prop_map(Wire::BoolValue),
        any::<i64>().prop_map(Wire::IntValue),
        (-1e9..1e9).prop_map(Wire::DoubleValue),
    ]
    .prop_map(|value| AnyValue { value: Some(value) });
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4)
                .prop_map(|values| AnyValue { value: Some(Wire::ArrayValue(ArrayValue { values })) }),
            prop::collection::btree_map("[a-z]{1,3}", inner, 0..4).prop_map(|map| AnyValue {
                value: Some(Wire::KvlistValue(KeyValueList {
                    values: map
                        .into_iter()
                        .map(|(key, value)| KeyValue { key, value: Some(value), ..KeyValue::default() })
                        .collect(),
                })),
            }),
        ]
    })
}

pub fn json_values() -> impl Strategy<Value = Json> {
    let words = prop_oneof![
        Just("role"),
        Just("content"),
        Just("parts"),
        Just("type"),
        Just("text"),
        Just("tool_calls"),
        Just("data"),
        Just("kwargs"),
        Just("id"),
        Just("name"),
        Just("arguments"),
        Just("messages"),
        Just("message"),
        Just("choices"),
        Just("function"),
        Just("args"),
        Just("result"),
        Just("input"),
        Just("documents"),
        Just("metadata"),
        Just("user"),
        Just("tool"),
    ];
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i32>().prop_map(Json::from),
        words.clone().prop_map(Json::from),
        "[a-z\"\\\\\u{1}ę🌿]{0,6}".prop_map(Json::from),
    ];
    leaf.prop_recursive(5, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Json::from),
            prop::collection::vec((words.clone(), inner), 0..5).prop_map(|pairs| Json::Object(
                pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
            )),
        ]
    })
}

/// Text that no reader takes for anything but text.
fn words() -> impl Strategy<Value = String> {
    "[a-zA-Zęß🌿][a-zA-Z0-9 ,.!?ęß🌿\n]{0,15}[a-zA-Z]".prop_map(|text| text)
}

fn objects() -> impl Strategy<Value = Json> {
    prop::collection::btree_map(
        "[a-z]{1,4}",
        prop_oneof![words().prop_map(Json::from), any::<i32>().prop_map(Json::from)],
        0..3,
    )
    .prop_map(|map| Json::Object(map.into_iter().collect()))
}

fn message_records() -> impl Strategy<Value = Message> {
    let results = prop_oneof![words().prop_map(Json::from), objects(), any::<i32>().prop_map(Json::from)];
    let parts = prop_oneof![
        4 => words().prop_map(|text| ContentPart::Text { text }),
        2 => (prop::option::of("[a-z]{2}"), "[a-z]{3}", prop::option::of(prop_oneof![objects(), Just("{\"text\": 1}".into())]))
            .prop_map(|(id, name, arguments)| ContentPart::ToolCall { id, name, arguments }),
        2 => (prop::option::of("[a-z]{2}"), results).prop_map(|(id, result)| ContentPart::ToolResult { id, result }),
        1 => words().prop_map(|text| ContentPart::Reasoning { text }),
        1 => prop::option::of(words()).prop_map(|uri| ContentPart::Media { media_type: Some("image".to_owned()), uri }),
        1 => objects().prop_map(|value| ContentPart::Other { value }),
    ];
    let roles = prop_oneof![
        Just(MessageRole::System),
        Just(MessageRole::User),
        Just(MessageRole::Assistant),
        Just(MessageRole::Tool)
    ];
    (roles, prop::collection::vec(parts, 0..3), prop::option::of("[a-z]{3}")).prop_map(|(role, parts, name)| Message {
        role,
        parts,
        name,
    })
}

fn contents() -> impl Strategy<Value = Content> {
    prop_oneof![
        words().prop_map(Content::Text),
        Just(Content::Text("{\"looks\": \"like JSON\"}".to_owned())),
        objects().prop_map(Content::Json)
    ]
}

fn scores() -> impl Strategy<Value = IncomingScore> {
    let values = prop_oneof![
        (0..100_i32).prop_map(|n| Value::Number(f64::from(n) / 4.0)),
        words().prop_map(Value::Label),
        any::<bool>().prop_map(Value::Flag)
    ];
    let targets = prop_oneof![Just(ScoreTarget::Span), Just(ScoreTarget::Turn), Just(ScoreTarget::Session)];
    (words(), values, prop::option::of(words()), targets).prop_map(|(name, value, explanation, target)| IncomingScore {
        name,
        value,
        label: None,
        explanation,
        source: Source::Human,
        identifier: None,
        target,
        at: Some(Micros(5)),
    })
}

prop_compose! {
    fn facts()(
        id in prop::option::of("[st]"),
        id_rank in 0_u8..3,
        conversation_id in prop::option::of("[c-e]"),
        user_id in prop::option::of(words()),
        environment in prop::option::of(words()),
        tags in prop::collection::btree_set("[a-z]{1,5}", 0..3),
        metadata in prop::collection::btree_map(
            prop_oneof![Just("session.channel"), Just("user.tier"), Just("journey.stage"), Just("plan"), Just("turn"), Just("release")],
            prop_oneof![words().prop_map(Json::from), any::<i32>().prop_map(Json::from), any::<bool>().prop_map(Json::from)], 0..4),
        signal in prop_oneof![
            4 => Just(None), 1 => Just(Some(SessionSignal::Start)), 1 => Just(Some(SessionSignal::End { reason: None })),
            1 => words().prop_map(|reason| Some(SessionSignal::End { reason: Some(reason) }))],
        warnings in prop::collection::vec(words(), 0..2),
    ) -> SessionFacts {
        let id_rank = if id.is_some() { id_rank } else { 0 };
        SessionFacts {
            id, id_rank, conversation_id, user_id, environment, release: Some("r".to_owned()), tags: tags.into_iter().collect(),
            metadata: metadata.into_iter().map(|(key, value)| (key.to_owned(), value)).collect(), signal, warnings,
        }
    }
}

prop_compose! {
    /// A record such as decoding makes: of the facts that can be told twice, none contradicts another.
    pub fn records()(
        (trace, id, parent, at, lasts) in (1_u32..4, 1_u32..30, prop::option::of(1_u32..30), 0_i64..500, prop::option::of(0_i64..100)),
        kind in prop::sample::select(SpanKind::ALL),
        (status, status_message) in (prop_oneof![Just(SpanStatus::Unset), Just(SpanStatus::Ok), Just(SpanStatus::Error)], prop::option::of(words())),
        session in facts(),
        (turn_id, number, topic) in (prop::option::of("[a-c]"), prop::option::of(0_i64..4), prop::option::of(words())),
        (input, output) in (prop::option::of(contents()), prop::option::of(contents())),
        (input_messages, output_messages) in (prop::collection::vec(message_records(), 0..4), prop::collection::vec(message_records(), 0..2)),
        (model, agent) in (prop::option::of(words()), prop::option::of(words())),
        (arguments, result, call_id) in (prop::option::of(objects()), prop::option::of(objects()), prop::option::of("c[1-3]")),
        (query, documents) in (prop::option::of(words()), prop::collection::vec((prop::option::of("[a-z]{2}"), prop::option::of(words()), prop::option::of(0..8_i32), prop::option::of(objects())), 0..3)),
        (tokens_in, tokens_out, cost) in (prop::option::of(0_i64..1000), prop::option::of(0_i64..1000), prop::option::of(0..40_i32)),
        errors in prop::collection::vec((prop::option::of("[a-z.]{1,6}"), words()), 0..2),
        scores in prop::collection::vec(scores(), 0..2),
        attributes in prop::collection::btree_map("x\\.[a-z]{1,3}", prop_oneof![words().prop_map(Json::from), any::<i64>().prop_map(Json::from), objects()], 0..3),
        threshold in prop::option::of("[0-9a-f]{1,14}"),
    ) -> SpanRecord {
        let mut record = span(kind, trace, id, parent.filter(|parent| *parent != id), at);
        record.ended_at = lasts.map(|lasts| Nanos(record.started_at.0 + lasts * 1_000_000 + 1));
        record.status = status;
        record.status_message = status_message;
        record.resource.insert("service.version".to_owned(), json!("r"));
        record.session = session;
        let metadata = topic.map(|topic| ("conversation.topic".to_owned(), Json::from(topic))).into_iter().collect();
        record.turn = TurnFacts { id: turn_id, number, metadata };
        let json = |content: &Option<Content>| matches!(content, Some(Content::Json(_)));
        record.input_messages = input_messages;
        record.output_messages = output_messages;
        // An LLM call tells its words as messages; where messages are told, plain content stays text.
        record.input = input.filter(|_| kind != SpanKind::Llm);
        record.output = output.filter(|_| kind != SpanKind::Llm);
        if !record.input_messages.is_empty() && json(&record.input) { record.input = None; }
        if !record.output_messages.is_empty() && json(&record.output) { record.output = None; }
        record.model = model;
        record.agent = agent;
        if kind == SpanKind::Tool {
            // Without arguments or a result of its own a tool's input and output are these.
            if arguments.is_none() { record.input = None; }
            if result.is_none() { record.output = None; }
            record.tool = Some(ToolRecord { name: Some("find".to_owned()), call_id, arguments, result });
        }
        let searches = matches!(kind, SpanKind::Retriever | SpanKind::Reranker);
        if searches || documents.len() == 2 {
            let documents = documents.into_iter().map(|(id, text, score, metadata)| Document { id, text, score: score.map(|n| f64::from(n) / 8.0), metadata }).collect();
            record.retrieval = Some(Retrieval { query, documents });
        }
        record.usage = Usage { input: tokens_in, output: tokens_out, cost: cost.map(|n| Usd(f64::from(n) / 16.0)), ..Usage::default() };
        record.errors = errors.into_iter().map(|(kind, message)| ErrorRecord { kind, message, stacktrace: None }).collect();
        record.scores = scores;
        record.attributes = attributes;
        record.sampling_threshold = threshold;
        record
    }
}
