//! Starts the binary in a folder of its own, asks it over the loopback address, and stops it.

use std::path::Path;
use std::process::{ExitStatus, Output, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

/// Longer than anything here takes, also on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// The binary, in this folder, untouched by the environment of whoever runs the tests.
pub fn turnwise(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_turnwise"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("TURNWISE_")) {
        command.env_remove(name);
    }
    command
        .current_dir(folder)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// Runs a command to its end, with this on its standard input.
pub async fn finish(mut command: Command, input: &str) -> Output {
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // A command that fails early does not read what it is sent.
    let _ = stdin.write_all(input.as_bytes()).await;
    drop(stdin);
    timeout(PATIENCE, child.wait_with_output()).await.expect("the command ends").unwrap()
}

/// A serving process.
pub struct Running {
    child: Child,
    stdout: BufReader<ChildStdout>,
    /// Host and port.
    pub address: String,
}

impl Running {
    /// Starts it with a free port and waits until it says that it listens.
    pub async fn start(folder: &Path, arguments: &[&str]) -> Self {
        let mut command = turnwise(folder, arguments);
        command
            .args(["--listen", "127.0.0.1:0"])
            .stderr(Stdio::inherit())
            .env("TURNWISE_MAX_READERS", "2")
            .env("TURNWISE_LOG", "warn");
        let mut child = command.spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let mut running = Self { child, stdout, address: String::new() };
        let line = running.line().await;
        running.address = line.strip_prefix("listening on http://").unwrap_or_else(|| panic!("{line:?}")).to_owned();
        running
    }

    /// The next line of its standard output.
    pub async fn line(&mut self) -> String {
        let mut line = String::new();
        timeout(PATIENCE, self.stdout.read_line(&mut line)).await.expect("it says something in time").unwrap();
        line.trim_end().to_owned()
    }

    pub async fn connect(&self) -> TcpStream {
        TcpStream::connect(&self.address).await.unwrap()
    }

    /// The status line and all that follows of a GET.
    pub async fn get(&self, path: &str, headers: &str) -> String {
        let mut connection = self.connect().await;
        let request = format!("GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n{headers}\r\n", self.address);
        connection.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        timeout(PATIENCE, connection.read_to_string(&mut answer)).await.expect("it answers").unwrap();
        answer
    }

    /// Asks it to stop, as an orchestrator does.
    pub async fn terminate(&self) {
        let id = self.child.id().unwrap().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().await.unwrap().success());
    }

    /// Ends it at once, as `kill -9` does.
    pub async fn kill(&mut self) {
        self.child.kill().await.unwrap();
    }

    /// Waits for its end.
    pub async fn ended(&mut self) -> ExitStatus {
        timeout(PATIENCE, self.child.wait()).await.expect("it ends").unwrap()
    }
}

pub fn folder() -> TempDir {
    tempfile::Builder::new().prefix("turnwise-test-").tempdir().unwrap()
}
