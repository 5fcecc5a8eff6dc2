//! Cuts the client into parts, along the functions in `app/src/pages/parts.rs`. A part comes from the network when a
//! page of it is first opened; what several parts share lies in files of its own.

mod group;
mod loader;
mod merge;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow};
use wasm_split_cli_support::{Options, transform};

use crate::fingerprint::files_below;

use super::bindgen::NAME;

use group::Shared;

/// The loader's name before it gets a hash.
pub const LOADER: &str = "parts.js";

/// Beside a stored client's loader: what each part needs.
const NEEDS: &str = "needs.json";

/// The parts besides the first one, which is the client's wasm.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parts {
    /// The JavaScript module that fetches parts; the client's JavaScript imports it as `./parts.js`, and it imports
    /// `./app.js` and names the files as below.
    pub loader: String,
    /// The wasm files, by name.
    pub files: BTreeMap<String, Vec<u8>>,
    /// For each part the names of its files.
    pub needs: BTreeMap<String, Vec<String>>,
}

impl Parts {
    /// From a folder of a stored client.
    pub fn load(folder: &Path) -> Result<Option<Self>> {
        let (Ok(loader), Ok(needs)) = (fs::read_to_string(folder.join(LOADER)), fs::read(folder.join(NEEDS))) else {
            return Ok(None);
        };
        let mut files = BTreeMap::new();
        for file in files_below(&folder.join("files"))? {
            files.insert(file_name(&file), fs::read(&file)?);
        }
        Ok(Some(Self { loader, files, needs: serde_json::from_slice(&needs).context("stored parts are damaged")? }))
    }

    /// Into a folder of a client that is being stored.
    pub fn store(&self, folder: &Path) -> Result<()> {
        fs::create_dir_all(folder.join("files"))?;
        fs::write(folder.join(LOADER), &self.loader)?;
        fs::write(folder.join(NEEDS), serde_json::to_vec(&self.needs)?)?;
        for (name, wasm) in &self.files {
            fs::write(folder.join("files").join(name), wasm)?;
        }
        Ok(())
    }
}

/// Cuts what cargo built. Writes the first part, which wasm-bindgen works on, to `first`.
pub fn cut(built: &Path, first: &Path) -> Result<Parts> {
    let wasm = fs::read(built).with_context(|| format!("`{}` cannot be read", built.display()))?;
    let folder = tempfile::tempdir().context("no temporary folder can be made")?;
    let (main_module, link_name) = (format!("./{NAME}.js"), format!("./{LOADER}"));
    let mut options = Options::new(&wasm);
    options.output_dir = folder.path();
    options.main_out_path = first;
    options.main_module = &main_module;
    options.link_name = &link_name;
    let cut = transform(options).map_err(|report| anyhow!("{report:?}")).context("the client cannot be cut")?;

    let mut pieces = BTreeMap::new();
    for path in &cut.split_modules {
        pieces.insert(file_name(path), fs::read(path)?);
    }
    let emitted = fs::read_to_string(folder.path().join(LOADER)).context("the loader is missing")?;
    // What is empty was never written.
    let needs = cut.prefetch_map.into_iter().map(|(part, stems)| {
        let names = stems.into_iter().map(|stem| format!("{stem}.wasm"));
        (part, names.filter(|name| pieces.contains_key(name)).collect())
    });
    arrange(&emitted, &pieces, &needs.collect())
}

/// Brings the pieces into as few files as is good, under names of ours.
fn arrange(emitted: &str, pieces: &BTreeMap<String, Vec<u8>>, needs: &BTreeMap<String, Vec<String>>) -> Result<Parts> {
    let mut parts = Parts { needs: needs.keys().map(|part| (part.clone(), Vec::new())).collect(), ..Parts::default() };
    let mut add = |name: String, wasm: Vec<u8>, needed_by: &[String]| {
        for part in needed_by {
            parts.needs.entry(part.clone()).or_default().push(name.clone());
        }
        parts.files.insert(name, wasm);
    };
    let sizes = pieces.iter().map(|(name, wasm)| (name.clone(), wasm.len() as u64)).collect();
    for (number, Shared { pieces: names, parts, .. }) in group::group(needs, &sizes).into_iter().enumerate() {
        let together: Vec<&[u8]> = names.iter().filter_map(|name| pieces.get(name)).map(Vec::as_slice).collect();
        let wasm = merge::merge(&together).with_context(|| format!("{} cannot be merged", names.join(", ")))?;
        add(format!("shared-{number}.wasm"), wasm, &parts);
    }
    for part in needs.keys() {
        if let Some(own) = pieces.get(&format!("split_{part}.wasm")) {
            add(format!("part-{part}.wasm"), own.clone(), std::slice::from_ref(part));
        }
    }
    parts.loader = loader::loader(emitted, &parts.needs)?;
    Ok(parts)
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A module without anything in it.
    const EMPTY: &[u8] = b"\0asm\x01\0\0\0";

    #[test]
    fn every_file_is_there_and_needed_by_some_part() {
        let pieces = ["chunk_1.wasm", "chunk_2.wasm", "split_a.wasm", "split_b.wasm"];
        let pieces = pieces.map(|name| (name.to_owned(), EMPTY.to_vec())).into();
        let needs = [
            ("a", vec!["chunk_1.wasm", "chunk_2.wasm", "split_a.wasm"]),
            ("b", vec!["chunk_1.wasm", "split_b.wasm"]),
            ("c", vec!["chunk_2.wasm"]),
        ];
        let needs = needs.map(|(part, names)| (part.to_owned(), names.into_iter().map(str::to_owned).collect())).into();
        let parts = arrange(loader::EMITTED, &pieces, &needs).expect("arranged");
        let needed: std::collections::BTreeSet<&String> = parts.needs.values().flatten().collect();
        assert_eq!(needed, parts.files.keys().collect());
        assert_eq!(parts.needs["a"].last().map(String::as_str), Some("part-a.wasm"));
        assert!(parts.files.keys().all(|name| parts.loader.contains(&format!("\"./{name}\""))), "{}", parts.loader);
    }
}
