//! The wasm leak gate: what belongs to the server must not reach the browser, where it would not even compile, or
//! would make the first visit heavy.

use std::collections::BTreeSet;

use anyhow::{Result, bail};

use crate::place::{FRONTEND, Place, WASM};
use crate::process;

const BANNED: [&str; 5] = ["axum", "hyper", "reqwest", "sqlx", "tokio"];
/// `sqlx-core` and its like.
const BANNED_FAMILY: &str = "sqlx-";
/// What ends up in the wasm: procedural macros run while compiling.
const EDGES: &str = "normal,no-proc-macro";

/// Fails when the wasm client depends on a server crate, and shows by which path.
pub fn check(place: &Place) -> Result<()> {
    let tree = process::read(&mut cargo_tree(place, &["--prefix", "none"]))?;
    let leaks = leaks_in(&tree);
    let Some(first) = leaks.first() else {
        return Ok(());
    };
    let path = process::read(&mut cargo_tree(place, &["--invert", first])).unwrap_or_default();
    let names: Vec<&str> = leaks.iter().map(String::as_str).collect();
    bail!(
        "the wasm client pulls in {}: make it optional, behind the feature `ssr` of the crate that brings it\n{}",
        names.join(", "),
        path.trim_end()
    )
}

fn cargo_tree(place: &Place, more: &[&str]) -> std::process::Command {
    let mut command = process::cargo(place);
    command.args(["tree", "--package", FRONTEND, "--target", WASM, "--edges", EDGES]).args(more);
    command
}

/// The banned crates in the output of `cargo tree --prefix none`.
fn leaks_in(tree: &str) -> Vec<String> {
    let names: BTreeSet<&str> = tree.lines().filter_map(|line| line.split_whitespace().next()).collect();
    names
        .into_iter()
        .filter(|name| BANNED.contains(name) || name.starts_with(BANNED_FAMILY))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLEAN: &str = "\
turnwise-frontend v0.1.0 (/home/a/turnwise/app/frontend)
leptos v0.8.23
any_spawner v0.3.0
futures v0.3.32
hyperlink v0.1.0
tokio-util-like v1.0.0
leptos v0.8.23 (*)
";

    #[test]
    fn a_client_without_server_crates_passes() {
        assert!(leaks_in(CLEAN).is_empty());
    }

    #[test]
    fn each_banned_crate_is_found_once_wherever_it_stands() {
        for name in BANNED {
            let tree = format!("{CLEAN}{name} v1.52.0\n{name} v1.52.0 (*)\n");
            assert_eq!(leaks_in(&tree), [name]);
        }
    }

    #[test]
    fn the_whole_sqlx_family_is_banned() {
        assert_eq!(leaks_in(&format!("{CLEAN}sqlx-core v0.9.0\nsqlx v0.9.0\n")), ["sqlx", "sqlx-core"]);
    }
}
