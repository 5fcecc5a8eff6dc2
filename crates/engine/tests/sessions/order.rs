//! The same telemetry leaves the same rows: in any order, in any batches, any number of times, whatever dies in between.

use std::time::Duration;

use turnwise_engine::background::run_until_idle;
use turnwise_model::Micros;
use turnwise_model::ambient::{Entropy, SeededEntropy};
use turnwise_model::telemetry::SpanRecord;
use turnwise_store::testing::TestStore;
use turnwise_store::{Durability, contract};

use crate::setting::{Setting, conversation_until, engine};

const SAID: &[(&str, &str)] = &[
    ("system", "Be kind."),
    ("user", "Where is my parcel?"),
    ("assistant", "It left on Tuesday."),
    ("user", "And when will it be here?"),
    ("assistant", "On Friday."),
    ("user", "Where is my parcel?"),
    ("assistant", "Still on its way."),
];

/// Everything that depends on what was sent alone.
async fn content(store: &TestStore) -> Vec<String> {
    let mut rows = Vec::new();
    for sql in [
        "select project_id, trace_id, session_id, session_key, session_key_rank, session_key_at from traces order by 1, 2",
        "select project_id, trace_id, span_id, parent_span_id, name, kind, started_at, ended_at, status, model, input_tokens,
                output_tokens, cost_usd, body, content_hash from spans order by 1, 2, 3",
        "select project_id, hash, body from messages order by 1, 2",
        "select project_id, session_id, external_id, user_id, status, end_reason, ended_by, revision, environment, release, preview,
                started_at, last_activity_at, turn_count, span_count, tool_call_count, error_count, input_tokens, output_tokens,
                cost_usd, latency_ms, duration_ms, model, tags, metadata, warnings, content_hash from sessions order by 1, 2",
        "select project_id, session_id, turn_id, position, trace_id, started_at, latency_ms, body, spans, content_hash from turns order by 1, 2, 3",
        "select project_id, session_id, key, text, number from session_attributes order by 1, 2, 3, 4",
        "select project_id, score_id, session_id, turn_id, span_id, name, value, stale, created_at from scores order by 1, 2",
        "select project_id, session_id from session_changes",
    ] {
        rows.push(format!("-- {sql}"));
        rows.extend(store.rows(sql).await);
    }
    let hashes = match store.engine() {
        turnwise_store::Dialect::Sqlite => {
            "select project_id, session_id, text_hash from session_search_rows order by 1, 2"
        }
        turnwise_store::Dialect::Postgres => {
            "select project_id, session_id, text_hash from session_search order by 1, 2"
        }
    };
    rows.extend(store.rows(hashes).await);
    rows
}

fn shuffled(mut spans: Vec<SpanRecord>, seed: u64) -> Vec<SpanRecord> {
    let entropy = SeededEntropy::new(seed);
    for place in (1..spans.len()).rev() {
        let mut bytes = [0; 8];
        entropy.fill(&mut bytes);
        let other = usize::try_from(u64::from_le_bytes(bytes) % (place as u64 + 1)).unwrap();
        spans.swap(place, other);
    }
    spans
}

/// Conversations of which some tell their session on the root alone, one ends, and one grew between exports.
fn telemetry(at: Micros) -> Vec<SpanRecord> {
    let mut spans = Vec::new();
    for number in 0..6_i32 {
        let mut told = conversation_until(at, &format!("chat-{number}"), SAID, (number == 3).then_some("resolved"));
        if number % 2 == 0 {
            // Every SDK that was recorded puts the session on some spans alone.
            for span in told.iter_mut().skip(1) {
                span.session.id = None;
            }
        }
        if number == 4 {
            spans.extend(told.iter().map(|span| SpanRecord { ended_at: None, ..span.clone() }));
        }
        spans.extend(told);
    }
    spans
}

contract! {
    async fn order_batches_and_repetition_leave_no_trace(store) {
        let setting = Setting::new(&store).await;
        let spans = telemetry(store.ambient.now());
        setting.send(spans.clone()).await;
        setting.derive(&store).await;
        let once = content(&store).await;
        assert!(once.len() > 60, "{} rows", once.len());
        for seed in 0..4 {
            for table in [
                "delete from traces", "delete from spans", "delete from messages", "delete from sessions", "delete from turns",
                "delete from session_attributes", "delete from scores", "delete from session_search", "delete from session_changes",
            ] {
                store.run_sql(table).await;
            }
            if store.engine() == turnwise_store::Dialect::Sqlite {
                store.run_sql("delete from session_search_rows").await;
            }
            // Nothing is remembered by a process that begins anew.
            let setting = Setting { engine: engine(&store).await, access: setting.access.clone(), project: setting.project };
            let thrice = shuffled([spans.clone(), spans.clone(), spans.clone()].concat(), seed);
            for (number, batch) in thrice.chunks(7 + usize::try_from(seed).unwrap() * 11).enumerate() {
                setting.send(batch.to_vec()).await;
                if number % 3 == 0 {
                    setting.derive(&store).await;
                }
            }
            setting.derive(&store).await;
            let now = content(&store).await;
            for (once, now) in once.iter().zip(&now) {
                assert_eq!(once, now, "seed {seed}");
            }
            assert_eq!(once.len(), now.len(), "seed {seed}");
        }
    }

    async fn a_process_that_dies_while_deriving_costs_only_time(store) {
        let setting = Setting::new(&store).await;
        let spans = telemetry(store.ambient.now());
        for batch in spans.chunks(20) {
            setting.send(batch.to_vec()).await;
            store.clock.advance(Duration::from_millis(150));
            // A process claims and is never heard of again.
            let mut transaction = store.write(Durability::Derived).await.unwrap();
            transaction.claim_changes(Duration::from_secs(120), 3).await.unwrap();
            transaction.commit().await.unwrap();
        }
        setting.derive(&store).await;
        store.clock.advance(Duration::from_secs(121));
        let workers = setting.engine.sessions().workers();
        run_until_idle(&workers[..1], &store.ambient).await.unwrap();
        assert_eq!(store.waiting_changes().await.unwrap(), 0);
        assert_eq!(setting.list("turns = 3").await.len(), 6);
    }
}
