//! A session of 20,000 spans.

use std::time::{Duration, Instant};

use turnwise_engine::ambient_os;
use turnwise_ingest::otlp::encode_traces;
use turnwise_model::Nanos;
use turnwise_model::view::trace::TraceQuery;

use crate::bench::Bench;
use crate::table::{Table, ms, peak_memory_mb, timed};
use crate::telemetry::session_spans;

pub async fn large_session(table: &mut Table) {
    let bench = Bench::new().await;
    let at = Nanos::from(ambient_os::ambient().now() - Duration::from_secs(86_400)).0;
    let turns = session_spans(1, 5_000, 120, at);
    for body in turns.concat().chunks(500).map(encode_traces) {
        bench.accept(body).await;
    }
    let began = Instant::now();
    bench.engine.sessions().derive_all(|_| ()).await.unwrap();
    let derived = began.elapsed();
    let (sessions, access) = (bench.engine.sessions(), &bench.access);
    let detail = sessions.get(access, "bench-1").await.unwrap().unwrap();
    let session = detail.conversation.session;
    table.row(
        format!("deriving a session of {} spans, {} turns", session.span_count, session.turn_count),
        "",
        ms(derived),
    );
    let row = timed(10, || async { bench.engine.store().session(access.project.id, session.id).await.unwrap() }).await;
    let opened = timed(10, || async { sessions.open(access, "bench-1", 1).await.unwrap() }).await;
    let ask = TraceQuery::default();
    let trace = timed(10, || async { sessions.trace(access, "bench-1", &ask).await.unwrap() }).await;
    let whole = timed(10, || async { sessions.get(access, "bench-1").await.unwrap() }).await;
    let spans = timed(10, || async { sessions.spans(access, session.id).await.unwrap() }).await;
    table.row("opening it: the session's own row", "first byte < 200 ms", format!("p95 {}", ms(row)));
    table.row("opening its page: a stretch of turns", "first byte < 200 ms", format!("p95 {}", ms(opened)));
    table.row("opening its trace: a window of rows", "first byte < 200 ms", format!("p95 {}", ms(trace)));
    table.row("all turns and scores, for programs", "", format!("p95 {}", ms(whole)));
    table.row("all spans, for programs", "", format!("p95 {}", ms(spans)));
    table.row(
        "peak memory of all of this",
        "< 300 MB",
        format!("{:.0} MB, the generated telemetry included", peak_memory_mb()),
    );
}
