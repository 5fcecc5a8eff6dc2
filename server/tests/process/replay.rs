//! The same telemetry sent once, and sent three times in shuffled batches to a server that is killed in between: the
//! databases hold the same.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans};
use prost::Message as _;
use sqlx::any::AnyRow;
use sqlx::{AnyPool, Column as _, Row as _};
use turnwise_ingest::otlp::to_otlp;
use turnwise_ingest::tau_bench;
use turnwise_model::Micros;

use crate::running::{Running, folder};
use crate::sending::{bootstrap, export};

const RECORDINGS: [&str; 5] = ["genai-manual", "oi-langgraph", "oi-manual", "oi-openai", "traceloop"];
const TAU_BENCH: &str = "tau_bench_airline/gpt-4o-airline.json";
const TAU_BENCH_RUNS: usize = 40;
/// When the runs were, in microseconds since 1970; the file does not tell.
const RUNS_BEGAN: Micros = Micros(1_795_222_000_000_000);
const SPANS_A_BATCH: usize = 37;
const TIMES_SENT: usize = 3;
/// What is told of how and when things came, and not of what they are.
const ABOUT_ARRIVAL: [&str; 7] = [
    "received_at",
    "revision",
    "ruled_revision",
    "closed_at",
    "closes_at",
    "created_at",
    "session_search_rows.search_row",
];
const TABLES: [&str; 9] = [
    "traces",
    "spans",
    "messages",
    "sessions",
    "session_attributes",
    "session_search",
    "session_search_rows",
    "turns",
    "scores",
];
const PATIENCE: Duration = Duration::from_secs(240);

/// The rows of each table as text, sorted.
type Content = BTreeMap<&'static str, Vec<String>>;

/// One span with the resource and the scope that it came with.
fn singles(request: ExportTraceServiceRequest) -> Vec<ResourceSpans> {
    let mut singles = Vec::new();
    for resource in request.resource_spans {
        for scope in &resource.scope_spans {
            for span in &scope.spans {
                singles.push(ResourceSpans {
                    resource: resource.resource.clone(),
                    scope_spans: vec![ScopeSpans {
                        scope: scope.scope.clone(),
                        spans: vec![span.clone()],
                        schema_url: scope.schema_url.clone(),
                    }],
                    schema_url: resource.schema_url.clone(),
                });
            }
        }
    }
    singles
}

/// Real telemetry, span by span; `None` where the shared data are absent, after saying so.
fn telemetry() -> Option<Vec<ResourceSpans>> {
    let mut all = Vec::new();
    for name in RECORDINGS {
        let bytes = shared(&format!("otlp_recordings/{name}.traces.pb"))?;
        all.extend(singles(ExportTraceServiceRequest::decode(bytes.as_slice()).unwrap()));
    }
    let runs = tau_bench::read("gpt-4o-airline", &shared(TAU_BENCH)?, RUNS_BEGAN).unwrap();
    for run in runs.into_iter().take(TAU_BENCH_RUNS) {
        all.extend(singles(to_otlp(&run.spans)));
    }
    Some(all)
}

fn shared(path: &str) -> Option<Vec<u8>> {
    let full: PathBuf = [env!("CARGO_MANIFEST_DIR"), "..", "..", "shared", "data", path].iter().collect();
    match std::fs::read(&full) {
        Ok(bytes) => Some(bytes),
        Err(error) => {
            assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "{path} cannot be read: {error}");
            println!("skipped: the shared data file {path} cannot be read here ({error})");
            None
        }
    }
}

fn batches(spans: &[ResourceSpans]) -> Vec<Vec<u8>> {
    let batch = |some: &[ResourceSpans]| ExportTraceServiceRequest { resource_spans: some.to_vec() }.encode_to_vec();
    spans.chunks(SPANS_A_BATCH).map(batch).collect()
}

/// Fisher and Yates, by a linear congruential generator: the same disorder at every run.
fn shuffle<T>(items: &mut [T], seed: u64) {
    let mut state = seed;
    for last in (1..items.len()).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let other = usize::try_from(state >> 33).unwrap() % (last + 1);
        items.swap(last, other);
    }
}

async fn serve(folder: &Path, data: &Path) -> Running {
    Running::start(folder, &["serve", "--data-dir", data.to_str().unwrap()]).await
}

