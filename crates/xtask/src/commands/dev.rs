//! `cargo xtask dev`: serves, and builds and restarts when a file changes. The old server goes on while a build fails.

use std::process::{Child, ExitCode};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};

use crate::client::Quality;
use crate::place::Place;
use crate::{process, say, site};

use super::demo::names_data_dir;
use super::server;
use super::watch::{self, Snapshot};

/// Between two looks at the files.
const INTERVAL: Duration = Duration::from_millis(500);
/// As long as the server itself takes at most for a graceful end.
const GRACE: Duration = Duration::from_secs(12);

/// Runs until Ctrl-C.
pub fn run(place: &Place, options: &[String]) -> Result<ExitCode> {
    let ended = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(&ended)).context("signals cannot be received")?;
    }
    let mut seen = Snapshot::take(place)?;
    let mut running = Running::default();
    running.build_and_restart(place, options);
    while !ended.load(Ordering::Relaxed) {
        std::thread::sleep(INTERVAL);
        running.notice_end()?;
        let now = Snapshot::take(place)?;
        let changed = now.changes_since(&seen);
        if changed.is_empty() {
            continue;
        }
        let settled = settled(place, now)?;
        let changed = settled.changes_since(&seen);
        seen = settled;
        let names: Vec<String> = changed.iter().take(3).map(|file| file.display().to_string()).collect();
        let more = if changed.len() > names.len() {
            format!(" and {} more", changed.len() - names.len())
        } else {
            String::new()
        };
        let kind = if watch::only_assets(&changed) { ", assets only" } else { "" };
        say::doing(&format!("changed: {}{more}{kind}", names.join(", ")));
        running.build_and_restart(place, options);
    }
    running.stop();
    Ok(ExitCode::SUCCESS)
}

/// Waits until a look finds what the one before found: an editor or git may still be writing.
fn settled(place: &Place, mut last: Snapshot) -> Result<Snapshot> {
    loop {
        std::thread::sleep(INTERVAL / 2);
        let now = Snapshot::take(place)?;
        if now == last {
            return Ok(now);
        }
        last = now;
    }
}

/// The server that is running, if any.
#[derive(Default)]
struct Running(Option<Child>);

impl Running {
    /// The client is rebuilt only if its inputs changed; that is decided by their content, not here.
    fn build_and_restart(&mut self, place: &Place, options: &[String]) {
        let built = site::build(place, Quality::Draft).and_then(|_| server::build(place, false));
        let started = built.and_then(|binary| {
            self.stop();
            let mut command = process::program(place, binary);
            command.arg("serve");
            if !names_data_dir(options) {
                command.arg("--data-dir").arg(place.data("dev-data"));
            }
            command.args(options).spawn().context("the server could not be started")
        });
        match started {
            Ok(child) => self.0 = Some(child),
            Err(error) => {
                say::failure(&format!("{error:#}"));
                say::note("waiting for a change");
            }
        }
    }

    fn notice_end(&mut self) -> Result<()> {
        let Some(child) = &mut self.0 else {
            return Ok(());
        };
        if let Some(status) = child.try_wait().context("the server could not be waited for")? {
            self.0 = None;
            say::note(&format!("the server {}; waiting for a change", process::ending(status)));
        }
        Ok(())
    }

    fn stop(&mut self) {
        if let Some(mut child) = self.0.take() {
            process::stop(&mut child, GRACE);
        }
    }
}

/// An error on the way out must not leave a server behind.
impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
    }
}
