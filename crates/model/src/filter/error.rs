//! What is wrong with a filter: where, what was found there, what was expected, and a hint.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::field::Field;
use super::token::Span;

/// A filter that cannot be read. Its message points at the column: `at column 9: expected a number after >=, found "many"`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{}", Message(self))]
pub struct FilterError {
    /// The word that is wrong, as a range of bytes; empty at the end of the text.
    pub at: Span,
    /// The first column of that word, in characters from 1.
    pub column: u32,
    /// The word; `None` at the end of the text.
    pub found: Option<String>,
    /// What could have stood there.
    pub expected: Vec<String>,
    /// What it would have followed.
    pub after: Option<String>,
    /// What to write instead, where that can be guessed.
    pub hint: Option<String>,
}

impl FilterError {
    pub(super) fn new(text: &str, at: Span, expected: impl Into<String>) -> Self {
        let before = text.get(..at.range().start).unwrap_or(text);
        let found = text.get(at.range()).filter(|found| !found.is_empty()).map(str::to_owned);
        let column = u32::try_from(before.chars().count() + 1).unwrap_or(u32::MAX);
        Self { at, column, found, expected: vec![expected.into()], after: None, hint: None }
    }

    pub(super) fn one_of<T: Into<String>>(mut self, expected: impl IntoIterator<Item = T>) -> Self {
        self.expected = expected.into_iter().map(Into::into).collect();
        self
    }

    pub(super) fn after(mut self, after: impl Into<String>) -> Self {
        self.after = Some(after.into());
        self
    }

    pub(super) fn hint(mut self, hint: impl Into<Option<String>>) -> Self {
        self.hint = hint.into();
        self
    }
}

struct Message<'a>(&'a FilterError);

impl fmt::Display for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let FilterError { column, found, expected, after, hint, .. } = self.0;
        write!(f, "at column {column}: expected {}", list(expected))?;
        if let Some(after) = after {
            write!(f, " after {}", short(after))?;
        }
        match found {
            Some(found) => write!(f, ", found {}", Shown(&short(found)))?,
            None => f.write_str(", found the end")?,
        }
        match hint {
            Some(hint) => write!(f, "; {hint}"),
            None => Ok(()),
        }
    }
}

/// Shows a text in quotes, unless it brings its own, and escapes what cannot be shown.
struct Shown<'a>(&'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quote = if self.0.starts_with(['"', '\'']) { "" } else { "\"" };
        f.write_str(quote)?;
        for c in self.0.chars() {
            if c.is_control() { write!(f, "{}", c.escape_default())? } else { write!(f, "{c}")? }
        }
        f.write_str(quote)
    }
}

/// "a, b or c".
pub(super) fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

fn short(text: &str) -> String {
    const LIMIT: usize = 40;
    if text.chars().count() <= LIMIT {
        return text.to_owned();
    }
    let head: String = text.chars().take(LIMIT - 1).collect();
    format!("{head}…")
}

/// What was probably meant by a field that is not known.
pub(super) fn unknown_field(word: &str) -> String {
    const OTHER_NAMES: &[(&str, &str)] = &[
        ("content", "text"),
        ("cost_usd", "cost"),
        ("created", "started"),
        ("created_at", "started"),
        ("env", "environment"),
        ("error", "errors"),
        ("error_count", "errors"),
        ("external_id", "session"),
        ("id", "session"),
        ("last_activity_at", "last_activity"),
        ("latency_ms", "latency"),
        ("duration_ms", "duration"),
        ("message", "text"),
        ("outcome", "end_reason"),
        ("price", "cost"),
        ("reason", "end_reason"),
        ("search", "text"),
        ("session_id", "session"),
        ("span_count", "spans"),
        ("started_at", "started"),
        ("state", "status"),
        ("tokens.input", "input_tokens"),
        ("tokens.output", "output_tokens"),
        ("tool_call_count", "tool_calls"),
        ("turn_count", "turns"),
        ("user_id", "user"),
        ("version", "release"),
    ];
    let lower = word.to_lowercase();
    if let Some((_, name)) = OTHER_NAMES.iter().find(|(other, _)| *other == lower) {
        return format!("did you mean {name}?");
    }
    if let Some((field, value)) =
        lower.split_once(':').and_then(|(name, _)| Some((Field::named(name)?, word.split_once(':')?.1)))
    {
        return format!("write {} = {}", field.name(), if value.is_empty() { "…" } else { value });
    }
    if let Some((head, tail)) = word.split_once('.') {
        if distance(&head.to_lowercase(), "metadata") <= 3 {
            return format!("did you mean metadata.{tail}?");
        }
        if distance(&head.to_lowercase(), "score") <= 2 {
            return format!("did you mean score.{tail}?");
        }
        return format!("a metadata key is written metadata.{word}");
    }
    let names = Field::ALL.iter().map(|field| field.name()).chain(["metadata.", "score."]);
    let nearest = names.map(|name| (distance(&lower, name), name)).min();
    match nearest {
        Some((edits, name)) if edits <= 1 + lower.chars().count() / 4 => format!("did you mean {name}?"),
        _ => "to find words in the conversation, write text ~ \"…\"; for a metadata key, metadata.KEY".to_owned(),
    }
}

/// Edits (insert, delete, replace, swap of neighbours) from one word to another; long words are cut.
fn distance(from: &str, to: &str) -> usize {
    let from: Vec<char> = from.chars().take(40).collect();
    let to: Vec<char> = to.chars().take(40).collect();
    let mut table = vec![vec![0_usize; to.len() + 1]; from.len() + 1];
    for (row, cells) in table.iter_mut().enumerate() {
        cells[0] = row;
    }
    for (column, cell) in table[0].iter_mut().enumerate() {
        *cell = column;
    }
    for i in 1..=from.len() {
        for j in 1..=to.len() {
            let replaced = table[i - 1][j - 1] + usize::from(from[i - 1] != to[j - 1]);
            let mut best = replaced.min(table[i - 1][j] + 1).min(table[i][j - 1] + 1);
            if i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1] {
                best = best.min(table[i - 2][j - 2] + 1);
            }
            table[i][j] = best;
        }
    }
    table[from.len()][to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_counted_with_swaps_as_one() {
        assert_eq!(distance("turns", "turns"), 0);
        assert_eq!(distance("trusn", "turns"), 2);
        assert_eq!(distance("tunrs", "turns"), 1);
        assert_eq!(distance("", "tag"), 3);
    }

    #[test]
    fn a_list_reads_like_a_sentence() {
        assert_eq!(list(&["=".to_owned(), "in".to_owned(), "exists".to_owned()]), "=, in or exists");
    }
}
