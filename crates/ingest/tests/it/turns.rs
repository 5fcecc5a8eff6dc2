//! Which turns a session has, whatever the client's habits: the traps that other products fell into.

use serde_json::json;
use turnwise_model::telemetry::{ErrorRecord, SpanKind, SpanRecord, SpanStatus, ToolRecord};

use super::spans::{chain, llm, span};
use super::tell::{dialogue, pairs, said, session};

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
    let in_one_trace =
        [llm(1, 1, None, 0, &["u:yes"], "a:one"), llm(1, 2, None, 10, &["u:yes", "a:one", "u:yes"], "a:two")];
    assert_eq!(dialogue(&in_one_trace), pairs(&[("yes", "one"), ("yes", "two")]));
}

#[test]
fn a_failed_attempt_and_the_retry_that_answered_are_one_turn_also_across_traces() {
    let mut failed = llm(1, 1, None, 0, &["u:hi"], "");
    failed.status = SpanStatus::Error;
    failed.errors = vec![ErrorRecord {
        kind: Some("openai.RateLimitError".to_owned()),
        message: "429".to_owned(),
        stacktrace: None,
    }];
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
    tool.tool =
        Some(ToolRecord { name: Some("find".to_owned()), result: Some(json!("found")), ..ToolRecord::default() });
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
    tool.tool =
        Some(ToolRecord { name: Some("find".to_owned()), call_id: Some("c1".to_owned()), ..ToolRecord::default() });
    let mut search = span(SpanKind::Retriever, 1, 10, Some(1), 8);
    search.retrieval =
        Some(turnwise_model::conversation::Retrieval { query: Some("q".to_owned()), documents: Vec::new() });
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
