//! Helpers that read like the domain: what was said in a session, and one span by OTLP/JSON.

use serde_json::{Value as Json, json};
use turnwise_ingest::otlp::{Encoding, decode_traces};
use turnwise_model::assembly::Assembled;
use turnwise_model::conversation::Turn;
use turnwise_model::telemetry::SpanRecord;

use super::spans::BEGIN;
use super::support::sessions;

/// The only session among the spans.
pub fn session(spans: &[SpanRecord]) -> Assembled {
    let mut found = sessions(spans);
    assert_eq!(found.len(), 1, "{:?}", found.keys());
    found.pop_first().unwrap().1
}

pub fn said(turn: &Turn) -> (Option<&str>, Option<&str>) {
    (turn.user.as_ref().map(|said| said.text.as_str()), turn.assistant.as_ref().map(|said| said.text.as_str()))
}

pub fn dialogue(spans: &[SpanRecord]) -> Vec<(String, String)> {
    let text = |said: Option<&str>| said.unwrap_or("-").to_owned();
    session(spans).turns.iter().map(|turn| (text(said(turn).0), text(said(turn).1))).collect()
}

pub fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(user, assistant)| ((*user).to_owned(), (*assistant).to_owned())).collect()
}

/// One span by OTLP/JSON with these attributes.
pub fn decoded(attributes: Json) -> SpanRecord {
    decoded_span(json!({ "attributes": pairs_of(attributes) }))
}

pub fn pairs_of(attributes: Json) -> Vec<Json> {
    let Json::Object(map) = attributes else { panic!("attributes are an object") };
    map.into_iter().map(|(key, value)| json!({"key": key, "value": wire(value)})).collect()
}

pub fn wire(value: Json) -> Json {
    match value {
        Json::String(text) => json!({"stringValue": text}),
        Json::Bool(flag) => json!({"boolValue": flag}),
        Json::Number(number) if number.is_f64() => json!({"doubleValue": number}),
        Json::Number(number) => json!({"intValue": number.to_string()}),
        Json::Array(items) => json!({"arrayValue": {"values": items.into_iter().map(wire).collect::<Vec<_>>()}}),
        Json::Object(map) => {
            json!({"kvlistValue": {"values": map.into_iter().map(|(key, value)| json!({"key": key, "value": wire(value)})).collect::<Vec<_>>()}})
        }
        Json::Null => json!({}),
    }
}

pub fn decoded_span(mut fields: Json) -> SpanRecord {
    let map = fields.as_object_mut().unwrap();
    for (key, value) in [
        ("traceId", json!("00000000000000000000000000000001")),
        ("spanId", json!("0000000000000001")),
        ("startTimeUnixNano", json!(BEGIN.to_string())),
    ] {
        map.entry(key).or_insert(value);
    }
    let body = json!({"resourceSpans": [{"scopeSpans": [{"spans": [fields]}]}]}).to_string();
    let mut decoded = decode_traces(body.as_bytes(), Encoding::Json).unwrap();
    assert_eq!(decoded.rejected, []);
    decoded.spans.pop().unwrap()
}
