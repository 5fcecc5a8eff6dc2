//! `cargo xtask test`: Rust tests on both engines and browser tests. Everything runs even when something fails; the
//! last line is the sum.

use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::cli::TestPart;
use crate::client::Quality;
use crate::place::{FRONTEND, Place};
use crate::setup::{chromium, node, postgres, python};
use crate::{process, say, site};

use super::server;
use super::test_counts::{Counts, of_cargo_test, of_nextest, of_playwright};

/// How one part ended.
struct Part {
    name: &'static str,
    outcome: Result<Counts>,
    took: Duration,
}

/// Runs what was asked for and prints the closing summary.
pub fn run(place: &Place, what: TestPart, options: &[String]) -> Result<ExitCode> {
    let mut parts = Vec::new();
    if what != TestPart::EndToEnd {
        parts.push(part("unit", || unit(place, options)));
    }
    if what != TestPart::Unit {
        parts.push(part("e2e", || end_to_end(place, options)));
    }
    Ok(closing(&parts))
}

fn part(name: &'static str, work: impl FnOnce() -> Result<Counts>) -> Part {
    let started = Instant::now();
    let outcome = say::step(&format!("{name} tests"), work);
    if let Err(error) = &outcome {
        say::failure(&format!("{error:#}"));
    }
    Part { name, outcome, took: started.elapsed() }
}

fn unit(place: &Place, options: &[String]) -> Result<Counts> {
    let postgres = postgres::find_or_install(place)?;
    let nextest = python::find_or_install(place, &python::CARGO_NEXTEST)?;
    let mut command = match &nextest {
        Some(nextest) => nextest_command(place, nextest),
        None => {
            say::note("there is no cargo-nextest here: taking cargo test");
            let mut command = process::cargo(place);
            command.args(["test", "--no-fail-fast"]);
            command
        }
    };
    command.args(["--workspace", "--exclude", FRONTEND]).args(options).env(postgres::VARIABLE, postgres);
    let finished = process::show_and_read(&mut command)?;
    let counts = if nextest.is_some() { of_nextest(&finished.output) } else { of_cargo_test(&finished.output) };
    let Some(counts) = counts else {
        bail!("`{}` {} before it ran any test", process::shown(&command), process::ending(finished.status));
    };
    Ok(counts.agreeing_with(finished.status.success()))
}

fn nextest_command(place: &Place, nextest: &Path) -> Command {
    let mut command = process::program(place, nextest);
    command.args(["nextest", "run", "--no-fail-fast"]);
    if let Some(cargo) = std::env::var_os("CARGO") {
        command.env("CARGO", cargo);
    }
    command
}

fn end_to_end(place: &Place, options: &[String]) -> Result<Counts> {
    let node = node::prepare(place)?;
    let chromium = chromium::find_or_install(place)?;
    let duckdb = python::duckdb(place)?;
    site::build(place, Quality::Usual)?;
    let binary = server::build(place, false)?;

    let results = place.kept("playwright.json");
    if results.exists() {
        std::fs::remove_file(&results).with_context(|| format!("`{}` cannot be deleted", results.display()))?;
    }
    let folder = place.root.join("end2end");
    let mut command = process::program(place, node);
    command.arg(folder.join("node_modules/@playwright/test/cli.js")).arg("test").args(options).current_dir(&folder);
    command.env("TURNWISE_BINARY", binary).env(chromium::VARIABLE, chromium).env("TURNWISE_E2E_RESULTS", &results);
    command.envs(duckdb.map(|folder| (python::DUCKDB_VARIABLE, folder)));
    let status = command.status().context("Playwright could not be started")?;
    let Some(counts) = std::fs::read(&results).ok().and_then(|json| of_playwright(&json)) else {
        bail!("Playwright {} before it ran any test", process::ending(status));
    };
    Ok(counts.agreeing_with(status.success()))
}

/// Prints counts and durations per part and, last of all and alone on its line, the sum.
fn closing(parts: &[Part]) -> ExitCode {
    let mut sum = Counts::default();
    println!();
    for Part { name, outcome, took } in parts {
        let took = say::duration(*took);
        match outcome {
            Ok(counts) => println!("{name:<5} {counts} in {took}"),
            Err(error) => println!("{name:<5} could not run: {error:#} (after {took})"),
        }
        sum = sum + outcome.as_ref().map_or(Counts { failed: 1, ..Counts::default() }, |counts| *counts);
    }
    println!("{sum}");
    if sum.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
