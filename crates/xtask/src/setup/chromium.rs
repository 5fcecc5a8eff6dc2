//! The browser that the tests drive: one that is there already, since Playwright's own cannot be had everywhere.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::place::Place;
use crate::{process, say};

use super::debian;

/// The variable that tells the tests where it is.
pub const VARIABLE: &str = "CHROMIUM_PATH";

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const ON_MACOS: [&str; 2] = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/// A Chromium's path; installs one where there is none.
pub fn find_or_install(place: &Place) -> Result<PathBuf> {
    if let Some(found) = find() {
        say::note(&format!("Chromium: {}", found.display()));
        return Ok(found);
    }
    debian::install(place, "Chromium", &["chromium"])?;
    match find() {
        Some(found) => Ok(found),
        None => bail!("Chromium was installed but not found: set {VARIABLE} to its path"),
    }
}

fn find() -> Option<PathBuf> {
    let named = std::env::var_os(VARIABLE).map(PathBuf::from).filter(|file| file.is_file());
    named
        .or_else(|| NAMES.iter().find_map(|name| process::on_path(name)))
        .or_else(|| ON_MACOS.iter().map(Path::new).find(|file| file.is_file()).map(Path::to_path_buf))
}
