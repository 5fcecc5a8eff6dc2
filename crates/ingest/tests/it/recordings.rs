//! The recorded requests of seven real clients become exactly what `expected.json` says.

use std::collections::BTreeSet;

use super::support::{sessions, shared};
use serde_json::{Value as Json, json};
use turnwise_ingest::otlp::{Encoding, decode_traces};
use turnwise_model::assembly::{Assembled, AssembledScore, SpanKey};
use turnwise_model::conversation::{ToolCall, Turn};
use turnwise_model::score::Value;
use turnwise_model::telemetry::{ScoreTarget, SpanKind, SpanRecord, SpanStatus};

fn recorded(client: &str) -> Option<Vec<SpanRecord>> {
    let (file, encoding) = match client {
        "otlp-json-js" => (format!("otlp_recordings/{client}.traces.json"), Encoding::Json),
        _ => (format!("otlp_recordings/{client}.traces.pb"), Encoding::Protobuf),
    };
    let decoded = decode_traces(&shared(&file)?, encoding).expect("a real client's body is readable");
    assert_eq!(decoded.rejected, [], "{client}");
    Some(decoded.spans)
}

fn expectations() -> Option<Json> {
    shared("otlp_recordings/expected.json").map(|bytes| serde_json::from_slice(&bytes).unwrap())
}

fn text(json: &Json) -> Option<&str> {
    json.as_str()
}

fn compare(client: &str) {
    let (Some(expected), Some(spans)) = (expectations(), recorded(client)) else {
        return;
    };
    let expected = &expected["clients"][client];
    assert_eq!(json!(spans.len()), expected["spans"]);
    assert_eq!(json!(spans.iter().map(|span| &span.trace_id).collect::<BTreeSet<_>>().len()), expected["traces"]);
    let failed = spans.iter().filter(|span| span.status == SpanStatus::Error).count();
    assert_eq!(json!(failed), expected["error_spans"]);
    let found = sessions(&spans);
    let wanted: Vec<&str> =
        expected["sessions"].as_array().unwrap().iter().filter_map(|s| text(&s["session_id"])).collect();
    assert_eq!(found.keys().map(String::as_str).collect::<BTreeSet<_>>(), wanted.iter().copied().collect());
    for wanted in expected["sessions"].as_array().unwrap() {
        let id = text(&wanted["session_id"]).unwrap();
        session(&format!("{client} {id}"), &found[id], wanted, &spans);
    }
}

fn session(name: &str, found: &Assembled, wanted: &Json, spans: &[SpanRecord]) {
    let facts = &found.facts;
    assert_eq!(facts.external_id.as_deref(), text(&wanted["session_id"]), "{name}");
    assert_eq!(facts.user_id.as_deref(), text(&wanted["user_id"]), "{name}");
    assert_eq!(json!(facts.tags), wanted["tags"], "{name}");
    assert_eq!(json!(facts.metadata), wanted["metadata"], "{name}");
    assert_eq!(json!(facts.environment), wanted["environment"], "{name}");
    assert_eq!(json!(facts.release), wanted["release"], "{name}");
    assert_eq!(facts.warnings, Vec::<String>::new(), "{name}");
    assert_eq!(json!(found.turns.len()), wanted["turn_count"], "{name}");
    let said = found.turns.iter().map(|turn| usize::from(turn.user.is_some()) + usize::from(turn.assistant.is_some()));
    assert_eq!(json!(said.sum::<usize>()), wanted["messages_user_assistant"], "{name}");
    let of_session: Vec<&AssembledScore> =
        found.scores.iter().filter(|score| score.score.target == ScoreTarget::Session).collect();
    assert_eq!(json!(of_session.len()), json!(wanted["session_scores"].as_array().unwrap().len()), "{name}");
    for (turn, wanted) in found.turns.iter().zip(wanted["turns"].as_array().unwrap()) {
        let name = format!("{name} turn {}", turn.position);
        check_turn(&name, turn, wanted, found);
        if !name.starts_with("oi-langgraph") {
            // LangChain's instrumentation records nothing that tells a streamed call from another.
            assert_eq!(json!(streamed(turn, found, spans)), wanted["streamed"], "{name}");
        }
    }
    let totals = found.totals;
    let sum = |field: &str| -> i64 {
        wanted["turns"].as_array().unwrap().iter().map(|turn| turn["tokens"][field].as_i64().unwrap()).sum()
    };
    assert_eq!(totals.tokens.input, Some(sum("input")), "{name}");
    assert_eq!(totals.tokens.output, Some(sum("output")), "{name}");
}

