//! What a first visit downloads, against its budget: what every page needs, and the largest part of the client.

use std::collections::BTreeMap;
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

/// What there is to download.
pub struct Summary {
    /// What every page needs, the largest first.
    pub always: Vec<Size>,
    /// With brotli, what the pages of each part of the client need besides.
    pub parts: BTreeMap<String, u64>,
}

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
    let mut always = Vec::new();
    let modules = [Some(manifest.js), manifest.loader, Some(manifest.wasm), Some(manifest.css)];
    for name in modules.into_iter().flatten().chain(manifest.files.into_values()) {
        let (gzip, brotli) = (length(&format!("{name}.gz"))?, length(&format!("{name}.br"))?);
        always.push(Size { plain: length(&name)?, gzip, brotli, name });
    }
    always.sort_by_key(|size| std::cmp::Reverse(size.brotli));
    let mut parts = BTreeMap::new();
    for (part, files) in manifest.parts {
        let lengths = files.iter().map(|name| length(&format!("{name}.br")));
        parts.insert(part, lengths.sum::<Result<u64>>()?);
    }
    Ok(Summary { always, parts })
}

impl Summary {
    /// Bytes of a first visit to a page that needs none of the parts, with brotli.
    pub fn always(&self) -> u64 {
        self.always.iter().map(|size| size.brotli).sum()
    }

    /// Bytes of a first visit to a page of the largest part, with brotli.
    pub fn total(&self) -> u64 {
        self.always() + self.largest().map_or(0, |(_, bytes)| bytes)
    }

    fn largest(&self) -> Option<(&str, u64)> {
        self.parts.iter().map(|(part, bytes)| (part.as_str(), *bytes)).max_by_key(|(_, bytes)| *bytes)
    }

    /// The sum against the budget, in one line.
    pub fn first_visit(&self) -> String {
        let total = self.total();
        let page = self.largest().map(|(part, _)| format!(" of the largest page ({part})")).unwrap_or_default();
        let verdict = if total <= BUDGET { "within" } else { "OVER" };
        format!(
            "first visit{page}, all assets compressed: {}, {verdict} the budget of {}",
            say::bytes(total),
            say::bytes(BUDGET)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(brotli: u64, parts: &[(&str, u64)]) -> Summary {
        let parts = parts.iter().map(|(part, bytes)| ((*part).to_owned(), *bytes)).collect();
        Summary { always: vec![Size { name: "app.js".into(), plain: 1, gzip: 1, brotli }], parts }
    }

    #[test]
    fn the_first_visit_is_held_against_the_budget() {
        let of = |brotli| summary(brotli, &[]).first_visit();
        assert_eq!(of(BUDGET), "first visit, all assets compressed: 600.0 kB, within the budget of 600.0 kB");
        assert!(of(BUDGET + 1).contains("OVER"));
    }

    #[test]
    fn the_largest_part_counts() {
        let summary = summary(BUDGET - 2, &[("rules", 1), ("session", 3)]);
        assert_eq!(summary.total(), BUDGET + 1);
        assert!(
            summary.first_visit().starts_with("first visit of the largest page (session), all assets compressed: ")
        );
    }
}
