//! Whatever a conversation holds, checks do not panic, scores stay from 0 to 1, and evidence quotes what stands there.

mod support;

use proptest::prelude::*;
use serde_json::json;
use support::data;
use turnwise_evaluators::judge::{BUILT_IN as JUDGES, Judge, Limits};
use turnwise_evaluators::text::facts::facts;
use turnwise_evaluators::text::personal;
use turnwise_evaluators::text::sentences::sentences;
use turnwise_evaluators::text::words::tokens;
use turnwise_evaluators::{CheckEvaluator, Context, Reading, checks, evidence};
use turnwise_model::conversation::{Conversation, Document, EndReason, Retrieval, ToolCall, Turn, TurnError};
use turnwise_model::{Ambient, Micros};

/// Pieces that checks look at, mixed with anything else.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec![
            "I've refunded $84.00 to your card. ", "Where is my order LF-51190? ", "I'm sorry, I can't do that.\n", "thanks!! ",
            "4111 1111 1111 1111 ", "jo@example.org ", "call +49 30 123456 ", "on 18 May 2026 at 7:00 PM ", "2026-05-19 ",
            "Your parcel is out for delivery today. ", "mix bleach with vinegar ", "I want to die ", "…", "?", "password is hunter2! ",
            "Dziękuję za zdjęcia! ", "1. First\n2) Second\n", "1,203.50 € ", "###STOP### ", "東京 🏕️ ", "'’'’", "10.5,4 ", "::1:2:3 ",
            "\u{0}\u{fffd}\u{fffd} ", "the the the the the ", "```code ", "forget it ", "Done! ", "$$$ % 5% ", "İstanbul ẞ ",
        ]).prop_map(str::to_owned),
        1 => "\\PC{0,40}",
        1 => any::<String>().prop_map(|text| text.chars().take(60).collect()),
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

fn json_value() -> impl Strategy<Value = serde_json::Value> {
    prop_oneof![
        text().prop_map(serde_json::Value::String),
        (text(), any::<f64>(), text())
            .prop_map(|(status, amount, id)| json!({"status": status, "amount": amount, "id": id})),
        prop::sample::select(vec![
            json!({"error": "no"}),
            json!({"error": {"message": "odd"}}),
            json!({"status": "on_hold"}),
            json!([1, "a", null]),
            json!(null)
        ]),
    ]
}

fn turn() -> impl Strategy<Value = Turn> {
    let call = (
        prop::sample::select(vec!["get_order", "issue_refund", "transfer_to_human", "é"]),
        prop::option::of(json_value()),
        prop::option::of(text()),
    )
        .prop_map(|(name, result, error)| ToolCall {
            name: name.to_owned(),
            arguments: Some(json!({"id": 1})),
            result,
            error: error.map(|message| TurnError { message, ..TurnError::default() }),
            ..ToolCall::default()
        });
    (
        prop::option::of(text()),
        prop::option::of(text()),
        prop::collection::vec(call, 0..3),
        prop::option::of(prop::collection::vec(text(), 0..2)),
        prop::option::of(any::<i64>()),
    )
        .prop_map(|(user, assistant, calls, documents, latency)| {
            let mut turn = data::turn(1);
            turn.user = user.map(|text| text.as_str().into());
            turn.assistant = assistant.map(|text| text.as_str().into());
            turn.tool_calls = calls;
            turn.latency_ms = latency;
            turn.retrievals = documents
                .map(|texts| Retrieval {
                    query: None,
                    documents: texts
                        .into_iter()
                        .map(|text| Document { text: Some(text), ..Document::default() })
                        .collect(),
                })
                .into_iter()
                .collect();
            turn
        })
}

fn conversation() -> impl Strategy<Value = Conversation> {
    let end = prop::option::of(prop_oneof![Just(EndReason::Idle), "[a-z]{0,9}".prop_map(EndReason::Client)]);
    (prop::collection::vec(turn(), 0..7), end).prop_map(|(mut turns, end)| {
        for (position, turn) in (1..).zip(&mut turns) {
            turn.position = position;
        }
        let mut conversation = data::conversation("any", turns);
        conversation.session.end_reason = end;
        conversation
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn every_check_survives_any_conversation_and_quotes_it(conversation in conversation()) {
        let reading = Reading::new(&conversation);
        for make in checks::BUILT_IN {
            let check = CheckEvaluator::new(make());
            let outcome = check.judge(&reading, Context::SESSION);
            let mut positions = Vec::new();
            for verdict in outcome.verdicts() {
                prop_assert!((0.0..=1.0).contains(&verdict.value), "{check:?} {verdict:?}");
                prop_assert!(verdict.passed || verdict.explanation.is_some(), "{check:?} {verdict:?}");
                for found in &verdict.evidence {
                    prop_assert!(evidence::occurs(&conversation, found), "{check:?} {found:?}");
                }
                positions.push(verdict.position);
            }
            let mut unique = positions.clone();
            unique.dedup();
            prop_assert_eq!(unique, positions);
        }
    }

    #[test]
    fn asking_for_one_turn_gives_that_turns_verdict_and_no_other(conversation in conversation(), position in 1_u32..7) {
        let reading = Reading::new(&conversation);
        for make in checks::BUILT_IN {
            let check = CheckEvaluator::new(make());
            let all = check.judge(&reading, Context::SESSION);
            let one = check.judge(&reading, Context::turn(position));
            let expected: Vec<_> = all.turn(position).into_iter().cloned().collect();
            prop_assert_eq!(one.verdicts(), expected.as_slice());
        }
    }

    #[test]
    fn pieces_of_text_lie_within_it_in_order(text in text()) {
        let tokens = tokens(&text);
        prop_assert!(tokens.windows(2).all(|two| two[0].end <= two[1].start));
        prop_assert!(tokens.iter().all(|token| text.get(token.start..token.end).is_some_and(|piece| !piece.is_empty())));
        prop_assert!(sentences(&text).iter().all(|range| text.get(range.clone()).is_some_and(|piece| piece.trim() == piece)));
        prop_assert!(facts(&text, &tokens).iter().all(|fact| text.get(fact.start..fact.end).is_some()));
        prop_assert!(personal::find(&text).iter().all(|piece| text.get(piece.range.clone()).is_some()));
    }

    #[test]
    fn a_judge_gets_any_conversation_as_data_within_its_budget(conversation in conversation(), tokens in 300_usize..4_000) {
        if conversation.turns.is_empty() {
            return Ok(());
        }
        let ambient = Ambient::for_tests(Micros(1)).0;
        let judge: Judge = JUDGES[0].judge(None, ambient).unwrap().with_limits(Limits { conversation_tokens: tokens });
        let messages = judge.messages(&conversation, Context::SESSION).unwrap();
        let data: Vec<&str> = messages[1].text.lines().collect();
        prop_assert!(data[0].starts_with("<<<CONVERSATION "));
        let end = data.iter().rposition(|line| line.starts_with("<<<END ")).unwrap();
        prop_assert_eq!(messages[1].text.matches("<<<").count(), 2);
        for line in &data[1..end] {
            prop_assert!(serde_json::from_str::<serde_json::Value>(line).is_ok(), "{}", line);
        }
    }
}
