//! The importers on the real files, against counts taken from the files independently.

use std::collections::{BTreeMap, BTreeSet};

use super::support::{sessions, shared};
use serde_json::Value as Json;
use turnwise_ingest::otlp::{Encoding, decode_traces, encode_traces};
use turnwise_ingest::{messages, mtrag, tau_bench};
use turnwise_model::Micros;
use turnwise_model::score::Value;
use turnwise_model::telemetry::{ScoreTarget, SpanRecord};

const AT: Micros = Micros(1_760_000_000_000_000);

fn tau() -> Option<(Vec<Json>, Vec<SpanRecord>)> {
    let bytes = shared("tau_bench_airline/gpt-4o-airline.json")?;
    let raw: Vec<Json> = serde_json::from_slice(&bytes).unwrap();
    let imported = tau_bench::read("gpt-4o-airline", &bytes, AT).unwrap();
    assert_eq!(imported.len(), raw.len());
    Some((raw, imported.into_iter().flat_map(|session| session.spans).collect()))
}

#[test]
fn two_hundred_tau_bench_runs_become_sessions_with_the_right_turns() {
    let Some((raw, spans)) = tau() else { return };
    let found = sessions(&spans);
    assert_eq!(found.len(), 200);
    for run in &raw {
        let id = format!("gpt-4o-airline/task-{}/trial-{}", run["task_id"], run["trial"]);
        let session = &found[&id];
        let messages = run["traj"].as_array().unwrap();
        let of = |role: &str| messages.iter().filter(|message| message["role"] == role).collect::<Vec<_>>();
        let asked: Vec<&str> = of("user")
            .iter()
            .filter_map(|message| message["content"].as_str())
            .filter(|text| !text.contains("###STOP###"))
            .collect();
        let users: Vec<&str> = session.turns.iter().map(|turn| turn.user.as_ref().unwrap().text.as_str()).collect();
        assert_eq!(users, asked, "{id}");
        let calls: usize =
            of("assistant").iter().filter_map(|message| message["tool_calls"].as_array()).map(Vec::len).sum();
        let found_calls: Vec<_> = session.turns.iter().flat_map(|turn| &turn.tool_calls).collect();
        assert_eq!(found_calls.len(), calls, "{id}");
        let answered = found_calls.iter().filter(|call| call.result.is_some()).count();
        assert_eq!(answered, of("tool").len(), "{id}");
        let llm_calls: u32 = session.turns.iter().map(|turn| turn.llm_calls).sum();
        assert_eq!(llm_calls as usize, of("assistant").len(), "{id}");
        let reward = &session.scores[0];
        assert_eq!((session.scores.len(), &reward.score.target), (1, &ScoreTarget::Session), "{id}");
        assert_eq!(reward.score.value, Value::Number(run["reward"].as_f64().unwrap()), "{id}");
        let stopped = of("user").iter().any(|message| message["content"].as_str().unwrap().contains("###STOP###"));
        let reason = session.ended.as_ref().and_then(|end| end.reason.as_deref());
        assert_eq!(reason, Some(if stopped { "user_done" } else { "trajectory_end" }), "{id}");
        assert_eq!(session.totals.tokens.total(), None, "unknown usage is not 0");
        assert_eq!(session.turns[0].latency_ms, None, "the file tells no times");
    }
}

#[test]
fn the_reply_of_a_turn_is_its_last_message_with_text() {
    let Some((raw, spans)) = tau() else { return };
    let found = sessions(&spans);
    for run in &raw {
        let session = &found[&format!("gpt-4o-airline/task-{}/trial-{}", run["task_id"], run["trial"])];
        let mut replies: Vec<Option<&str>> = Vec::new();
        for message in run["traj"].as_array().unwrap() {
            match (message["role"].as_str(), message["content"].as_str()) {
                (Some("user"), _) => replies.push(None),
                (Some("assistant"), Some(text)) => *replies.last_mut().unwrap() = Some(text),
                _ => {}
            }
        }
        let found: Vec<Option<&str>> =
            session.turns.iter().map(|turn| turn.assistant.as_ref().map(|reply| reply.text.as_str())).collect();
        assert_eq!(found[..], replies[..found.len()]);
    }
}

