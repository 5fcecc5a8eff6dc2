//! Names the client's JavaScript and its parts. The client's module and the parts' loader import each other, so both
//! get the hash of both; the loader names each part's files, whose names hold the hashes of what they are.

use std::collections::BTreeMap;

use crate::client::{LOADER, Parts};
use crate::fingerprint::Fingerprint;

use super::assemble::{Assets, hashed};

/// The client's own module, as the loader imports it.
const CLIENT: &str = "app.js";

/// The names that these got.
pub struct Scripts {
    /// The client's module.
    pub js: String,
    /// The parts' loader.
    pub loader: Option<String>,
    /// For each part its files.
    pub parts: BTreeMap<String, Vec<String>>,
}

/// Puts the client's module, and its parts if it has any, among the assets.
pub fn name(javascript: String, parts: Option<&Parts>, assets: &mut Assets) -> Scripts {
    let Some(parts) = parts else {
        let js = hashed(CLIENT, javascript.as_bytes());
        assets.insert(js.clone(), javascript.into_bytes());
        return Scripts { js, loader: None, parts: BTreeMap::new() };
    };

    let mut loader = parts.loader.clone();
    let mut names = BTreeMap::new();
    for (plain, wasm) in &parts.files {
        let name = hashed(plain, wasm);
        loader = loader.replace(&format!("./{plain}"), &format!("./{name}"));
        assets.insert(name.clone(), wasm.clone());
        names.insert(plain.as_str(), name);
    }
    let needs = |plain: &Vec<String>| plain.iter().filter_map(|plain| names.get(plain.as_str()).cloned()).collect();
    let needed = parts.needs.iter().map(|(part, plain)| (part.clone(), needs(plain))).collect();

    let mut both = Fingerprint::new("modules");
    both.add(CLIENT, javascript.as_bytes());
    both.add(LOADER, loader.as_bytes());
    let hash = both.finish();
    let (js, loader_name) = (format!("app-{hash}.js"), format!("parts-{hash}.js"));
    // The wasm knows the loader by its plain name, under which the client's module hands it over: only the import changes.
    let javascript = javascript.replace(&format!("from \"./{LOADER}\""), &format!("from \"./{loader_name}\""));
    assets.insert(js.clone(), javascript.into_bytes());
    assets.insert(loader_name.clone(), loader.replace(&format!("./{CLIENT}"), &format!("./{js}")).into_bytes());
    Scripts { js, loader: Some(loader_name), parts: needed }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(rules: &[u8]) -> Parts {
        let files = [("shared-0.wasm", &b"both"[..]), ("part-queues.wasm", &b"queues"[..]), ("part-rules.wasm", rules)];
        let needs =
            [("rules", ["shared-0.wasm", "part-rules.wasm"]), ("queues", ["shared-0.wasm", "part-queues.wasm"])];
        Parts {
            loader: "import { initSync } from \"./app.js\"; \"./shared-0.wasm\" \"./part-queues.wasm\" \"./part-rules.wasm\""
                .into(),
            files: files.into_iter().map(|(name, wasm)| (name.to_owned(), wasm.to_vec())).collect(),
            needs: needs.into_iter().map(|(part, files)| (part.to_owned(), files.map(str::to_owned).into())).collect(),
        }
    }

    fn named(rules: &[u8]) -> (Scripts, Assets) {
        let mut assets = Assets::new();
        let javascript = "import * as import1 from \"./parts.js\"; return { \"./parts.js\": import1 };";
        let scripts = name(javascript.into(), Some(&parts(rules)), &mut assets);
        (scripts, assets)
    }

    fn text(assets: &Assets, name: &str) -> String {
        String::from_utf8(assets[name].clone()).expect("text")
    }

    #[test]
    fn client_and_loader_import_each_other_by_their_names() {
        let (scripts, assets) = named(b"rules");
        let loader = scripts.loader.expect("a loader");
        let javascript = format!("import * as import1 from \"./{loader}\"; return {{ \"./parts.js\": import1 }};");
        assert_eq!(text(&assets, &scripts.js), javascript);
        assert!(text(&assets, &loader).contains(&format!("from \"./{}\"", scripts.js)));
    }

    #[test]
    fn the_loader_and_the_manifest_name_the_files_that_are_there() {
        let (scripts, assets) = named(b"rules");
        let loader = text(&assets, &scripts.loader.expect("a loader"));
        assert_eq!(scripts.parts["rules"].len(), 2);
        assert_eq!(scripts.parts["rules"][0], scripts.parts["queues"][0], "what they share");
        for file in scripts.parts.values().flatten() {
            assert!(assets.contains_key(file), "{file} is missing");
            assert!(loader.contains(&format!("\"./{file}\"")), "{loader}");
        }
    }

    #[test]
    fn a_changed_part_changes_the_names_of_both_modules_and_of_no_other_part() {
        let ((before, _), (after, _)) = (named(b"rules"), named(b"other"));
        assert_ne!((before.js, before.loader), (after.js, after.loader));
        assert_ne!(before.parts["rules"], after.parts["rules"]);
        assert_eq!(before.parts["queues"], after.parts["queues"]);
    }

    #[test]
    fn a_whole_client_has_neither_loader_nor_parts() {
        let mut assets = Assets::new();
        let scripts = name("x".into(), None, &mut assets);
        assert!(scripts.loader.is_none() && scripts.parts.is_empty());
        assert_eq!(assets.keys().collect::<Vec<_>>(), [&scripts.js]);
    }
}
