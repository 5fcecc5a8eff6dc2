//! Sessions far larger than usual.

use std::time::Instant;

use turnwise_model::telemetry::{SpanKind, SpanRecord, ToolRecord};

use super::spans::{chain, llm, span};
use super::support::sessions;

/// A session of so many spans: turns of ten, each in a trace of its own, with the last messages as history.
fn long_session(spans: u32) -> Vec<SpanRecord> {
    let mut session = Vec::new();
    for turn in 0..spans / 10 {
        let (first, at) = (turn * 10 + 1, i64::from(turn) * 1_000);
        let (asked, reply) = (format!("question {turn}"), format!("answer {turn}"));
        let mut sent: Vec<String> = (turn.saturating_sub(10)..turn)
            .flat_map(|earlier| [format!("u:question {earlier}"), format!("a:answer {earlier}")])
            .collect();
        sent.push(format!("u:{asked}"));
        session.push(chain(turn + 1, first, None, at, &asked, &reply));
        for step in 0..4 {
            let call = format!("c{turn}-{step}");
            let words: Vec<&str> = sent.iter().map(String::as_str).collect();
            session.push(llm(
                turn + 1,
                first + 1 + step * 2,
                Some(first),
                at + 1 + i64::from(step) * 2,
                &words,
                &format!("call:{call} find"),
            ));
            let mut tool =
                span(SpanKind::Tool, turn + 1, first + 2 + step * 2, Some(first), at + 2 + i64::from(step) * 2);
            tool.tool = Some(ToolRecord {
                name: Some("find".to_owned()),
                call_id: Some(call.clone()),
                ..ToolRecord::default()
            });
            session.push(tool);
            sent.extend([format!("call:{call} find"), format!("result:{call} found")]);
        }
        let words: Vec<&str> = sent.iter().map(String::as_str).collect();
        session.push(llm(turn + 1, first + 9, Some(first), at + 20, &words, &format!("a:{reply}")));
    }
    session
}

#[test]
fn twenty_thousand_spans_in_one_session_are_assembled_at_once() {
    let spans = long_session(20_000);
    let id = turnwise_model::SessionId::derive(super::support::project(), "s");
    let began = Instant::now();
    let found = turnwise_model::assembly::assemble(id, &spans);
    let took = began.elapsed();
    println!("20,000 spans: {took:?}");
    assert_eq!(found.turns.len(), 2_000);
    assert!(found.turns.iter().all(|turn| turn.tool_calls.len() == 4 && turn.llm_calls == 5));
    // The budget of 100 ms is for release builds, measured by the benchmark; here only growth without bound must fail.
    assert!(took.as_secs() < 5, "took {took:?}");
}

#[test]
fn one_turn_of_thousands_of_spans_deep_in_each_other_is_assembled() {
    let mut spans = vec![chain(1, 1, None, 0, "go", "done")];
    spans.extend((2..20_001).map(|id| span(SpanKind::Chain, 1, id, Some(id - 1), i64::from(id))));
    spans.push(llm(1, 30_000, Some(20_000), 40_000, &["u:go"], "a:done"));
    let found = sessions(&spans);
    assert_eq!(found["s"].turns.len(), 1);
    assert_eq!(found["s"].turn_of.len(), spans.len());
}

#[test]
fn thousands_of_turns_in_one_trace_are_told_apart() {
    let mut spans = vec![span(SpanKind::Chain, 1, 1, None, 0)];
    for turn in 0..3_000_u32 {
        let sent = [format!("u:question {}", turn.saturating_sub(1)), "a:yes".to_owned(), format!("u:question {turn}")];
        let words: Vec<&str> = sent.iter().map(String::as_str).collect();
        let words = if turn == 0 { &words[2..] } else { &words[..] };
        spans.push(llm(1, turn + 2, Some(1), 1 + i64::from(turn), words, "a:yes"));
    }
    assert_eq!(sessions(&spans)["s"].turns.len(), 3_000);
}
