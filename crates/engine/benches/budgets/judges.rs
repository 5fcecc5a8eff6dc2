//! How well calls to a slow model are kept under way.

use std::time::{Duration, Instant};

use serde_json::json;
use tokio_util::sync::CancellationToken;
use turnwise_model::view::evaluator::{EvaluatorSummary, ProviderDraft};
use wiremock::matchers::method;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::bench::Bench;
use crate::chats::send_chats;
use crate::table::Table;

const CALLS: usize = 1_920;
const AT_ONCE: u32 = 64;
const ANSWERS_AFTER: Duration = Duration::from_millis(200);
const JUDGE: &str = "Coherence, judged";

pub async fn judges(table: &mut Table) {
    let bench = Bench::new().await;
    let server = model().await;
    let provider = ProviderDraft {
        name: "Stub".to_owned(),
        base_url: format!("{}/v1", server.uri()),
        model: "judge-1".to_owned(),
        key: Some("sk-of-the-stub".to_owned()),
        input_price: None,
        output_price: None,
        concurrency: AT_ONCE,
        timeout_seconds: 30,
    };
    bench.engine.providers().save(&bench.access, None, &provider).await.unwrap();
    let sessions = send_chats(&bench, CALLS).await;
    let judge = summary(&bench).await.current.evaluator;
    for some in sessions.chunks(100) {
        bench.engine.evaluations().evaluate(&bench.access, some, &[judge]).await.unwrap();
    }
    let stop = CancellationToken::new();
    let began = Instant::now();
    let background = bench.background(&stop);
    let done = loop {
        let states = summary(&bench).await.effort.states;
        if states.scored + states.without_score + states.failed >= CALLS as i64 {
            break states.scored;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    let took = began.elapsed().as_secs_f64();
    let ideal = CALLS as f64 / f64::from(AT_ONCE) * ANSWERS_AFTER.as_secs_f64();
    table.row(
        format!("judge dispatch: {CALLS} calls to a stub that answers after 200 ms, {AT_ONCE} at a time"),
        "≥ 95 % of the ideal",
        format!("{:.1} % ({took:.2} s, ideal {ideal:.2} s; {done} scored)", 100.0 * ideal / took),
    );
    stop.cancel();
    background.stopped().await;
}

async fn summary(bench: &Bench) -> EvaluatorSummary {
    let list = bench.engine.evaluators().list(&bench.access).await.unwrap();
    list.evaluators.into_iter().find(|summary| summary.current.name == JUDGE).unwrap()
}

/// A model that gives every conversation the same verdict.
async fn model() -> MockServer {
    let verdict = json!({ "explanation": "It hangs together.", "score": 0.9, "cannot_judge": null, "findings": [] });
    let answer = json!({
        "model": "judge-1",
        "choices": [{ "message": { "role": "assistant", "content": verdict.to_string() }, "finish_reason": "stop" }],
        "usage": { "prompt_tokens": 1_000, "completion_tokens": 100 }
    });
    let server = MockServer::builder().disable_request_recording().start().await;
    let slow = ResponseTemplate::new(200).set_body_json(answer).set_delay(ANSWERS_AFTER);
    Mock::given(method("POST")).respond_with(slow).mount(&server).await;
    server
}
