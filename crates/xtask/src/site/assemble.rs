//! Collects client, styles and public files under names that contain a hash of their content, so that browsers may
//! keep them for ever, and writes the manifest by which the server finds them.
//!
//! `manifest.json`: `{"js", "wasm", "css": name, "loader": name or null, "parts": {part: [name]}, "files": {plain name:
//! name}}`, all relative to the site's folder.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::client::Client;
use crate::fingerprint::{self, files_below};
use crate::place::Place;

use super::scripts::{self, Scripts};
use super::styles;

/// The list of what the site holds.
#[derive(Debug, Serialize, Deserialize)]
pub struct Manifest {
    /// The JavaScript module.
    pub js: String,
    /// The wasm module that it loads.
    pub wasm: String,
    /// All styles.
    pub css: String,
    /// The module that loads the client's parts, if it has any; [`Self::js`] imports it.
    pub loader: Option<String>,
    /// What each part of the client needs besides [`Self::wasm`].
    pub parts: BTreeMap<String, Vec<String>>,
    /// Files of `app/public/` by their plain names.
    pub files: BTreeMap<String, String>,
}

/// The manifest's own name, without a hash.
pub const MANIFEST: &str = "manifest.json";

/// Name → content of everything in the site, uncompressed.
pub type Assets = BTreeMap<String, Vec<u8>>;

/// Names and collects everything.
pub fn assemble(place: &Place, client: &Client) -> Result<Assets> {
    let mut assets = Assets::new();
    let mut files = BTreeMap::new();
    let public = place.root.join("app/public");
    for file in files_below(&public)? {
        let plain = file.strip_prefix(&public).unwrap_or(&file).to_string_lossy().replace('\\', "/");
        let content = fs::read(&file).with_context(|| format!("`{}` cannot be read", file.display()))?;
        let name = hashed(&plain, &content);
        assets.insert(name.clone(), content);
        files.insert(plain, name);
    }

    let sheet = with_hashed_urls(&styles::sheet(&place.root.join("style"))?, &files);
    let css = hashed("app.css", sheet.as_bytes());
    assets.insert(css.clone(), sheet.into_bytes());

    let wasm = hashed_before("app", "_bg.wasm", &client.wasm);
    let javascript = client.javascript.replace("app_bg.wasm", &wasm);
    let javascript = with_snippets(javascript, client, &mut assets);
    assets.insert(wasm.clone(), client.wasm.clone());
    let Scripts { js, loader, parts } = scripts::name(javascript, client.parts.as_ref(), &mut assets);

    let manifest = Manifest { js, wasm, css, loader, parts, files };
    assets.insert(MANIFEST.to_owned(), serde_json::to_vec_pretty(&manifest)?);
    Ok(assets)
}

/// Snippets import each other by relative paths, so their folder gets the hash and they keep their names.
fn with_snippets(javascript: String, client: &Client, assets: &mut Assets) -> String {
    if client.snippets.is_empty() {
        return javascript;
    }
    let all: String = client.snippets.iter().map(|(name, content)| format!("{name}\n{content}\n")).collect();
    let folder = format!("snippets-{}", fingerprint::of(all.as_bytes()));
    for (name, content) in &client.snippets {
        assets.insert(format!("{folder}/{name}"), content.clone().into_bytes());
    }
    javascript.replace("./snippets/", &format!("./{folder}/"))
}

/// `url("fonts/x.woff2")` in the styles means the public file of that name.
fn with_hashed_urls(sheet: &str, files: &BTreeMap<String, String>) -> String {
    let mut sheet = sheet.to_owned();
    for (plain, name) in files {
        for quote in ["\"", "'", ""] {
            for end in [")", "#"] {
                let close = if end == ")" { format!("{quote})") } else { end.to_owned() };
                sheet = sheet.replace(&format!("url({quote}{plain}{close}"), &format!("url({quote}{name}{close}"));
            }
        }
    }
    sheet
}

