//! The traps that other products fell into, one test each.

use serde_json::{Value as Json, json};
use super::spans::{BEGIN, chain, llm, span};
use super::support::sessions;
use turnwise_ingest::otlp::{Encoding, decode_logs, decode_traces, traces_reply};
use turnwise_model::assembly::{Assembled, resolve_sessions};
use turnwise_model::conversation::Turn;
use turnwise_model::score::{Source, Value};
use turnwise_model::telemetry::{
    ErrorRecord, IncomingScore, MessageRole, ScoreTarget, SessionSignal, SpanKind, SpanRecord, SpanStatus, ToolRecord,
    Usage,
};
use turnwise_model::{Nanos, Usd};

fn session(spans: &[SpanRecord]) -> Assembled {
    let mut found = sessions(spans);
    assert_eq!(found.len(), 1, "{:?}", found.keys());
    found.pop_first().unwrap().1
}

fn said(turn: &Turn) -> (Option<&str>, Option<&str>) {
    (turn.user.as_ref().map(|said| said.text.as_str()), turn.assistant.as_ref().map(|said| said.text.as_str()))
}

fn dialogue(spans: &[SpanRecord]) -> Vec<(String, String)> {
    let text = |said: Option<&str>| said.unwrap_or("-").to_owned();
    session(spans).turns.iter().map(|turn| (text(said(turn).0), text(said(turn).1))).collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(user, assistant)| ((*user).to_owned(), (*assistant).to_owned())).collect()
}

/// One span by OTLP/JSON with these attributes.
fn decoded(attributes: Json) -> SpanRecord {
    decoded_span(json!({ "attributes": pairs_of(attributes) }))
}

fn pairs_of(attributes: Json) -> Vec<Json> {
    let Json::Object(map) = attributes else { panic!("attributes are an object") };
    map.into_iter().map(|(key, value)| json!({"key": key, "value": wire(value)})).collect()
}

