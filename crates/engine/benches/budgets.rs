//! The budgets of ingestion and sessions (DESIGN, "Budgets"), measured on the embedded default and printed as a table.
//!
//! `cargo bench -p turnwise-engine --bench budgets`. `TURNWISE_BENCH_SPANS` and `TURNWISE_BENCH_SESSIONS` set the sizes.

#![expect(clippy::unwrap_used, reason = "a measurement fails by panicking")]
#![expect(clippy::cast_precision_loss, reason = "figures for people")]

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::StreamExt as _;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use turnwise_engine::access::{Access, Caller};
use turnwise_engine::background::Background;
use turnwise_engine::{Engine, EngineConfig, ambient_os};
use turnwise_ingest::otlp::{Encoding, decode_traces, encode_traces};
use turnwise_model::access::Role;
use turnwise_model::conversation::{EndReason, Session, SessionStatus, Tokens};
use turnwise_model::filter::{Attribute, attributes, searchable};
use turnwise_model::score::{Score, Source, Target, Value};
use turnwise_model::telemetry::{
    Content, ContentPart, Message, MessageRole, SessionFacts, SpanKind, SpanRecord, SpanStatus, ToolRecord, TurnFacts,
    Usage,
};
use turnwise_model::view::export::{ExportRequest, Format, Kind};
use turnwise_model::view::session::SessionQuery;
use turnwise_model::{Micros, Nanos, ScoreId, SessionId, Usd};
use turnwise_store::{Durability, Origin, SessionRecord, SessionState, Store, StoreConfig};

/// Turns of a generated session; each is an agent, two LLM calls with the whole history, and a tool.
const TURNS: usize = 6;
const SPANS_PER_TURN: usize = 4;
const SCORES_OF_A_SESSION: usize = 10;
/// Requests under way at a time, as from a few exporters.
const CLIENTS: usize = 8;

