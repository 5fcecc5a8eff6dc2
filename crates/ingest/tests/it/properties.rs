//! What holds for everything: any order, any repetition, any bytes.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Wire;
use opentelemetry_proto::tonic::common::v1::{AnyValue, ArrayValue, KeyValue, KeyValueList};
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};
use proptest::prelude::*;
use proptest::sample::Index;
use prost::Message as _;
use serde_json::{Value as Json, json};
use turnwise_ingest::otlp::{Encoding, decode_logs, decode_traces, encode_traces};
use turnwise_ingest::{messages, mtrag, tau_bench};
use turnwise_model::conversation::{Document, Retrieval};
use turnwise_model::score::{Source, Value};
use turnwise_model::telemetry::{
    Content, ContentPart, ErrorRecord, IncomingScore, Message, MessageRole, ScoreTarget, SessionFacts, SessionSignal,
    SpanKind, SpanRecord, SpanStatus, ToolRecord, TurnFacts, Usage,
};
use turnwise_model::{Micros, Nanos, Usd};

use super::spans::{chain, llm, span};
use super::support::{sessions, shared};

/// How a generated conversation is told by its client.
#[derive(Debug, Clone, Copy)]
struct Manner {
    one_trace: bool,
    sends_history: bool,
    numbers_turns: bool,
    has_roots: bool,
}

/// A turn of a generated conversation: what is said, whether a tool is called, whether a first attempt fails.
#[derive(Debug, Clone)]
struct Said {
    user: String,
    tool: bool,
    retried: bool,
}

fn conversations() -> impl Strategy<Value = Vec<SpanRecord>> {
    let said =
        ("[ab]{1,2}", any::<bool>(), any::<bool>()).prop_map(|(user, tool, retried)| Said { user, tool, retried });
    let manner =
        any::<(bool, bool, bool, bool)>().prop_map(|(one_trace, sends_history, numbers_turns, has_roots)| Manner {
            // A conversation in one trace is only told apart by its history or its numbers.
            sends_history: sends_history || one_trace,
            one_trace,
            numbers_turns,
            has_roots,
        });
    (prop::collection::vec(said, 1..6), manner).prop_map(|(turns, manner)| tell(&turns, manner))
}

fn tell(turns: &[Said], manner: Manner) -> Vec<SpanRecord> {
    let mut spans = Vec::new();
    let mut history: Vec<String> = Vec::new();
    let mut id = 0;
    let mut next = || {
        id += 1;
        id
    };
    for (number, said) in (1_u32..).zip(turns) {
        let trace = if manner.one_trace { 1 } else { number };
        let at = i64::from(number) * 100;
        let reply = format!("reply {number}");
        let mut sent = if manner.sends_history { history.clone() } else { Vec::new() };
        sent.push(format!("u:{}", said.user));
        let mut of_turn = Vec::new();
        let root = (manner.has_roots && !manner.one_trace).then(|| {
            let root = chain(trace, next(), None, at, &said.user, &reply);
            let place = u32::from_str_radix(&root.span_id, 16).unwrap();
            of_turn.push(root);
            place
        });
        let words = |sent: &[String]| sent.iter().map(String::as_str).collect::<Vec<_>>().join("\u{1}");
        let call = |id, at, sent: &[String], answer: &str| {
            let told = words(sent);
            llm(trace, id, root, at, &told.split('\u{1}').collect::<Vec<_>>(), answer)
        };
        if said.retried {
            let mut failed = call(next(), at + 1, &sent, "");
            failed.status = SpanStatus::Error;
            of_turn.push(failed);
        }
        if said.tool {
            of_turn.push(call(next(), at + 10, &sent, &format!("call:c{number} find")));
            let mut tool = span(SpanKind::Tool, trace, next(), root, at + 20);
            tool.tool = Some(ToolRecord {
                name: Some("find".to_owned()),
                call_id: Some(format!("c{number}")),
                ..ToolRecord::default()
            });
            of_turn.push(tool);
            sent.push(format!("call:c{number} find"));
            sent.push(format!("result:c{number} x"));
        }
        of_turn.push(call(next(), at + 30, &sent, &format!("a:{reply}")));
        if manner.numbers_turns {
            of_turn.iter_mut().for_each(|span| span.turn.number = Some(i64::from(number)));
        }
        history = sent;
        history.push(format!("a:{reply}"));
        spans.extend(of_turn);
    }
    spans
}

