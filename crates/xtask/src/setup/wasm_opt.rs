//! `wasm-opt` of Binaryen: on the PATH, from npm, or from Debian. Without it the client works and is larger.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use crate::place::Place;
use crate::{process, say};

use super::debian;

/// What rustc's output for wasm uses. `--all-features` would make a file that browsers refuse.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];
/// Newer versions split this off from `bulk-memory`; older ones do not know it.
const NEW_FEATURE: &str = "--enable-bulk-memory-opt";

/// A usable `wasm-opt` with its arguments.
pub struct WasmOpt {
    /// The program.
    pub program: PathBuf,
    /// Optimise for size, with the features named.
    pub arguments: Vec<&'static str>,
    /// `wasm-opt version 108`, for the fingerprint.
    pub version: String,
}

/// The oldest version that is used. Version 108 (Debian 12) mixes up the tables of a client that has two: the page loads
/// and does not hydrate, with `WebAssembly.Table.set(): Argument 1 is invalid`.
const OLDEST: u32 = 117;

/// `None` says that it cannot be had here; the reason has been said.
pub fn find_or_install(place: &Place) -> Option<WasmOpt> {
    if let Some(found) = find(place) {
        return Some(found);
    }
    if process::on_path("npm").is_some() {
        install_from_npm(place);
    }
    if let Some(found) = find(place) {
        return Some(found);
    }
    let from_debian = debian::install(place, "wasm-opt", &["binaryen"]);
    let found = find(place);
    if found.is_none() {
        let reason = from_debian.err().map(|error| format!(" ({error:#})")).unwrap_or_default();
        say::note(&format!("without wasm-opt the client works but is larger{reason}"));
    }
    found
}

fn find(place: &Place) -> Option<WasmOpt> {
    let from_npm = place.tools().join("node_modules/.bin/wasm-opt");
    let candidates = [process::on_path("wasm-opt"), Some(from_npm)];
    candidates.into_iter().flatten().find_map(|program| {
        let version = process::read(process::program(place, &program).arg("--version")).ok()?;
        if number_of(&version).is_none_or(|number| number < OLDEST) {
            return None;
        }
        let knows = process::read(process::program(place, &program).arg("--help")).unwrap_or_default();
        Some(WasmOpt { program, arguments: arguments_for(&knows), version: version.trim().to_owned() })
    })
}

/// `wasm-opt version 132 (version_132)` is 132.
fn number_of(version: &str) -> Option<u32> {
    version.split_whitespace().find_map(|word| word.parse().ok())
}

fn arguments_for(help: &str) -> Vec<&'static str> {
    let mut arguments = vec!["-Oz"];
    arguments.extend(FEATURES);
    if help.contains(NEW_FEATURE) {
        arguments.push(NEW_FEATURE);
    }
    arguments
}

fn install_from_npm(place: &Place) {
    let tools = place.tools();
    let installed = say::step("installing wasm-opt (npm package binaryen)", || {
        fs::create_dir_all(&tools)?;
        let mut npm = process::program(place, "npm");
        npm.args(["install", "--no-audit", "--no-fund", "--no-save", "--loglevel=error", "binaryen@132", "--prefix"])
            .arg(&tools);
        process::read_within(&mut npm, Duration::from_secs(300))
    });
    if let Err(error) = installed {
        say::note(&format!("npm could not be run: {error:#}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_the_first_number() {
        assert_eq!(number_of("wasm-opt version 132 (version_132)"), Some(132));
        assert_eq!(number_of("wasm-opt version 108"), Some(108));
        assert_eq!(number_of("wasm-opt"), None);
    }

    #[test]
    fn a_feature_is_named_only_to_a_version_that_knows_it() {
        assert!(!arguments_for("--enable-bulk-memory  Enable bulk memory").contains(&NEW_FEATURE));
        assert!(arguments_for("--enable-bulk-memory-opt  Enable …").contains(&NEW_FEATURE));
    }
}
