//! Sentences, cut at line breaks and at full stops, question and exclamation marks before white space.

use std::ops::Range;

/// The sentences of a text as byte ranges in order, without white space around them.
#[must_use]
pub fn sentences(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut start = 0;
    for at in 0..bytes.len() {
        let end = match bytes[at] {
            b'\n' => at,
            b'.' | b'!' | b'?' if ends_here(bytes, start, at) => at + 1,
            // The last byte of `…`, `。`, `！` and `？`.
            0xa6 if bytes[..=at].ends_with("…".as_bytes()) && next_is_space(bytes, at) => at + 1,
            0x82 if bytes[..=at].ends_with("。".as_bytes()) => at + 1,
            0x81 | 0x9f if bytes[..=at].ends_with("！".as_bytes()) || bytes[..=at].ends_with("？".as_bytes()) => {
                at + 1
            }
            _ => continue,
        };
        push(text, start..end, &mut found);
        start = end;
    }
    push(text, start..bytes.len(), &mut found);
    found
}

fn next_is_space(bytes: &[u8], at: usize) -> bool {
    bytes.get(at + 1).is_none_or(u8::is_ascii_whitespace)
}

fn ends_here(bytes: &[u8], start: usize, at: usize) -> bool {
    if !next_is_space(bytes, at) {
        return false;
    }
    if bytes[at] != b'.' {
        return true;
    }
    let word_start = bytes[start..at].iter().rposition(u8::is_ascii_whitespace).map_or(start, |i| start + i + 1);
    let blank_before = bytes[start..word_start].iter().all(u8::is_ascii_whitespace);
    let word = &bytes[word_start..at];
    // A list marker (`1.`), an initial (`J.`) or a common abbreviation does not end a sentence.
    let marker = blank_before && !word.is_empty() && word.len() <= 2 && word.iter().all(u8::is_ascii_digit);
    let initial = word.len() == 1 && word[0].is_ascii_uppercase() && word[0] != b'I';
    let abbreviations: [&[u8]; 11] =
        [b"Mr", b"Mrs", b"Ms", b"Dr", b"St", b"No", b"e.g", b"i.e", b"vs", b"approx", b"Nr"];
    !marker && !initial && !abbreviations.contains(&word)
}

fn push(text: &str, range: Range<usize>, found: &mut Vec<Range<usize>>) {
    let Some(piece) = text.get(range.clone()) else { return };
    let start = range.start + (piece.len() - piece.trim_start().len());
    let end = start + piece.trim().len();
    if end > start {
        found.push(start..end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<&str> {
        sentences(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn decimals_list_markers_and_titles_do_not_end_a_sentence() {
        assert_eq!(of("It is $8.80. Ask Mr. Lee!  Really? Yes"), ["It is $8.80.", "Ask Mr. Lee!", "Really?", "Yes"]);
        assert_eq!(of("1. First\n2. Second point. Done."), ["1. First", "2. Second point.", "Done."]);
    }

    #[test]
    fn other_scripts_have_their_own_stops() {
        assert_eq!(of("はい。そうです。"), ["はい。", "そうです。"]);
        assert_eq!(of("Bon… voilà"), ["Bon…", "voilà"]);
        assert!(of(" \n \n").is_empty());
    }
}
