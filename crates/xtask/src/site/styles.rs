//! One style sheet out of `style/`: tokens, base, the others by name, then the components by name. Comments and needless
//! white space are dropped; anything cleverer gains next to nothing after compression and can be wrong.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

const FIRST: [&str; 2] = ["tokens.css", "base.css"];

/// The whole sheet.
pub fn sheet(folder: &Path) -> Result<String> {
    let mut sheet = String::new();
    for file in in_order(folder)? {
        let content = fs::read_to_string(&file).with_context(|| format!("`{}` cannot be read", file.display()))?;
        sheet.push_str(&small(&content));
    }
    Ok(sheet)
}

fn in_order(folder: &Path) -> Result<Vec<PathBuf>> {
    let first: Vec<PathBuf> = FIRST.iter().map(|name| folder.join(name)).filter(|file| file.is_file()).collect();
    let others = sheets_in(folder)?.into_iter().filter(|file| !first.contains(file)).collect();
    Ok([first, others, sheets_in(&folder.join("components"))?].concat())
}

fn sheets_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.with_context(|| format!("`{}` cannot be read", folder.display()))?.path();
        if path.extension().is_some_and(|ending| ending == "css") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Without comments and needless white space. White space stays where it may mean something: between selectors, around
/// `+` and `-` of a `calc()`, in strings.
pub fn small(css: &str) -> String {
    let mut out = String::with_capacity(css.len());
    let mut rest = css;
    let mut gap = false;
    while let Some(character) = rest.chars().next() {
        if let Some(comment) = rest.strip_prefix("/*") {
            rest = comment.split_once("*/").map_or("", |(_, after)| after);
            gap = true;
        } else if character.is_whitespace() {
            rest = rest.trim_start();
            gap = true;
        } else if character == '"' || character == '\'' {
            put_gap(&mut out, &mut gap, character);
            let end = end_of_string(rest, character);
            out.push_str(&rest[..end]);
            rest = &rest[end..];
        } else {
            put_gap(&mut out, &mut gap, character);
            if character == '}' && out.ends_with(';') {
                out.pop();
            }
            out.push(character);
            rest = &rest[character.len_utf8()..];
        }
    }
    out
}

fn put_gap(out: &mut String, gap: &mut bool, next: char) {
    let needless = out.is_empty() || out.ends_with(['{', '}', ';', ',', ':']) || matches!(next, '{' | '}' | ';' | ',');
    if *gap && !needless {
        out.push(' ');
    }
    *gap = false;
}

/// Length of the string literal at the beginning, quotes included.
fn end_of_string(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if character == quote => return at + character.len_utf8(),
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_needless_space_go() {
        let css = "/* why */\n.a ,\n.b > .c {\n  color : red;\n  margin: 0 auto;\n}\n\n@media (width < 600px) { .a { color: blue; } }\n";
        assert_eq!(small(css), ".a,.b > .c{color :red;margin:0 auto}@media (width < 600px){.a{color:blue}}");
    }

    #[test]
    fn space_that_means_something_stays() {
        for css in [
            ".a .b{x:1}",
            ".a :hover{x:1}",
            ".a{width:calc(100% - 2 * (1px + 2px))}",
            "@media screen and (color){a{x:1}}",
            "a{--x:a b}",
        ] {
            assert_eq!(small(css), css);
        }
    }

    #[test]
    fn strings_are_left_alone() {
        let css = r#"a::before{content:"  /* not a comment */ ; } \" "}b{x:'{  }'}"#;
        assert_eq!(small(css), css);
    }

    #[test]
    fn a_comment_between_words_separates_them() {
        assert_eq!(small("a{margin:0/* x */auto}"), "a{margin:0 auto}");
        assert_eq!(small("a{x:1} /* never closed"), "a{x:1}");
    }

    #[test]
    fn tokens_and_base_come_first_and_components_last() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::create_dir(folder.path().join("components")).expect("a folder");
        for name in ["base.css", "tokens.css", "a-layout.css", "components/button.css", "components/badge.css"] {
            fs::write(folder.path().join(name), format!(".{}{{x:1}}", name.replace(['/', '.'], "-"))).expect("a file");
        }
        let sheet = sheet(folder.path()).expect("a sheet");
        let order = [".tokens-css", ".base-css", ".a-layout-css", ".components-badge-css", ".components-button-css"];
        assert!(order.map(|rule| sheet.find(rule)).is_sorted(), "{sheet}");
    }
}
