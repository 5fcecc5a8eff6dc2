//! wasm-bindgen as a library: always exactly the version that the client was compiled against.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

use crate::fingerprint::files_below;

/// The module's name before it gets a hash.
pub const NAME: &str = "app";

/// What it made.
pub struct Bound {
    /// The JavaScript module that loads and drives the wasm.
    pub javascript: String,
    /// The wasm, before `wasm-opt`.
    pub wasm: Vec<u8>,
    /// JavaScript that crates bring along, by path below `snippets/`.
    pub snippets: BTreeMap<String, String>,
}

/// Makes the JavaScript glue for a wasm file: the whole client, or its first part, on which the others depend by name.
pub fn bind(built: &Path, keep_names: bool, first_part: bool) -> Result<Bound> {
    let folder = tempfile::tempdir().context("no temporary folder can be made")?;
    let mut bindgen = Bindgen::new();
    bindgen.web(true)?.typescript(false).input_path(built).out_name(NAME).remove_name_section(!keep_names);
    bindgen.remove_producers_section(true).keep_lld_exports(first_part).demangle(!first_part);
    bindgen.generate(folder.path()).with_context(|| format!("wasm-bindgen refuses `{}`", built.display()))?;

    let snippets_folder = folder.path().join("snippets");
    let mut snippets = BTreeMap::new();
    for file in files_below(&snippets_folder)? {
        let name = file.strip_prefix(&snippets_folder).unwrap_or(&file).to_string_lossy().replace('\\', "/");
        snippets.insert(name, fs::read_to_string(&file)?);
    }
    Ok(Bound {
        javascript: fs::read_to_string(folder.path().join(format!("{NAME}.js")))
            .context("wasm-bindgen made no JavaScript")?,
        wasm: fs::read(folder.path().join(format!("{NAME}_bg.wasm"))).context("wasm-bindgen made no wasm")?,
        snippets,
    })
}
