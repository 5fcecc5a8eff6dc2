//! What holds for everything: any order, any repetition, any bytes.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Wire;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};
use proptest::prelude::*;
use proptest::sample::Index;
use prost::Message as _;
use serde_json::{Value as Json, json};
use turnwise_ingest::otlp::{Encoding, decode_logs, decode_traces, encode_traces};
use turnwise_ingest::{messages, mtrag, tau_bench};
use turnwise_model::Micros;
use turnwise_model::telemetry::{SpanKind, SpanRecord, SpanStatus, ToolRecord};

use super::generated::{any_values, json_values, records};
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
