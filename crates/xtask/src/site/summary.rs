//! What a first visit downloads, against its budget.

use std::fs;

use anyhow::{Context, Result};

use crate::place::Place;
use crate::say;

use super::assemble::{MANIFEST, Manifest};

/// The most that a first visit may download, in bytes.
pub const BUDGET: u64 = 600_000;

/// One asset in its three forms, in bytes.
pub struct Size {
    /// Its name, with the hash.
    pub name: String,
    /// As it is.
    pub plain: u64,
    /// Gzipped.
    pub gzip: u64,
    /// With brotli.
    pub brotli: u64,
}

/// All assets, the largest first.
pub struct Summary(pub Vec<Size>);

/// Measures the site as it lies there.
pub fn summary(place: &Place) -> Result<Summary> {
    let site = place.site();
    let manifest = site.join(MANIFEST);
    let text = fs::read(&manifest)
        .with_context(|| format!("`{}` cannot be read: run `cargo xtask build`", manifest.display()))?;
    let manifest: Manifest = serde_json::from_slice(&text).context("the site's manifest cannot be read")?;
    let length = |name: &str| -> Result<u64> {
        let metadata = fs::metadata(site.join(name))
            .with_context(|| format!("the site lacks `{name}`: run `cargo xtask build`"))?;
        Ok(metadata.len())
    };
    let mut sizes = Vec::new();
    for name in [manifest.js, manifest.wasm, manifest.css].into_iter().chain(manifest.files.into_values()) {
        let (gzip, brotli) = (length(&format!("{name}.gz"))?, length(&format!("{name}.br"))?);
        sizes.push(Size { plain: length(&name)?, gzip, brotli, name });
    }
    sizes.sort_by_key(|size| std::cmp::Reverse(size.brotli));
    Ok(Summary(sizes))
}

impl Summary {
    /// Bytes of a first visit, with brotli.
    pub fn total(&self) -> u64 {
        self.0.iter().map(|size| size.brotli).sum()
    }

    /// The sum against the budget, in one line.
    pub fn first_visit(&self) -> String {
        let total = self.total();
        let verdict = if total <= BUDGET { "within" } else { "OVER" };
        format!(
            "first visit, all assets compressed: {}, {verdict} the budget of {}",
            say::bytes(total),
            say::bytes(BUDGET)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_visit_is_held_against_the_budget() {
        let of = |brotli| Summary(vec![Size { name: "app.js".into(), plain: 1, gzip: 1, brotli }]).first_visit();
        assert_eq!(of(BUDGET), "first visit, all assets compressed: 600.0 kB, within the budget of 600.0 kB");
        assert!(of(BUDGET + 1).contains("OVER"));
    }
}
