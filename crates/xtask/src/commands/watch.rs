//! Notices changed files by looking: a few hundred files twice a second cost nothing and work on every file system.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::Result;

use crate::fingerprint::files_below;
use crate::place::Place;

const FOLDERS: [&str; 6] = ["app", "server", "crates", "style", "migrations", "Cargo.toml"];
/// Changes here do not change compiled code.
const ASSETS: [&str; 2] = ["style", "app/public"];
/// Changes of automation itself need a new start of it.
const NOT_WATCHED: &str = "crates/xtask";

/// What the watched files looked like at one moment.
#[derive(Debug, PartialEq, Eq)]
pub struct Snapshot(BTreeMap<PathBuf, (Option<SystemTime>, u64)>);

impl Snapshot {
    /// Looks now.
    pub fn take(place: &Place) -> Result<Self> {
        let mut files = BTreeMap::new();
        for folder in FOLDERS {
            let path = place.root.join(folder);
            let found = if path.is_file() { vec![path] } else { files_below(&path)? };
            for file in found {
                let name = file.strip_prefix(&place.root).unwrap_or(&file).to_path_buf();
                // A file may vanish between listing and asking; the next look shows it.
                if let Ok(metadata) = file.metadata()
                    && !name.starts_with(NOT_WATCHED)
                {
                    files.insert(name, (metadata.modified().ok(), metadata.len()));
                }
            }
        }
        Ok(Self(files))
    }

    /// Files that were added, removed or written since `earlier`.
    pub fn changes_since(&self, earlier: &Self) -> Vec<PathBuf> {
        let mut changed: Vec<PathBuf> = self
            .0
            .iter()
            .filter(|(file, state)| earlier.0.get(*file) != Some(state))
            .map(|(file, _)| file.clone())
            .collect();
        changed.extend(earlier.0.keys().filter(|file| !self.0.contains_key(*file)).cloned());
        changed
    }
}

/// Whether only styles and public files are among them.
pub fn only_assets(changed: &[PathBuf]) -> bool {
    changed.iter().all(|file| ASSETS.iter().any(|folder| file.starts_with(Path::new(folder))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn written_added_and_removed_files_are_noticed_and_automation_is_not() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let place = Place { root: folder.path().into(), target: folder.path().join("target") };
        let write = |name: &str, content: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            fs::write(path, content).expect("a file");
        };
        write("app/src/lib.rs", "a");
        write("server/src/main.rs", "a");
        let before = Snapshot::take(&place).expect("looked");
        assert_eq!(Snapshot::take(&place).expect("looked").changes_since(&before), Vec::<PathBuf>::new());

        write("app/src/lib.rs", "longer");
        write("style/base.css", "b");
        write("crates/xtask/src/main.rs", "c");
        fs::remove_file(folder.path().join("server/src/main.rs")).expect("removed");
        let changed = Snapshot::take(&place).expect("looked").changes_since(&before);
        assert_eq!(changed, ["app/src/lib.rs", "style/base.css", "server/src/main.rs"].map(PathBuf::from));
    }

    #[test]
    fn a_style_alone_does_not_concern_the_compiler() {
        assert!(only_assets(&["style/base.css".into(), "app/public/icons.svg".into()]));
        assert!(!only_assets(&["style/base.css".into(), "app/src/lib.rs".into()]));
    }
}
