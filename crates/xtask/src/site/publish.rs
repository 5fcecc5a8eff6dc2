//! Puts the assets where the server embeds them, whole or not at all, and only when they differ: each file written
//! makes cargo compile the server again.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::fingerprint::files_below;

use super::assemble::Assets;

/// Makes `site` hold exactly these files; returns whether it did not before.
pub fn publish(site: &Path, files: &Assets) -> Result<bool> {
    if holds_exactly(site, files)? {
        return Ok(false);
    }
    let parent = site.parent().unwrap_or(site);
    fs::create_dir_all(parent).with_context(|| format!("`{}` cannot be made", parent.display()))?;
    let beside = tempfile::Builder::new().prefix(".site-").tempdir_in(parent)?;
    for (name, content) in files {
        let file = beside.path().join("new").join(name);
        fs::create_dir_all(file.parent().unwrap_or(&file))?;
        fs::write(&file, content).with_context(|| format!("`{}` cannot be written", file.display()))?;
    }
    if site.exists() {
        fs::rename(site, beside.path().join("old"))
            .with_context(|| format!("`{}` cannot be replaced", site.display()))?;
    }
    fs::rename(beside.path().join("new"), site)
        .with_context(|| format!("`{}` cannot be put in place", site.display()))?;
    Ok(true)
}

fn holds_exactly(site: &Path, files: &Assets) -> Result<bool> {
    if files_below(site)?.len() != files.len() {
        return Ok(false);
    }
    Ok(files.iter().all(|(name, content)| fs::read(site.join(name)).is_ok_and(|there| there == *content)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_site_holds_exactly_what_was_published_last() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let site = folder.path().join("target/site");
        let first = Assets::from([("a-1.js".to_owned(), b"1".to_vec()), ("x/b.svg".to_owned(), b"2".to_vec())]);
        let second = Assets::from([("a-2.js".to_owned(), b"3".to_vec())]);
        assert!(publish(&site, &first).expect("published"));
        assert!(!publish(&site, &first).expect("published"), "nothing changed");
        assert!(publish(&site, &second).expect("published"));
        assert_eq!(files_below(&site).expect("readable"), [site.join("a-2.js")]);
        assert_eq!(
            fs::read_dir(folder.path().join("target")).expect("readable").count(),
            1,
            "nothing is left beside it"
        );
    }
}
