//! Each dialect in small, and what happens when several speak at once.

use serde_json::{Value as Json, json};
use turnwise_ingest::otlp::{Encoding, decode_logs};
use turnwise_model::Usd;
use turnwise_model::score::{Source, Value};
use turnwise_model::telemetry::{
    IncomingScore, MessageRole, ScoreTarget, SpanKind, SpanRecord, SpanStatus, ToolRecord,
};

use super::spans::{BEGIN, chain, llm, span};
use super::tell::{decoded, decoded_span, pairs_of, said, session, wire};

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
    let outer = decoded(
        json!({"ai.operationId": "ai.generateText", "ai.prompt": "{\"prompt\":\"hi\"}", "ai.response.text": "hello", "ai.usage.promptTokens": 5, "ai.telemetry.metadata.sessionId": "v", "ai.telemetry.metadata.userId": "u", "ai.telemetry.metadata.plan": "pro"}),
    );
    assert_eq!(
        (outer.kind, outer.session.id.as_deref(), outer.session.user_id.as_deref()),
        (SpanKind::Chain, Some("v"), Some("u"))
    );
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
        call.parts = vec![turnwise_model::telemetry::ContentPart::ToolCall {
            id: Some("c1".to_owned()),
            name: "find".to_owned(),
            arguments: Some(json!("{\"x\":1}")),
        }];
        call
    });
    let tool = decoded(
        json!({"ai.operationId": "ai.toolCall", "ai.toolCall.name": "find", "ai.toolCall.id": "c1", "ai.toolCall.args": "{\"x\":1}", "ai.toolCall.result": "{\"y\":2}"}),
    );
    assert_eq!(
        tool.tool,
        Some(ToolRecord {
            name: Some("find".to_owned()),
            call_id: Some("c1".to_owned()),
            arguments: Some(json!({"x": 1})),
            result: Some(json!({"y": 2}))
        })
    );
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
    assert_eq!(
        (found.kind, found.session.id.as_deref(), found.session.environment.as_deref()),
        (SpanKind::Llm, Some("l"), Some("staging"))
    );
    assert_eq!(found.session.metadata["tier"], "gold");
    assert_eq!(
        (found.input_messages[0].plain_text().as_str(), found.output_messages[0].plain_text().as_str()),
        ("hi", "hello")
    );
    assert_eq!((found.usage.input, found.usage.output, found.usage.cost), (Some(3), Some(4), Some(Usd(0.25))));
    assert_eq!((found.status, found.status_message.as_deref()), (SpanStatus::Error, Some("went wrong")));
}

#[test]
fn mlflow_spans_are_understood() {
    let found = decoded(
        json!({"mlflow.spanType": "\"CHAT_MODEL\"", "mlflow.trace.session": "\"m\"", "mlflow.spanInputs": "{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}", "mlflow.spanOutputs": "{\"choices\":[{\"message\":{\"role\":\"assistant\",\"content\":\"hello\"}}]}", "mlflow.chat.tokenUsage": "{\"input_tokens\":3}"}),
    );
    assert_eq!((found.kind, found.session.id.as_deref(), found.usage.input), (SpanKind::Llm, Some("m"), Some(3)));
    assert_eq!(
        (found.input_messages[0].plain_text().as_str(), found.output_messages[0].plain_text().as_str()),
        ("hi", "hello")
    );
}

#[test]
fn the_older_event_form_of_genai_is_understood() {
    let event =
        |name: &str, attributes: Json| json!({"name": name, "timeUnixNano": "6", "attributes": pairs_of(attributes)});
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
    let turn =
        &session(&[SpanRecord { session: super::spans::span(SpanKind::Llm, 1, 1, None, 0).session, ..found }]).turns[0];
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
    assert_eq!(
        (&found.scores[0].score.value, found.scores[0].score.label.as_deref()),
        (&Value::Number(0.0), Some("low"))
    );
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
    assert_eq!(
        (&score("polite").value, score("polite").source, &score("polite").target),
        (&Value::Number(0.0), Source::Human, &ScoreTarget::Span)
    );
    assert_eq!(
        (&score("helpful").value, &score("helpful").target),
        (&Value::Label("yes".to_owned()), &ScoreTarget::Turn)
    );
    assert_eq!(score("solved").target, ScoreTarget::Session);
    let carrier = decoded_span(
        json!({"attributes": pairs_of(annotations), "links": [{"traceId": "000000000000000000000000000000aa", "spanId": "00000000000000bb"}]}),
    );
    let linked = ScoreTarget::OtherSpan {
        trace_id: "000000000000000000000000000000aa".to_owned(),
        span_id: "00000000000000bb".to_owned(),
    };
    assert_eq!(carrier.scores[0].target, linked);
}

#[test]
fn a_tool_that_fails_and_is_tried_again_keeps_the_error_in_the_turn_and_the_result_in_the_call() {
    let attempt = |id, at, fails: bool| {
        let mut tool = span(SpanKind::Tool, 1, id, Some(1), at);
        tool.tool = Some(ToolRecord {
            name: Some("find".to_owned()),
            call_id: Some("c1".to_owned()),
            arguments: Some(json!({})),
            result: (!fails).then(|| json!("found")),
        });
        if fails {
            tool.status = SpanStatus::Error;
            tool.status_message = Some("timed out".to_owned());
        }
        tool
    };
    let mut root = chain(1, 1, None, 0, "where?", "here");
    root.status = SpanStatus::Error;
    root.status_message = Some("timed out".to_owned());
    let found = session(&[
        root,
        llm(1, 2, Some(1), 1, &["u:where?"], "call:c1 find"),
        attempt(3, 2, true),
        attempt(4, 3, false),
    ]);
    let turn = &found.turns[0];
    assert_eq!(
        (turn.tool_calls.len(), &turn.tool_calls[0].result, &turn.tool_calls[0].error),
        (1, &Some(json!("found")), &None)
    );
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
