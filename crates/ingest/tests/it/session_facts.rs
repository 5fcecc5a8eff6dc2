//! Which session, how it ended, what its attributes tell.

use serde_json::{Value as Json, json};
use turnwise_model::assembly::resolve_sessions;
use turnwise_model::telemetry::{SessionSignal, SpanKind};

use super::spans::{chain, llm, span};
use super::tell::{decoded, decoded_span, pairs_of, session};

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
    end["attributes"] =
        json!(pairs_of(json!({"session.end_reason": "resolved", "session.channel": "web", "user.tier": "gold"})));
    let end = decoded_span(end);
    assert_eq!(end.kind, SpanKind::Event);
    assert_eq!(end.session.signal, Some(SessionSignal::End { reason: Some("resolved".to_owned()) }));
    assert_eq!(end.session.metadata["session.channel"], "web");
    assert_eq!(end.session.metadata["user.tier"], "gold");
    let start = decoded_span(json!({"name": "session.start"}));
    assert_eq!(start.session.signal, Some(SessionSignal::Start));
    let turn = decoded(
        json!({"conversation.turn_number": 3, "turn.id": "t3", "context.limit": 8000, "conversation.topic": "loans", "journey.stage": "checkout", "dropoff.detected": true}),
    );
    assert_eq!((turn.turn.number, turn.turn.id.as_deref()), (Some(3), Some("t3")));
    assert_eq!(turn.turn.metadata["context.limit"], 8000);
    assert_eq!(turn.turn.metadata["conversation.topic"], "loans");
    assert_eq!(turn.session.metadata["journey.stage"], "checkout");
    assert_eq!(turn.session.metadata["dropoff.detected"], true);
}
