//! What a word is, for full-text search: decided here, once, for the conversation, the question and both databases.
//!
//! The store indexes [`searchable`] text, in which the words are already folded and stand apart, so that FTS5 and
//! PostgreSQL have nothing left to decide and find the same sessions as [`super::Filter::matches`].

use std::collections::HashSet;

/// Longest word, in characters; what is longer (encoded data, mostly) is cut there, in text and question alike.
const LONGEST: usize = 64;

/// Most bytes of distinct words that are indexed per session; PostgreSQL's index takes 1 MB.
const MOST: usize = 500_000;

/// The words of a text in order, folded: runs of letters and digits in any script, letter case aside. Characters of
/// scripts that do not put spaces between words (Chinese, Japanese, Thai, Khmer …) are words of their own.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut word = String::new();
    for c in text.chars() {
        if !c.is_alphanumeric() {
            finish(&mut word, &mut found);
        } else if stands_alone(c) {
            finish(&mut word, &mut found);
            found.push(c.to_string());
        } else if c.is_ascii() {
            word.push(c.to_ascii_lowercase());
        } else {
            word.extend(folded(c));
        }
    }
    finish(&mut word, &mut found);
    found
}

/// The distinct words of a conversation's text, each once, with single spaces between them: what the store indexes.
#[must_use]
pub fn searchable(text: &str) -> String {
    distinct(text).join(" ")
}

/// The distinct words in the order in which they first occur, as many as are indexed.
pub(super) fn distinct(text: &str) -> Vec<String> {
    let mut seen = HashSet::new();
    let mut bytes = 0;
    words(text)
        .into_iter()
        .filter(|word| seen.insert(word.clone()))
        .take_while(|word| {
            bytes += word.len() + 1;
            bytes <= MOST
        })
        .collect()
}

fn finish(word: &mut String, found: &mut Vec<String>) {
    if word.is_empty() {
        return;
    }
    if let Some((end, _)) = word.char_indices().nth(LONGEST) {
        word.truncate(end);
    }
    found.push(std::mem::take(word));
}

/// The character without its case: down, up and down again, which makes ẞ, ß and SS, σ and ς the same.
fn folded(c: char) -> impl Iterator<Item = char> {
    c.to_lowercase().flat_map(char::to_uppercase).flat_map(char::to_lowercase).filter(|c| c.is_alphanumeric())
}

fn stands_alone(c: char) -> bool {
    matches!(u32::from(c),
        0x0e00..=0x0eff // Thai, Lao
        | 0x1000..=0x109f // Myanmar
        | 0x1780..=0x17ff // Khmer
        | 0x3005..=0x30ff // kana and their marks
        | 0x31f0..=0x31ff // small katakana
        | 0x3400..=0x9fff // Han
        | 0xf900..=0xfaff // Han, compatibility forms
        | 0x20000..=0x3ffff // Han, further planes
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_runs_of_letters_and_digits_without_case() {
        assert_eq!(words("Where is my REFUND? (order #12345)"), ["where", "is", "my", "refund", "order", "12345"]);
        assert_eq!(words("don't e-mail a_b@x.org"), ["don", "t", "e", "mail", "a", "b", "x", "org"]);
        assert_eq!(words("🙂 … \" -- *"), Vec::<String>::new());
    }

    #[test]
    fn case_is_folded_in_every_script() {
        assert_eq!(words("STRASSE"), words("straße"));
        assert_eq!(words("ΟΔΟΣ"), words("οδος"));
        assert_eq!(words("МОСКВА"), words("москва"));
        assert_eq!(words("İstanbul"), ["istanbul"]);
    }

    #[test]
    fn scripts_without_spaces_are_searched_by_character() {
        assert_eq!(words("退款 policy政策"), ["退", "款", "policy", "政", "策"]);
    }

    #[test]
    fn the_index_holds_each_word_once_and_no_endless_ones() {
        assert_eq!(searchable("a B a b, c"), "a b c");
        assert_eq!(searchable(&"x".repeat(5_000)).len(), LONGEST);
        let many: String = (0..200_000).map(|n| format!("word{n} ")).collect();
        assert!(searchable(&many).len() <= MOST);
    }
}
