//! Node.js and the packages of `end2end/`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::place::Place;
use crate::{fingerprint, process, say};

use super::debian;

/// Finds or installs Node.js and npm, installs the packages when the lock file changed, and returns `node`.
pub fn prepare(place: &Place) -> Result<PathBuf> {
    if process::on_path("node").is_none() || process::on_path("npm").is_none() {
        debian::install(place, "Node.js", &["nodejs", "npm"])?;
    }
    let (Some(node), Some(npm)) = (process::on_path("node"), process::on_path("npm")) else {
        bail!("Node.js was installed but `node` and `npm` were not found: put them on the PATH");
    };
    install_packages(place, &npm)?;
    Ok(node)
}

/// Compares content, not times: a fresh clone has new times.
fn install_packages(place: &Place, npm: &Path) -> Result<()> {
    let folder = place.root.join("end2end");
    let lock = folder.join("package-lock.json");
    let content = fs::read(&lock).with_context(|| format!("`{}` cannot be read", lock.display()))?;
    let wanted = fingerprint::of(&content);
    let stamp = folder.join("node_modules/.turnwise-lock");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    say::step("installing the npm packages of end2end/", || {
        let mut command = process::program(place, npm);
        command.arg("ci").current_dir(&folder).args(["--no-audit", "--no-fund", "--loglevel=error"]);
        // Chromium is found or installed by us.
        command.env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
        process::run(&mut command)?;
        fs::write(&stamp, &wanted).with_context(|| format!("`{}` cannot be written", stamp.display()))
    })
}
