//! The PostgreSQL that all tests of one run share: started by the first, stopped by a watchdog when the run is over.
//!
//! Test runners start each test in a process of its own, so the cluster is known by the runner's process id, and a file
//! lock decides who starts it. It listens on a socket in its temporary folder and writes nothing through to the disk.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::{CommandExt, parent_id};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

const WATCHDOG: &str = include_str!("watchdog.sh");

const SETTINGS: &str = "
listen_addresses = ''
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum = off
max_connections = 400
shared_buffers = 64MB
";

/// A PostgreSQL that runs.
#[derive(Debug, Clone)]
pub(super) struct Cluster {
    folder: PathBuf,
    /// Holds a shared lock: while any process has one, the cluster is in use.
    users: Arc<File>,
}

impl Cluster {
    /// The address of one of its databases.
    pub(super) fn url(&self, database: &str) -> String {
        format!("postgres://turnwise@localhost/{database}?host={}", self.folder.display())
    }

    /// Keeps the cluster running as long as it lives.
    pub(super) fn in_use(&self) -> Arc<File> {
        Arc::clone(&self.users)
    }
}

/// The cluster of this test run. The error says why there is none.
pub(super) fn shared() -> Result<Cluster, String> {
    static OF_THIS_PROCESS: Mutex<Option<Result<Cluster, String>>> = Mutex::new(None);
    let mut known = OF_THIS_PROCESS.lock().unwrap_or_else(PoisonError::into_inner);
    known.get_or_insert_with(|| join_or_start().map_err(|error| format!("no PostgreSQL for tests: {error}"))).clone()
}

/// A name that no other database of this run has.
pub(super) fn next_database_name() -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    format!("turnwise_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed))
}

/// Whether the process that made a database is gone. Where that cannot be told, it is not.
pub(super) fn is_abandoned(database: &str) -> bool {
    let process = database.strip_prefix("turnwise_").and_then(|rest| rest.split_once('_')).map(|(process, _)| process);
    Path::new("/proc/self").exists() && process.is_some_and(|process| !Path::new("/proc").join(process).exists())
}

fn join_or_start() -> io::Result<Cluster> {
    let programs = find_programs()?;
    let name = format!("turnwise-test-postgres-{}", parent_id());
    let folder = std::env::temp_dir().join(&name);
    let lock_path = std::env::temp_dir().join(format!("{name}.lock"));
    let lock = lock(&lock_path)?;
    if !folder.join("ready").exists() {
        start(&programs, &folder, &lock_path)?;
    }
    let users = File::open(folder.join("users"))?;
    users.lock_shared()?;
    drop(lock);
    Ok(Cluster { folder, users: Arc::new(users) })
}

/// Takes the lock that guards start and stop. The watchdog removes the file while it holds the lock, so who waited for
/// it may end up with a file that is no longer there.
fn lock(path: &Path) -> io::Result<File> {
    loop {
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
        file.lock()?;
        if fs::metadata(path).is_ok_and(|now| file.metadata().is_ok_and(|locked| now.ino() == locked.ino())) {
            return Ok(file);
        }
    }
}

fn start(programs: &Path, folder: &Path, lock: &Path) -> io::Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir(folder)?;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755))?;
    fs::write(folder.join("users"), "")?;
    let user = unprivileged_user(folder)?;
    if let Some((uid, gid)) = user {
        chown(folder, Some(uid), Some(gid))?;
    }
    let data = folder.join("data");
    run(
        Command::new(programs.join("initdb")).arg("--pgdata").arg(&data).args([
            "--username=turnwise",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
            "--no-instructions",
        ]),
        folder,
        user,
    )?;
    let configuration = data.join("postgresql.conf");
    let mut settings = fs::read_to_string(&configuration)?;
    settings.push_str(SETTINGS);
    settings.push_str(&format!("unix_socket_directories = '{}'\n", folder.display()));
    fs::write(&configuration, settings)?;
    // Before the server, so that no moment is without somebody who will stop it.
    fs::write(folder.join("watchdog.sh"), WATCHDOG)?;
    detach(
        Command::new("sh")
            .arg("-c")
            .arg("sh \"$0\" \"$@\" &")
            .arg(folder.join("watchdog.sh"))
            .arg(folder)
            .arg(lock)
            .arg(parent_id().to_string()),
    )?;
    let log = folder.join("log");
    let mut pg_ctl = Command::new(programs.join("pg_ctl"));
    pg_ctl.args(["start", "--wait", "--timeout=60", "--pgdata"]).arg(&data).arg("--log").arg(&log);
    // A group of its own: whoever stops a test's group must not stop the cluster of all tests.
    pg_ctl.process_group(0);
    run(&mut pg_ctl, folder, user)
        .map_err(|error| io::Error::other(format!("{error}: {}", fs::read_to_string(&log).unwrap_or_default())))?;
    fs::write(folder.join("ready"), "")
}

/// PostgreSQL refuses to run as root: then the user and group to run it as, otherwise `None`.
fn unprivileged_user(own_folder: &Path) -> io::Result<Option<(u32, u32)>> {
    if fs::metadata(own_folder)?.uid() != 0 {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd")?;
    let ids = |name: &str| {
        let fields: Vec<&str> =
            users.lines().map(|line| line.split(':').collect::<Vec<_>>()).find(|fields| fields[0] == name)?;
        Some((fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?))
    };
    let found = ids("postgres").or_else(|| ids("nobody"));
    found.map(Some).ok_or_else(|| io::Error::other("it does not run as root, and there is no user postgres"))
}

/// Runs a program to its end. What it starts in the background keeps nothing of ours open.
fn run(command: &mut Command, folder: &Path, user: Option<(u32, u32)>) -> io::Result<()> {
    if let Some((uid, gid)) = user {
        command.uid(uid).gid(gid);
    }
    let messages = File::create(folder.join("messages"))?;
    let status =
        command.current_dir(folder).stdin(Stdio::null()).stdout(messages.try_clone()?).stderr(messages).status()?;
    if status.success() {
        return Ok(());
    }
    let messages = fs::read_to_string(folder.join("messages")).unwrap_or_default();
    Err(io::Error::other(format!("{} failed: {}", command.get_program().display(), messages.trim())))
}

/// Runs a program that leaves something behind in the background, in a process group of its own.
fn detach(command: &mut Command) -> io::Result<()> {
    let status = command
        .process_group(0)
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?;
    if status.success() { Ok(()) } else { Err(io::Error::other("the watchdog did not start")) }
}

/// The folder with `initdb` and `pg_ctl`. A folder that is named is the only one that is looked into.
fn find_programs() -> io::Result<PathBuf> {
    let named = std::env::var_os("TURNWISE_TEST_POSTGRES_BIN").map(|folder| vec![PathBuf::from(folder)]);
    named
        .unwrap_or_else(usual_folders)
        .into_iter()
        .find(|folder| folder.join("initdb").exists() && folder.join("pg_ctl").exists())
        .ok_or_else(|| {
            io::Error::other("install it, or set TURNWISE_TEST_POSTGRES_BIN to the folder with initdb and pg_ctl")
        })
}

fn usual_folders() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> =
        std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default();
    let mut of_debian: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .map(|versions| versions.flatten().map(|version| version.path().join("bin")).collect())
        .unwrap_or_default();
    // The newest first; version numbers have two digits.
    of_debian.sort();
    of_debian.reverse();
    folders.extend(of_debian);
    folders
}
