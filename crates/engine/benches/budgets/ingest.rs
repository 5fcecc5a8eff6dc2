//! Accepting telemetry: how much, how soon it is seen, how much room it takes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;
use turnwise_engine::ambient_os;
use turnwise_model::{Nanos, SessionId};

use crate::bench::Bench;
use crate::table::{Table, ms, number, peak_memory_mb, percentile};
use crate::telemetry::{CLIENTS, SPANS_PER_TURN, TURNS, requests, send, session_spans};

pub async fn ingest(table: &mut Table) {
    let spans = number("TURNWISE_BENCH_SPANS", 24_000);
    let sessions = spans / (TURNS * SPANS_PER_TURN);
    let bodies = requests(sessions, 250, 450);
    let bytes: usize = bodies.iter().map(Vec::len).sum();
    let spans = sessions * TURNS * SPANS_PER_TURN;
    let size = bytes as f64 / spans as f64;
    let before = peak_memory_mb();

    let bench = Bench::new().await;
    let (rate, took) = send(&bench, bodies.clone()).await;
    table.row(
        format!(
            "OTLP decode, commit, acknowledge: {spans} spans of {size:.0} bytes, 250 a request, {CLIENTS} at a time"
        ),
        "≥ 20,000 spans/s",
        format!(
            "{rate:.0} spans/s, p95 of a request {}, peak memory {:.0} MB more",
            ms(percentile(took, 0.95)),
            peak_memory_mb() - before
        ),
    );
    let began = Instant::now();
    bench.engine.sessions().derive_all(|_| ()).await.unwrap();
    table.row(
        "sessions derived from them afterwards",
        "",
        format!("{:.0} sessions/s", sessions as f64 / began.elapsed().as_secs_f64()),
    );
    bench.engine.store().close().await;
    let on_disk = bench.bytes_on_disk() as f64;
    table.row(
        "bytes on disk, everything derived, against the protobuf",
        "≤ 0.2×",
        format!("{:.3}× ({:.0} bytes a span)", on_disk / bytes as f64, on_disk / spans as f64),
    );

    let bench = Bench::new().await;
    let stop = CancellationToken::new();
    let background = bench.background(&stop);
    let began = Instant::now();
    let (rate, _) = send(&bench, bodies).await;
    while bench.engine.store().waiting_changes().await.unwrap() > 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    table.row(
        "the same while sessions are derived on the same 2 cores",
        "",
        format!(
            "{rate:.0} spans/s acknowledged; {:.0} spans/s until all are visible",
            spans as f64 / began.elapsed().as_secs_f64()
        ),
    );
    stop.cancel();
    background.stopped().await;
}

/// Under a steady load: from the acknowledgement of a session's first turn until the list shows it.
pub async fn visible(table: &mut Table) {
    let bench = Arc::new(Bench::new().await);
    let stop = CancellationToken::new();
    let background = bench.background(&stop);
    let rate = 2_000.0;
    let bodies = requests(500, 100, 450);
    let at = Nanos::from(ambient_os::ambient().now()).0;
    let mut watching = Vec::new();
    let began = Instant::now();
    for (number, body) in bodies.into_iter().enumerate() {
        let due = Duration::from_secs_f64(number as f64 * 100.0 / rate);
        tokio::time::sleep(due.saturating_sub(began.elapsed())).await;
        bench.accept(body).await;
        let (bench, session) = (Arc::clone(&bench), 1_000_000 + number);
        watching.push(tokio::spawn(async move {
            let first_turn = session_spans(session, 1, 450, at).concat();
            let project = bench.access.project.id;
            bench.engine.ingestion().accept(project, first_turn).await.unwrap();
            let acknowledged = Instant::now();
            let id = SessionId::derive(project, &format!("bench-{session}"));
            while bench.engine.store().session(project, id).await.unwrap().is_none() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            acknowledged.elapsed()
        }));
    }
    let mut took = Vec::new();
    for watched in watching {
        took.push(watched.await.unwrap());
    }
    table.row(
        format!("accepted → visible in the list, at {rate:.0} spans/s"),
        "p95 < 1 s",
        format!("p50 {}, p95 {}", ms(percentile(took.clone(), 0.5)), ms(percentile(took, 0.95))),
    );
    stop.cancel();
    background.stopped().await;
}