#[test]
fn tau_bench_sent_as_otlp_arrives_as_it_was_imported() {
    let Some((_, spans)) = tau() else { return };
    let decoded = decode_traces(&encode_traces(&spans), Encoding::Protobuf).unwrap();
    assert_eq!(decoded.rejected, []);
    assert_eq!(decoded.spans.len(), spans.len());
    for (sent, arrived) in spans.iter().zip(&decoded.spans) {
        assert_eq!(sent, arrived);
    }
}

#[test]
fn importing_again_gives_the_same_spans() {
    let (Some((_, first)), Some((_, second))) = (tau(), tau()) else { return };
    assert_eq!(first, second);
    let ids: BTreeSet<_> = first.iter().map(|span| (&span.trace_id, &span.span_id)).collect();
    assert_eq!(ids.len(), first.len(), "no two spans share an id");
}

#[test]
fn mtrag_becomes_a_session_for_each_answer_with_documents_and_the_raters_reviews() {
    let Some(bytes) = shared("mtrag_human_eval/reference_subset_with_human_evaluations.json") else { return };
    let raw: Json = serde_json::from_slice(&bytes).unwrap();
    let read = mtrag::read(&bytes, AT).unwrap();
    let spans: Vec<SpanRecord> = read.sessions.iter().flat_map(|session| session.spans.clone()).collect();
    let found = sessions(&spans);
    assert_eq!(found.len(), 477);
    let tasks: BTreeMap<&str, &Json> =
        raw["tasks"].as_array().unwrap().iter().map(|task| (task["task_id"].as_str().unwrap(), task)).collect();
    let (mut answers, mut raters) = (0, BTreeSet::new());
    let reviews: BTreeMap<(&str, &str), &mtrag::ImportedReview> =
        read.reviews.iter().map(|review| ((review.session_id.as_str(), review.reviewer.as_str()), review)).collect();
    for evaluation in raw["evaluations"].as_array().unwrap() {
        let task = tasks[evaluation["task_id"].as_str().unwrap()];
        let id = format!("{}/{}", task["task_id"].as_str().unwrap(), evaluation["model_id"].as_str().unwrap());
        let session = &found[&id];
        assert_eq!(session.turns.len().to_string(), task["Turn"].as_str().unwrap(), "{id}");
        let last = session.turns.last().unwrap();
        assert_eq!(
            last.assistant.as_ref().map(|reply| reply.text.trim()),
            evaluation["model_response"].as_str().map(str::trim),
            "{id}"
        );
        assert_eq!(last.model.as_deref(), evaluation["model_id"].as_str(), "{id}");
        let contexts: Vec<Option<&str>> =
            task["contexts"].as_array().unwrap().iter().map(|context| context["document_id"].as_str()).collect();
        let documents: Vec<Option<&str>> = last
            .retrievals
            .iter()
            .flat_map(|retrieval| &retrieval.documents)
            .map(|document| {
                assert!(document.text.as_ref().is_some_and(|text| !text.is_empty()));
                document.id.as_deref()
            })
            .collect();
        assert_eq!(documents, contexts, "{id}");
        // Some raters left questions out: every answer in the file is in some review, and no review holds more.
        for question in ["naturalness", "appropriateness", "completeness", "faithfulness", "win-rate"] {
            for (rater, answer) in evaluation["annotations"][question].as_object().unwrap() {
                answers += 1;
                raters.insert((id.clone(), rater.clone()));
                let review = &reviews[&(id.as_str(), rater.as_str())];
                let value = answer["value"].as_f64().or_else(|| answer["value"].as_str()?.parse().ok()).unwrap();
                assert_eq!(review.answers[question], Value::Number(value));
                assert_eq!(review.position as usize, session.turns.len());
                assert_eq!(review.at.0, answer["timestamp"].as_f64().unwrap() as i64 * 1_000_000);
                assert_eq!(review.active_ms, Some(answer["duration"].as_f64().unwrap() as i64 * 1_000));
                assert!(session.totals.started_at.unwrap().micros() <= review.at);
            }
        }
    }
    assert_eq!(read.reviews.len(), raters.len());
    assert_eq!(read.reviews.iter().map(|review| review.answers.len()).sum::<usize>(), answers);
    assert_eq!((answers, raters.len()), (7_087, 1_431));
    assert_eq!(read.reviews.iter().map(|review| &review.reviewer).collect::<BTreeSet<_>>().len(), 7);
    assert_eq!(
        read.questions.iter().map(|question| question.key.as_str()).collect::<Vec<_>>(),
        ["naturalness", "appropriateness", "completeness", "faithfulness", "win-rate"]
    );
}

