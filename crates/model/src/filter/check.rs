//! Types: which property a word names, which tests it allows, and which literals those take.

use super::ast::{Comparison, Subject, Value};
use super::error::FilterError;
use super::field::{Field, Kind};
use super::parse::is_reserved;
use super::token::{Spanned, Token};
use super::{error, literal, words};
use crate::score::Source;

/// Most words that one `~` looks for.
const MOST_WORDS: usize = 32;

const ALL_COMPARISONS: &[&str] = &["=", "!=", "<", "<=", ">", ">=", "in", "exists"];

/// The tests that may follow a property, as they are written.
pub(super) fn tests(subject: &Subject) -> Vec<&'static str> {
    match subject {
        Subject::Field(field) => match field.kind() {
            Kind::Word(_) | Kind::Text => vec!["=", "!=", "in", "exists"],
            Kind::Count | Kind::Usd | Kind::Duration => ALL_COMPARISONS.to_vec(),
            Kind::Instant => vec!["<", "<=", ">", ">=", "exists"],
            Kind::Search => vec!["~"],
        },
        Subject::Metadata(_) => ALL_COMPARISONS.to_vec(),
        Subject::Score { .. } => ALL_COMPARISONS.iter().copied().chain(["passed", "failed"]).collect(),
    }
}

/// The property that a word names.
pub(super) fn subject(text: &str, at: &Spanned) -> Result<Subject, FilterError> {
    let wrong = |expected: &str| FilterError::new(text, at.span, expected);
    match &at.token {
        Token::Word(word) if !is_reserved(word) => {
            if let Some(field) = Field::named(word) {
                return Ok(Subject::Field(field));
            }
            if let Some(key) = after_prefix(word, "metadata") {
                let key = key.strip_prefix('.').filter(|key| !key.is_empty());
                let missing = || wrong("a metadata key").hint("write it after a dot: metadata.KEY".to_owned());
                return key.map(|key| Subject::Metadata(key.to_owned())).ok_or_else(missing);
            }
            if let Some(path) = after_prefix(word, "score") {
                let missing =
                    || wrong("a score's name").hint("write it after a dot: score.NAME or score.NAME.human".to_owned());
                return path.strip_prefix('.').and_then(score).ok_or_else(missing);
            }
            Err(wrong("a field").hint(error::unknown_field(word)))
        }
        Token::Word(_) => Err(wrong("a field")),
        Token::Quoted(words) => Err(wrong("a field")
            .hint(format!("to find words in the conversation, write text ~ {}", super::print::Text(words)))),
        Token::Path { head, quoted, tail } if !quoted.is_empty() => {
            if head.eq_ignore_ascii_case("metadata.") && tail.is_empty() {
                return Ok(Subject::Metadata(quoted.clone()));
            }
            let source = tail.strip_prefix('.').and_then(source);
            if head.eq_ignore_ascii_case("score.") && (tail.is_empty() || source.is_some()) {
                return Ok(Subject::Score { name: Some(quoted.clone()), source });
            }
            Err(wrong("").one_of(["metadata.\"KEY\"", "score.\"NAME\"", "score.\"NAME\".human"]))
        }
        _ => Err(wrong("a field")),
    }
}

/// What follows the word, when it is alone or followed by a dot.
fn after_prefix<'a>(word: &'a str, prefix: &str) -> Option<&'a str> {
    let (head, rest) = word.split_at_checked(prefix.len())?;
    (head.eq_ignore_ascii_case(prefix) && (rest.is_empty() || rest.starts_with('.'))).then_some(rest)
}

fn source(word: &str) -> Option<Source> {
    Source::ALL.iter().copied().find(|source| source.as_str().eq_ignore_ascii_case(word))
}

/// `NAME`, `NAME.SOURCE` or `*` for any name.
fn score(path: &str) -> Option<Subject> {
    let with_source = path.rsplit_once('.').and_then(|(name, last)| Some((name, Some(source(last)?))));
    let (name, source) = with_source.unwrap_or((path, None));
    let name = (name != "*").then(|| name.to_owned());
    (name.as_deref() != Some("")).then_some(Subject::Score { name, source })
}