/// `icons.svg` → `icons-0123456789abcdef.svg`, folders kept.
pub fn hashed(plain: &str, content: &[u8]) -> String {
    let at = match plain.rfind('.') {
        Some(dot) if !plain[dot..].contains('/') => dot,
        _ => plain.len(),
    };
    hashed_before(&plain[..at], &plain[at..], content)
}

fn hashed_before(stem: &str, ending: &str, content: &[u8]) -> String {
    format!("{stem}-{}{ending}", fingerprint::of(content))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(files: &[(&str, &str)]) -> (tempfile::TempDir, Place) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (name, content) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            fs::write(path, content).expect("a file");
        }
        let place = Place { root: folder.path().to_path_buf(), target: folder.path().join("target") };
        (folder, place)
    }

    fn client(snippets: &[(&str, &str)]) -> Client {
        let snippets = snippets.iter().map(|(name, content)| ((*name).to_owned(), (*content).to_owned())).collect();
        let javascript = "import { x } from './snippets/a-1/inline0.js'; new URL('app_bg.wasm', import.meta.url)";
        Client { javascript: javascript.into(), wasm: b"wasm".to_vec(), snippets, parts: None }
    }

    fn manifest(assets: &Assets) -> Manifest {
        serde_json::from_slice(&assets[MANIFEST]).expect("a manifest")
    }

    #[test]
    fn the_manifest_names_what_is_there() {
        let (_folder, place) = project(&[
            ("style/tokens.css", ":root { --a: 1px }"),
            ("style/base.css", "body { margin: 0 }"),
            ("app/public/icons.svg", "<svg/>"),
            ("app/public/fonts/text.woff2", "font"),
        ]);
        let assets = assemble(&place, &client(&[])).expect("assembled");
        let manifest = manifest(&assets);
        for name in [&manifest.js, &manifest.wasm, &manifest.css, &manifest.files["icons.svg"]] {
            assert!(assets.contains_key(name), "{name} is missing");
        }
        assert!(manifest.wasm.starts_with("app-") && manifest.wasm.ends_with("_bg.wasm"));
        assert!(manifest.files["fonts/text.woff2"].starts_with("fonts/text-"));
    }

    #[test]
    fn the_javascript_loads_the_hashed_wasm_and_snippets() {
        let (_folder, place) = project(&[("style/tokens.css", ""), ("style/base.css", "")]);
        let assets = assemble(&place, &client(&[("a-1/inline0.js", "export const x = 1;")])).expect("assembled");
        let manifest = manifest(&assets);
        let javascript = String::from_utf8(assets[&manifest.js].clone()).expect("text");
        assert!(javascript.contains(&format!("new URL('{}'", manifest.wasm)), "{javascript}");
        let snippet = assets.keys().find(|name| name.starts_with("snippets-")).expect("a snippet");
        assert!(javascript.contains(&format!("'./{snippet}'")), "{javascript}");
    }

    #[test]
    fn a_changed_wasm_changes_the_name_of_the_javascript_too() {
        let (_folder, place) = project(&[("style/tokens.css", ""), ("style/base.css", "")]);
        let before = manifest(&assemble(&place, &client(&[])).expect("assembled"));
        let changed = Client { wasm: b"other".to_vec(), ..client(&[]) };
        let after = manifest(&assemble(&place, &changed).expect("assembled"));
        assert_ne!(before.js, after.js);
        assert_eq!(before.css, after.css);
    }

    #[test]
    fn styles_point_to_the_hashed_public_files() {
        let files = BTreeMap::from([
            ("fonts/a.woff2".to_owned(), "fonts/a-1.woff2".to_owned()),
            ("i.svg".into(), "i-2.svg".into()),
        ]);
        let sheet = "a{src:url(\"fonts/a.woff2\")}b{mask:url(i.svg#x)}c{mask:url('i.svg')}";
        let expected = "a{src:url(\"fonts/a-1.woff2\")}b{mask:url(i-2.svg#x)}c{mask:url('i-2.svg')}";
        assert_eq!(with_hashed_urls(sheet, &files), expected);
    }

    #[test]
    fn a_name_without_an_ending_gets_the_hash_at_its_end() {
        assert!(hashed("a.b/plain", b"x").starts_with("a.b/plain-"));
    }
}
