//! `cargo xtask demo`: the sample project in the browser.

use std::process::ExitCode;

use anyhow::Result;

use crate::client::Quality;
use crate::place::Place;
use crate::{process, say, site};

use super::server;

/// Builds, then becomes `turnwise demo`.
pub fn run(place: &Place, options: &[String]) -> Result<ExitCode> {
    site::build(place, Quality::Usual)?;
    let binary = server::build(place, false)?;
    let mut command = process::program(place, binary);
    command.arg("demo");
    if !names_data_dir(options) {
        command.arg("--data-dir").arg(place.data("demo-data"));
    }
    command.args(options);
    say::doing("starting Turnwise with the sample project; Ctrl-C ends it");
    become_it(command)
}

/// Whether the caller chose the data directory.
pub fn names_data_dir(options: &[String]) -> bool {
    options.iter().any(|option| option == "--data-dir" || option.starts_with("--data-dir="))
}

/// The server takes this process's place, so signals and its exit code need no passing on.
#[cfg(unix)]
fn become_it(mut command: std::process::Command) -> Result<ExitCode> {
    use anyhow::Context;
    use std::os::unix::process::CommandExt;
    Err(command.exec()).with_context(|| format!("`{}` could not be started", process::shown(&command)))
}

#[cfg(not(unix))]
fn become_it(mut command: std::process::Command) -> Result<ExitCode> {
    let status = command.status()?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_callers_data_dir_wins() {
        assert!(names_data_dir(&["--data-dir=/tmp/x".into()]));
        assert!(names_data_dir(&["--data-dir".into(), "/tmp/x".into()]));
        assert!(!names_data_dir(&["--listen".into(), "127.0.0.1:0".into()]));
    }
}