/// The spans in another order, some of them several times.
fn shuffled(spans: &[SpanRecord], order: &[Index], again: &[Index]) -> Vec<SpanRecord> {
    let mut rest = spans.to_vec();
    let mut shuffled = Vec::new();
    for index in order {
        if !rest.is_empty() {
            shuffled.push(rest.swap_remove(index.index(rest.len())));
        }
    }
    shuffled.extend(rest);
    for index in again {
        shuffled.insert(index.index(shuffled.len()), index.get(spans).clone());
    }
    shuffled
}

proptest! {
    #[test]
    fn a_conversation_has_the_turns_that_were_held(spans in conversations()) {
        let found = sessions(&spans);
        let turns = &found["s"].turns;
        let replies: Vec<&str> = turns.iter().map(|turn| turn.assistant.as_ref().unwrap().text.as_str()).collect();
        let expected: Vec<String> = (1..=turns.len()).map(|number| format!("reply {number}")).collect();
        prop_assert_eq!(&replies, &expected);
        let held = spans.iter().flat_map(|span| &span.output_messages).filter(|message| message.plain_text().starts_with("reply")).count();
        prop_assert_eq!(turns.len(), held);
        let tools = spans.iter().filter(|span| span.kind == SpanKind::Tool).count();
        prop_assert_eq!(turns.iter().map(|turn| turn.tool_calls.len()).sum::<usize>(), tools);
        prop_assert_eq!(found["s"].turn_of.len(), spans.len());
    }

    #[test]
    fn any_order_and_any_repetition_gives_the_same_turns(
        spans in conversations(),
        order in prop::collection::vec(any::<Index>(), 0..40),
        again in prop::collection::vec(any::<Index>(), 0..10),
    ) {
        prop_assert_eq!(sessions(&shuffled(&spans, &order, &again)), sessions(&spans));
    }

    #[test]
    fn any_split_into_requests_gives_the_same_turns(
        spans in conversations(),
        order in prop::collection::vec(any::<Index>(), 0..40),
        size in 1_usize..8,
    ) {
        let mut arrived = Vec::new();
        for batch in shuffled(&spans, &order, &[]).chunks(size) {
            arrived.extend(decode_traces(&encode_traces(batch), Encoding::Protobuf).unwrap().spans);
        }
        prop_assert_eq!(sessions(&arrived), sessions(&spans));
    }

    #[test]
    fn of_two_versions_of_a_span_the_later_end_counts_in_any_order(spans in conversations(), which in any::<Index>()) {
        let mut running = which.get(&spans).clone();
        running.ended_at = None;
        running.output_messages.clear();
        running.output = None;
        let mut first = vec![running.clone()];
        first.extend(spans.iter().cloned());
        let mut last = spans.clone();
        last.push(running);
        let expected = sessions(&spans);
        prop_assert_eq!(&sessions(&first), &expected);
        prop_assert_eq!(&sessions(&last), &expected);
    }

    #[test]
    fn any_tree_of_any_spans_assembles_alike_in_any_order(
        spans in prop::collection::vec(records(), 0..25),
        order in prop::collection::vec(any::<Index>(), 0..40),
        again in prop::collection::vec(any::<Index>(), 0..10),
    ) {
        let again = if spans.is_empty() { Vec::new() } else { again };
        prop_assert_eq!(sessions(&shuffled(&spans, &order, &again)), sessions(&spans));
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        for encoding in [Encoding::Protobuf, Encoding::Json] {
            let _ = decode_traces(&bytes, encoding);
            let _ = decode_logs(&bytes, encoding);
        }
        let _ = tau_bench::read("x", &bytes, Micros(0));
        let _ = mtrag::read(&bytes, Micros(0));
        let _ = messages::read_line(&String::from_utf8_lossy(&bytes), Micros(0));
    }

    #[test]
    fn damaged_requests_never_panic(
        spans in prop::collection::vec(records(), 1..4),
        damage in prop::collection::vec((any::<Index>(), any::<u8>()), 0..12),
        cut in any::<Index>(),
    ) {
        let mut body = encode_traces(&spans);
        for (place, byte) in damage {
            let place = place.index(body.len());
            body[place] = byte;
        }
        let _ = decode_traces(&body, Encoding::Protobuf);
        let _ = decode_logs(&body, Encoding::Protobuf);
        let _ = decode_traces(&body[..cut.index(body.len())], Encoding::Protobuf);
    }

    #[test]
    fn hostile_json_never_panics(json in json_values()) {
        let text = json.to_string();
        let as_attribute = |key: &str| json!({"key": key, "value": {"stringValue": text}});
        let keys = ["gen_ai.input.messages", "gen_ai.output.messages", "input.value", "output.value", "metadata",
            "ai.prompt.messages", "ai.response.toolCalls", "traceloop.entity.input", "langfuse.observation.usage_details",
            "gen_ai.retrieval.documents", "turnwise.scores", "turnwise.input.messages", "mlflow.spanOutputs"];
        let span = json!({"traceId": "00000000000000000000000000000001", "spanId": "0000000000000001", "startTimeUnixNano": "5",
            "attributes": keys.iter().map(|key| as_attribute(key)).collect::<Vec<_>>()});
        let body = json!({"resourceSpans": [{"scopeSpans": [{"spans": [span, json]}]}]}).to_string();
        let decoded = decode_traces(body.as_bytes(), Encoding::Json).unwrap();
        let _ = sessions(&decoded.spans);
        let _ = decode_traces(text.as_bytes(), Encoding::Json);
        let _ = messages::read_line(&text, Micros(0));
    }

    #[test]
    fn what_is_encoded_is_decoded_to_the_same(spans in prop::collection::vec(records(), 0..6)) {
        let decoded = decode_traces(&encode_traces(&spans), Encoding::Protobuf).unwrap();
        prop_assert_eq!(decoded.rejected, vec![]);
        prop_assert_eq!(decoded.spans.len(), spans.len());
        for (sent, arrived) in spans.iter().zip(&decoded.spans) {
            prop_assert_eq!(sent, arrived);
        }
    }

    #[test]
    fn the_reader_agrees_with_the_generated_types(
        attributes in prop::collection::vec(("x\\.[a-z]{1,4}", any_values()), 0..8),
        name in ".{0,20}",
        start in 1_u64..i64::MAX as u64,
        end in 0_u64..i64::MAX as u64,
    ) {
        let sent = Span {
            trace_id: vec![7; 16],
            span_id: vec![9; 8],
            name: name.clone(),
            start_time_unix_nano: start,
            end_time_unix_nano: end,
            flags: 257,
            dropped_attributes_count: 3,
            attributes: attributes.iter().map(|(key, value)| KeyValue { key: key.clone(), value: Some(value.clone()), ..KeyValue::default() }).collect(),
            ..Span::default()
        };
        let request = ExportTraceServiceRequest {
            resource_spans: vec![ResourceSpans {
                schema_url: "https://example.org/schema".to_owned(),
                scope_spans: vec![ScopeSpans { spans: vec![sent], ..ScopeSpans::default() }],
                ..ResourceSpans::default()
            }],
        };
        let decoded = decode_traces(&request.encode_to_vec(), Encoding::Protobuf).unwrap();
        let [found] = decoded.spans.as_slice() else { panic!("{decoded:?}") };
        prop_assert_eq!(&found.name, &name);
        prop_assert_eq!(found.started_at.0.unsigned_abs(), start);
        prop_assert_eq!(found.ended_at.map_or(0, |end| end.0.unsigned_abs()), end);
        let expected: std::collections::BTreeMap<String, Json> =
            attributes.into_iter().map(|(key, value)| (key, as_json(value))).collect();
        prop_assert_eq!(&found.attributes, &expected);
    }
}

