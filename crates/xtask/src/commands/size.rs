//! `cargo xtask size`: what a first visit downloads.

use std::process::ExitCode;

use anyhow::Result;

use crate::client::Quality;
use crate::place::Place;
use crate::{say, site};

/// Prints a table; fails when the budget is exceeded.
pub fn run(place: &Place) -> Result<ExitCode> {
    if !place.site().join("manifest.json").is_file() {
        site::build(place, Quality::Release)?;
    }
    let summary = site::summary(place)?;
    println!("{:>12} {:>12} {:>12}  asset", "plain", "gzip", "brotli");
    for size in &summary.always {
        println!(
            "{:>12} {:>12} {:>12}  {}",
            say::bytes(size.plain),
            say::bytes(size.gzip),
            say::bytes(size.brotli),
            size.name
        );
    }
    println!("{:>12} {:>12} {:>12}  every page", "", "", say::bytes(summary.always()));
    for (part, bytes) in &summary.parts {
        println!("{:>12} {:>12} {:>12}  besides, the pages of `{part}`", "", "", say::bytes(*bytes));
    }
    println!("{}", summary.first_visit());
    Ok(if summary.total() <= site::BUDGET { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
