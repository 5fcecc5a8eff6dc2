//! PostgreSQL's own programs, with which the tests start a server in a temporary folder.

use std::cmp::Reverse;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::place::Place;
use crate::{process, say};

use super::debian;

/// The variable that tells the tests where they are.
pub const VARIABLE: &str = "TURNWISE_TEST_POSTGRES_BIN";

/// The folder that holds `initdb` and `pg_ctl`; installs PostgreSQL where there is none.
pub fn find_or_install(place: &Place) -> Result<PathBuf> {
    if let Some(found) = find() {
        say::note(&format!("PostgreSQL: {}", found.display()));
        return Ok(found);
    }
    debian::install(place, "PostgreSQL", &["postgresql"])?;
    match find() {
        Some(found) => Ok(found),
        None => bail!("PostgreSQL was installed but its `initdb` was not found: set {VARIABLE} to its folder"),
    }
}

fn find() -> Option<PathBuf> {
    let named = std::env::var_os(VARIABLE).map(PathBuf::from).filter(|folder| is_complete(folder));
    named.or_else(|| newest_of(Path::new("/usr/lib/postgresql"))).or_else(|| {
        let beside = process::on_path("initdb")?.canonicalize().ok()?;
        beside.parent().map(Path::to_path_buf).filter(|folder| is_complete(folder))
    })
}

fn newest_of(versions: &Path) -> Option<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = fs::read_dir(versions)
        .ok()?
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .filter(|(_, folder)| is_complete(folder))
        .collect();
    found.sort_by_key(|(version, _)| Reverse(*version));
    found.into_iter().next().map(|(_, folder)| folder)
}

fn is_complete(folder: &Path) -> bool {
    folder.join("initdb").is_file() && folder.join("pg_ctl").is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_complete_version_is_taken() {
        let versions = tempfile::tempdir().expect("a temporary folder");
        for (version, programs) in
            [("9", ["initdb", "pg_ctl"]), ("15", ["initdb", "pg_ctl"]), ("16", ["psql", "pg_dump"])]
        {
            let bin = versions.path().join(version).join("bin");
            fs::create_dir_all(&bin).expect("a folder");
            for program in programs {
                fs::write(bin.join(program), "").expect("a file");
            }
        }
        assert_eq!(newest_of(versions.path()), Some(versions.path().join("15/bin")));
        assert_eq!(newest_of(&versions.path().join("none")), None);
    }
}
