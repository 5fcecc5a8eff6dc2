//! `cargo xtask build`: one binary with the whole interface inside.

use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::client::Quality;
use crate::place::Place;
use crate::{say, site};

use super::server;

/// Builds, and prints where the binary is.
pub fn run(place: &Place, release: bool) -> Result<ExitCode> {
    site::build(place, if release { Quality::Release } else { Quality::Usual })?;
    let binary = server::build(place, release)?;
    let size = binary.metadata().with_context(|| format!("`{}` is missing", binary.display()))?.len();
    say::note(&format!("the binary needs nothing beside it: {}", say::bytes(size)));
    println!("{}", binary.display());
    Ok(ExitCode::SUCCESS)
}
