//! A reviewer's step on the server: submit, and the next task with its conversation.

use std::time::Instant;

use serde_json::json;
use turnwise_engine::review::Submission;
use turnwise_model::score::Target;

use crate::bench::Bench;
use crate::chats::send_chats;
use crate::table::{Table, ms, percentile};

const TASKS: usize = 5_000;
const REVIEWED: usize = 500;

pub async fn review(table: &mut Table) {
    let bench = Bench::new().await;
    let targets: Vec<Target> =
        send_chats(&bench, TASKS).await.into_iter().map(|session| Target::Session { session }).collect();
    let draft = serde_json::from_value(json!({
        "name": "Bench", "instructions": "", "overlap": 1, "order": "oldest", "blind": true, "lease_seconds": 300,
        "questions": [{ "key": "resolved", "title": "Was it resolved?", "required": true, "type": "yes_no" }],
    }))
    .unwrap();
    let queue = bench.engine.queues().create(&bench.access, &draft).await.unwrap();
    for some in targets.chunks(500) {
        bench.engine.queues().add(&bench.access, queue.id, some).await.unwrap();
    }
    let reviews = bench.engine.reviews();
    let mut task = reviews.next(&bench.access, queue.id, None).await.unwrap().task.unwrap();
    let mut took = Vec::with_capacity(REVIEWED);
    for _ in 0..REVIEWED {
        let submission = Submission {
            claim: task.ticket.claim,
            fence: task.ticket.fence,
            task: None,
            rubric_version: None,
            answers: serde_json::from_value(json!({ "resolved": true })).unwrap(),
            active_ms: Some(4_000),
        };
        let began = Instant::now();
        reviews.submit(&bench.access, &submission).await.unwrap();
        task = reviews.next(&bench.access, queue.id, None).await.unwrap().task.unwrap();
        took.push(began.elapsed());
    }
    table.row(
        format!("submit a review → next task, on the server, queue of {TASKS}"),
        "p95 < 10 ms",
        format!("p50 {}, p95 {}", ms(percentile(took.clone(), 0.5)), ms(percentile(took, 0.95))),
    );
}
