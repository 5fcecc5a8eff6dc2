//! Builds the client, or takes it from an earlier build of the same inputs, also of another clone's.

use std::collections::BTreeMap;
use std::fs;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread;

use anyhow::{Context, Result, bail};

use crate::place::{FRONTEND, Place, WASM};
use crate::setup::wasm_opt::{self, WasmOpt};
use crate::{fingerprint, process, say};

use super::bindgen;
use super::inputs;
use super::parts::{self, Parts};
use super::toolchain::WasmToolchain;

/// So many earlier clients are kept.
const KEPT: usize = 8;

/// How much time the client's size is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quality {
    /// Compiled quickly, large: for `dev`.
    Draft,
    /// Small, quickly compressed: for the demonstration and the tests.
    Usual,
    /// Small, compressed as well as can be.
    Release,
}

impl Quality {
    fn profile(self) -> &'static str {
        match self {
            Self::Draft => "dev",
            Self::Usual | Self::Release => "wasm-release",
        }
    }

    /// Whether the client is cut into parts: that takes time, and saves it only where the network is slow.
    fn in_parts(self) -> bool {
        self != Self::Draft
    }

    fn profile_folder(self) -> &'static str {
        match self {
            Self::Draft => "debug",
            Self::Usual | Self::Release => "wasm-release",
        }
    }
}

/// The built client.
pub struct Client {
    /// The JavaScript module; it names the wasm `app_bg.wasm` and snippets `./snippets/…`.
    pub javascript: String,
    /// The wasm module.
    pub wasm: Vec<u8>,
    /// JavaScript that crates bring along, by path below `snippets/`.
    pub snippets: BTreeMap<String, String>,
    /// What is loaded later; without it the client is whole.
    pub parts: Option<Parts>,
}

/// Builds the client unless one with the same inputs is at hand.
pub fn build(place: &Place, quality: Quality) -> Result<Client> {
    let toolchain = WasmToolchain::find_or_install(place)?;
    let optimiser = if quality == Quality::Draft { None } else { wasm_opt::find_or_install(place) };
    let compiler = toolchain.version(place)?;
    let optimiser_version = optimiser.as_ref().map_or("no wasm-opt", |found| found.version.as_str());
    let key = inputs::fingerprint(place, quality.profile(), &[&compiler, optimiser_version])?;
    let folder = place.kept("clients").join(&key);
    if let Some(client) = Client::load(&folder)? {
        say::note(&format!("the client is up to date ({key})"));
        return Ok(client);
    }
    let built =
        say::step(&format!("compiling the client for wasm ({compiler})"), || compile(place, &toolchain, quality))?;
    let temporary = tempfile::tempdir().context("no temporary folder can be made")?;
    let first = temporary.path().join("first.wasm");
    let parts = if quality.in_parts() {
        Some(say::step("cutting it into parts", || parts::cut(&built, &first))?)
    } else {
        None
    };
    let source = if parts.is_some() { &first } else { &built };
    let bound =
        say::step("making its JavaScript", || bindgen::bind(source, quality == Quality::Draft, parts.is_some()))?;
    let mut client = Client { javascript: bound.javascript, wasm: bound.wasm, snippets: bound.snippets, parts };
    if let Some(optimiser) = &optimiser {
        say::step(&format!("making it small ({})", optimiser.version), || client.optimise(place, optimiser))?;
    }
    client.store(&folder)?;
    forget_old(&place.kept("clients"), KEPT);
    Ok(client)
}

fn compile(place: &Place, toolchain: &WasmToolchain, quality: Quality) -> Result<PathBuf> {
    let mut command = toolchain.cargo(place, "rustc");
    command.args(["--package", FRONTEND, "--lib", "--profile", quality.profile()]);
    if quality.in_parts() {
        // Where code refers to other code is what it is cut by; only the linker knows.
        command.args(["--features", "split", "--", "-Clink-args=--emit-relocs"]);
    }
    process::run(&mut command)?;
    let name = format!("{}.wasm", FRONTEND.replace('-', "_"));
    Ok(toolchain.target_dir(place).join(WASM).join(quality.profile_folder()).join(name))
}

fn optimise(place: &Place, optimiser: &WasmOpt, wasm: &[u8]) -> Result<Vec<u8>> {
    let folder = tempfile::tempdir().context("no temporary folder can be made")?;
    let (before, after) = (folder.path().join("before.wasm"), folder.path().join("after.wasm"));
    fs::write(&before, wasm)?;
    let mut command = process::program(place, &optimiser.program);
    command.args(&optimiser.arguments).arg(&before).arg("-o").arg(&after);
    process::read(&mut command)?;
    fs::read(&after).context("wasm-opt wrote nothing")
}

