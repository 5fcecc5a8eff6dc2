//! Running other programs: with their output shown, read, or both; with a time limit; in a clean environment.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::place::Place;

/// How a program ended and what it said.
pub struct Finished {
    /// How it ended.
    pub status: ExitStatus,
    /// Its stdout and stderr together.
    pub output: String,
}

impl Finished {
    /// The last lines of its output that hold something, for an error message.
    pub fn last_lines(&self, count: usize) -> String {
        let lines: Vec<&str> = self.output.lines().filter(|line| !line.trim().is_empty()).collect();
        lines[lines.len().saturating_sub(count)..].join("\n")
    }
}

/// A program that runs in the workspace, without what `cargo run` put into the environment: those variables make
/// build scripts believe that something changed.
pub fn program(place: &Place, name: impl Into<OsString>) -> Command {
    let mut command = Command::new(name.into());
    command.current_dir(&place.root);
    for (key, _) in std::env::vars_os() {
        let Some(text) = key.to_str() else { continue };
        let from_cargo_run = text.starts_with("CARGO_PKG_")
            || text.starts_with("CARGO_MANIFEST_")
            || ["CARGO_BIN_NAME", "CARGO_CRATE_NAME", "CARGO_PRIMARY_PACKAGE", "OUT_DIR"].contains(&text);
        if from_cargo_run {
            command.env_remove(&key);
        }
    }
    match library_path_without_cargo(place) {
        Some(path) => command.env("LD_LIBRARY_PATH", path),
        None => command.env_remove("LD_LIBRARY_PATH"),
    };
    command.env("CARGO_TARGET_DIR", &place.target);
    command
}

/// The cargo that runs this.
pub fn cargo(place: &Place) -> Command {
    program(place, std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Runs with output shown; a failure names the command.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("`{}` could not be started", shown(command)))?;
    if !status.success() {
        bail!("`{}` {}", shown(command), ending(status));
    }
    Ok(())
}

/// Runs silently and returns stdout; a failure carries the end of stderr.
pub fn read(command: &mut Command) -> Result<String> {
    let output =
        command.stdin(Stdio::null()).output().with_context(|| format!("`{}` could not be started", shown(command)))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("`{}` {}: {}", shown(command), ending(output.status), said.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs with its output shown as it comes, and returns it as well.
pub fn show_and_read(command: &mut Command) -> Result<Finished> {
    let mut child = piped(command)?;
    let readers = [
        child.stdout.take().map(|stream| copy_lines(stream, true)),
        child.stderr.take().map(|stream| copy_lines(stream, true)),
    ];
    let status = child.wait().with_context(|| format!("`{}` could not be waited for", shown(command)))?;
    Ok(Finished { status, output: joined(readers) })
}

/// Runs silently for at most `limit`, then ends it; `None` is "took too long".
pub fn read_within(command: &mut Command, limit: Duration) -> Result<Option<Finished>> {
    let mut child = piped(command)?;
    let readers = [
        child.stdout.take().map(|stream| copy_lines(stream, false)),
        child.stderr.take().map(|stream| copy_lines(stream, false)),
    ];
    let Some(status) = wait_within(&mut child, limit)? else {
        stop(&mut child, Duration::from_secs(5));
        return Ok(None);
    };
    Ok(Some(Finished { status, output: joined(readers) }))
}

/// Asks a child to end, and ends it when it has not done so in `grace`.
pub fn stop(child: &mut Child, grace: Duration) {
    if cfg!(unix) {
        let asked = Command::new("kill").args(["-TERM", &child.id().to_string()]).stderr(Stdio::null()).status();
        if asked.is_ok_and(|status| status.success()) && matches!(wait_within(child, grace), Ok(Some(_))) {
            return;
        }
    }
    // A child that has ended already is what was wanted.
    drop(child.kill());
    drop(child.wait());
}

/// Waits for a child for at most `limit`.
pub fn wait_within(child: &mut Child, limit: Duration) -> Result<Option<ExitStatus>> {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(status) = child.try_wait().context("a child process could not be waited for")? {
            return Ok(Some(status));
        }
        if Instant::now() >= deadline {
            return Ok(None);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// A program on the PATH.
pub fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// The command as one would type it, without full paths to programs.
pub fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let mut words = vec![program.file_name().unwrap_or(command.get_program()).to_string_lossy().into_owned()];
    words.extend(command.get_args().map(|argument| argument.to_string_lossy().into_owned()));
    words.join(" ")
}

/// How it ended, in words.
pub fn ending(status: ExitStatus) -> String {
    match status.code() {
        Some(code) => format!("ended with exit code {code}"),
        None => format!("was ended ({status})"),
    }
}

fn piped(command: &mut Command) -> Result<Child> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("`{}` could not be started", shown(command)))
}

fn copy_lines(stream: impl Read + Send + 'static, show: bool) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut reader = BufReader::new(stream);
        let mut kept = String::new();
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line).is_ok_and(|count| count > 0) {
            let text = String::from_utf8_lossy(&line);
            if show {
                let mut stderr = std::io::stderr().lock();
                // Nobody reads any more: go on, the text is kept.
                drop(stderr.write_all(text.as_bytes()));
            }
            kept.push_str(&text);
            line.clear();
        }
        kept
    })
}

fn joined(readers: [Option<std::thread::JoinHandle<String>>; 2]) -> String {
    readers.into_iter().flatten().filter_map(|reader| reader.join().ok()).collect()
}

/// `cargo run` puts the target directory and the toolchain's libraries first; another toolchain must not see them.
fn library_path_without_cargo(place: &Place) -> Option<OsString> {
    let path = std::env::var_os("LD_LIBRARY_PATH")?;
    let others: Vec<PathBuf> = std::env::split_paths(&path)
        .filter(|folder| {
            let text = folder.to_string_lossy();
            !folder.as_os_str().is_empty()
                && !folder.starts_with(&place.target)
                && !text.contains("rustlib")
                && !text.contains("/toolchains/")
        })
        .collect();
    if others.is_empty() { None } else { std::env::join_paths(others).ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_one_would_type_it() {
        let mut command = Command::new("/usr/bin/cargo");
        command.args(["build", "--release"]);
        assert_eq!(shown(&command), "cargo build --release");
    }

    #[test]
    fn the_last_lines_skip_blank_ones() {
        let finished = Finished { status: ExitStatus::default(), output: "a\n\nb\n \nc\n\n".into() };
        assert_eq!(finished.last_lines(2), "b\nc");
        assert_eq!(finished.last_lines(9), "a\nb\nc");
    }
}
