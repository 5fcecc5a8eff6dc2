//! What could be written where the cursor stands: fields, tests, known values, `and` and `or`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ast::{Comparison, Subject};
use super::check;
use super::field::{Field, Kind};
use super::print::Text;
use super::token::{Span, Spanned, Token, is_word, tokenize};
use crate::score::Source;

/// Most suggestions given at once.
const MOST: usize = 30;

/// What the project is known to hold, for suggesting it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct KnownValues {
    /// Values by property as it is written: `environment`, `tag`, `metadata.channel`, `score.intent`; best first.
    pub values: BTreeMap<String, Vec<String>>,
    /// Keys of metadata.
    pub metadata_keys: Vec<String>,
    /// Names of scores.
    pub score_names: Vec<String>,
}

/// What a suggestion is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SuggestionKind {
    /// A field, a metadata key, a score.
    Field,
    /// A test.
    Test,
    /// A value.
    Value,
    /// `and`, `or`, `not`, a parenthesis, a comma.
    Joint,
}

/// One way to go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suggestion {
    /// What it is.
    pub kind: SuggestionKind,
    /// The bytes of the text that it replaces; empty to insert.
    pub replaces: Span,
    /// The text to put there.
    pub insert: String,
    /// What it means, in a few words; may be empty.
    pub detail: String,
}

impl Suggestion {
    /// The text with this suggestion taken, and the byte at which the cursor then stands.
    #[must_use]
    pub fn apply(&self, text: &str) -> (String, u32) {
        let range = self.replaces.range();
        let before = text.get(..range.start).unwrap_or(text);
        let after = text.get(range.end..).unwrap_or("");
        let space = if after.starts_with(|c: char| c.is_whitespace()) { "" } else { " " };
        let head = format!("{before}{}{space}", self.insert);
        let cursor = u32::try_from(head.len()).unwrap_or(u32::MAX);
        (format!("{head}{after}"), cursor)
    }
}

/// The byte at which a cursor stands that a browser reports in UTF-16 units.
#[must_use]
pub fn byte_offset(text: &str, utf16: u32) -> u32 {
    let mut units = 0;
    let at = text.char_indices().find(|(_, c)| {
        let found = units >= utf16 as usize;
        units += c.len_utf16();
        found
    });
    u32::try_from(at.map_or(text.len(), |(at, _)| at)).unwrap_or(u32::MAX)
}

/// The UTF-16 units before a byte, for setting a browser's cursor.
#[must_use]
pub fn utf16_offset(text: &str, byte: u32) -> u32 {
    let units =
        text.char_indices().take_while(|(at, _)| *at < byte as usize).map(|(_, c)| c.len_utf16()).sum::<usize>();
    u32::try_from(units).unwrap_or(u32::MAX)
}

/// What the text before the cursor asks for next.
enum Wants {
    /// A property, `not` or `(`.
    Condition,
    /// A test of this property.
    Test(Subject),
    /// A literal for this property.
    Value(Subject, Option<Comparison>),
    /// A `(` after `in`.
    List,
    /// A comma or the end of the list.
    Comma,
    /// `and`, `or`, or a `)` where one is open.
    Joint,
}

