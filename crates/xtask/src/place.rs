//! Where things are: the workspace, cargo's target directory, the built site and what automation keeps.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// The wasm target triple.
pub const WASM: &str = "wasm32-unknown-unknown";
/// The package of the wasm entry point.
pub const FRONTEND: &str = "turnwise-frontend";
/// The package of the server.
pub const SERVER: &str = "turnwise-server";
/// The binary of the server.
pub const BINARY: &str = "turnwise";

/// The folders automation works with, all absolute.
#[derive(Debug, Clone)]
pub struct Place {
    /// The workspace.
    pub root: PathBuf,
    /// Cargo's target directory, which may lie outside the workspace and be shared by clones.
    pub target: PathBuf,
}

impl Place {
    /// Finds the workspace from where cargo runs this, or from the current folder upwards.
    pub fn find() -> Result<Self> {
        let here = std::env::current_dir().context("the current folder cannot be read")?;
        let root = match std::env::var_os("CARGO_MANIFEST_DIR") {
            Some(package) => Path::new(&package).ancestors().nth(2).map(Path::to_path_buf),
            None => {
                here.ancestors().find(|folder| folder.join("crates/xtask/Cargo.toml").is_file()).map(Path::to_path_buf)
            }
        };
        let Some(root) = root else { bail!("this is not inside the workspace: run it as `cargo xtask`") };
        let chosen = std::env::var_os("CARGO_TARGET_DIR").or_else(|| std::env::var_os("CARGO_BUILD_TARGET_DIR"));
        let target = match chosen {
            Some(chosen) => here.join(chosen),
            None => root.join("target"),
        };
        Ok(Self { root, target })
    }

    /// The assets as the server embeds them: always in the workspace, where the server's source looks for them.
    pub fn site(&self) -> PathBuf {
        self.root.join("target/site")
    }

    /// Data of the demonstration and of development.
    pub fn data(&self, name: &str) -> PathBuf {
        self.root.join("target").join(name)
    }

    /// What automation keeps between runs; safe to delete.
    pub fn kept(&self, name: &str) -> PathBuf {
        self.target.join("xtask").join(name)
    }

    /// Tools that were installed for this project alone.
    pub fn tools(&self) -> PathBuf {
        self.kept("tools")
    }

    /// Target directory of the wasm builds, apart from the native one so that neither makes the other stale.
    pub fn wasm_target(&self) -> PathBuf {
        self.target.join("wasm")
    }
}
