//! The assets that the server embeds: named by content, compressed, listed in a manifest.

mod assemble;
mod compress;
mod publish;
mod scripts;
mod styles;
mod summary;

use anyhow::Result;

use crate::client::{self, Quality};
use crate::place::Place;
use crate::say;

pub use summary::{BUDGET, summary};

/// Builds client and assets and puts them into the workspace's `target/site`; returns whether anything changed.
pub fn build(place: &Place, quality: Quality) -> Result<bool> {
    let client = client::build(place, quality)?;
    let changed = say::step("assembling the assets", || {
        let assets = assemble::assemble(place, &client)?;
        let files = compress::compress(place, &assets, quality)?;
        publish::publish(&place.site(), &files)
    })?;
    // The others are not compressed as well as can be.
    if quality == Quality::Release {
        say::note(&summary(place)?.first_visit());
    }
    Ok(changed)
}
