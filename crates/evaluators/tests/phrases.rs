//! Every list of phrases in the sources compiles, whoever adds one; they are otherwise compiled when first used.

use std::path::Path;

use regex::Regex;
use turnwise_evaluators::text::phrases::compile;

fn sources(folder: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(std::fs::read_to_string(&path).expect("a source file"));
        }
    }
}

#[test]
fn every_list_of_phrases_compiles() {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    let list = Regex::new(r#"(?s)phrases!\((.*?)\n?\);"#).unwrap();
    let phrase = Regex::new(r#"r"([^"]*)""#).unwrap();
    let mut lists = 0;
    for file in &files {
        for found in list.captures_iter(file) {
            let phrases: Vec<&str> =
                phrase.captures_iter(found.get(1).unwrap().as_str()).map(|one| one.get(1).unwrap().as_str()).collect();
            if phrases.is_empty() {
                continue;
            }
            lists += 1;
            assert!(compile(&phrases).captures_len() >= 1);
        }
    }
    assert!(lists >= 35, "found only {lists} lists");
}
