//! Passages of a conversation on which a judgement rests, and where they stand in a text.
//!
//! A judge quotes from memory: letter case, spaces and quotation marks may differ from the text. Such a quote is found
//! all the same; one that is not in the text marks nothing.

use std::ops::Range;

use leptos::prelude::*;
use turnwise_model::score::{Part, Score};

/// A passage to be marked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// Position of the turn, from 1.
    pub position: u32,
    /// Where in the turn.
    pub part: Part,
    /// The text; empty when the whole part is meant.
    pub quote: String,
    /// What it is evidence of, shown on hover: "safety: promises a refund".
    pub label: String,
}

/// The evidence of scores, as passages.
#[must_use]
pub fn passages_of(scores: &[Score]) -> Vec<Passage> {
    let mut passages: Vec<Passage> = Vec::new();
    for score in scores.iter().filter(|score| !score.stale) {
        for evidence in &score.evidence {
            let label = match &evidence.note {
                Some(note) => format!("{}: {note}", score.name),
                None => format!("{}: {}", score.name, score.value.display()),
            };
            let Some(same) = passages.iter_mut().find(|passage| {
                (passage.position, passage.part) == (evidence.position, evidence.part)
                    && passage.quote == evidence.quote
            }) else {
                let (position, part, quote) = (evidence.position, evidence.part, evidence.quote.clone());
                passages.push(Passage { position, part, quote, label });
                continue;
            };
            if !same.label.contains(&label) {
                same.label = format!("{}; {label}", same.label);
            }
        }
    }
    passages
}

/// Whether some passage means the whole of a part.
#[must_use]
pub fn means_all(passages: &[Passage], part: Part) -> bool {
    passages.iter().any(|passage| passage.part == part && passage.quote.trim().is_empty())
}

/// A text in which the passages of a part are marked. Line breaks are kept by the style around it.
pub fn marked(text: &str, part: Part, passages: &[Passage]) -> AnyView {
    let wanted: Vec<&Passage> =
        passages.iter().filter(|passage| passage.part == part && !passage.quote.trim().is_empty()).collect();
    if wanted.is_empty() {
        return text.to_owned().into_any();
    }
    segments(text, &wanted)
        .into_iter()
        .map(|(piece, passage)| match passage {
            Some(passage) => {
                view! { <mark class="passage" title=passage.label.clone()>{piece.to_owned()}</mark> }.into_any()
            }
            None => piece.to_owned().into_any(),
        })
        .collect_view()
        .into_any()
}

/// The text in pieces, each with the first passage that covers it.
fn segments<'t, 'p>(text: &'t str, passages: &[&'p Passage]) -> Vec<(&'t str, Option<&'p Passage>)> {
    let found: Vec<(Range<usize>, &Passage)> =
        passages.iter().filter_map(|passage| Some((locate(text, &passage.quote)?, *passage))).collect();
    let mut borders: Vec<usize> = found.iter().flat_map(|(range, _)| [range.start, range.end]).collect();
    borders.extend([0, text.len()]);
    borders.sort_unstable();
    borders.dedup();
    let mut pieces: Vec<(Range<usize>, Option<&'p Passage>)> = Vec::new();
    for border in borders.windows(2) {
        let covering = found.iter().find(|(range, _)| range.start <= border[0] && border[1] <= range.end);
        let passage = covering.map(|(_, passage)| *passage);
        match pieces.last_mut() {
            Some((range, last)) if *last == passage => range.end = border[1],
            _ => pieces.push((border[0]..border[1], passage)),
        }
    }
    pieces.into_iter().map(|(range, passage)| (&text[range], passage)).collect()
}

/// Where a quote stands in a text, in bytes: exactly, or else whatever its case, spaces and quotation marks.
fn locate(text: &str, quote: &str) -> Option<Range<usize>> {
    let quote = quote.trim();
    if quote.is_empty() {
        return None;
    }
    if let Some(at) = text.find(quote) {
        return Some(at..at + quote.len());
    }
    let hay = simplified(text);
    let needle: Vec<char> = simplified(quote).into_iter().map(|(letter, _)| letter).collect();
    let at = hay.windows(needle.len()).position(|window| window.iter().map(|(letter, _)| letter).eq(&needle))?;
    Some(hay[at].1.start..hay[at + needle.len() - 1].1.end)
}

/// Letters with the bytes that they came from: small, one space for several, straight quotation marks.
fn simplified(text: &str) -> Vec<(char, Range<usize>)> {
    let mut letters: Vec<(char, Range<usize>)> = Vec::new();
    for (at, letter) in text.char_indices() {
        let place = at..at + letter.len_utf8();
        match letter {
            space if space.is_whitespace() => match letters.last_mut() {
                Some((' ', before)) => before.end = place.end,
                _ => letters.push((' ', place)),
            },
            '“' | '”' | '„' | '«' | '»' => letters.push(('"', place)),
            '‘' | '’' => letters.push(('\'', place)),
            other => letters.extend(other.to_lowercase().map(|small| (small, place.clone()))),
        }
    }
    letters
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passage(quote: &str) -> Passage {
        Passage { position: 1, part: Part::Assistant, quote: quote.to_owned(), label: "safety: no".to_owned() }
    }

    fn marked_in<'t>(text: &'t str, quotes: &[&str]) -> Vec<&'t str> {
        let passages: Vec<Passage> = quotes.iter().map(|quote| passage(quote)).collect();
        let pieces = segments(text, &passages.iter().collect::<Vec<_>>());
        assert_eq!(pieces.iter().map(|(piece, _)| *piece).collect::<String>(), text, "no letter is lost");
        pieces.into_iter().filter(|(_, passage)| passage.is_some()).map(|(piece, _)| piece).collect()
    }

    #[test]
    fn the_very_text_is_marked() {
        assert_eq!(marked_in("You will get a refund today.", &["a refund"]), ["a refund"]);
    }

    #[test]
    fn case_spaces_and_quotation_marks_may_differ() {
        assert_eq!(marked_in("He said “You’re\n  Fine” – ok", &["said \"you're fine\""]), ["said “You’re\n  Fine”"]);
    }

    #[test]
    fn letters_of_several_bytes_are_not_cut() {
        assert_eq!(marked_in("Zażółć GĘŚLĄ jaźń 🌿!", &["gęślą jaźń 🌿"]), ["GĘŚLĄ jaźń 🌿"]);
        assert_eq!(marked_in("İstanbul is far", &["i\u{307}stanbul"]), ["İstanbul"]);
    }

    #[test]
    fn what_is_not_in_the_text_marks_nothing() {
        assert!(marked_in("Hello", &["Goodbye", "", "  "]).is_empty());
        assert!(marked_in("", &["a"]).is_empty());
    }

    #[test]
    fn passages_that_overlap_share_the_text_without_repeating_it() {
        assert_eq!(marked_in("one two three", &["one two", "two three"]), ["one two", " three"]);
        assert_eq!(marked_in("one two three", &["one two three", "two"]), ["one two three"]);
    }
}
