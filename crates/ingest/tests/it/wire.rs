//! OTLP in all its spellings, and what a bad body gets.

use serde_json::{Value as Json, json};
use turnwise_ingest::otlp::{Encoding, decode_traces, traces_reply};
use turnwise_model::Nanos;

use super::tell::{decoded, decoded_span};

#[test]
fn json_in_all_its_spellings_becomes_the_same_span() {
    let plain = decoded_span(json!({
        "traceId": "5b8efff798038103d269b633813fc60c", "spanId": "eee19b7ec3c1b174", "parentSpanId": "eee19b7ec3c1b173",
        "startTimeUnixNano": "1795220167669000001", "endTimeUnixNano": "1795220167669417748", "status": {"code": 2, "message": "m"},
        "attributes": [{"key": "n", "value": {"intValue": "9007199254740993"}}],
    }));
    let spellings = [
        json!({
            "trace_id": "5B8EFFF798038103D269B633813FC60C", "span_id": "EEE19B7EC3C1B174", "parent_span_id": "EEE19B7EC3C1B173",
            "start_time_unix_nano": 1_795_220_167_669_000_001_i64, "end_time_unix_nano": 1_795_220_167_669_417_748_i64,
            "status": {"code": "STATUS_CODE_ERROR", "message": "m"},
            "attributes": [{"key": "n", "value": {"int_value": 9_007_199_254_740_993_i64}}],
        }),
        json!({
            "traceId": "W47/95gDgQPSabYzgT/GDA==", "spanId": "7uGbfsPBsXQ=", "parentSpanId": "7uGbfsPBsXM",
            "startTimeUnixNano": "1795220167669000001", "endTimeUnixNano": 1_795_220_167_669_417_748_i64,
            "status": {"code": "ERROR", "message": "m"}, "attributes": {"n": 9_007_199_254_740_993_i64},
        }),
    ];
    for mut spelling in spellings {
        // The helper adds ids and a start in camelCase: only where none is told.
        for (camel, snake) in
            [("traceId", "trace_id"), ("spanId", "span_id"), ("startTimeUnixNano", "start_time_unix_nano")]
        {
            if let Some(value) = spelling.as_object_mut().unwrap().remove(snake) {
                spelling[camel] = value;
            }
        }
        assert_eq!(decoded_span(spelling), plain);
    }
    assert_eq!(plain.started_at, Nanos(1_795_220_167_669_000_001), "not a nanosecond is lost");
    assert_eq!(plain.attributes["n"], 9_007_199_254_740_993_i64);
}

#[test]
fn snake_case_is_read_all_the_way_down() {
    let body = json!({"resource_spans": [{"resource": {"attributes": [{"key": "service.version", "value": {"string_value": "1.2"}}]},
    "scope_spans": [{"scope": {"name": "x"}, "spans": [{
        "trace_id": "00000000000000000000000000000001", "span_id": "0000000000000002", "start_time_unix_nano": 5,
        "attributes": [{"key": "tag.tags", "value": {"array_value": {"values": [{"string_value": "a"}]}}}],
    }]}]}]});
    let decoded = decode_traces(body.to_string().as_bytes(), Encoding::Json).unwrap();
    assert_eq!(decoded.spans[0].session.release.as_deref(), Some("1.2"));
    assert_eq!(decoded.spans[0].session.tags, ["a"]);
}

#[test]
fn one_bad_span_is_refused_by_name_and_the_others_are_kept() {
    let good =
        json!({"traceId": "00000000000000000000000000000001", "spanId": "0000000000000001", "startTimeUnixNano": "5"});
    let mut bad = good.clone();
    bad["traceId"] = json!("zz");
    let mut timeless = good.clone();
    timeless["startTimeUnixNano"] = json!(0);
    timeless["spanId"] = json!("00000000000000ff");
    let mut float = good.clone();
    float["startTimeUnixNano"] = json!(1.7e18);
    let body = json!({"resourceSpans": [{"scopeSpans": [{"spans": [good, bad, timeless, float, good]}]}]}).to_string();
    let decoded = decode_traces(body.as_bytes(), Encoding::Json).unwrap();
    assert_eq!((decoded.spans.len(), decoded.rejected.len()), (2, 3));
    assert_eq!(
        decoded.error_message().unwrap(),
        "span 0000000000000001 (number 2 of the request): trace id \"zz\" is neither 32 hex digits nor base64 of 16 bytes; \
         span 00000000000000ff (number 3 of the request): it has neither a start nor an end time; \
         span 0000000000000001 (number 4 of the request): startTimeUnixNano is 1.7e+18, expected nanoseconds as an integer"
    );
    let reply: Json = serde_json::from_slice(&traces_reply(&decoded, Encoding::Json)).unwrap();
    assert_eq!(reply["partialSuccess"]["rejectedSpans"], "3");
}

#[test]
fn a_broken_body_is_refused_as_a_whole_and_says_how() {
    let says = |body: &[u8], encoding| decode_traces(body, encoding).unwrap_err().to_string();
    let truncated = "the body ends in the middle of a record, send it again in full";
    assert_eq!(says(b"\x0a\x50abc", Encoding::Protobuf), truncated);
    assert_eq!(says(b"{\"resourceSpans\": [", Encoding::Json), truncated);
    assert_eq!(
        says(b"{\"resourceSpans\": 5}", Encoding::Json),
        "the body is no OTLP export request, expected an object with a list \"resourceSpans\""
    );
    assert!(says(b"hello", Encoding::Json).starts_with("the body cannot be read: "));
    assert_eq!(Encoding::from_content_type("application/json; charset=utf-8"), Some(Encoding::Json));
    assert_eq!(Encoding::from_content_type("text/plain"), None);
}

#[test]
fn surrogates_in_attributes_and_in_the_body_are_read() {
    let body = r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"00000000000000000000000000000001","spanId":"0000000000000001","startTimeUnixNano":"5","name":"cut \ud83c","attributes":[{"key":"gen_ai.input.messages","value":{"stringValue":"[{\"role\":\"user\",\"parts\":[{\"type\":\"text\",\"content\":\"dzi\\u0119kuj\\u0119 \\ud83c\\udf3f and \\ud83c\"}]}]"}}]}]}]}]}"#;
    let decoded = decode_traces(body.as_bytes(), Encoding::Json).unwrap();
    assert_eq!(decoded.spans[0].name, "cut \u{fffd}");
    assert_eq!(decoded.spans[0].input_messages[0].plain_text(), "dziękuję 🌿 and \u{fffd}");
}

#[test]
fn unknown_attributes_stay_as_they_came() {
    let found = decoded(
        json!({"x.list": [1, "a", null], "x.map": {"k": true}, "x.json": "{\"a\":1}", "gen_ai.aggregated_usage.input_tokens": 99}),
    );
    assert_eq!(found.attributes["x.list"], json!([1, "a", null]));
    assert_eq!(found.attributes["x.map"], json!({"k": true}));
    assert_eq!(found.attributes["x.json"], "{\"a\":1}");
    assert_eq!(found.attributes["gen_ai.aggregated_usage.input_tokens"], 99);
    assert_eq!(found.usage.input, None, "an aggregate is not this span's usage");
}
