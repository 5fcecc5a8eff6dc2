//! Lists of phrases as one case-blind pattern each, compiled once.
//!
//! A phrase begins at a word boundary; end it with `\b` where it must end at one. White space in a phrase is one
//! space. Boundaries are those of ASCII, because Unicode's make the pattern engine slow on any other text.

use regex::Regex;

/// Compiles phrases to one pattern; they may hold regular expressions. Used by [`crate::phrases!`].
///
/// # Panics
/// Never for the lists of this crate: a test compiles each of them.
#[must_use]
pub fn compile(phrases: &[&str]) -> Regex {
    let pattern = format!(r"(?i)(?:(?-u:\b)|^)(?:{})", phrases.join("|").replace(r"\b", r"(?-u:\b)"));
    match Regex::new(&pattern) {
        Ok(regex) => regex,
        Err(error) => unreachable!("the phrases are fixed at build time: {error}"),
    }
}

/// Declares a list of phrases as a pattern that is compiled when first used.
#[macro_export]
macro_rules! phrases {
    ($(#[$doc:meta])* $visibility:vis $name:ident: $($phrase:literal),+ $(,)?) => {
        $(#[$doc])*
        $visibility static $name: std::sync::LazyLock<regex::Regex> =
            std::sync::LazyLock::new(|| $crate::text::phrases::compile(&[$($phrase),+]));
    };
}
