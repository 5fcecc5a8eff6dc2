//! Content fingerprints: what decides whether something must be built again. Times of files are never asked, since a
//! fresh clone has new ones.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Collects named content into one short fingerprint.
pub struct Fingerprint(blake3::Hasher);

impl Fingerprint {
    /// For things of one kind; another kind or another version of the procedure never gives the same result.
    pub fn new(kind: &str) -> Self {
        let mut fingerprint = Self(blake3::Hasher::new());
        fingerprint.add("kind", kind.as_bytes());
        fingerprint
    }

    /// Adds content under a name.
    pub fn add(&mut self, name: &str, content: &[u8]) {
        for part in [name.as_bytes(), content] {
            self.0.update(&(part.len() as u64).to_le_bytes());
            self.0.update(part);
        }
    }

    /// Adds every file below a folder under its path relative to `base`.
    pub fn add_folder(&mut self, base: &Path, folder: &Path) -> Result<()> {
        for file in files_below(folder)? {
            let name = file.strip_prefix(base).unwrap_or(&file).to_string_lossy().replace('\\', "/");
            let content = fs::read(&file).with_context(|| format!("`{}` cannot be read", file.display()))?;
            self.add(&name, &content);
        }
        Ok(())
    }

    /// 16 hexadecimal digits.
    pub fn finish(self) -> String {
        short(self.0.finalize())
    }
}

/// The 16 hexadecimal digits that name a file with this content.
pub fn of(content: &[u8]) -> String {
    short(blake3::hash(content))
}

/// Every file below a folder, sorted; build output, dependencies and hidden files left out. A missing folder is empty.
pub fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    collect(folder, &mut found)?;
    found.sort();
    Ok(found)
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => {
            return Err(error).with_context(|| format!("`{}` cannot be read", folder.display()));
        }
    };
    for entry in entries {
        let entry = entry.with_context(|| format!("`{}` cannot be read", folder.display()))?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with('.') || name.ends_with('~') || name == "target" || name == "node_modules" {
            continue;
        }
        let path = entry.path();
        if path.is_dir() {
            collect(&path, found)?;
        } else {
            found.push(path);
        }
    }
    Ok(())
}

fn short(hash: blake3::Hash) -> String {
    hash.to_hex().chars().take(16).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder_with(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (name, content) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            fs::write(path, content).expect("a file");
        }
        folder
    }

    fn fingerprint(folder: &tempfile::TempDir) -> String {
        let mut fingerprint = Fingerprint::new("test");
        fingerprint.add_folder(folder.path(), folder.path()).expect("readable");
        fingerprint.finish()
    }

    #[test]
    fn two_clones_with_the_same_content_have_the_same_fingerprint() {
        let files = [("src/lib.rs", "a"), ("Cargo.toml", "b")];
        assert_eq!(fingerprint(&folder_with(&files)), fingerprint(&folder_with(&files)));
    }

    #[test]
    fn a_changed_moved_or_added_file_changes_it() {
        let before = fingerprint(&folder_with(&[("src/lib.rs", "a")]));
        assert_ne!(before, fingerprint(&folder_with(&[("src/lib.rs", "b")])));
        assert_ne!(before, fingerprint(&folder_with(&[("src/main.rs", "a")])));
        assert_ne!(before, fingerprint(&folder_with(&[("src/lib.rs", "a"), ("src/x.rs", "")])));
    }

    #[test]
    fn build_output_does_not_count() {
        let before = fingerprint(&folder_with(&[("src/lib.rs", "a")]));
        let built = folder_with(&[("src/lib.rs", "a"), ("target/x", "1"), ("node_modules/y", "2"), (".git/z", "3")]);
        assert_eq!(before, fingerprint(&built));
    }
}