#[test]
fn recordings_assemble_alike_in_any_order() {
    for client in ["oi-langgraph", "traceloop", "genai-manual"] {
        let Some(body) = shared(&format!("otlp_recordings/{client}.traces.pb")) else { return };
        let spans = decode_traces(&body, Encoding::Protobuf).unwrap().spans;
        let expected = sessions(&spans);
        for step in [1, 3, 7, 11] {
            let mut other: Vec<SpanRecord> = (0..spans.len())
                .map(|place| spans[(place * step + 5) % spans.len()].clone())
                .chain(spans.clone())
                .collect();
            other.reverse();
            assert_eq!(sessions(&other), expected, "{client}");
        }
        let again = decode_traces(&encode_traces(&spans), Encoding::Protobuf).unwrap().spans;
        assert_eq!(sessions(&again), expected, "{client} sent on as OTLP");
    }
}

fn as_json(value: AnyValue) -> Json {
    match value.value {
        None => Json::Null,
        Some(Wire::StringValue(text)) => text.into(),
        Some(Wire::BoolValue(flag)) => flag.into(),
        Some(Wire::IntValue(number)) => number.into(),
        Some(Wire::DoubleValue(number)) => number.into(),
        Some(Wire::ArrayValue(list)) => list.values.into_iter().map(as_json).collect(),
        Some(Wire::KvlistValue(map)) => {
            let pairs = map.values.into_iter().map(|pair| (pair.key, as_json(pair.value.unwrap_or_default())));
            Json::Object(pairs.collect())
        }
        other => panic!("{other:?} is not generated"),
    }
}

fn any_values() -> impl Strategy<Value = AnyValue> {
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

fn json_values() -> impl Strategy<Value = Json> {
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
    fn records()(
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
