//! Compiles the server again when the site it embeds has changed.

use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let site = Path::new("../target/site");
    if site.join("manifest.json").is_file() {
        println!("cargo::rerun-if-changed=../target/site/manifest.json");
    } else if std::fs::create_dir_all(site).is_ok() {
        // Watching a file that is not there would compile the server anew each time; the folder changes when it appears.
        println!("cargo::rerun-if-changed=../target/site");
    }
}
