//! `cargo xtask bench`: the budgets of the design, measured.

use std::process::ExitCode;

use anyhow::Result;

use crate::place::Place;
use crate::{process, say};

/// Builds optimised and measures; the benchmark prints its own table.
pub fn run(place: &Place, options: &[String]) -> Result<ExitCode> {
    say::step("measuring the budgets", || {
        let mut command = process::cargo(place);
        command.args(["bench", "--package", "turnwise-engine", "--bench", "budgets"]);
        if !options.is_empty() {
            command.arg("--").args(options);
        }
        process::run(&mut command)
    })?;
    Ok(ExitCode::SUCCESS)
}
