//! Both engines have the same migrations: the same versions under the same names.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::place::Place;

/// Fails when a migration exists for one engine only, or a version twice.
pub fn check(place: &Place) -> Result<()> {
    compare(&place.root.join("migrations/sqlite"), &place.root.join("migrations/postgres"))
}

fn compare(sqlite: &Path, postgres: &Path) -> Result<()> {
    let (of_sqlite, of_postgres) = (versions(sqlite)?, versions(postgres)?);
    if of_sqlite.is_empty() {
        bail!("`{}` holds no migrations", sqlite.display());
    }
    for (version, name) in &of_sqlite {
        match of_postgres.get(version) {
            None => bail!("migration {version} ({name}) exists for SQLite only: add it to `{}`", postgres.display()),
            Some(other) if other != name => {
                bail!("migration {version} is `{name}` for SQLite and `{other}` for PostgreSQL: give both one name")
            }
            Some(_) => {}
        }
    }
    match of_postgres.iter().find(|(version, _)| !of_sqlite.contains_key(*version)) {
        Some((version, name)) => {
            bail!("migration {version} ({name}) exists for PostgreSQL only: add it to `{}`", sqlite.display())
        }
        None => Ok(()),
    }
}

/// Version → name of the `VERSION_NAME.sql` files of a folder.
fn versions(folder: &Path) -> Result<BTreeMap<u64, String>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).with_context(|| format!("`{}` cannot be read", folder.display()))? {
        let file = entry?.file_name().to_string_lossy().into_owned();
        let Some(stem) = file.strip_suffix(".sql") else {
            continue;
        };
        let parts = stem.split_once('_').and_then(|(version, name)| Some((version.parse().ok()?, name)));
        let Some((version, name)) = parts else {
            bail!("`{file}` in `{}` is not named VERSION_NAME.sql", folder.display());
        };
        if let Some(other) = found.insert(version, name.to_owned()) {
            bail!("migration {version} exists twice in `{}`: `{other}` and `{name}`", folder.display());
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compared(sqlite: &[&str], postgres: &[&str]) -> std::result::Result<(), String> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (engine, files) in [("sqlite", sqlite), ("postgres", postgres)] {
            fs::create_dir(folder.path().join(engine)).expect("a folder");
            for file in files {
                fs::write(folder.path().join(engine).join(file), "").expect("a file");
            }
        }
        compare(&folder.path().join("sqlite"), &folder.path().join("postgres")).map_err(|error| error.to_string())
    }

    #[test]
    fn the_same_versions_pass() {
        assert_eq!(compared(&["0001_accounts.sql", "0002_work.sql"], &["0002_work.sql", "0001_accounts.sql"]), Ok(()));
    }

    #[test]
    fn a_version_of_one_engine_only_is_named() {
        let missing = compared(&["0001_a.sql", "0002_b.sql"], &["0001_a.sql"]).expect_err("refused");
        assert!(missing.starts_with("migration 2 (b) exists for SQLite only"), "{missing}");
        let missing = compared(&["0001_a.sql"], &["0001_a.sql", "0002_b.sql"]).expect_err("refused");
        assert!(missing.starts_with("migration 2 (b) exists for PostgreSQL only"), "{missing}");
    }

    #[test]
    fn different_names_doubles_and_no_migrations_are_refused() {
        assert!(compared(&["0001_a.sql"], &["0001_b.sql"]).is_err());
        assert!(compared(&["0001_a.sql", "1_b.sql"], &["0001_a.sql"]).is_err());
        assert!(compared(&["first.sql"], &["first.sql"]).is_err());
        assert!(compared(&[], &[]).is_err());
    }
}
