//! The module that fetches parts: the cutter's own at the top, then one entry for every file of ours.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use anyhow::{Result, bail};

/// Fetches at once, and makes an instance when what it depends on is there.
const FETCHED: &str = r"
function fetched(file) {
    return () => {
        const source = fetch(new URL(file, import.meta.url));
        source.catch(() => {});
        return (imports) => WebAssembly.instantiateStreaming(source, imports);
    };
}
const nothing = () => async () => ({});
";

/// Where the cutter's entries for its own files begin.
const ENTRIES: [&str; 3] = ["\n/* ", "\nconst __chunk_", "\nexport const __wasm_split_load_"];

/// Writes it, from what the cutter emitted and the files of every part, of which the last may be the part's own.
pub fn loader(emitted: &str, needs: &BTreeMap<String, Vec<String>>) -> Result<String> {
    let end = ENTRIES.iter().filter_map(|entry| emitted.find(entry)).min();
    let Some(top) = end.and_then(|end| emitted.get(..end)) else { bail!("the cutter's loader has no entries") };
    for function in ["function makeLoad(", "function wrapAsyncCb(", "function getSharedImports("] {
        if !top.contains(function) {
            bail!("the cutter's loader has no `{function}`");
        }
    }
    let own = |part: &str| format!("part-{part}.wasm");
    let all: BTreeSet<&str> = needs
        .iter()
        .flat_map(|(part, files)| files.iter().filter(|file| **file != own(part)))
        .map(String::as_str)
        .collect();

    let mut loader = format!("{top}{FETCHED}");
    for file in all {
        writeln!(loader, "const {} = makeLoad(fetched(\"./{file}\"), []);", variable(file))?;
    }
    for (part, files) in needs {
        let fetch = if files.contains(&own(part)) { format!("fetched(\"./{}\")", own(part)) } else { "nothing".into() };
        let shared: Vec<String> = files.iter().filter(|file| **file != own(part)).map(|file| variable(file)).collect();
        let shared = shared.join(", ");
        writeln!(loader, "export const __wasm_split_load_{part} = wrapAsyncCb(makeLoad({fetch}, [{shared}]));")?;
    }
    Ok(loader)
}

/// `shared-1.wasm` is `shared_1`.
fn variable(file: &str) -> String {
    file.trim_end_matches(".wasm").replace('-', "_")
}

/// As the cutter writes it.
#[cfg(test)]
pub const EMITTED: &str = r#"import { initSync } from "./app.js";

function getSharedImports() { return {}; }
function wrapAsyncCb(callee) {}
function makeLoad(fetcher, deps) {}
/* a, b */
const __chunk_1 = makeLoad(() => {}, []);
export const __wasm_split_load_a = wrapAsyncCb(makeLoad(() => {}, [__chunk_1]));
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_keeps_the_top_and_fetches_our_files() {
        let needs = [("a", vec!["shared-1.wasm", "part-a.wasm"]), ("b", vec!["shared-1.wasm"])];
        let needs = needs.map(|(part, files)| (part.to_owned(), files.into_iter().map(str::to_owned).collect())).into();
        let loader = loader(EMITTED, &needs).expect("a loader");
        assert!(
            loader.starts_with("import { initSync } from \"./app.js\";") && !loader.contains("__chunk_"),
            "{loader}"
        );
        for line in [
            "const shared_1 = makeLoad(fetched(\"./shared-1.wasm\"), []);",
            "export const __wasm_split_load_a = wrapAsyncCb(makeLoad(fetched(\"./part-a.wasm\"), [shared_1]));",
            "export const __wasm_split_load_b = wrapAsyncCb(makeLoad(nothing, [shared_1]));",
        ] {
            assert!(loader.lines().any(|there| there == line), "{line} is not in {loader}");
        }
    }

    #[test]
    fn a_cutter_that_writes_something_else_is_refused() {
        assert!(loader("export default 1;", &BTreeMap::new()).is_err());
        assert!(loader("export default 1;\nexport const __wasm_split_load_a = 1;", &BTreeMap::new()).is_err());
    }
}