/// Suggests how to go on at `cursor`, a byte offset. The word under the cursor narrows the suggestions and is replaced.
#[must_use]
pub fn complete(text: &str, cursor: u32, known: &KnownValues) -> Vec<Suggestion> {
    let mut cursor = (cursor as usize).min(text.len());
    while !text.is_char_boundary(cursor) {
        cursor -= 1;
    }
    let head = &text[..cursor];
    let read = tokenize(head);
    let mut tokens = read.tokens;
    // The unfinished quote, or the word that touches the cursor, is what is being written.
    let partial = match (&read.error, tokens.last()) {
        (Some(error), _) if head[error.at.range()].starts_with(['"', '\'']) && error.at.end as usize == cursor => {
            Some((error.at.start as usize, head[error.at.range()][1..].to_owned()))
        }
        (Some(_), _) => return Vec::new(),
        (None, Some(Spanned { token: Token::Word(word), span })) if span.end as usize == cursor => {
            Some((span.start as usize, word.clone()))
        }
        (None, _) => None,
    };
    let in_quotes = read.error.is_some();
    if partial.is_some() && !in_quotes {
        tokens.pop();
    }
    let (start, typed) = partial.unwrap_or((cursor, String::new()));
    let end = if in_quotes || typed.is_empty() {
        cursor
    } else {
        cursor + text[cursor..].find(|c| !is_word(c)).unwrap_or(text.len() - cursor)
    };
    let (wants, open) = read_state(text, &tokens);
    let candidates = match wants {
        Wants::Condition => conditions(known, &typed),
        Wants::Test(subject) => tests(&subject),
        Wants::Value(subject, comparison) => values(&subject, comparison, known),
        Wants::List => vec![candidate(SuggestionKind::Joint, "(", "values, with commas between")],
        Wants::Comma => {
            vec![
                candidate(SuggestionKind::Joint, ",", "another value"),
                candidate(SuggestionKind::Joint, ")", "end of the values"),
            ]
        }
        Wants::Joint => {
            let mut joints =
                vec![candidate(SuggestionKind::Joint, "and", "both"), candidate(SuggestionKind::Joint, "or", "either")];
            if open > 0 {
                joints.push(candidate(SuggestionKind::Joint, ")", "end of the group"));
            }
            joints
        }
    };
    rank(candidates, &typed, Span::new(start, end))
}

/// Follows the grammar over whole tokens; where they do not fit, a new condition is the best guess.
fn read_state(text: &str, tokens: &[Spanned]) -> (Wants, usize) {
    let mut wants = Wants::Condition;
    let mut open = 0_usize;
    let mut list: Option<Subject> = None;
    for spanned in tokens {
        let word = match &spanned.token {
            Token::Word(word) => word.to_lowercase(),
            _ => String::new(),
        };
        wants = match (wants, &spanned.token) {
            (Wants::Condition, Token::Open) => {
                open += 1;
                Wants::Condition
            }
            (Wants::Condition, _) => match check::subject(text, spanned) {
                Ok(subject) => Wants::Test(subject),
                Err(_) => Wants::Condition,
            },
            (Wants::Test(subject), Token::Comparison(comparison)) => Wants::Value(subject, Some(*comparison)),
            (Wants::Test(subject), Token::Contains) => Wants::Value(subject, None),
            (Wants::Test(subject), _) if word == "in" => {
                list = Some(subject);
                Wants::List
            }
            (Wants::Test(subject), _) if word == "not" => Wants::Test(subject),
            (Wants::Test(_), _) if ["exists", "passed", "failed"].contains(&word.as_str()) => Wants::Joint,
            (Wants::List, Token::Open) => list.clone().map_or(Wants::Condition, |subject| Wants::Value(subject, None)),
            (Wants::Value(..), _) if list.is_some() => Wants::Comma,
            (Wants::Value(..), _) => Wants::Joint,
            (Wants::Comma, Token::Comma) => {
                list.clone().map_or(Wants::Condition, |subject| Wants::Value(subject, None))
            }
            (Wants::Comma, Token::Close) => {
                list = None;
                Wants::Joint
            }
            (Wants::Joint, Token::Close) => {
                open = open.saturating_sub(1);
                Wants::Joint
            }
            _ => Wants::Condition,
        };
    }
    (wants, open)
}

struct Candidate {
    kind: SuggestionKind,
    /// What typed text is matched against.
    plain: String,
    insert: String,
    detail: String,
}

fn candidate(kind: SuggestionKind, text: &str, detail: &str) -> Candidate {
    Candidate { kind, plain: text.to_owned(), insert: text.to_owned(), detail: detail.to_owned() }
}

