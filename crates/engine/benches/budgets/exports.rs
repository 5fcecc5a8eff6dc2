//! Exports of scores.

use std::time::Instant;

use turnwise_engine::ambient_os;
use turnwise_model::score::Score;
use turnwise_model::view::export::{ExportRequest, Format, Kind};
use turnwise_model::{Micros, ProjectId, SessionId};
use turnwise_store::{Durability, Origin};

use crate::bench::Bench;
use crate::listed::{fill, listed, score};
use crate::table::{Table, number, peak_memory_mb};

const SCORES_OF_A_SESSION: usize = 10;

/// Scores of one session, all the same but for their ids and values.
fn scores_of(project: ProjectId, session: SessionId, number: usize, at: Micros) -> Vec<Score> {
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

pub async fn exports(table: &mut Table) {
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
