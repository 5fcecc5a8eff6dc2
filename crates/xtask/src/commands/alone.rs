//! The release binary by itself, in an empty folder: how soon it answers, and how much memory it holds when idle.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::process;

/// How long it may take to answer before it is given up.
const PATIENCE: Duration = Duration::from_secs(30);
/// When it counts as idle.
const SETTLED: Duration = Duration::from_secs(5);

/// What was measured.
pub struct Measured {
    /// Bytes of the binary.
    pub size: u64,
    /// From the start of the process until `/readyz` says yes, on an empty folder.
    pub ready: Duration,
    /// Resident bytes some seconds later; `None` where the system does not tell.
    pub idle_memory: Option<u64>,
}

/// Copies the binary to an empty folder, starts it there with an empty environment, and looks at it.
pub fn measure(binary: &Path) -> Result<Measured> {
    let folder = tempfile::tempdir().context("no temporary folder can be made")?;
    let copied = folder.path().join("turnwise");
    std::fs::copy(binary, &copied).with_context(|| format!("`{}` cannot be copied", binary.display()))?;
    let size = copied.metadata()?.len();
    let address = free_address()?;
    let mut command = Command::new(&copied);
    command.args(["serve", "--listen", &address.to_string()]).current_dir(folder.path()).env_clear();
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let began = Instant::now();
    let mut child = command.spawn().context("the binary could not be started")?;
    let measured = (|| {
        while !is_ready(address) {
            if let Some(status) = child.try_wait()? {
                bail!("the binary ended at once: {status}");
            }
            if began.elapsed() > PATIENCE {
                bail!("the binary was not ready after {} s", PATIENCE.as_secs());
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        let ready = began.elapsed();
        std::thread::sleep(SETTLED);
        Ok(Measured { size, ready, idle_memory: resident(child.id()) })
    })();
    process::stop(&mut child, Duration::from_secs(10));
    measured
}

/// A port that nobody listens on at the moment.
fn free_address() -> Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").context("no port of the loopback is free")?;
    Ok(listener.local_addr()?)
}

fn is_ready(address: SocketAddr) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_millis(200))?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        stream.write_all(b"GET /readyz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer.starts_with("HTTP/1.1 200"))
    };
    ask().unwrap_or(false)
}

/// Resident memory of a process in bytes, where the system tells it.
fn resident(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    read_resident(&status)
}

fn read_resident(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1_024)
}

#[cfg(test)]
mod tests {
    use super::read_resident;

    #[test]
    fn resident_memory_is_read_from_the_status_of_a_process() {
        assert_eq!(read_resident("Name:\tturnwise\nVmHWM:\t   40000 kB\nVmRSS:\t   31744 kB\n"), Some(32_505_856));
        assert_eq!(read_resident("Name:\tturnwise\n"), None);
    }
}