/// The literal, as the property and the comparison (`None` for `in`) want it.
pub(super) fn value(
    text: &str,
    subject: &Subject,
    comparison: Option<Comparison>,
    after: &str,
    at: &Spanned,
) -> Result<Value, FilterError> {
    let wrong = |expected: &str| FilterError::new(text, at.span, expected).after(after);
    let (written, bare) = match &at.token {
        Token::Word(word) if is_reserved(word) => {
            return Err(
                wrong(expected(subject, comparison)).hint(format!("if the word itself is meant, write \"{word}\""))
            );
        }
        Token::Word(word) => (word, true),
        Token::Quoted(quoted) => (quoted, false),
        Token::Open => {
            return Err(wrong(expected(subject, comparison)).hint("for several values, write in (…)".to_owned()));
        }
        Token::Path { .. } => {
            return Err(wrong(expected(subject, comparison)).hint("put the whole value in quotes".to_owned()));
        }
        _ => return Err(wrong(expected(subject, comparison))),
    };
    let read = match subject {
        Subject::Field(field) => match field.kind() {
            Kind::Word(known) => {
                let word = known.iter().find(|word| word.eq_ignore_ascii_case(written));
                return match word {
                    Some(word) => Ok(Value::Text((*word).to_owned())),
                    None => Err(wrong("").one_of(known.iter().copied())),
                };
            }
            Kind::Text => Some(Value::Text(written.clone())),
            Kind::Count => literal::number(written).map(Value::Number),
            Kind::Usd => literal::usd(written).map(Value::Number),
            Kind::Duration => literal::duration(written).map(Value::Duration),
            Kind::Instant => literal::instant(written).map(Value::Instant),
            Kind::Search => None,
        },
        Subject::Metadata(_) | Subject::Score { .. } if is_order(comparison) => {
            literal::number(written).map(Value::Number)
        }
        Subject::Metadata(_) => {
            let number = literal::number(written).filter(|_| bare && literal::is_exact(written));
            Some(number.map_or_else(|| Value::Text(written.clone()), Value::Number))
        }
        Subject::Score { .. } if bare => {
            let flag = ["false", "true"].iter().position(|word| word.eq_ignore_ascii_case(written));
            let number = literal::number(written).map(Value::Number);
            Some(flag.map(|at| Value::Flag(at == 1)).or(number).unwrap_or_else(|| Value::Text(written.clone())))
        }
        Subject::Score { .. } => Some(Value::Text(written.clone())),
    };
    read.ok_or_else(|| wrong(expected(subject, comparison)).hint(advice(subject, written)))
}

const fn is_order(comparison: Option<Comparison>) -> bool {
    matches!(
        comparison,
        Some(Comparison::Less | Comparison::LessOrEqual | Comparison::Greater | Comparison::GreaterOrEqual)
    )
}

/// What a literal is called when it is missing.
pub(super) fn expected(subject: &Subject, comparison: Option<Comparison>) -> &'static str {
    match subject {
        Subject::Field(field) => match field.kind() {
            Kind::Word(_) | Kind::Text => "a text",
            Kind::Count => "a number",
            Kind::Usd => "an amount such as 0.05",
            Kind::Duration => "a duration such as 30s",
            Kind::Instant => "an instant such as -7d or 2026-11-21T09:30:00Z",
            Kind::Search => "words to look for",
        },
        Subject::Metadata(_) | Subject::Score { .. } if is_order(comparison) => "a number",
        Subject::Metadata(_) => "a text or number",
        Subject::Score { .. } => "a number, label, true or false",
    }
}

/// How a literal that cannot be read was probably meant.
fn advice(subject: &Subject, written: &str) -> Option<String> {
    let Subject::Field(field) = subject else { return None };
    match field.kind() {
        Kind::Duration if literal::number(written).is_some_and(|number| number >= 0.0) => {
            Some(format!("write its unit: {written}ms, {written}s, {written}m, {written}h or {written}d"))
        }
        Kind::Instant if literal::duration(written).is_some() => Some(format!("write -{written} for {written} ago")),
        _ => None,
    }
}

/// The words that `~` looks for.
pub(super) fn search(text: &str, at: &Spanned) -> Result<String, FilterError> {
    let wrong = |expected: String| FilterError::new(text, at.span, expected).after("~");
    let written = match &at.token {
        Token::Word(word) if !is_reserved(word) => word,
        Token::Quoted(quoted) => quoted,
        Token::Word(word) => {
            return Err(
                wrong("words to look for".to_owned()).hint(format!("if the word itself is meant, write \"{word}\""))
            );
        }
        _ => return Err(wrong("words to look for".to_owned())),
    };
    match words::words(written).len() {
        0 => Err(wrong("at least one word of letters or digits".to_owned())),
        1..=MOST_WORDS => Ok(written.clone()),
        _ => Err(wrong(format!("at most {MOST_WORDS} words"))),
    }
}
