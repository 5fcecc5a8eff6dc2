//! The budgets of DESIGN, measured on the embedded default and printed as a table; one file for each room.
//!
//! `cargo bench -p turnwise-engine --bench budgets [-- ROOM]`. `TURNWISE_BENCH_SPANS`, `TURNWISE_BENCH_SESSIONS` and
//! `TURNWISE_BENCH_EXPORTED` set the sizes.

#![expect(clippy::unwrap_used, reason = "a measurement fails by panicking")]
#![expect(clippy::cast_precision_loss, reason = "figures for people")]

mod bench;
mod chats;
mod checks;
mod exports;
mod ingest;
mod judges;
mod large_session;
mod listed;
mod lists;
mod review;
mod table;
mod telemetry;

use table::Table;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let only = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let wanted = |name: &str| only.as_deref().is_none_or(|only| only == name);
    let mut table = Table(Vec::new());
    runtime.block_on(async {
        if wanted("ingest") {
            ingest::ingest(&mut table).await;
        }
        if wanted("visible") {
            ingest::visible(&mut table).await;
        }
        if wanted("lists") {
            lists::lists(&mut table).await;
        }
        if wanted("checks") {
            checks::checks(&mut table).await;
        }
        if wanted("judges") {
            judges::judges(&mut table).await;
        }
        if wanted("review") {
            review::review(&mut table).await;
        }
        if wanted("exports") {
            exports::exports(&mut table).await;
        }
        if wanted("large") {
            large_session::large_session(&mut table).await;
        }
    });
    table.print();
}