fn number(name: &str, usual: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

struct Table(Vec<[String; 3]>);

impl Table {
    fn row(&mut self, what: impl Into<String>, budget: &str, measured: impl Into<String>) {
        let row = [what.into(), budget.to_owned(), measured.into()];
        eprintln!("{} | {} | {}", row[0], row[1], row[2]);
        self.0.push(row);
    }

    fn print(&self) {
        println!("| what | budget | measured |\n|---|---|---|");
        for [what, budget, measured] in &self.0 {
            println!("| {what} | {budget} | {measured} |");
        }
    }
}

/// A database of its own.
struct Bench {
    engine: Engine,
    access: Access,
    folder: TempDir,
}

impl Bench {
    async fn new() -> Self {
        let folder = TempDir::with_prefix("turnwise-bench-").unwrap();
        let ambient = ambient_os::ambient();
        let config = StoreConfig::new(format!("sqlite://{}", folder.path().join("turnwise.db").display()));
        let store = Store::connect(&config, ambient.clone()).await.unwrap();
        store.migrate().await.unwrap();
        let engine = Engine::start(EngineConfig::for_tests(), store, ambient).await.unwrap();
        let (account, project) =
            engine.accounts().set_up("owner@example.com", "Olga", "correct horse battery", "Bench").await.unwrap();
        let access = engine
            .accounts()
            .authorise(&Caller::Person { account: account.id }, &project.slug, Role::Owner)
            .await
            .unwrap();
        Self { engine, access, folder }
    }

    fn bytes_on_disk(&self) -> u64 {
        std::fs::read_dir(self.folder.path()).unwrap().map(|file| file.unwrap().metadata().unwrap().len()).sum()
    }

    fn background(&self, stop: &CancellationToken) -> Background {
        Background::spawn(self.engine.clone(), self.engine.workers(), stop.clone())
    }

    async fn accept(&self, body: Vec<u8>) -> u64 {
        let decode = move || decode_traces(&body, Encoding::Protobuf).map(|decoded| (decoded.spans, ()));
        self.engine.ingestion().accept_decoded(self.access.project.id, decode).await.unwrap().unwrap().0.spans
    }
}

/// Words that differ from text to text, as those of real conversations do.
fn text(seed: usize, bytes: usize) -> String {
    const WORDS: &[&str] = &[
        "parcel", "refund", "order", "return", "please", "the", "a", "delivery", "was", "not", "policy", "customer",
        "size", "boots", "tent", "within", "days", "number", "address", "friday", "and", "invoice", "store", "credit",
        "we", "can", "you", "send", "it", "back",
    ];
    let mut state = (seed as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5555;
    let mut text = String::with_capacity(bytes + 16);
    while text.len() < bytes {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let word = WORDS[usize::try_from(state >> 33).unwrap() % WORDS.len()];
        text.push_str(word);
        if state.is_multiple_of(11) {
            text.push_str(&(state % 9_973).to_string());
        }
        text.push(' ');
    }
    text
}

fn span(session: usize, turn: usize, place: usize, kind: SpanKind, at: i64) -> SpanRecord {
    SpanRecord {
        trace_id: format!("{:032x}", (session * 1_000_000 + turn + 1) as u128 * 0x9e37_79b9_7f4a_7c15),
        span_id: format!("{:016x}", (session * 1_000_000 + turn * 10 + place + 1) as u64 * 0x9e37_79b9),
        parent_span_id: (place > 0)
            .then(|| format!("{:016x}", (session * 1_000_000 + turn * 10 + 1) as u64 * 0x9e37_79b9)),
        name: format!("{kind} step"),
        kind,
        started_at: Nanos(at + place as i64 * 200_000_000),
        ended_at: Some(Nanos(at + place as i64 * 200_000_000 + 180_000_000)),
        status: SpanStatus::Ok,
        status_message: None,
        session: SessionFacts {
            id: Some(format!("bench-{session}")),
            user_id: Some(format!("user-{}", session % 1_000)),
            tags: vec!["bench".to_owned()],
            ..SessionFacts::default()
        },
        turn: TurnFacts::default(),
        input: None,
        output: None,
        input_messages: Vec::new(),
        output_messages: Vec::new(),
        model: None,
        provider: None,
        agent: None,
        tool: None,
        retrieval: None,
        usage: Usage::default(),
        errors: Vec::new(),
        scores: Vec::new(),
        sampling_threshold: None,
        attributes: BTreeMap::from([(
            "llm.invocation_parameters".to_owned(),
            serde_json::json!("{\"temperature\": 0.2, \"max_tokens\": 1024}"),
        )]),
        events: Vec::new(),
        links: Vec::new(),
        resource: BTreeMap::from([
            ("service.name".to_owned(), serde_json::json!("bench")),
            ("telemetry.sdk.name".to_owned(), serde_json::json!("opentelemetry")),
        ]),
        scope: Some("bench".to_owned()),
    }
}

/// A session's spans, turn by turn, children before their root as exporters send them.
fn session_spans(session: usize, turns: usize, bytes: usize, at: i64) -> Vec<Vec<SpanRecord>> {
    let mut history = vec![Message::text(MessageRole::System, text(7, 3 * bytes))];
    (0..turns)
        .map(|turn| {
            let seed = session * 10_000 + turn * 10;
            let at = at + turn as i64 * 60_000_000_000;
            history.push(Message::text(MessageRole::User, text(seed, bytes / 2)));
            let (user, reply) = (text(seed, bytes / 2), text(seed + 3, bytes));
            let call_id = format!("call_{session}_{turn}");
            let arguments = serde_json::json!({ "order": format!("LF-{seed}"), "detail": text(seed + 1, 60) });
            let asks = Message {
                role: MessageRole::Assistant,
                parts: vec![ContentPart::ToolCall {
                    id: Some(call_id.clone()),
                    name: "get_order".to_owned(),
                    arguments: Some(arguments.clone()),
                }],
                name: None,
            };
            let result = serde_json::json!({ "status": "shipped", "note": text(seed + 2, bytes) });
            let answers = Message {
                role: MessageRole::Tool,
                parts: vec![ContentPart::ToolResult { id: Some(call_id.clone()), result: result.clone() }],
                name: None,
            };
            let usage = Usage { input: Some(1_200), output: Some(90), cost: Some(Usd(0.002)), ..Usage::default() };
            let mut spans = Vec::with_capacity(SPANS_PER_TURN);
            let model = Some("support-large-1".to_owned());
            spans.push(SpanRecord {
                input_messages: history.clone(),
                output_messages: vec![asks.clone()],
                model: model.clone(),
                usage,
                ..span(session, turn, 1, SpanKind::Llm, at)
            });
            history.push(asks);
            let tool = Some(ToolRecord {
                name: Some("get_order".to_owned()),
                call_id: Some(call_id),
                arguments: Some(arguments),
                result: Some(result),
            });
            spans.push(SpanRecord { tool, ..span(session, turn, 2, SpanKind::Tool, at) });
            history.push(answers);
            let replied = Message::text(MessageRole::Assistant, reply.clone());
            spans.push(SpanRecord {
                input_messages: history.clone(),
                output_messages: vec![replied.clone()],
                model,
                usage,
                ..span(session, turn, 3, SpanKind::Llm, at)
            });
            history.push(replied);
            spans.push(SpanRecord {
                input: Some(Content::Text(user)),
                output: Some(Content::Text(reply)),
                ended_at: Some(Nanos(at + 1_000_000_000)),
                ..span(session, turn, 0, SpanKind::Agent, at)
            });
            spans
        })
        .collect()
}

/// Export requests of about `size` spans: the turns of many sessions as they happen, side by side.
fn requests(sessions: usize, size: usize, bytes: usize) -> Vec<Vec<u8>> {
    let now = ambient_os::ambient().now();
    let at = Nanos::from(now - Duration::from_secs(3_600)).0;
    let mut requests = Vec::new();
    let mut gathered = Vec::new();
    let mut alive: Vec<std::vec::IntoIter<Vec<SpanRecord>>> = Vec::new();
    let mut next = 0;
    loop {
        while alive.len() < 64 && next < sessions {
            alive.push(session_spans(next, TURNS, bytes, at).into_iter());
            next += 1;
        }
        alive.retain_mut(|session| match session.next() {
            Some(turn) => {
                gathered.extend(turn);
                true
            }
            None => false,
        });
        while gathered.len() >= size {
            let rest = gathered.split_off(size);
            requests.push(encode_traces(&gathered));
            gathered = rest;
        }
        if alive.is_empty() && next >= sessions {
            if !gathered.is_empty() {
                requests.push(encode_traces(&gathered));
            }
            return requests;
        }
    }
}

/// Sends the requests, several at a time; spans per second.
async fn send(bench: &Bench, requests: Vec<Vec<u8>>) -> (f64, Vec<Duration>) {
    let began = Instant::now();
    let results: Vec<(u64, Duration)> = futures::stream::iter(requests)
        .map(|body| async {
            let began = Instant::now();
            (bench.accept(body).await, began.elapsed())
        })
        .buffer_unordered(CLIENTS)
        .collect()
        .await;
    let spans: u64 = results.iter().map(|(spans, _)| spans).sum();
    (spans as f64 / began.elapsed().as_secs_f64(), results.into_iter().map(|(_, took)| took).collect())
}

fn percentile(mut durations: Vec<Duration>, part: f64) -> Duration {
    durations.sort();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index")]
    let place = ((durations.len() as f64 * part) as usize).min(durations.len().saturating_sub(1));
    durations.get(place).copied().unwrap_or_default()
}

fn ms(duration: Duration) -> String {
    format!("{:.1} ms", duration.as_secs_f64() * 1_000.0)
}

/// p95 of many runs.
async fn timed<T, F: Future<Output = T>>(runs: usize, mut run: impl FnMut() -> F) -> Duration {
    let mut took = Vec::with_capacity(runs);
    for _ in 0..runs {
        let began = Instant::now();
        run().await;
        took.push(began.elapsed());
    }
    percentile(took, 0.95)
}

fn peak_memory_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kb| kb.parse::<f64>().ok()).unwrap_or(f64::NAN) / 1_024.0
}

