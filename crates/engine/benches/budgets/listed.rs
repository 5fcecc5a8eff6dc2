//! Sessions written as deriving writes them, without their spans: for measuring lists and exports.

use std::collections::BTreeMap;
use std::time::Duration;

use turnwise_engine::ambient_os;
use turnwise_model::conversation::{EndReason, Session, SessionStatus, Tokens};
use turnwise_model::filter::{Attribute, attributes, searchable};
use turnwise_model::score::{Score, Source, Target, Value};
use turnwise_model::{Micros, ProjectId, ScoreId, SessionId, Usd};
use turnwise_store::{Durability, Origin, SessionRecord, SessionState};

use crate::bench::Bench;
use crate::telemetry::text;

/// Sessions written as deriving writes them, without their spans: it is the lists that are measured.
pub async fn fill(bench: &Bench, count: usize) {
    let project = bench.access.project.id;
    let now = ambient_os::ambient().now();
    let store = bench.engine.store();
    for chunk in (0..count).collect::<Vec<_>>().chunks(1_000) {
        let mut records = Vec::new();
        let mut rows: Vec<(SessionId, Vec<Attribute>)> = Vec::new();
        let mut texts = Vec::new();
        let mut scores = Vec::new();
        for &number in chunk {
            let session = listed(project, now, count, number);
            rows.push((session.id, attributes(&session, &["get_order".to_owned()], &["support-large-1".to_owned()])));
            let rare = if number % 10_007 == 5_003 { " zanzibar" } else { "" };
            texts.push((session.id, searchable(&format!("{}{rare}", text(number, 1_500)))));
            if number.is_multiple_of(5) {
                scores.push(score(project, session.id, number, now));
            }
            records.push(SessionRecord {
                project,
                session,
                state: SessionState {
                    content_hash: number.to_string(),
                    received_at: now,
                    closed_at: Some(now),
                    closes: None,
                    model: None,
                },
            });
        }
        let mut transaction = store.write(Durability::Derived).await.unwrap();
        transaction.put_sessions(&records.iter().collect::<Vec<_>>()).await.unwrap();
        transaction.put_attributes(project, &rows).await.unwrap();
        transaction.put_search_texts(project, &texts).await.unwrap();
        transaction.put_scores(project, &scores, Origin::Given).await.unwrap();
        transaction.commit().await.unwrap();
    }
}

pub fn listed(project: ProjectId, now: Micros, count: usize, number: usize) -> Session {
    let external_id = format!("listed-{number}");
    let at = now - Duration::from_secs((count - number) as u64 * 30);
    Session {
        id: SessionId::derive(project, &external_id),
        external_id,
        user_id: Some(format!("u_{}", number % 5_000)),
        status: SessionStatus::Closed,
        end_reason: Some(if number.is_multiple_of(3) {
            EndReason::Idle
        } else {
            EndReason::Client("resolved".to_owned())
        }),
        revision: 1,
        environment: Some(if number.is_multiple_of(20) { "staging" } else { "production" }.to_owned()),
        release: Some(format!("v{}", number % 7)),
        tags: vec![if number.is_multiple_of(50) { "vip" } else { "usual" }.to_owned()],
        metadata: BTreeMap::from([
            ("channel".to_owned(), serde_json::json!(["web", "app", "phone"][number % 3])),
            ("customer".to_owned(), serde_json::json!(format!("c-{number}"))),
        ]),
        started_at: at,
        last_activity_at: at + Duration::from_secs(240),
        preview: Some("Where is my parcel?".to_owned()),
        turn_count: (number % 13) as i64,
        span_count: 24,
        tool_call_count: 6,
        error_count: i64::from(number.is_multiple_of(40)),
        tokens: Tokens { input: Some(9_000), output: Some(800) },
        cost_usd: Some(Usd(0.01 * (number % 90) as f64)),
        latency_ms: Some(8_000),
        warnings: Vec::new(),
    }
}

pub fn score(project: ProjectId, session: SessionId, number: usize, at: Micros) -> Score {
    let value = (number % 100) as f64 / 100.0;
    Score {
        id: ScoreId::derive(project, &number.to_string()),
        target: Target::Session { session },
        name: "resolution".to_owned(),
        value: Value::Number(value),
        passed: Some(value >= 0.5),
        source: Source::Llm,
        evaluator: None,
        evaluator_version: None,
        author: None,
        rubric_version: None,
        exposure: None,
        active_ms: None,
        explanation: None,
        evidence: Vec::new(),
        revision: 1,
        stale: false,
        created_at: at,
    }
}