/// Waits until every session is made of all its spans, and closed, for all of them are long over.
async fn settled(data: &Path) {
    let pool = pool(data).await;
    let begun = Instant::now();
    let unsettled =
        "select (select count(*) from session_changes) + (select count(*) from sessions where status = 'open')";
    while sqlx::query_scalar::<_, i64>(unsettled).fetch_one(&pool).await.unwrap() > 0 {
        assert!(begun.elapsed() < PATIENCE, "sessions are still waiting to be derived or closed");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    pool.close().await;
}

async fn pool(data: &Path) -> AnyPool {
    sqlx::any::install_default_drivers();
    AnyPool::connect(&format!("sqlite://{}", data.join("turnwise.db").display())).await.unwrap()
}

fn shown(row: &AnyRow, column: usize) -> String {
    if let Ok(text) = row.try_get::<Option<String>, _>(column) {
        return format!("{text:?}");
    }
    if let Ok(number) = row.try_get::<Option<i64>, _>(column) {
        return format!("{number:?}");
    }
    if let Ok(number) = row.try_get::<Option<f64>, _>(column) {
        return format!("{number:?}");
    }
    format!("{:?}", row.try_get::<Option<Vec<u8>>, _>(column).unwrap())
}

/// All that the database holds of what was sent, but for how it arrived.
async fn content(data: &Path) -> Content {
    let pool = pool(data).await;
    let mut content = Content::new();
    for table in TABLES {
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!("select * from {table}"))).fetch_all(&pool).await.unwrap();
        let told = |column: &str| {
            !ABOUT_ARRIVAL.contains(&column) && !ABOUT_ARRIVAL.contains(&format!("{table}.{column}").as_str())
        };
        let line = |row: &AnyRow| {
            let columns = row.columns().iter().filter(|column| told(column.name()));
            columns
                .map(|column| format!("{}={}", column.name(), shown(row, column.ordinal())))
                .collect::<Vec<_>>()
                .join(" ")
        };
        let mut lines: Vec<String> = rows.iter().map(line).collect();
        lines.sort();
        content.insert(table, lines);
    }
    pool.close().await;
    content
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for file in std::fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn telemetry_sent_three_times_in_disorder_with_kill_9_in_between_ends_as_if_sent_once() {
    let Some(mut spans) = telemetry() else { return };
    let folder = folder();
    let (once, often) = (folder.path().join("once"), folder.path().join("often"));
    // The same project twice, with the same key, and the same secret that users' ids are hashed with: the first span
    // makes it.
    let (_, key) = bootstrap(folder.path(), &once).await;
    let mut server = serve(folder.path(), &once).await;
    assert!(export(&server.address, &key, &batches(&spans[..1])[0]).await);
    settled(&once).await;
    server.kill().await;
    copy(&once, &often);

    let mut server = serve(folder.path(), &once).await;
    for batch in batches(&spans) {
        assert!(export(&server.address, &key, &batch).await, "a batch was refused");
    }
    settled(&once).await;
    server.kill().await;

    for time in 0..TIMES_SENT {
        shuffle(&mut spans, u64::try_from(time).unwrap() + 7);
        let batches = batches(&spans);
        let (before, after) = batches.split_at(batches.len() * (time + 1) / (TIMES_SENT + 1));
        let mut server = serve(folder.path(), &often).await;
        for batch in before {
            assert!(export(&server.address, &key, batch).await, "a batch was refused");
        }
        server.kill().await;
        let mut server = serve(folder.path(), &often).await;
        for batch in after {
            assert!(export(&server.address, &key, batch).await, "a batch was refused");
        }
        if time + 1 == TIMES_SENT {
            settled(&often).await;
        }
        server.kill().await;
    }

    let (once, often) = (content(&once).await, content(&often).await);
    assert!(
        once["sessions"].len() > TAU_BENCH_RUNS && once["spans"].len() == spans.len() && !once["scores"].is_empty()
    );
    for table in TABLES {
        assert_eq!(once[table].len(), often[table].len(), "rows of {table}");
        for (one, other) in once[table].iter().zip(&often[table]) {
            assert_eq!(one, other, "a row of {table}");
        }
    }
}
