//! Evidence: making quotes that stand in the conversation, and finding out whether a quote does.

use serde_json::Value as Json;
use turnwise_model::conversation::{Conversation, Turn};
use turnwise_model::score::{Evidence, Part};

/// Longest quote in bytes; a longer passage is cut at a word.
pub const LONGEST_QUOTE: usize = 240;

/// A quote of one passage, cut to [`LONGEST_QUOTE`].
pub fn quote(position: u32, part: Part, passage: &str, note: Option<&str>) -> Evidence {
    Evidence { position, part, quote: cut(passage.trim(), LONGEST_QUOTE).to_owned(), note: note.map(str::to_owned) }
}

/// The beginning of a text, at most `longest` bytes, cut at white space where there is some.
#[must_use]
pub fn cut(text: &str, longest: usize) -> &str {
    if text.len() <= longest {
        return text;
    }
    let head = &text[..text.floor_char_boundary(longest)];
    match head.rfind(char::is_whitespace) {
        Some(at) if at > longest / 2 => head[..at].trim_end(),
        _ => head,
    }
}

/// Whether the quote stands, letter by letter, in the part of the turn that it names.
#[must_use]
pub fn occurs(conversation: &Conversation, evidence: &Evidence) -> bool {
    let Some(turn) = conversation.turns.iter().find(|turn| turn.position == evidence.position) else { return false };
    evidence.quote.is_empty() || any_text(turn, evidence.part, &mut |text| text.contains(&evidence.quote))
}

/// Finds a quote that a model gave: exactly, or else with other white space, quotation marks or capitals.
/// Returns the part in which it stands and the very text; the part named is looked at first.
#[must_use]
pub fn locate(turn: &Turn, part: Option<Part>, wanted: &str) -> Option<(Part, String)> {
    let wanted = wanted.trim();
    let bare = wanted.trim_matches(['"', '“', '”', '„', '«', '»']).trim();
    // Models put quotation marks around a quote; they may be its own.
    locate_as_given(turn, part, wanted).or_else(|| locate_as_given(turn, part, bare))
}

fn locate_as_given(turn: &Turn, part: Option<Part>, wanted: &str) -> Option<(Part, String)> {
    if wanted.is_empty() {
        return None;
    }
    let rest = [Part::Assistant, Part::Tool, Part::Document, Part::User, Part::Error];
    let order = part.into_iter().chain(rest.into_iter().filter(|other| Some(*other) != part));
    let folded = fold(wanted).0;
    for part in order {
        let mut found = None;
        any_text(turn, part, &mut |text| {
            if text.contains(wanted) {
                found = Some(wanted.to_owned());
            } else if folded.len() >= 4 {
                found = find_folded(text, &folded).map(str::to_owned);
            }
            found.is_some()
        });
        if let Some(found) = found {
            return Some((part, found));
        }
    }
    None
}

/// Calls `test` with each text of a part of a turn until it says yes.
fn any_text(turn: &Turn, part: Part, test: &mut dyn FnMut(&str) -> bool) -> bool {
    match part {
        Part::User => turn.user.as_ref().is_some_and(|message| test(&message.text)),
        Part::Assistant => turn.assistant.as_ref().is_some_and(|message| test(&message.text)),
        Part::Tool => turn.tool_calls.iter().any(|call| {
            test(&call.name)
                || call.error.as_ref().is_some_and(|error| test(&error.message))
                || [&call.arguments, &call.result].into_iter().flatten().any(|json| any_json_text(json, test))
        }),
        Part::Document => {
            let mut documents = turn.retrievals.iter().flat_map(|retrieval| &retrieval.documents);
            documents.any(|document| document.text.as_deref().is_some_and(&mut *test))
        }
        Part::Error => turn.errors.iter().any(|error| test(&error.message)),
    }
}

/// A tool's JSON is quoted either as it is written or by the text of one of its values.
fn any_json_text(json: &Json, test: &mut dyn FnMut(&str) -> bool) -> bool {
    any_leaf(json, test) || (!json.is_string() && test(&json.to_string()))
}

fn any_leaf(json: &Json, test: &mut dyn FnMut(&str) -> bool) -> bool {
    match json {
        Json::String(text) => test(text),
        Json::Array(items) => items.iter().any(|item| any_leaf(item, test)),
        Json::Object(fields) => fields.values().any(|value| any_leaf(value, test)),
        Json::Null | Json::Bool(_) | Json::Number(_) => false,
    }
}

/// Lowercase, white space as one space, plain quotation marks; with the byte offset of each folded byte's character.
fn fold(text: &str) -> (String, Vec<usize>) {
    let mut folded = String::with_capacity(text.len());
    let mut offsets = Vec::with_capacity(text.len());
    let mut push = |character: char, at: usize, folded: &mut String| {
        let before = folded.len();
        folded.push(character);
        offsets.extend(std::iter::repeat_n(at, folded.len() - before));
    };
    for (at, character) in text.char_indices() {
        match character {
            white if white.is_whitespace() => {
                if !folded.is_empty() && !folded.ends_with(' ') {
                    push(' ', at, &mut folded);
                }
            }
            '‘' | '’' => push('\'', at, &mut folded),
            '“' | '”' | '„' | '«' | '»' => push('"', at, &mut folded),
            '–' | '—' => push('-', at, &mut folded),
            other => {
                for lower in other.to_lowercase() {
                    push(lower, at, &mut folded);
                }
            }
        }
    }
    offsets.push(text.len());
    (folded, offsets)
}

fn find_folded<'a>(text: &'a str, wanted: &str) -> Option<&'a str> {
    let (folded, offsets) = fold(text);
    let at = folded.find(wanted)?;
    let start = *offsets.get(at)?;
    let last = *offsets.get(at + wanted.len() - 1)?;
    let end = last + text.get(last..)?.chars().next()?.len_utf8();
    text.get(start..end).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;
    use turnwise_model::conversation::ToolCall;

    fn turn() -> Turn {
        let mut turn = crate::reading::tests::turn(1, "Where is my “parcel”?", "It is\n  in Reno,\tNV.");
        turn.tool_calls = vec![ToolCall {
            name: "track".to_owned(),
            result: Some(serde_json::json!({"status": "in \"transit\"", "days": 3})),
            ..ToolCall::default()
        }];
        turn
    }

    #[test]
    fn a_quote_with_other_white_space_and_quotation_marks_is_found_as_it_stands() {
        assert_eq!(
            locate(&turn(), None, "it is in reno, nv."),
            Some((Part::Assistant, "It is\n  in Reno,\tNV.".to_owned()))
        );
        assert_eq!(locate(&turn(), None, "my \"parcel\""), Some((Part::User, "my “parcel”".to_owned())));
    }

    #[test]
    fn a_quote_of_a_tool_result_is_found_by_value_and_by_json() {
        assert_eq!(locate(&turn(), None, "in \"transit\"").map(|found| found.0), Some(Part::Tool));
        assert_eq!(locate(&turn(), Some(Part::Tool), "\"days\":3").map(|found| found.0), Some(Part::Tool));
    }

    #[test]
    fn what_nobody_said_is_not_found() {
        assert_eq!(locate(&turn(), None, "it will arrive tomorrow"), None);
        assert_eq!(locate(&turn(), None, "  “” "), None);
    }

    #[test]
    fn a_long_passage_is_cut_between_words() {
        let passage = "word ".repeat(100);
        let cut = cut(passage.trim(), 22);
        assert_eq!(cut, "word word word word");
    }
}
