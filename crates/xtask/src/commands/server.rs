//! Compiling the server, with the assets inside.

use std::path::PathBuf;

use anyhow::Result;

use crate::place::{BINARY, FRONTEND, Place, SERVER};
use crate::{process, say};

/// A small test that is compiled along with the development binary. With a test among what is built, cargo chooses
/// the features of all dependencies as it does for `test --workspace`; otherwise tokio and with it nearly everything
/// would be compiled twice, once for the demonstration and once for the tests.
const COMPANION_TEST: &str = "contrast";

/// Compiles the server; `target/site` must be up to date. Returns the binary.
pub fn build(place: &Place, release: bool) -> Result<PathBuf> {
    say::step("compiling the server", || {
        let mut command = process::cargo(place);
        command.args(["build", "--bin", BINARY]);
        if release {
            command.args(["--package", SERVER, "--release"]);
        } else {
            command.args(["--workspace", "--exclude", FRONTEND, "--test", COMPANION_TEST]);
        }
        process::run(&mut command)?;
        let folder = if release { "release" } else { "debug" };
        Ok(place.target.join(folder).join(format!("{BINARY}{}", std::env::consts::EXE_SUFFIX)))
    })
}