fn check_turn(name: &str, turn: &Turn, wanted: &Json, session: &Assembled) {
    assert_eq!(json!(turn.position), wanted["turn"], "{name}");
    assert_eq!(turn.user.as_ref().map(|user| user.text.as_str()), text(&wanted["user"]), "{name}");
    assert_eq!(turn.assistant.as_ref().map(|reply| reply.text.as_str()), text(&wanted["assistant"]), "{name}");
    assert_eq!(turn.model.as_deref(), text(&wanted["model"]), "{name}");
    assert_eq!(json!(turn.tool_calls.iter().map(tool_call).collect::<Vec<_>>()), wanted["tool_calls"], "{name}");
    let documents: Vec<Json> = turn
        .retrievals
        .iter()
        .flat_map(|retrieval| &retrieval.documents)
        .map(|document| {
            let source = document.metadata.as_ref().and_then(|metadata| metadata.get("source"));
            json!({"id": document.id, "text": document.text, "score": document.score, "source": source})
        })
        .collect();
    assert_eq!(json!(documents), wanted["documents"], "{name}");
    if let Some(query) = wanted.get("retrieval_query") {
        assert_eq!(json!(turn.retrievals[0].query), *query, "{name}");
        assert_eq!(turn.retrievals.len(), 1, "{name}");
    }
    check_errors(name, turn, wanted["errors"].as_array().unwrap());
    assert_eq!(json!(turn.llm_calls), wanted["llm_calls"], "{name}");
    assert_eq!(json!(turn.tokens), wanted["tokens"], "{name}");
    let scores: Vec<Json> = session.scores.iter().filter(|score| score.turn == Some(turn.id)).map(score).collect();
    assert_eq!(json!(scores), wanted["scores"], "{name}");
}

fn tool_call(call: &ToolCall) -> Json {
    let error = call.error.as_ref().map(|error| json!({"type": error.kind, "message": error.message}));
    json!({"name": call.name, "id": call.id, "arguments": call.arguments, "result": call.result, "error": error})
}

fn check_errors(name: &str, turn: &Turn, wanted: &[Json]) {
    assert_eq!(turn.errors.len(), wanted.len(), "{name}: {:?}", turn.errors);
    for (error, wanted) in turn.errors.iter().zip(wanted) {
        assert_eq!(error.place.as_deref(), text(&wanted["where"]), "{name}");
        if let Some(kind) = text(&wanted["type"]) {
            assert_eq!(error.kind.as_deref(), Some(kind), "{name}");
            assert_eq!(Some(error.message.as_str()), text(&wanted["message"]), "{name}");
        } else {
            // Either the message or, parted by a slash, type and message.
            let said = format!("{} {}", error.kind.as_deref().unwrap_or_default(), error.message);
            for part in text(&wanted["message_contains"]).unwrap().split(" / ") {
                assert!(said.contains(part), "{name}: {said:?} does not contain {part:?}");
            }
        }
    }
}

fn score(found: &AssembledScore) -> Json {
    assert_eq!(found.score.target, ScoreTarget::Turn);
    let Value::Number(value) = found.score.value else {
        panic!("{:?} is no number", found.score.value);
    };
    #[expect(clippy::cast_possible_truncation, reason = "thumbs are 0 and 1")]
    let value = value as i64;
    json!({
        "name": found.score.name,
        "value": value,
        "label": found.score.label,
        "comment": found.score.explanation,
        "on": "span event",
    })
}

/// Whether some LLM call of the turn says that it was streamed, by an attribute kept as it came.
fn streamed(turn: &Turn, session: &Assembled, spans: &[SpanRecord]) -> bool {
    spans.iter().filter(|span| span.kind == SpanKind::Llm).any(|span| {
        let key = SpanKey { trace_id: span.trace_id.clone(), span_id: span.span_id.clone() };
        let flag = |key: &str| span.attributes.get(key) == Some(&json!(true));
        let parameters = span.attributes.get("llm.invocation_parameters").and_then(Json::as_str).unwrap_or_default();
        session.turn_of.get(&key) == Some(&turn.id)
            && (flag("llm.is_streaming") || flag("gen_ai.is_streaming") || parameters.contains("\"stream\": true"))
    })
}

macro_rules! clients {
    ($($test:ident = $client:literal;)*) => {
        $(#[test] fn $test() { compare($client); })*

        #[test]
        fn every_client_of_the_recordings_is_compared() {
            let Some(expected) = expectations() else { return };
            let recorded: BTreeSet<&str> = expected["clients"].as_object().unwrap().keys().map(String::as_str).collect();
            assert_eq!(recorded, BTreeSet::from([$($client),*]));
        }
    };
}

clients! {
    openinference_by_hand = "oi-manual";
    otel_genai_by_hand = "genai-manual";
    openinference_openai_instrumentation = "oi-openai";
    openinference_langgraph = "oi-langgraph";
    openllmetry = "traceloop";
    openllmetry_with_numbered_prompts = "traceloop-old";
    openinference_json_from_javascript = "otlp-json-js";
}