async fn ingest(table: &mut Table) {
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
async fn visible(table: &mut Table) {
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

/// Sessions written as deriving writes them, without their spans: it is the lists that are measured.
async fn fill(bench: &Bench, count: usize) {
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

fn listed(project: turnwise_model::ProjectId, now: Micros, count: usize, number: usize) -> Session {
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

fn score(project: turnwise_model::ProjectId, session: SessionId, number: usize, at: Micros) -> Score {
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

async fn lists(table: &mut Table) {
    let count = number("TURNWISE_BENCH_SESSIONS", 100_000);
    let bench = Bench::new().await;
    let began = Instant::now();
    fill(&bench, count).await;
    eprintln!("{count} sessions written in {:?}", began.elapsed());
    let sessions = bench.engine.sessions();
    let list = |filter: &'static str| {
        let query = SessionQuery { filter: filter.to_owned(), ..SessionQuery::default() };
        let (sessions, access) = (sessions.clone(), bench.access.clone());
        move || {
            let (sessions, access, query) = (sessions.clone(), access.clone(), query.clone());
            async move { sessions.list(&access, &query).await.unwrap().data.len() }
        }
    };
    for filter in [
        "",
        "status = closed and turns >= 4 and environment = production",
        "metadata.channel = web and errors > 0",
        "tag = vip and cost > 0.5",
        "score.resolution < 0.2",
        "last_activity > -7d and end_reason = idle",
        "metadata.customer = \"c-4711\"",
        "user = u_77 and turns > 10",
        "errors > 5",
    ] {
        let found = list(filter)().await;
        let took = timed(40, list(filter)).await;
        table.row(
            format!("list of {count} sessions, `{filter}` ({found} on the first page)"),
            "p95 < 50 ms at 1,000,000",
            format!("p95 {}", ms(took)),
        );
    }
    for filter in ["text ~ zanzibar", "text ~ \"refund zanzibar\" and turns > 1"] {
        let found = list(filter)().await;
        let took = timed(40, list(filter)).await;
        table.row(
            format!("rare text among {count} sessions, `{filter}` ({found} found)"),
            "p95 < 100 ms at 10,000",
            format!("p95 {}", ms(took)),
        );
    }
    let took = timed(10, || async { sessions.count(&bench.access, "turns >= 4").await.unwrap() }).await;
    table.row(format!("count among {count} sessions, `turns >= 4`"), "", format!("p95 {}", ms(took)));
    let took = timed(10, || async { sessions.facets(&bench.access, "").await.unwrap() }).await;
    table.row(format!("facets of the latest 10,000 of {count} sessions"), "", format!("p95 {}", ms(took)));
}

async fn large_session(table: &mut Table) {
    let bench = Bench::new().await;
    let at = Nanos::from(ambient_os::ambient().now() - Duration::from_secs(86_400)).0;
    // The history is cut as applications cut it, or the last call alone would hold 5 MB.
    let mut turns = session_spans(1, 5_000, 120, at);
    for span in turns.iter_mut().flatten() {
        let long = span.input_messages.len();
        span.input_messages.drain(..long.saturating_sub(40));
    }
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
    let opened = timed(10, || async { sessions.get(access, "bench-1").await.unwrap() }).await;
    let spans = timed(10, || async { sessions.spans(access, session.id).await.unwrap() }).await;
    table.row("opening it: the session's own row", "first byte < 200 ms", format!("p95 {}", ms(row)));
    table.row("opening it: all turns and scores", "first byte < 200 ms", format!("p95 {}", ms(opened)));
    table.row("opening it: all spans of the waterfall", "first byte < 200 ms", format!("p95 {}", ms(spans)));
    table.row(
        "peak memory of all of this",
        "< 300 MB",
        format!("{:.0} MB, the generated telemetry included", peak_memory_mb()),
    );
}

/// Scores of one session, all the same but for their ids and values.
fn scores_of(project: turnwise_model::ProjectId, session: SessionId, number: usize, at: Micros) -> Vec<Score> {
    (0..SCORES_OF_A_SESSION)
        .map(|place| {
            let one = 1_000_000_000 + number * SCORES_OF_A_SESSION + place;
            Score {
                explanation: Some("The assistant answered the question that was asked.".to_owned()),
                ..score(project, session, one, at)
            }
        })
        .collect()
}

async fn exports(table: &mut Table) {
    let sessions = number("TURNWISE_BENCH_EXPORTED", 20_000);
    let bench = Bench::new().await;
    fill(&bench, sessions).await;
    let (project, now) = (bench.access.project.id, ambient_os::ambient().now());
    for chunk in (0..sessions).collect::<Vec<_>>().chunks(1_000) {
        let scores: Vec<Score> = chunk
            .iter()
            .flat_map(|&number| scores_of(project, listed(project, now, sessions, number).id, number, now))
            .collect();
        let mut transaction = bench.engine.store().write(Durability::Derived).await.unwrap();
        transaction.put_scores(project, &scores, Origin::Given).await.unwrap();
        transaction.commit().await.unwrap();
    }
    let before = peak_memory_mb();
    let formats: &[Format] = if cfg!(feature = "parquet") { Format::ALL } else { &[Format::Jsonl, Format::Csv] };
    for &format in formats {
        let request = ExportRequest { kind: Kind::Scores, format, filter: String::new() };
        let began = Instant::now();
        let mut writing = bench.engine.exports().open(project, &request).await.unwrap();
        while writing.next().await.unwrap().is_some() {}
        let took = began.elapsed().as_secs_f64();
        let done = writing.progress();
        let budget = if format == Format::Jsonl { "≥ 100,000 rows/s" } else { "" };
        let mb = done.bytes as f64 / 1e6;
        table.row(
            format!("export of {} scores as {format}", done.rows),
            budget,
            format!("{:.0} rows/s, {:.0} MB/s", done.rows as f64 / took, mb / took),
        );
    }
    table.row("memory that exporting took beyond writing", "constant", format!("{:.0} MB", peak_memory_mb() - before));
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let only = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let wanted = |name: &str| only.as_deref().is_none_or(|only| only == name);
    let mut table = Table(Vec::new());
    runtime.block_on(async {
        if wanted("ingest") {
            ingest(&mut table).await;
        }
        if wanted("visible") {
            visible(&mut table).await;
        }
        if wanted("lists") {
            lists(&mut table).await;
        }
        if wanted("exports") {
            exports(&mut table).await;
        }
        if wanted("large") {
            large_session(&mut table).await;
        }
    });
    table.print();
}
