//! The built-in checks over whole conversations with tools.

use std::time::{Duration, Instant};

use turnwise_engine::ambient_os;
use turnwise_evaluators::{CheckEvaluator, Context, Reading, checks};
use turnwise_ingest::otlp::encode_traces;
use turnwise_model::conversation::Conversation;
use turnwise_model::{Nanos, SessionId};

use crate::bench::Bench;
use crate::table::Table;
use crate::telemetry::{TURNS, session_spans};

const SESSIONS: usize = 200;
const ROUNDS: usize = 5;

pub async fn checks(table: &mut Table) {
    let bench = Bench::new().await;
    let at = Nanos::from(ambient_os::ambient().now() - Duration::from_secs(3_600)).0;
    let project = bench.access.project.id;
    let mut conversations = Vec::new();
    for session in 0..SESSIONS {
        bench.accept(encode_traces(&session_spans(session, TURNS, 450, at).concat())).await;
    }
    bench.engine.sessions().derive_all(|_| ()).await.unwrap();
    for session in 0..SESSIONS {
        let id = SessionId::derive(project, &format!("bench-{session}"));
        conversations.push(bench.engine.store().conversation(project, id).await.unwrap().unwrap());
    }
    let all: Vec<CheckEvaluator> = checks::BUILT_IN.iter().map(|make| CheckEvaluator::new(make())).collect();
    let began = Instant::now();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    // Sessions are independent: as the engine does, each core takes its share.
    std::thread::scope(|scope| {
        for share in conversations.chunks(SESSIONS.div_ceil(cores)) {
            scope.spawn(|| judge(&all, share));
        }
    });
    let turns = (SESSIONS * TURNS * ROUNDS) as f64;
    table.row(
        format!("all {} built-in checks, conversations of {TURNS} turns, {cores} cores", all.len()),
        "≥ 20,000 turns/s",
        format!("{:.0} turns/s", turns / began.elapsed().as_secs_f64()),
    );
}

fn judge(checks: &[CheckEvaluator], conversations: &[Conversation]) {
    for conversation in std::iter::repeat_n(conversations, ROUNDS).flatten() {
        let reading = Reading::new(conversation);
        for check in checks {
            std::hint::black_box(check.judge(&reading, Context::SESSION));
        }
    }
}
