//! Installing Debian packages, as root or through sudo without a password.

use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::place::Place;
use crate::{process, say};

/// Installing may take as long as a slow mirror takes.
const LIMIT: Duration = Duration::from_secs(15 * 60);

/// Installs packages; an error says what to install by hand.
pub fn install(place: &Place, what_for: &str, packages: &[&str]) -> Result<()> {
    let wanted = packages.join(" ");
    if process::on_path("apt-get").is_none() {
        bail!(
            "{what_for} is missing: install it with this system's package manager (on Debian: {wanted}) and try again"
        );
    }
    let Some(prefix) = root_prefix() else {
        bail!("{what_for} is missing: run `sudo apt-get install {wanted}` and try again");
    };
    say::step(&format!("installing {what_for} ({wanted})"), || {
        let first = apt(place, prefix, &["install", "-y", "--no-install-recommends"], packages)?;
        if first.is_ok() {
            return Ok(());
        }
        // The package lists may be old or empty.
        drop(apt(place, prefix, &["update"], &[])?);
        match apt(place, prefix, &["install", "-y", "--no-install-recommends"], packages)? {
            Ok(()) => Ok(()),
            Err(said) => bail!("`apt-get install {wanted}` failed: {said}"),
        }
    })
}

/// The outer result is "could be run", the inner one "succeeded", with its last words.
fn apt(place: &Place, prefix: &[&str], verb: &[&str], packages: &[&str]) -> Result<std::result::Result<(), String>> {
    let words: Vec<&str> = prefix.iter().chain(&["apt-get", "-q", "-o", "DPkg::Lock::Timeout=300"]).copied().collect();
    let mut command = process::program(place, words[0]);
    command.args(&words[1..]).args(verb).args(packages).env("DEBIAN_FRONTEND", "noninteractive");
    Ok(match process::read_within(&mut command, LIMIT)? {
        None => Err("it took more than 15 minutes".to_owned()),
        Some(finished) if finished.status.success() => Ok(()),
        Some(finished) => Err(finished.last_lines(2).replace('\n', "; ")),
    })
}

/// What to put before a command so that it runs as root; `None` when that would need a password.
fn root_prefix() -> Option<&'static [&'static str]> {
    let user = Command::new("id").arg("-u").output().ok()?;
    if String::from_utf8_lossy(&user.stdout).trim() == "0" {
        return Some(&[]);
    }
    let sudo = Command::new("sudo").args(["-n", "true"]).output().ok()?;
    sudo.status.success().then_some(&["sudo", "-n"])
}
