//! The hard facts of a text: amounts, dates, times, percentages, identifiers, numbers.

use super::dates::month;
use super::words::{Kind, Token, plain_number};

/// What kind of fact it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactKind {
    /// An amount of money.
    Money,
    /// A percentage.
    Percent,
    /// A day of a month.
    Date {
        /// From 1.
        month: u32,
        /// From 1.
        day: u32,
    },
    /// A time of day.
    Time {
        /// As written, 0 to 24.
        hour: u32,
        /// 0 to 59.
        minute: u32,
    },
    /// An identifier, such as `LF-51190`.
    Id,
    /// Any other number.
    Number,
}

impl FactKind {
    /// What people call it.
    #[must_use]
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Money => "amount",
            Self::Percent => "percentage",
            Self::Date { .. } => "date",
            Self::Time { .. } => "time",
            Self::Id => "identifier",
            Self::Number => "number",
        }
    }
}

/// A hard fact and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    /// What kind it is.
    pub kind: FactKind,
    /// First byte, with the currency sign.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// Hashes of the tokens that make it.
    pub hashes: Vec<u64>,
    /// Its number, where it is one.
    pub value: Option<f64>,
}

/// The facts of a text in order. Markers of lists and ordinals are none.
#[must_use]
pub fn facts(text: &str, tokens: &[Token]) -> Vec<Fact> {
    let mut facts: Vec<Fact> = Vec::new();
    for at in 0..tokens.len() {
        if facts.last().is_some_and(|last| tokens[at].start < last.end) {
            continue;
        }
        facts.extend(fact_at(text, tokens, at));
    }
    facts
}

fn fact_at(text: &str, tokens: &[Token], at: usize) -> Option<Fact> {
    let token = &tokens[at];
    let before = at.checked_sub(1).map(|before| &tokens[before]);
    if token.kind == Kind::Number
        && text[..token.start].ends_with(['-', '_'])
        && before.is_some_and(|before| before.end + 1 == token.start && before.kind != Kind::Number)
    {
        // Part of a name such as `COVID-19`.
        return None;
    }
    if let Some(id) = id_at(text, tokens, at) {
        return Some(id);
    }
    if token.kind != Kind::Number || is_list_marker(text, token) {
        return None;
    }
    let written = &text[token.start..token.end];
    if let (Some(point), Some(comma)) = (written.find('.'), written.rfind(','))
        && point < comma
        && written.len() - comma != 3
    {
        // Cells of a table rather than a number.
        return None;
    }
    let value = plain_number(written).parse::<f64>().ok();
    let fact = |kind, start, end| Some(Fact { kind, start, end, hashes: vec![token.hash], value });
    if let Some((hour, minute)) = time(written) {
        return fact(FactKind::Time { hour, minute }, token.start, token.end);
    }
    if let Some((start, end)) = money(text, token) {
        return fact(FactKind::Money, start, end);
    }
    let after = &text[token.end..];
    let spaces = after.len() - after.trim_start_matches([' ', '\u{a0}', '\u{202f}']).len();
    if after[spaces..].starts_with('%') {
        return fact(FactKind::Percent, token.start, token.end + spaces + 1);
    }
    if let Ok(day) = written.parse::<u32>()
        && (1..=31).contains(&day)
        && let Some(month) = month_beside(text, tokens, at)
    {
        let end = tokens[at + 1..].iter().take(3).find(|next| super::dates::month(next).is_some()).map(|next| next.end);
        let before = at.checked_sub(1).map(|i| &tokens[i]).filter(|token| super::dates::month(token).is_some());
        let start = before.map_or(token.start, |token| token.start);
        let end = if before.is_some() { token.end } else { end.unwrap_or(token.end) };
        return fact(FactKind::Date { month, day }, start, end);
    }
    let ordinal = ["st", "nd", "rd", "th"].iter().any(|ending| after.starts_with(ending));
    if ordinal || after.starts_with(|c: char| c.is_ascii_alphabetic() && c.is_ascii_uppercase()) {
        return None;
    }
    fact(FactKind::Number, token.start, token.end)
}

/// The month beside the number at `at`: `18 May`, `18th of May`, `18 de mayo`, `May 18`.
#[must_use]
pub fn month_beside(text: &str, tokens: &[Token], at: usize) -> Option<u32> {
    let token = tokens.get(at)?;
    let near =
        |left: usize, right: usize| text.get(left..right).is_some_and(|gap| gap.len() <= 8 && !gap.contains('\n'));
    if let Some(before) = at.checked_sub(1).and_then(|i| tokens.get(i))
        && near(before.end, token.start)
        && text[before.end..token.start].trim_matches('.') == " "
        && let Some(month) = month(before)
    {
        return Some(month);
    }
    let after = tokens.get(at + 1..)?.iter().take(3).take_while(|next| near(token.end, next.start));
    for next in after {
        if let Some(month) = month(next) {
            return Some(month);
        }
        if !matches!(&text[next.start..next.end], "st" | "nd" | "rd" | "th" | "of" | "de") {
            return None;
        }
    }
    None
}

