//! OTLP/JSON: spans, attributes, ids.

use serde_json::{Value as Json, json};

pub(super) fn span(
    trace: &str,
    id: &str,
    parent: Option<&str>,
    name: &str,
    (start, end): (i64, i64),
    all: Vec<(String, Json)>,
    failed: Option<(&str, &str)>,
) -> Json {
    let mut span = json!({
        "traceId": trace,
        "spanId": id,
        "name": name,
        "kind": 1,
        "startTimeUnixNano": start.to_string(),
        "endTimeUnixNano": end.to_string(),
        "attributes": attributes(all),
    });
    if let Some(parent) = parent {
        span["parentSpanId"] = json!(parent);
    }
    if let Some((kind, message)) = failed {
        span["status"] = json!({ "code": 2, "message": message });
        span["events"] = json!([{
            "name": "exception",
            "timeUnixNano": end.to_string(),
            "attributes": attributes([("exception.type", json!(kind)), ("exception.message", json!(message))]),
        }]);
    }
    span
}

pub(super) fn attributes<K: Into<String>>(all: impl IntoIterator<Item = (K, Json)>) -> Vec<Json> {
    all.into_iter().map(|(key, value)| json!({ "key": key.into(), "value": any_value(&value) })).collect()
}

fn any_value(value: &Json) -> Json {
    match value {
        Json::Bool(flag) => json!({ "boolValue": flag }),
        Json::Number(number) if number.is_f64() => json!({ "doubleValue": number }),
        Json::Number(number) => json!({ "intValue": number.to_string() }),
        Json::Array(items) => json!({ "arrayValue": { "values": items.iter().map(any_value).collect::<Vec<_>>() } }),
        Json::String(text) => json!({ "stringValue": text }),
        other => json!({ "stringValue": other.to_string() }),
    }
}

/// An id of so many bytes in hex: the same text gives the same id.
pub(super) fn hash(text: &str, bytes: usize) -> String {
    blake3::hash(text.as_bytes()).to_hex()[..bytes * 2].to_owned()
}
