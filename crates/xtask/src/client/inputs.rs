//! What the client is made of: our crates' sources and the versions and features of all others, as one fingerprint.
//! A change of the server, of styles or of a crate that the client does not use leaves it as it is.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::fingerprint::Fingerprint;
use crate::place::{FRONTEND, Place, WASM};
use crate::process;

/// Raised when the procedure itself changes, so that earlier results are not taken for current ones.
const PROCEDURE: &str = "client 2";

/// The fingerprint of everything that decides the client's bytes.
pub fn fingerprint(place: &Place, profile: &str, tools: &[&str]) -> Result<String> {
    let tree = process::read(process::cargo(place).args([
        "tree",
        "--package",
        FRONTEND,
        "--target",
        WASM,
        "--edges",
        "normal,build",
        "--prefix",
        "none",
        "--format",
        "{p} {f}",
    ]))
    .context("the client's dependencies cannot be listed")?;
    let root = place.root.to_string_lossy();
    let crates = Crates::read(&tree, &root);

    let mut fingerprint = Fingerprint::new(PROCEDURE);
    fingerprint.add("profile", profile.as_bytes());
    for tool in tools {
        fingerprint.add("tool", tool.as_bytes());
    }
    for line in &crates.lines {
        fingerprint.add("crate", line.as_bytes());
    }
    for folder in &crates.folders {
        fingerprint.add_folder(&place.root, &place.root.join(folder))?;
    }
    let manifest =
        fs::read_to_string(place.root.join("Cargo.toml")).context("the workspace's Cargo.toml cannot be read")?;
    fingerprint.add("profiles", profile_sections(&manifest).as_bytes());
    let settings = fs::read(place.root.join(".cargo/config.toml")).context("`.cargo/config.toml` cannot be read")?;
    fingerprint.add("settings", &settings);
    fingerprint.add("flags", std::env::var_os("RUSTFLAGS").unwrap_or_default().as_encoded_bytes());
    Ok(fingerprint.finish())
}

/// What `cargo tree` says, with our own crates apart.
struct Crates {
    /// `name version features`, our folders relative.
    lines: BTreeSet<String>,
    /// Folders of our crates, relative to the workspace.
    folders: BTreeSet<PathBuf>,
}

impl Crates {
    fn read(tree: &str, root: &str) -> Self {
        let mut crates = Self { lines: BTreeSet::new(), folders: BTreeSet::new() };
        for line in tree.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let line = line.trim_end_matches(" (*)");
            let ours = line.split_once(&format!("({root}/")).and_then(|(_, rest)| rest.split_once(')'));
            if let Some((folder, _)) = ours {
                crates.folders.insert(PathBuf::from(folder));
            }
            crates.lines.insert(line.replace(root, "."));
        }
        crates
    }
}

/// The lines of a Cargo.toml that belong to `[profile…]` sections.
fn profile_sections(manifest: &str) -> String {
    let mut inside = false;
    let mut kept = String::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            inside = line.starts_with("[profile");
        }
        if inside {
            kept.push_str(line.trim());
            kept.push('\n');
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    const TREE: &str = "\
turnwise-frontend v0.1.0 (/home/a/turnwise/app/frontend)
turnwise-app v0.1.0 (/home/a/turnwise/app) hydrate
leptos v0.8.23 default,hydrate
turnwise-model v0.1.0 (/home/a/turnwise/crates/model)
leptos v0.8.23 default,hydrate (*)
";

    #[test]
    fn our_crates_are_known_by_their_folders() {
        let crates = Crates::read(TREE, "/home/a/turnwise");
        let folders: Vec<&str> = crates.folders.iter().filter_map(|folder| folder.to_str()).collect();
        assert_eq!(folders, ["app", "app/frontend", "crates/model"]);
    }

    #[test]
    fn where_the_clone_lies_and_how_often_a_crate_is_named_does_not_matter() {
        let here = Crates::read(TREE, "/home/a/turnwise");
        let there = Crates::read(&TREE.replace("/home/a/turnwise", "/tmp/b"), "/tmp/b");
        assert_eq!(here.lines, there.lines);
        assert_eq!(here.lines.len(), 4);
    }

    #[test]
    fn only_profiles_of_the_manifest_count() {
        let manifest = "[workspace]\nresolver = \"3\"\n[profile.dev]\nopt-level = 1\n\n[lints]\nx = 1\n[profile.release]\nlto = true\n";
        assert_eq!(profile_sections(manifest), "[profile.dev]\nopt-level = 1\n\n[profile.release]\nlto = true\n");
    }
}
