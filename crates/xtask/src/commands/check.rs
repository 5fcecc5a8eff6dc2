//! `cargo xtask check`: formatting, lints and the gates. All run, then it ends with what failed.

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::client::WasmToolchain;
use crate::gates::{deny, leaks, migrations};
use crate::place::{FRONTEND, Place};
use crate::{process, say};

type Check = (&'static str, fn(&Place) -> Result<()>);

const CHECKS: [Check; 6] = [
    ("formatting", formatting),
    ("migrations of both engines", migrations::check),
    ("wasm leak gate", leaks::check),
    ("licences, bans, sources, advisories", deny::check),
    ("lints of the native workspace", native_lints),
    ("lints of the wasm client", wasm_lints),
];

/// Runs every check.
pub fn run(place: &Place) -> Result<ExitCode> {
    let mut failed = Vec::new();
    for (name, check) in CHECKS {
        if let Err(error) = say::step(name, || check(place)) {
            say::failure(&format!("{error:#}"));
            failed.push(name);
        }
    }
    if failed.is_empty() {
        println!("all {} checks passed", CHECKS.len());
        return Ok(ExitCode::SUCCESS);
    }
    bail!("{} of {} checks failed: {}", failed.len(), CHECKS.len(), failed.join("; "))
}

fn formatting(place: &Place) -> Result<()> {
    if process::run(process::cargo(place).args(["fmt", "--all", "--check"])).is_err() {
        bail!("some files are not formatted: run `cargo fmt --all`");
    }
    Ok(())
}

fn native_lints(place: &Place) -> Result<()> {
    let mut command = process::cargo(place);
    command.args(["clippy", "--workspace", "--all-targets", "--exclude", FRONTEND, "--", "-D", "warnings"]);
    process::run(&mut command)
}

fn wasm_lints(place: &Place) -> Result<()> {
    let toolchain = WasmToolchain::find_or_install(place)?;
    if toolchain.has_clippy(place) {
        let mut command = toolchain.cargo(place, "clippy");
        command.args(["--package", FRONTEND, "--package", "turnwise-app", "--features", "turnwise-app/split"]);
        return process::run(command.args(["--", "-D", "warnings"]));
    }
    say::note("this toolchain has no clippy for wasm: compiling with warnings denied instead");
    let mut command = toolchain.cargo(place, "check");
    command.args(["--package", FRONTEND, "--features", "split"]).env("RUSTFLAGS", "-D warnings");
    process::run(&mut command)
}