impl Client {
    /// Each part by itself: what one exports and another imports keeps its name.
    fn optimise(&mut self, place: &Place, optimiser: &WasmOpt) -> Result<()> {
        let before = self.size();
        let parts = self.parts.iter_mut().flat_map(|parts| parts.files.values_mut());
        let mut all: Vec<&mut Vec<u8>> = std::iter::once(&mut self.wasm).chain(parts).collect();
        all.sort_by_key(|wasm| std::cmp::Reverse(wasm.len()));
        let left = Mutex::new(all.into_iter());
        let next = || left.lock().unwrap_or_else(PoisonError::into_inner).next();
        let work = || -> Result<()> {
            while let Some(wasm) = next() {
                *wasm = optimise(place, optimiser, wasm)?;
            }
            Ok(())
        };
        thread::scope(|scope| {
            let workers = thread::available_parallelism().map_or(1, NonZero::get);
            let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
            workers
                .into_iter()
                .try_for_each(|worker| worker.join().unwrap_or_else(|_| bail!("wasm-opt was not waited for")))
        })?;
        say::note(&format!("wasm: {} → {}", say::bytes(before), say::bytes(self.size())));
        Ok(())
    }

    /// Bytes of all wasm.
    fn size(&self) -> u64 {
        let parts = self.parts.iter().flat_map(|parts| parts.files.values());
        std::iter::once(&self.wasm).chain(parts).map(|wasm| wasm.len() as u64).sum()
    }

    fn load(folder: &Path) -> Result<Option<Self>> {
        let (Ok(javascript), Ok(wasm)) =
            (fs::read_to_string(folder.join("app.js")), fs::read(folder.join("app_bg.wasm")))
        else {
            return Ok(None);
        };
        let below = folder.join("snippets");
        let mut snippets = BTreeMap::new();
        for file in fingerprint::files_below(&below)? {
            let name = file.strip_prefix(&below).unwrap_or(&file).to_string_lossy().replace('\\', "/");
            snippets.insert(name, fs::read_to_string(&file)?);
        }
        Ok(Some(Self { javascript, wasm, snippets, parts: Parts::load(&folder.join("parts"))? }))
    }

    /// Written beside and renamed, so that a half-written client is never found.
    fn store(&self, folder: &Path) -> Result<()> {
        let parent = folder.parent().unwrap_or(folder);
        fs::create_dir_all(parent).with_context(|| format!("`{}` cannot be made", parent.display()))?;
        let beside = tempfile::tempdir_in(parent)?;
        fs::write(beside.path().join("app.js"), &self.javascript)?;
        fs::write(beside.path().join("app_bg.wasm"), &self.wasm)?;
        for (name, content) in &self.snippets {
            let file = beside.path().join("snippets").join(name);
            fs::create_dir_all(file.parent().unwrap_or(&file))?;
            fs::write(&file, content)?;
        }
        if let Some(parts) = &self.parts {
            parts.store(&beside.path().join("parts"))?;
        }
        let finished = beside.keep();
        if fs::rename(&finished, folder).is_err() {
            // Another build of the same inputs was quicker.
            fs::remove_dir_all(&finished)?;
        }
        Ok(())
    }
}

/// Deletes all but the newest entries of a folder of things that can be made again.
pub fn forget_old(folder: &Path, keep: usize) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    let mut dated: Vec<_> =
        entries.flatten().filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path()))).collect();
    dated.sort();
    for (_, path) in dated.iter().rev().skip(keep) {
        // What cannot be deleted now is deleted another time.
        drop(if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client() -> Client {
        Client {
            javascript: "import './snippets/a/inline0.js'".into(),
            wasm: vec![0, 97, 115, 109],
            snippets: BTreeMap::from([("a/inline0.js".to_owned(), "export {}".to_owned())]),
            parts: Some(Parts {
                loader: "import './app.js'".into(),
                files: BTreeMap::from([("split_a.wasm".to_owned(), vec![0, 1]), ("chunk_1.wasm".to_owned(), vec![2])]),
                needs: BTreeMap::from([("a".to_owned(), vec!["chunk_1.wasm".to_owned(), "split_a.wasm".to_owned()])]),
            }),
        }
    }

    fn found(folder: &Path) -> Client {
        Client::load(folder).expect("readable").expect("found")
    }

    #[test]
    fn a_stored_client_is_found_again_whole() {
        let kept = tempfile::tempdir().expect("a temporary folder");
        let folder = kept.path().join("clients/0123");
        assert!(Client::load(&folder).expect("readable").is_none());
        client().store(&folder).expect("stored");
        client().store(&folder).expect("stored twice");
        let found = found(&folder);
        assert_eq!(found.javascript, client().javascript);
        assert_eq!(found.wasm, client().wasm);
        assert_eq!(found.snippets, client().snippets);
        assert_eq!(found.parts, client().parts);
        assert_eq!(fs::read_dir(kept.path().join("clients")).expect("readable").count(), 1);
    }

    #[test]
    fn a_whole_client_is_found_again_without_parts() {
        let kept = tempfile::tempdir().expect("a temporary folder");
        let folder = kept.path().join("clients/0123");
        Client { parts: None, ..client() }.store(&folder).expect("stored");
        assert_eq!(found(&folder).parts, None);
    }
}