fn time(written: &str) -> Option<(u32, u32)> {
    let mut parts = written.split(':');
    let (hour, minute) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    (hour <= 24 && minute <= 59).then_some((hour, minute))
}

fn money(text: &str, token: &Token) -> Option<(usize, usize)> {
    let before = text[..token.start].trim_end_matches(' ');
    for sign in ["$", "€", "£", "¥"] {
        if before.ends_with(sign) && token.start - before.len() <= 1 {
            return Some((before.len() - sign.len(), token.end));
        }
    }
    let after = &text[token.end..];
    let trimmed = after.trim_start_matches([' ', '\u{a0}', '\u{202f}']);
    let spaces = after.len() - trimmed.len();
    let signs = ["€", "£", "$", "zł", "EUR", "USD", "GBP", "PLN", "CHF", "dollars", "euros", "pounds", "Euro"];
    let sign = signs.iter().find(|sign| spaces <= 3 && trimmed.starts_with(*sign))?;
    Some((token.start, token.end + spaces + sign.len()))
}

fn is_list_marker(text: &str, token: &Token) -> bool {
    let line_start = text[..token.start].rfind('\n').map_or(0, |at| at + 1);
    let indent = &text[line_start..token.start];
    let after = &text[token.end..];
    token.end - token.start <= 2
        && indent.chars().all(|c| c.is_whitespace() || "-*#([".contains(c))
        && (after.starts_with(['.', ')', ']']) || after.starts_with("\u{fe0f}"))
}

/// An identifier: letters and digits in one piece (`HAT034`, `H9ZU1C`), or joined by hyphen or underscore (`LF-51190`).
fn id_at(text: &str, tokens: &[Token], at: usize) -> Option<Fact> {
    let first = &tokens[at];
    let bytes = text.as_bytes();
    let mut last = at;
    while let Some(next) = tokens.get(last + 1) {
        let gap = &text[tokens[last].end..next.start];
        let glued = gap.is_empty() || matches!(gap, "-" | "_" | "#");
        if !glued || next.start - first.start > 40 {
            break;
        }
        last += 1;
    }
    let end = tokens[last].end;
    let piece = &bytes[first.start..end];
    let digits = piece.iter().filter(|byte| byte.is_ascii_digit()).count();
    let letters = piece.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    let lower = piece.iter().filter(|byte| byte.is_ascii_lowercase()).count();
    let numbered = first.start > 0 && bytes[first.start - 1] == b'#' && digits >= 3;
    let joined = piece.contains(&b'-');
    let mixed = letters >= 1
        && digits >= if joined { 3 } else { 2 }
        && piece.len() >= 5
        && (lower == 0 || (piece.contains(&b'_') && digits >= 3));
    let starts_well = first.kind != Kind::Number || (lower == 0 && !piece.contains(&b'-'));
    if !(numbered || mixed && starts_well) || !piece.is_ascii() {
        return None;
    }
    let hashes = tokens[at..=last].iter().map(|token| token.hash).collect();
    Some(Fact { kind: FactKind::Id, start: first.start, end, hashes, value: None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::words::tokens;

    fn of(text: &str) -> Vec<(&str, &'static str)> {
        facts(text, &tokens(text)).iter().map(|fact| (&text[fact.start..fact.end], fact.kind.noun())).collect()
    }

    #[test]
    fn facts_are_found_with_their_signs_and_units() {
        assert_eq!(
            of("Refund RT-5531: $182.50 or 5,90 € (15 %) by May 18, at 7:00 PM on HAT034; 500 g, gift_card_8190333."),
            [
                ("RT-5531", "identifier"),
                ("$182.50", "amount"),
                ("5,90 €", "amount"),
                ("15 %", "percentage"),
                ("May 18", "date"),
                ("7:00", "time"),
                ("HAT034", "identifier"),
                ("500", "number"),
                ("gift_card_8190333", "identifier"),
            ]
        );
        assert_eq!(
            of("am 18. Mai, el 21 de mayo, the 3rd of June"),
            [("18. Mai", "date"), ("21 de mayo", "date"), ("3rd of June", "date"),]
        );
    }

    #[test]
    fn list_markers_ordinals_and_compounds_are_no_facts() {
        assert_eq!(of("1. First\n2) Second, the 2nd time, a 24-hour line"), [("24", "number")]);
        assert_eq!(of("Wi-Fi, COVID-19, two-door"), []);
    }
}
