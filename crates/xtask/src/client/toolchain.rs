//! A Rust toolchain that compiles for wasm: rustup's where it has or can get the target, else Debian's `rustc-web`,
//! which brings the standard library's source and compiles it along.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::place::{Place, WASM};
use crate::setup::debian;
use crate::{process, say};

/// `rustup` or `debian`: takes one without trying the other.
const CHOICE: &str = "TURNWISE_WASM_TOOLCHAIN";

const DEBIAN_PACKAGES: [&str; 5] = ["rustc-web", "cargo-web", "rust-web-src", "lld-22", "binaryen"];
const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_CLIPPY: &str = "/usr/bin/cargo-clippy";
const DEBIAN_SOURCE: &str = "/usr/lib/rustlib/src/rust/library/std";

/// Downloading the target takes seconds; where its server cannot be reached rustup fails or hangs.
const RUSTUP_LIMIT: Duration = Duration::from_secs(180);

/// The toolchain that compiles the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WasmToolchain {
    /// The one that compiles everything else, with the wasm target.
    Usual,
    /// Debian's, which compiles the standard library from source.
    Debian {
        /// Name of the wasm linker.
        linker: String,
    },
}

impl WasmToolchain {
    /// Finds or installs one.
    pub fn find_or_install(place: &Place) -> Result<Self> {
        let choice = std::env::var(CHOICE).unwrap_or_default();
        if choice != "debian" && usual_has_target(place) {
            return Ok(Self::Usual);
        }
        if choice != "rustup"
            && let Some(found) = find_debian()
        {
            return Ok(found);
        }
        let refusal = if choice == "debian" { None } else { add_target(place).err() };
        if usual_has_target(place) && choice != "debian" {
            return Ok(Self::Usual);
        }
        if choice == "rustup" {
            bail!("rustup cannot add {WASM}: {}", refusal.map(|error| format!("{error:#}")).unwrap_or_default());
        }
        if let Some(refusal) = refusal {
            say::note(&format!("rustup cannot add {WASM} ({refusal:#}): taking Debian's compiler"));
        }
        debian::install(place, "a Rust toolchain for wasm", &DEBIAN_PACKAGES)?;
        match find_debian() {
            Some(found) => Ok(found),
            None => bail!("no toolchain for {WASM}: run `rustup target add {WASM}` and try again"),
        }
    }

    /// `cargo SUBCOMMAND --target wasm32-unknown-unknown …`, into the wasm target directory.
    pub fn cargo(&self, place: &Place, subcommand: &str) -> Command {
        let mut command = match self {
            Self::Usual => {
                let mut command = process::cargo(place);
                command.arg(subcommand);
                command
            }
            Self::Debian { linker } => {
                // Clippy is a program of its own: `cargo clippy` would find the other toolchain's.
                let program = if subcommand == "clippy" { DEBIAN_CLIPPY } else { DEBIAN_CARGO };
                let mut command = process::program(place, program);
                command.args([subcommand, "-Zbuild-std=std,panic_abort"]);
                command.env("CARGO", DEBIAN_CARGO).env("RUSTC", DEBIAN_RUSTC).env("RUSTC_BOOTSTRAP", "1");
                command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
                command.env_remove("RUSTUP_TOOLCHAIN").env_remove("RUSTDOC");
                command
            }
        };
        command.args(["--target", WASM]).env("CARGO_TARGET_DIR", self.target_dir(place));
        command
    }

    /// Whether its clippy can be had; Debian's is a package of its own.
    pub fn has_clippy(&self, place: &Place) -> bool {
        match self {
            Self::Usual => true,
            Self::Debian { .. } if Path::new(DEBIAN_CLIPPY).is_file() => true,
            Self::Debian { .. } => {
                // Without it `cargo check` does; the caller says so.
                drop(debian::install(place, "clippy for wasm", &["rust-web-clippy"]));
                Path::new(DEBIAN_CLIPPY).is_file()
            }
        }
    }

    /// Where its builds go. Each toolchain has its own: they would make each other's work stale.
    pub fn target_dir(&self, place: &Place) -> PathBuf {
        match self {
            Self::Usual => place.wasm_target(),
            Self::Debian { .. } => place.wasm_target().join("debian"),
        }
    }

    /// Compiler name and version, for people and for the fingerprint.
    pub fn version(&self, place: &Place) -> Result<String> {
        let mut command = match self {
            Self::Usual => process::program(place, rustc()),
            Self::Debian { .. } => process::program(place, DEBIAN_RUSTC),
        };
        Ok(process::read(command.arg("--version"))?.trim().to_owned())
    }
}

fn usual_has_target(place: &Place) -> bool {
    let asked = process::read(process::program(place, rustc()).args(["--print", "target-libdir", "--target", WASM]));
    asked.is_ok_and(|folder| has_core(Path::new(folder.trim())))
}

fn has_core(folder: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return false;
    };
    entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("libcore-"))
}

fn add_target(place: &Place) -> Result<()> {
    if process::on_path("rustup").is_none() {
        bail!("there is no rustup");
    }
    say::step(&format!("adding {WASM} to the Rust toolchain"), || {
        let mut command = process::program(place, "rustup");
        command.args(["target", "add", WASM]);
        // Only the target is to be added, never the toolchain exchanged.
        command.env("RUSTUP_AUTO_INSTALL", "0");
        match process::read_within(&mut command, RUSTUP_LIMIT)? {
            None => bail!("no answer in {} s", RUSTUP_LIMIT.as_secs()),
            Some(finished) if finished.status.success() => Ok(()),
            Some(finished) => bail!("{}", finished.last_lines(1).trim()),
        }
    })
}

fn find_debian() -> Option<WasmToolchain> {
    let complete = [DEBIAN_CARGO, DEBIAN_RUSTC, DEBIAN_SOURCE].iter().all(|path| Path::new(path).exists());
    let linker = ["wasm-ld-22", "wasm-ld"].into_iter().find(|name| process::on_path(name).is_some())?;
    complete.then(|| WasmToolchain::Debian { linker: linker.to_owned() })
}

fn rustc() -> std::ffi::OsString {
    std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into())
}