fn conditions(known: &KnownValues, typed: &str) -> Vec<Candidate> {
    let mut found: Vec<Candidate> =
        Field::ALL.iter().map(|field| candidate(SuggestionKind::Field, field.name(), field.doc())).collect();
    let metadata = known.metadata_keys.iter().filter(|key| !key.is_empty());
    found.extend(metadata.map(|key| named(&Subject::Metadata(key.clone()), "metadata")));
    let scores = known.score_names.iter().filter(|name| !name.is_empty());
    found.extend(
        scores
            .clone()
            .map(|name| named(&Subject::Score { name: Some(name.clone()), source: None }, "score, any source")),
    );
    // Sources are offered only once a name is written: they would drown the rest.
    for name in scores.filter(|name| typed.to_lowercase().starts_with(&format!("score.{}", name.to_lowercase()))) {
        found.extend(Source::ALL.iter().map(|source| {
            let subject = Subject::Score { name: Some(name.clone()), source: Some(*source) };
            named(&subject, &format!("score from source {source}"))
        }));
    }
    found.push(candidate(SuggestionKind::Joint, "not", "the opposite"));
    found.push(candidate(SuggestionKind::Joint, "(", "a group"));
    found
}

fn named(subject: &Subject, detail: &str) -> Candidate {
    candidate(SuggestionKind::Field, &subject.to_string(), detail)
}

fn tests(subject: &Subject) -> Vec<Candidate> {
    let detail = |test: &str| match test {
        "=" => "is",
        "!=" => "is not, or has none",
        "<" => "below",
        "<=" => "at most",
        ">" => "above",
        ">=" => "at least",
        "in" => "is one of",
        "exists" => "has a value",
        "~" => "has all these words",
        "passed" => "meets its threshold",
        "failed" => "does not meet its threshold",
        _ => "",
    };
    check::tests(subject).into_iter().map(|test| candidate(SuggestionKind::Test, test, detail(test))).collect()
}

fn values(subject: &Subject, comparison: Option<Comparison>, known: &KnownValues) -> Vec<Candidate> {
    let value = |text: &str, detail: &str| candidate(SuggestionKind::Value, text, detail);
    let mut found = Vec::new();
    if let Subject::Field(field) = subject {
        match field.kind() {
            Kind::Word(words) => found.extend(words.iter().map(|word| value(word, ""))),
            Kind::Duration => found.extend(["1s", "10s", "30s", "1m", "5m", "1h"].map(|text| value(text, ""))),
            Kind::Instant => found.extend(
                [
                    ("-1h", "an hour ago"),
                    ("-1d", "a day ago"),
                    ("-7d", "a week ago"),
                    ("-30d", "30 days ago"),
                    ("now", ""),
                ]
                .map(|(text, detail)| value(text, detail)),
            ),
            Kind::Text | Kind::Count | Kind::Usd | Kind::Search => {}
        }
    }
    let is_order = !matches!(comparison, None | Some(Comparison::Equal | Comparison::NotEqual));
    let texts = known.values.get(&subject.to_string()).into_iter().flatten();
    let takes_texts = match subject {
        Subject::Field(field) => field.kind() == Kind::Text,
        Subject::Metadata(_) | Subject::Score { .. } => !is_order,
    };
    if takes_texts {
        found.extend(texts.map(|text| Candidate {
            kind: SuggestionKind::Value,
            plain: text.clone(),
            insert: Text(text).to_string(),
            detail: String::new(),
        }));
    }
    if matches!(subject, Subject::Score { .. }) && !is_order {
        found.extend(["true", "false"].map(|flag| value(flag, "a yes-or-no score")));
    }
    found
}

