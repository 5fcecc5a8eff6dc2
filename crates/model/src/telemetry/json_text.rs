//! JSON that clients put into texts: tool arguments, tool results, metadata.

use std::borrow::Cow;

use serde_json::Value as Json;

/// Reads text that holds a JSON object or list; anything else, such as a bare number, is `None`.
///
/// Lone halves of `\uXXXX` surrogate pairs, which some clients write when they cut texts, are read as U+FFFD.
#[must_use]
pub fn parse_json_text(text: &str) -> Option<Json> {
    let trimmed = text.trim();
    let looks_structured = matches!(trimmed.as_bytes(), [b'{', .., b'}'] | [b'[', .., b']']);
    if !looks_structured {
        return None;
    }
    match serde_json::from_str(trimmed) {
        Ok(json) => Some(json),
        Err(_) => serde_json::from_str(&mend_surrogates(trimmed)?).ok(),
    }
}

/// Replaces lone surrogate escapes by `\ufffd`; `None` when there are none.
#[must_use]
pub fn mend_surrogates(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let unit = |at: usize| -> Option<u16> {
        if bytes.get(at) != Some(&b'\\') || bytes.get(at + 1) != Some(&b'u') {
            return None;
        }
        let digits = text.get(at + 2..at + 6)?;
        u16::from_str_radix(digits, 16).ok()
    };
    let mut mended = String::new();
    let mut copied = 0;
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] != b'\\' {
            at += 1;
            continue;
        }
        match unit(at) {
            Some(0xD800..=0xDBFF) if matches!(unit(at + 6), Some(0xDC00..=0xDFFF)) => at += 12,
            Some(0xD800..=0xDFFF) => {
                mended.push_str(&text[copied..at]);
                mended.push_str("\\ufffd");
                at += 6;
                copied = at;
            }
            // Skips the escaped character too, so that `\\u` is not taken for an escape.
            _ => at += 2,
        }
    }
    if copied == 0 {
        return None;
    }
    mended.push_str(&text[copied..]);
    Some(mended)
}

/// A value with text that holds JSON read; anything else as it is.
#[must_use]
pub fn parsed(value: &Json) -> Cow<'_, Json> {
    match value {
        Json::String(text) => parse_json_text(text).map_or(Cow::Borrowed(value), Cow::Owned),
        other => Cow::Borrowed(other),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn surrogate_pairs_in_json_text_become_one_character_and_lone_halves_are_marked() {
        assert_eq!(parse_json_text(r#"["dzi\u0119kuj\u0119 \ud83c\udf3f"]"#), Some(serde_json::json!(["dziękuję 🌿"])));
        assert_eq!(parse_json_text(r#"["cut \ud83c"]"#), Some(serde_json::json!(["cut \u{fffd}"])));
        assert_eq!(parse_json_text(r#"["a \\ud83c b"]"#), Some(serde_json::json!(["a \\ud83c b"])));
    }

    #[test]
    fn only_objects_and_lists_are_read_as_json() {
        assert_eq!(parse_json_text("42"), None);
        assert_eq!(parse_json_text("{not json}"), None);
        assert_eq!(parse_json_text(" {\"a\": 1} "), Some(serde_json::json!({"a": 1})));
    }

    proptest! {
        #[test]
        fn mending_never_panics(text in "(\\\\u[dD][89a-f][0-9a-f]{2}|\\\\|[ -~]|ę|🌿){0,40}") {
            let _ = mend_surrogates(&text);
        }
    }
}