#[test]
fn a_message_log_line_becomes_turns_with_times_and_tools() {
    let line = r#"{"session_id": "chat-7", "user_id": "u1", "metadata": {"channel": "web"}, "messages": [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "Is it open?", "timestamp": "2026-11-21T09:00:00Z"},
        {"role": "assistant", "content": null, "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "hours", "arguments": "{\"day\": 6}"}}], "timestamp": "2026-11-21T09:00:01Z"},
        {"role": "tool", "tool_call_id": "c1", "content": "{\"open\": true}", "timestamp": "2026-11-21T09:00:02.5Z"},
        {"role": "assistant", "content": [{"type": "text", "text": "Yes, it is."}], "timestamp": 1795251603.25},
        {"role": "user", "content": "Thanks"}]}"#;
    let imported = messages::read_line(&line.replace('\n', " "), AT).unwrap();
    assert_eq!(imported.session_id, "chat-7");
    let session = &sessions(&imported.spans)["chat-7"];
    assert_eq!(session.facts.user_id.as_deref(), Some("u1"));
    assert_eq!(session.facts.metadata["channel"], "web");
    let [first, second] = session.turns.as_slice() else { panic!("{:?}", session.turns) };
    assert_eq!(first.user.as_ref().unwrap().text, "Is it open?");
    assert_eq!(first.assistant.as_ref().unwrap().text, "Yes, it is.");
    assert_eq!(first.latency_ms, Some(3_250));
    assert_eq!(first.tool_calls.len(), 1);
    assert_eq!(first.tool_calls[0].result, Some(serde_json::json!({"open": true})));
    assert_eq!((second.user.as_ref().unwrap().text.as_str(), &second.assistant), ("Thanks", &None));
}

#[test]
fn a_longer_version_of_a_log_keeps_the_turns_that_were_there() {
    let shorter =
        r#"{"session_id": "s", "messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}"#;
    let longer = r#"{"session_id": "s", "messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}, {"role": "user", "content": "a"}, {"role": "assistant", "content": "c"}]}"#;
    let (shorter, longer) = (messages::read_line(shorter, AT).unwrap(), messages::read_line(longer, AT).unwrap());
    let (before, after) = (&sessions(&shorter.spans)["s"], &sessions(&longer.spans)["s"]);
    assert_eq!(before.turns[..], after.turns[..1]);
    assert_eq!(after.turns.len(), 2);
    assert_eq!(shorter.spans[..], longer.spans[..shorter.spans.len()]);
}

#[test]
fn a_bad_line_says_what_is_wrong_with_it() {
    let says = |line: &str| messages::read_line(line, AT).unwrap_err().to_string();
    assert_eq!(says(r#"{"messages": []}"#), "the session has no messages, give at least one in \"messages\"");
    assert_eq!(
        says(r#"{"messages": [{"role": "user", "content": "a"}, {"role": "narrator", "content": "b"}]}"#),
        "message 1: role \"narrator\" is unknown, expected system, user, assistant or tool"
    );
    assert_eq!(
        says(r#"{"messages": [{"role": "user", "content": "a", "timestamp": "noon"}]}"#),
        "message 0: timestamp \"noon\" is no instant, expected RFC 3339 or seconds since 1970"
    );
    assert!(says("{").starts_with("the line cannot be read: "));
}