/// Those that begin with what was typed, then those that contain it; otherwise in the order given.
fn rank(candidates: Vec<Candidate>, typed: &str, replaces: Span) -> Vec<Suggestion> {
    let typed = typed.to_lowercase();
    let mut ranked: Vec<(usize, Candidate)> = candidates
        .into_iter()
        .filter_map(|candidate| {
            let plain = candidate.plain.to_lowercase();
            let at = plain.find(&typed)?;
            let starts_part = at == 0 || plain[..at].ends_with(['.', '_', '-', ' ']);
            // Two letters are somewhere in nearly everything.
            if !starts_part && typed.chars().count() < 3 {
                return None;
            }
            Some((if at == 0 { 0 } else { 2 - usize::from(starts_part) }, candidate))
        })
        .collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    let suggestion = |(_, candidate): (usize, Candidate)| Suggestion {
        kind: candidate.kind,
        replaces,
        insert: candidate.insert,
        detail: candidate.detail,
    };
    ranked.into_iter().take(MOST).map(suggestion).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> KnownValues {
        let values = [
            ("environment", vec!["production", "staging"]),
            ("tag", vec!["vip", "two words"]),
            ("metadata.channel", vec!["web", "5"]),
        ];
        KnownValues {
            values: values.map(|(name, of)| (name.to_owned(), of.into_iter().map(str::to_owned).collect())).into(),
            metadata_keys: vec!["channel".to_owned(), "a key".to_owned()],
            score_names: vec!["resolution".to_owned(), "tone".to_owned()],
        }
    }

    /// Suggestions at `|`, as they would be inserted.
    fn at(marked: &str) -> Vec<String> {
        let cursor = marked.find('|').unwrap();
        let text = marked.replacen('|', "", 1);
        let found = complete(&text, u32::try_from(cursor).unwrap(), &known());
        found.into_iter().map(|suggestion| suggestion.insert).collect()
    }

    #[test]
    fn a_condition_begins_with_a_field() {
        assert_eq!(at("|")[..4], ["status", "environment", "tag", "text"]);
        assert_eq!(at("tur|"), ["turns"]);
        assert_eq!(at("turns > 1 and err|"), ["errors"]);
        assert_eq!(at("not (tok|"), ["tokens", "input_tokens", "output_tokens"]);
        assert_eq!(at("metadata.|"), ["metadata.channel", "metadata.\"a key\""]);
        assert_eq!(at("chan|"), ["metadata.channel"]);
        assert_eq!(at("score.tone.h|"), ["score.tone.human"]);
    }

    #[test]
    fn a_field_is_followed_by_its_tests() {
        assert_eq!(at("status |"), ["=", "!=", "in", "exists"]);
        assert_eq!(at("text |"), ["~"]);
        assert_eq!(at("last_activity |"), ["<", "<=", ">", ">=", "exists"]);
        assert_eq!(at("score.tone f|"), ["failed"]);
    }

    #[test]
    fn a_comparison_is_followed_by_known_values() {
        assert_eq!(at("status = |"), ["open", "closed"]);
        assert_eq!(at("environment = pro|"), ["production"]);
        assert_eq!(at("environment in (|"), ["production", "staging"]);
        assert_eq!(at("environment in (production, s|"), ["staging"]);
        assert_eq!(at("tag = |"), ["vip", "\"two words\""]);
        assert_eq!(at("tag = \"two w|"), ["\"two words\""]);
        assert_eq!(at("metadata.channel = |"), ["web", "\"5\""]);
        assert_eq!(at("last_activity > -7|"), ["-7d"]);
        assert_eq!(at("score.tone = t|"), ["true"]);
        assert_eq!(at("turns > |"), Vec::<String>::new());
    }

    #[test]
    fn a_condition_is_followed_by_and_or_or() {
        assert_eq!(at("turns > 1 |"), ["and", "or"]);
        assert_eq!(at("(turns > 1 |"), ["and", "or", ")"]);
        assert_eq!(at("tag in (vip |"), [",", ")"]);
        assert_eq!(at("tag in |"), ["("]);
        assert_eq!(at("tag in (vip) a|"), ["and"]);
    }

    #[test]
    fn the_whole_word_under_the_cursor_is_replaced() {
        let text = "turns > 1 and envix = production";
        let found = complete(text, 17, &known());
        assert_eq!(&text[found[0].replaces.range()], "envix");
        assert_eq!(found[0].apply(text), ("turns > 1 and environment = production".to_owned(), 25));
    }

    #[test]
    fn a_browsers_cursor_counts_utf16_units() {
        let text = "é🙂x";
        assert_eq!([0, 1, 3, 4, 9].map(|units| byte_offset(text, units)), [0, 2, 6, 7, 7]);
        assert_eq!([0, 2, 6, 7].map(|byte| utf16_offset(text, byte)), [0, 1, 3, 4]);
    }
}
