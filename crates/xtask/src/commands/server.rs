//! Compiling the server, with the assets inside.

use std::path::PathBuf;

use anyhow::Result;

use crate::place::{BINARY, Place, SERVER};
use crate::{process, say};

/// Compiles the server; `target/site` must be up to date. Returns the binary.
pub fn build(place: &Place, release: bool) -> Result<PathBuf> {
    say::step("compiling the server", || {
        let mut command = process::cargo(place);
        command.args(["build", "--package", SERVER, "--bin", BINARY]);
        if release {
            command.arg("--release");
        }
        process::run(&mut command)?;
        let folder = if release { "release" } else { "debug" };
        Ok(place.target.join(folder).join(format!("{BINARY}{}", std::env::consts::EXE_SUFFIX)))
    })
}
