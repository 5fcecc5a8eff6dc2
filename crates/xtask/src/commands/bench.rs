//! `cargo xtask bench`: the budgets of the design, measured.

use std::process::ExitCode;

use anyhow::Result;

use crate::client::Quality;
use crate::place::Place;
use crate::{process, say, site};

use super::{alone, server};

/// The room of the benchmark that measures the binary by itself instead of the engine.
const BINARY_ALONE: &str = "binary";

/// Builds optimised and measures: the rooms of the engine, whose benchmark prints its own table, then the binary alone.
pub fn run(place: &Place, options: &[String]) -> Result<ExitCode> {
    if options.first().is_none_or(|room| room != BINARY_ALONE) {
        say::step("measuring the budgets of the engine", || {
            let mut command = process::cargo(place);
            command.args(["bench", "--package", "turnwise-engine", "--features", "parquet", "--bench", "budgets"]);
            if !options.is_empty() {
                command.arg("--").args(options);
            }
            process::run(&mut command)
        })?;
    }
    if options.is_empty() || options.first().is_some_and(|room| room == BINARY_ALONE) {
        site::build(place, Quality::Release)?;
        let binary = server::build(place, true)?;
        let summary = site::summary(place)?;
        let measured = say::step("measuring the binary alone", || alone::measure(&binary))?;
        println!("| what | budget | measured |\n|---|---|---|");
        println!("| first visit, all assets compressed | ≤ {} | {} |", say::bytes(site::BUDGET), summary.first_visit());
        println!("| the binary | | {} |", say::bytes(measured.size));
        println!("| cold start to first answer | < 0.5 s | {:.0} ms |", measured.ready.as_secs_f64() * 1_000.0);
        let memory = measured.idle_memory.map_or_else(|| "not known here".to_owned(), say::bytes);
        println!("| memory, idle and empty | < 150 MB | {memory} |");
    }
    Ok(ExitCode::SUCCESS)
}
