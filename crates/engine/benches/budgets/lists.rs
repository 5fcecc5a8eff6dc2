//! The sessions list with filters, text search and facets.

use std::time::Instant;

use turnwise_model::view::session::SessionQuery;

use crate::bench::Bench;
use crate::listed::fill;
use crate::table::{Table, ms, number, timed};

pub async fn lists(table: &mut Table) {
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