fn wire(value: Json) -> Json {
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

fn decoded_span(mut fields: Json) -> SpanRecord {
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

// Turns.

#[test]
fn history_sent_again_makes_no_turns_again() {
    let spans = [
        llm(1, 1, None, 0, &["s:be kind", "u:hi"], "a:hello"),
        llm(2, 2, None, 10, &["s:be kind", "u:hi", "a:hello", "u:how are you?"], "a:well"),
    ];
    assert_eq!(dialogue(&spans), pairs(&[("hi", "hello"), ("how are you?", "well")]));
}

#[test]
fn a_user_who_says_the_same_again_makes_a_turn_again_even_when_no_history_is_sent() {
    let spans = [llm(1, 1, None, 0, &["u:yes"], "a:one"), llm(2, 2, None, 10, &["u:yes"], "a:two")];
    assert_eq!(dialogue(&spans), pairs(&[("yes", "one"), ("yes", "two")]));
    let in_one_trace = [
        llm(1, 1, None, 0, &["u:yes"], "a:one"),
        llm(1, 2, None, 10, &["u:yes", "a:one", "u:yes"], "a:two"),
    ];
    assert_eq!(dialogue(&in_one_trace), pairs(&[("yes", "one"), ("yes", "two")]));
}

#[test]
fn a_failed_attempt_and_the_retry_that_answered_are_one_turn_also_across_traces() {
    let mut failed = llm(1, 1, None, 0, &["u:hi"], "");
    failed.status = SpanStatus::Error;
    failed.errors = vec![ErrorRecord { kind: Some("openai.RateLimitError".to_owned()), message: "429".to_owned(), stacktrace: None }];
    let spans = [failed, llm(2, 2, None, 10, &["u:hi"], "a:hello")];
    let session = session(&spans);
    assert_eq!(session.turns.len(), 1);
    let turn = &session.turns[0];
    assert_eq!((said(turn), turn.llm_calls), ((Some("hi"), Some("hello")), 2));
    assert_eq!(turn.errors[0].kind.as_deref(), Some("RateLimitError"));
    assert_eq!(turn.errors[0].place.as_deref(), Some("llm call"));
}

#[test]
fn an_agent_loop_whose_calls_are_traces_of_their_own_is_one_turn_with_its_tool() {
    let mut tool = span(SpanKind::Tool, 2, 2, None, 5);
    tool.tool = Some(ToolRecord { name: Some("find".to_owned()), result: Some(json!("found")), ..ToolRecord::default() });
    let spans = [
        llm(1, 1, None, 0, &["u:where?"], "call:c1 find"),
        tool,
        llm(3, 3, None, 10, &["u:where?", "call:c1 find", "result:c1 found"], "a:here"),
    ];
    let session = session(&spans);
    assert_eq!(session.turns.len(), 1);
    assert_eq!(session.turns[0].tool_calls.len(), 1);
    assert_eq!(session.turns[0].tool_calls[0].result, Some(json!("found")));
    assert_eq!(session.turn_of.len(), 3);
}

#[test]
fn rewriting_the_query_and_naming_the_chat_are_work_on_the_side() {
    let spans = [
        chain(1, 1, None, 0, "How long may I keep it?", "Four weeks."),
        llm(1, 2, Some(1), 1, &["u:Rewrite as a search query: How long may I keep it?"], "a:loan period"),
        llm(1, 3, Some(1), 2, &["u:hi", "a:hello", "u:How long may I keep it?"], "a:Four weeks."),
        llm(1, 4, Some(1), 3, &["u:Give this chat a title"], "a:Loans"),
    ];
    assert_eq!(dialogue(&spans), pairs(&[("How long may I keep it?", "Four weeks.")]));
    assert_eq!(session(&spans).turns[0].llm_calls, 3);
}

#[test]
fn a_question_wrapped_in_a_prompt_is_shown_as_the_user_wrote_it() {
    let prompt = "u:Context: books are lent for weeks.\nQuestion: How long?\nAnswer:";
    let spans = [chain(1, 1, None, 0, "How long?", "Weeks."), llm(1, 2, Some(1), 1, &[prompt], "a:Weeks.")];
    assert_eq!(dialogue(&spans), pairs(&[("How long?", "Weeks.")]));
}

#[test]
fn a_whole_conversation_in_one_trace_is_parted_with_its_tools() {
    let mut tool = span(SpanKind::Tool, 1, 9, Some(1), 2);
    tool.tool = Some(ToolRecord { name: Some("find".to_owned()), call_id: Some("c1".to_owned()), ..ToolRecord::default() });
    let mut search = span(SpanKind::Retriever, 1, 10, Some(1), 8);
    search.retrieval = Some(turnwise_model::conversation::Retrieval { query: Some("q".to_owned()), documents: Vec::new() });
    let spans = [
        span(SpanKind::Chain, 1, 1, None, 0),
        llm(1, 2, Some(1), 1, &["u:one"], "call:c1 find"),
        tool,
        llm(1, 3, Some(1), 3, &["u:one", "call:c1 find", "result:c1 x"], "a:first"),
        search,
        llm(1, 4, Some(1), 10, &["u:one", "a:first", "u:two"], "a:second"),
    ];
    let session = session(&spans);
    assert_eq!(dialogue(&spans), pairs(&[("one", "first"), ("two", "second")]));
    assert_eq!(session.turns[0].tool_calls.len(), 1);
    assert_eq!(session.turns[1].tool_calls.len(), 0);
    assert_eq!((session.turns[0].retrievals.len(), session.turns[1].retrievals.len()), (0, 1));
    assert_eq!(session.turn_of.len(), 5, "the root holds both turns and belongs to the session");
}

#[test]
fn explicit_numbers_win_over_everything() {
    let numbered = |mut record: SpanRecord, number| {
        record.turn.number = Some(number);
        record
    };
    let spans = [
        numbered(llm(1, 1, None, 50, &["u:second"], "a:b"), 2),
        numbered(llm(2, 2, None, 60, &["u:first"], "a:a"), 1),
        numbered(llm(3, 3, None, 70, &["u:second again"], "a:c"), 2),
    ];
    let session = session(&spans);
    assert_eq!(session.turns.len(), 2);
    assert_eq!(said(&session.turns[0]), (Some("first"), Some("a")));
    assert_eq!(session.turns[1].llm_calls, 2);
}

#[test]
fn a_turn_without_output_or_without_messages_is_still_a_turn() {
    assert_eq!(dialogue(&[llm(1, 1, None, 0, &["u:hi"], "")]), pairs(&[("hi", "-")]));
    assert_eq!(dialogue(&[chain(1, 1, None, 0, "hi", "")]), pairs(&[("hi", "-")]));
    let mut silent = span(SpanKind::Llm, 1, 1, None, 0);
    silent.usage.input = Some(5);
    let silent = session(&[silent]);
    assert_eq!((silent.turns.len(), silent.turns[0].tokens.input, silent.turns[0].tokens.output), (1, Some(5), None));
}

#[test]
fn the_assistant_may_speak_first() {
    let spans = [
        llm(1, 1, None, 0, &["s:greet"], "a:welcome"),
        llm(1, 2, None, 10, &["s:greet", "a:welcome", "u:hi"], "a:hello"),
    ];
    assert_eq!(dialogue(&spans), pairs(&[("-", "welcome"), ("hi", "hello")]));
}

#[test]
fn a_judge_inside_the_application_does_not_converse() {
    let spans = [
        chain(1, 1, None, 0, "hi", "hello"),
        llm(1, 2, Some(1), 1, &["u:hi"], "a:hello"),
        span(SpanKind::Evaluator, 1, 3, Some(1), 2),
        llm(1, 4, Some(3), 3, &["u:hi", "a:hello", "u:Was this polite?"], "a:yes"),
    ];
    assert_eq!(dialogue(&spans), pairs(&[("hi", "hello")]));
}

#[test]
fn a_late_span_changes_no_turns_id() {
    let all = [
        chain(1, 1, None, 0, "hi", "hello"),
        llm(1, 2, Some(1), 1, &["u:hi"], "a:hello"),
        chain(2, 3, None, 10, "and?", "well"),
        llm(2, 4, Some(3), 11, &["u:hi", "a:hello", "u:and?"], "a:well"),
    ];
    let whole = session(&all);
    for missing in 0..all.len() {
        let mut some = all.to_vec();
        some.remove(missing);
        let ids: Vec<_> = session(&some).turns.iter().map(|turn| turn.id).collect();
        assert_eq!(ids, whole.turns.iter().map(|turn| turn.id).collect::<Vec<_>>(), "without span {missing}");
    }
}

// Usage.

#[test]
fn usage_that_parents_repeat_is_counted_once_and_missing_usage_is_unknown() {
    let usage = |input, output| Usage { input: Some(input), output: Some(output), cost: Some(Usd(0.5)), ..Usage::default() };
    let mut outer = chain(1, 1, None, 0, "hi", "hello");
    outer.usage = usage(30, 9);
    let mut proxy = llm(1, 2, Some(1), 1, &["u:hi"], "a:hello");
    proxy.usage = usage(30, 9);
    let mut inner = llm(1, 3, Some(2), 2, &["u:hi"], "a:hello");
    inner.usage = usage(30, 9);
    let found = session(&[outer, proxy, inner]);
    assert_eq!((found.totals.tokens.input, found.totals.tokens.output), (Some(30), Some(9)));
    assert_eq!((found.totals.cost_usd, found.turns[0].llm_calls), (Some(Usd(0.5)), 1));
    let unknown = session(&[llm(1, 1, None, 0, &["u:hi"], "a:hello")]);
    assert_eq!((unknown.totals.tokens.total(), unknown.totals.cost_usd), (None, None));
}

#[test]
fn malformed_usage_costs_only_itself() {
    let found = decoded(json!({
        "gen_ai.operation.name": "chat",
        "gen_ai.usage.input_tokens": "many",
        "gen_ai.usage.output_tokens": "7",
        "langfuse.observation.usage_details": "{broken",
        "gen_ai.input.messages": "[{\"role\":\"user\",\"parts\":[{\"type\":\"text\",\"content\":\"hi\"}]}]",
    }));
    assert_eq!((found.usage.input, found.usage.output), (None, Some(7)));
    assert_eq!(found.input_messages[0].plain_text(), "hi");
    assert_eq!(found.attributes["gen_ai.usage.input_tokens"], "many");
    assert_eq!(found.attributes["langfuse.observation.usage_details"], "{broken");
}

// Sessions.

#[test]
fn a_session_named_on_the_root_alone_is_its_childrens_too() {
    let mut child = llm(1, 2, Some(1), 1, &["u:hi"], "a:hello");
    child.session.id = None;
    let mut nameless = llm(2, 3, None, 1, &["u:hi"], "a:hello");
    nameless.session.id = None;
    let spans = [child, chain(1, 1, None, 0, "hi", "hello"), nameless];
    let found = resolve_sessions(&spans);
    assert_eq!(found[&spans[0].trace_id].external_id, "s");
    let own = &found[&spans[2].trace_id];
    assert_eq!((own.external_id.as_str(), own.told), (spans[2].trace_id.as_str(), false));
}

#[test]
fn the_session_does_not_depend_on_the_order_of_attributes() {
    for keys in [["session.id", "langfuse.session.id"], ["langfuse.session.id", "session.id"]] {
        let attributes: Vec<Json> =
            keys.iter().map(|key| json!({"key": key, "value": {"stringValue": format!("by {key}")}})).collect();
        let found = decoded_span(json!({ "attributes": attributes }));
        assert_eq!(found.session.id.as_deref(), Some("by session.id"));
        assert_eq!(found.session.warnings.len(), 1, "the other id is not silently dropped");
    }
}

#[test]
fn two_sessions_on_one_trace_are_a_warning() {
    let mut other = llm(1, 2, Some(1), 1, &["u:hi"], "a:hello");
    other.session.id = Some("other".to_owned());
    let found = session(&[chain(1, 1, None, 0, "hi", "hello"), other]);
    assert_eq!(found.facts.external_id.as_deref(), Some("s"));
    assert!(found.facts.warnings[0].contains("\"s\" and \"other\""), "{:?}", found.facts.warnings);
}

#[test]
fn a_conversation_id_is_the_session_unless_a_better_one_is_told() {
    let alone = decoded(json!({"gen_ai.conversation.id": "c"}));
    assert_eq!((alone.session.id.as_deref(), alone.session.conversation_id.as_deref()), (Some("c"), None));
    let both = decoded(json!({"gen_ai.conversation.id": "c", "session.id": "s"}));
    assert_eq!((both.session.id.as_deref(), both.session.conversation_id.as_deref()), (Some("s"), Some("c")));
    assert_eq!(both.session.warnings, Vec::<String>::new());
    let mut child = llm(1, 2, Some(1), 1, &["u:hi"], "a:hello");
    child.session.id = Some("c".to_owned());
    child.session.id_rank = 2;
    let found = session(&[chain(1, 1, None, 0, "hi", "hello"), child]);
    assert_eq!(found.facts.external_id.as_deref(), Some("s"));
    assert_eq!(found.turns[0].conversation_id.as_deref(), Some("c"));
    assert_eq!(found.facts.conversation_ids, ["c"]);
    assert_eq!(found.facts.warnings, Vec::<String>::new());
}

#[test]
fn an_end_ends_a_session_until_it_goes_on() {
    let mut end = span(SpanKind::Event, 9, 9, None, 100);
    end.session.signal = Some(SessionSignal::End { reason: Some("hung_up".to_owned()) });
    let mut spans = vec![llm(1, 1, None, 0, &["u:hi"], "a:hello"), end];
    let ended = session(&spans);
    assert_eq!(ended.ended.unwrap().reason.as_deref(), Some("hung_up"));
    assert_eq!(ended.turns.len(), 1, "a marker is no turn");
    spans.push(llm(2, 2, None, 200, &["u:hi", "a:hello", "u:one more"], "a:yes"));
    assert_eq!(session(&spans).ended, None);
}

#[test]
fn session_start_and_end_spans_and_the_plain_attributes_are_read() {
    let mut end = json!({"name": "session.end"});
    end["attributes"] = json!(pairs_of(json!({"session.end_reason": "resolved", "session.channel": "web", "user.tier": "gold"})));
    let end = decoded_span(end);
    assert_eq!(end.kind, SpanKind::Event);
    assert_eq!(end.session.signal, Some(SessionSignal::End { reason: Some("resolved".to_owned()) }));
    assert_eq!(end.session.metadata["session.channel"], "web");
    assert_eq!(end.session.metadata["user.tier"], "gold");
    let start = decoded_span(json!({"name": "session.start"}));
    assert_eq!(start.session.signal, Some(SessionSignal::Start));
    let turn = decoded(json!({"conversation.turn_number": 3, "turn.id": "t3", "context.limit": 8000, "conversation.topic": "loans", "journey.stage": "checkout", "dropoff.detected": true}));
    assert_eq!((turn.turn.number, turn.turn.id.as_deref()), (Some(3), Some("t3")));
    assert_eq!(turn.turn.metadata["context.limit"], 8000);
    assert_eq!(turn.turn.metadata["conversation.topic"], "loans");
    assert_eq!(turn.session.metadata["journey.stage"], "checkout");
    assert_eq!(turn.session.metadata["dropoff.detected"], true);
}

// The wire.

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
        for (camel, snake) in [("traceId", "trace_id"), ("spanId", "span_id"), ("startTimeUnixNano", "start_time_unix_nano")] {
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
    let good = json!({"traceId": "00000000000000000000000000000001", "spanId": "0000000000000001", "startTimeUnixNano": "5"});
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
    let found = decoded(json!({"x.list": [1, "a", null], "x.map": {"k": true}, "x.json": "{\"a\":1}", "gen_ai.aggregated_usage.input_tokens": 99}));
    assert_eq!(found.attributes["x.list"], json!([1, "a", null]));
    assert_eq!(found.attributes["x.map"], json!({"k": true}));
    assert_eq!(found.attributes["x.json"], "{\"a\":1}");
    assert_eq!(found.attributes["gen_ai.aggregated_usage.input_tokens"], 99);
    assert_eq!(found.usage.input, None, "an aggregate is not this span's usage");
}

// Dialects.

#[test]
fn of_two_dialects_the_better_is_believed_and_the_other_kept() {
    let found = decoded(json!({
        "gen_ai.request.model": "by genai", "llm.model_name": "by openinference", "openinference.span.kind": "AGENT",
        "gen_ai.operation.name": "chat",
    }));
    assert_eq!(found.model.as_deref(), Some("by openinference"));
    assert_eq!(found.kind, SpanKind::Agent);
    assert_eq!(found.attributes["gen_ai.request.model"], "by genai");
}

#[test]
fn vercel_spans_are_understood_and_their_outer_span_is_no_call() {
    let outer = decoded(json!({"ai.operationId": "ai.generateText", "ai.prompt": "{\"prompt\":\"hi\"}", "ai.response.text": "hello", "ai.usage.promptTokens": 5, "ai.telemetry.metadata.sessionId": "v", "ai.telemetry.metadata.userId": "u", "ai.telemetry.metadata.plan": "pro"}));
    assert_eq!((outer.kind, outer.session.id.as_deref(), outer.session.user_id.as_deref()), (SpanKind::Chain, Some("v"), Some("u")));
    assert_eq!(outer.session.metadata["plan"], "pro");
    let inner = decoded(json!({
        "ai.operationId": "ai.generateText.doGenerate", "ai.model.id": "m", "ai.usage.promptTokens": 5,
        "ai.prompt.messages": "[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"hi\"}]}]",
        "ai.response.toolCalls": "[{\"toolCallId\":\"c1\",\"toolName\":\"find\",\"args\":\"{\\\"x\\\":1}\"}]",
    }));
    assert_eq!((inner.kind, inner.usage.input, inner.model.as_deref()), (SpanKind::Llm, Some(5), Some("m")));
    assert_eq!(inner.input_messages[0].plain_text(), "hi");
    assert_eq!(inner.output_messages[0], {
        let mut call = super::spans::message("call:c1 find");
        call.parts = vec![turnwise_model::telemetry::ContentPart::ToolCall { id: Some("c1".to_owned()), name: "find".to_owned(), arguments: Some(json!("{\"x\":1}")) }];
        call
    });
    let tool = decoded(json!({"ai.operationId": "ai.toolCall", "ai.toolCall.name": "find", "ai.toolCall.id": "c1", "ai.toolCall.args": "{\"x\":1}", "ai.toolCall.result": "{\"y\":2}"}));
    assert_eq!(tool.tool, Some(ToolRecord { name: Some("find".to_owned()), call_id: Some("c1".to_owned()), arguments: Some(json!({"x": 1})), result: Some(json!({"y": 2})) }));
}

#[test]
fn langfuse_spans_are_understood() {
    let found = decoded(json!({
        "langfuse.observation.type": "generation", "langfuse.session.id": "l", "langfuse.user.id": "u", "langfuse.trace.tags": ["a"],
        "langfuse.environment": "staging", "langfuse.trace.metadata.tier": "\"gold\"", "langfuse.observation.model.name": "m",
        "langfuse.observation.input": "[{\"role\":\"user\",\"content\":\"hi\"}]",
        "langfuse.observation.output": "{\"role\":\"assistant\",\"content\":\"hello\"}",
        "langfuse.observation.usage_details": "{\"input\":3,\"output\":4}", "langfuse.observation.cost_details": "{\"total\":0.25}",
        "langfuse.observation.level": "ERROR", "langfuse.observation.status_message": "went wrong",
    }));
    assert_eq!((found.kind, found.session.id.as_deref(), found.session.environment.as_deref()), (SpanKind::Llm, Some("l"), Some("staging")));
    assert_eq!(found.session.metadata["tier"], "gold");
    assert_eq!((found.input_messages[0].plain_text().as_str(), found.output_messages[0].plain_text().as_str()), ("hi", "hello"));
    assert_eq!((found.usage.input, found.usage.output, found.usage.cost), (Some(3), Some(4), Some(Usd(0.25))));
    assert_eq!((found.status, found.status_message.as_deref()), (SpanStatus::Error, Some("went wrong")));
}

#[test]
fn mlflow_spans_are_understood() {
    let found = decoded(json!({"mlflow.spanType": "\"CHAT_MODEL\"", "mlflow.trace.session": "\"m\"", "mlflow.spanInputs": "{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}", "mlflow.spanOutputs": "{\"choices\":[{\"message\":{\"role\":\"assistant\",\"content\":\"hello\"}}]}", "mlflow.chat.tokenUsage": "{\"input_tokens\":3}"}));
    assert_eq!((found.kind, found.session.id.as_deref(), found.usage.input), (SpanKind::Llm, Some("m"), Some(3)));
    assert_eq!((found.input_messages[0].plain_text().as_str(), found.output_messages[0].plain_text().as_str()), ("hi", "hello"));
}

#[test]
fn the_older_event_form_of_genai_is_understood() {
    let event = |name: &str, attributes: Json| json!({"name": name, "timeUnixNano": "6", "attributes": pairs_of(attributes)});
    let mut fields = json!({"events": [
        event("gen_ai.system.message", json!({"content": "be kind"})),
        event("gen_ai.user.message", json!({"content": "where?"})),
        event("gen_ai.assistant.message", json!({"tool_calls": "[{\"id\":\"c1\",\"type\":\"function\",\"function\":{\"name\":\"find\",\"arguments\":\"{}\"}}]"})),
        event("gen_ai.tool.message", json!({"content": "found", "id": "c1"})),
        event("gen_ai.choice", json!({"index": 0, "finish_reason": "stop", "message": "{\"role\":\"assistant\",\"content\":\"here\"}"})),
        event("something.else", json!({"kept": true})),
    ]});
    fields["attributes"] = json!(pairs_of(json!({"gen_ai.operation.name": "chat"})));
    let found = decoded_span(fields);
    let roles: Vec<MessageRole> = found.input_messages.iter().map(|message| message.role).collect();
    assert_eq!(roles, [MessageRole::System, MessageRole::User, MessageRole::Assistant, MessageRole::Tool]);
    assert_eq!(found.output_messages[0].plain_text(), "here");
    assert_eq!(found.events, [json!({"name": "something.else", "time": 6, "attributes": {"kept": true}})]);
    let turn = &session(&[SpanRecord { session: super::spans::span(SpanKind::Llm, 1, 1, None, 0).session, ..found }]).turns[0];
    assert_eq!(said(turn), (Some("where?"), Some("here")));
    assert_eq!(turn.tool_calls[0].result, Some(json!("found")));
}

#[test]
fn log_records_add_messages_and_scores_to_their_span() {
    let log = |name: &str, body: Json, attributes: Json, time: i64| {
        json!({"traceId": "00000000000000000000000000000001", "spanId": "0000000000000001", "timeUnixNano": (BEGIN + time).to_string(),
            "eventName": name, "body": wire(body), "attributes": pairs_of(attributes)})
    };
    let body = json!({"resourceLogs": [{"scopeLogs": [{"logRecords": [
        log("gen_ai.user.message", json!({"content": "where?"}), json!({"gen_ai.system": "openai"}), 1),
        log("gen_ai.choice", json!({"index": 0, "message": {"role": "assistant", "content": "here"}}), json!({}), 2),
        log("gen_ai.evaluation.result", json!({}), json!({"gen_ai.evaluation.name": "relevance", "gen_ai.evaluation.score.value": 0.0, "gen_ai.evaluation.score.label": "low"}), 3),
        log("unrelated", json!("text"), json!({}), 4),
    ]}]}]})
    .to_string();
    let decoded = decode_logs(body.as_bytes(), Encoding::Json).unwrap();
    assert_eq!((decoded.spans.len(), decoded.rejected.len()), (3, 0));
    assert_eq!(decode_logs(body.as_bytes(), Encoding::Json).unwrap(), decoded, "sent again it is the same");
    let mut spans = decoded.spans;
    spans.push(span(SpanKind::Llm, 1, 1, None, 0));
    let found = session(&spans);
    assert_eq!(said(&found.turns[0]), (Some("where?"), Some("here")));
    assert_eq!(found.scores[0].turn, Some(found.turns[0].id));
    assert_eq!((&found.scores[0].score.value, found.scores[0].score.label.as_deref()), (&Value::Number(0.0), Some("low")));
}

#[test]
fn annotations_become_scores_of_span_turn_session_or_the_linked_span() {
    let annotations = json!({
        "annotations.0.annotation.name": "polite", "annotations.0.annotation.score": 0.0, "annotations.0.annotation.annotator_kind": "HUMAN",
        "trace.annotations.0.annotation.name": "helpful", "trace.annotations.0.annotation.label": "yes",
        "session.evaluations.0.evaluation.name": "solved", "session.evaluations.0.evaluation.score": 1,
        "annotations.1.annotation.name": "says nothing",
    });
    let found = decoded(annotations.clone());
    let score = |name: &str| -> &IncomingScore { found.scores.iter().find(|score| score.name == name).unwrap() };
    assert_eq!(found.scores.len(), 3, "an absent score is never 0");
    assert_eq!((&score("polite").value, score("polite").source, &score("polite").target), (&Value::Number(0.0), Source::Human, &ScoreTarget::Span));
    assert_eq!((&score("helpful").value, &score("helpful").target), (&Value::Label("yes".to_owned()), &ScoreTarget::Turn));
    assert_eq!(score("solved").target, ScoreTarget::Session);
    let carrier = decoded_span(json!({"attributes": pairs_of(annotations), "links": [{"traceId": "000000000000000000000000000000aa", "spanId": "00000000000000bb"}]}));
    let linked = ScoreTarget::OtherSpan { trace_id: "000000000000000000000000000000aa".to_owned(), span_id: "00000000000000bb".to_owned() };
    assert_eq!(carrier.scores[0].target, linked);
}

#[test]
fn a_tool_that_fails_and_is_tried_again_keeps_the_error_in_the_turn_and_the_result_in_the_call() {
    let attempt = |id, at, fails: bool| {
        let mut tool = span(SpanKind::Tool, 1, id, Some(1), at);
        tool.tool = Some(ToolRecord { name: Some("find".to_owned()), call_id: Some("c1".to_owned()), arguments: Some(json!({})), result: (!fails).then(|| json!("found")) });
        if fails {
            tool.status = SpanStatus::Error;
            tool.status_message = Some("timed out".to_owned());
        }
        tool
    };
    let mut root = chain(1, 1, None, 0, "where?", "here");
    root.status = SpanStatus::Error;
    root.status_message = Some("timed out".to_owned());
    let found = session(&[root, llm(1, 2, Some(1), 1, &["u:where?"], "call:c1 find"), attempt(3, 2, true), attempt(4, 3, false)]);
    let turn = &found.turns[0];
    assert_eq!((turn.tool_calls.len(), &turn.tool_calls[0].result, &turn.tool_calls[0].error), (1, &Some(json!("found")), &None));
    assert_eq!(turn.errors.len(), 1, "an error that travels up is told once: {:?}", turn.errors);
    assert_eq!(turn.errors[0].place.as_deref(), Some("tool find"));
}

#[test]
fn parents_that_are_missing_or_go_in_circles_do_no_harm() {
    let mut a = llm(1, 1, Some(2), 0, &["u:hi"], "a:hello");
    let mut b = chain(1, 2, Some(1), 1, "", "");
    b.usage.input = Some(4);
    a.usage.input = Some(4);
    let found = session(&[a, b, chain(1, 3, Some(99), 2, "", ""), chain(1, 4, Some(4), 3, "", "")]);
    assert_eq!(found.turns.len(), 1);
    assert_eq!((said(&found.turns[0]), found.totals.tokens.input), ((Some("hi"), Some("hello")), Some(4)));
}
