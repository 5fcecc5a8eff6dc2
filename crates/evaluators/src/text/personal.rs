//! Personal data and secrets in text: card numbers, bank accounts, social security numbers, addresses, keys.
//!
//! Numbers with a check digit are verified (Luhn, ISO 7064 for IBANs), so that order numbers are not taken for cards.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// What kind of personal data or secret it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Personal {
    /// A payment card's full number.
    Card,
    /// An IBAN.
    Iban,
    /// A US social security number.
    SocialSecurity,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// A public IP address.
    Address,
    /// A key, a token, a password.
    Secret,
}

impl Personal {
    /// What people call it.
    #[must_use]
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Card => "payment card number",
            Self::Iban => "bank account number",
            Self::SocialSecurity => "social security number",
            Self::Email => "e-mail address",
            Self::Phone => "phone number",
            Self::Address => "IP address",
            Self::Secret => "secret",
        }
    }
}

/// A piece of personal data and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// What it is.
    pub kind: Personal,
    /// Its bytes.
    pub range: Range<usize>,
}

fn pattern(pattern: &str) -> Regex {
    match Regex::new(pattern) {
        Ok(regex) => regex,
        Err(error) => unreachable!("the patterns are fixed at build time: {error}"),
    }
}

static EMAIL: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})\.){1,8}[A-Za-z]{2,24}"));
static IBAN: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?-u:\b)[A-Z]{2}[0-9]{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,4})?(?-u:\b)"));
static DIGITS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?:\+|\(|(?-u:\b))[0-9](?:[0-9]|[ ./()\u{2013}-]{1,2}[0-9(]){4,22}(?:[ ]?(?:x|ext\.?)[ ]?[0-9]{1,6})?")
});
static SECRET: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
        r"|(?-u:\b)(?:AKIA|ASIA)[0-9A-Z]{16}(?-u:\b)",
        r"|(?-u:\b)gh[pousr]_[A-Za-z0-9]{30,}",
        r"|(?-u:\b)github_pat_[A-Za-z0-9_]{30,}",
        r"|(?-u:\b)xox[abprs]-[A-Za-z0-9-]{10,}",
        r"|(?-u:\b)sk-(?:ant-|proj-|live-|test-)?[A-Za-z0-9_-]{20,}",
        r"|(?-u:\b)[sr]k_(?:live|test)_[A-Za-z0-9]{16,}",
        r"|(?-u:\b)AIza[0-9A-Za-z_-]{35}",
        r"|(?-u:\b)eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}",
        r"|(?i)(?-u:\b)(?:password|passwort|passwd|api[_ -]?key|secret[_ -]?key)(?: is|:|=)[ ]{0,2}[`'\x22]?[^\s`'\x22,;.]{0,40}[0-9!@#$%&*_][^\s`'\x22,;]{1,40}",
    ))
});

/// The personal data and secrets of a text in order of their kinds.
#[must_use]
pub fn find(text: &str) -> Vec<Piece> {
    let bytes = text.as_bytes();
    let digits = bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
    let mut pieces = Vec::new();
    if bytes.contains(&b'@') {
        pieces.extend(EMAIL.find_iter(text).map(|found| Piece { kind: Personal::Email, range: found.range() }));
    }
    let may_hold_secret = digits > 0 || text.contains("PRIVATE KEY");
    if may_hold_secret {
        pieces.extend(SECRET.find_iter(text).map(|found| Piece { kind: Personal::Secret, range: found.range() }));
    }
    if digits < 7 {
        return pieces;
    }
    for found in IBAN.find_iter(text) {
        if is_iban(found.as_str()) {
            push(Personal::Iban, found.range(), &mut pieces);
        }
    }
    for found in DIGITS.find_iter(text) {
        let start = found.start();
        let written = found.as_str().trim_end_matches(|c: char| !c.is_ascii_digit());
        let range = start..start + written.len();
        if let Some(kind) = numeric(text, written, &range) {
            push(kind, range, &mut pieces);
        }
    }
    pieces
}

fn push(kind: Personal, range: Range<usize>, pieces: &mut Vec<Piece>) {
    if !pieces.iter().any(|other| other.range.start < range.end && range.start < other.range.end) {
        pieces.push(Piece { kind, range });
    }
}

/// What a run of digits and separators is, if it is personal.
fn numeric(text: &str, written: &str, range: &Range<usize>) -> Option<Personal> {
    let glued =
        |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'@'));
    let bytes = text.as_bytes();
    let before = range.start.checked_sub(1).and_then(|at| bytes.get(at));
    if glued(before) || before == Some(&b'#') || glued(bytes.get(range.end)) {
        return None;
    }
    let digits: Vec<u8> = written.bytes().filter(u8::is_ascii_digit).map(|byte| byte - b'0').collect();
    let plain = written.len() == digits.len();
    let all_groups_joined_by =
        |separator: char| written.contains(separator) && written.chars().all(|c| c.is_ascii_digit() || c == separator);
    if (12..=19).contains(&digits.len()) && card_issuer(&digits) && luhn(&digits) {
        return Some(Personal::Card);
    }
    if written.matches('.').count() == 3 && all_groups_joined_by('.') {
        let octets: Vec<u32> = written.split('.').filter_map(|part| part.parse().ok()).collect();
        let public =
            octets.len() == 4 && octets.iter().all(|octet| *octet <= 255) && !matches!(octets[0], 0 | 10 | 127);
        return public.then_some(Personal::Address);
    }
    let groups: Vec<usize> = written.split(['-', ' ']).map(str::len).collect();
    if groups == [3, 2, 4] && !written.starts_with("000") && !written.starts_with("666") && !written.starts_with('9') {
        return Some(Personal::SocialSecurity);
    }
    phone(text, written, &digits, plain, range).then_some(Personal::Phone)
}

/// Whether digits are written as a telephone number is: with a plus, in usual groups, or named as one.
fn phone(text: &str, written: &str, digits: &[u8], plain: bool, range: &Range<usize>) -> bool {
    if !(7..=18).contains(&digits.len()) || is_date_like(written) {
        return false;
    }
    if written.starts_with('+') && digits.len() >= 8 {
        return true;
    }
    let named = {
        let before = &text[text.floor_char_boundary(range.start.saturating_sub(28))..range.start];
        NAMED.is_match(before)
    };
    if plain {
        return named && digits.len() <= 15
            || digits.len() == 11 && written.starts_with('0') && !written.starts_with("00");
    }
    let groups: Vec<usize> =
        written.split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty()).map(str::len).collect();
    let usual =
        matches!(
            groups.as_slice(),
            [3, 3, 4, ..]
                | [1, 3, 3, 4, ..]
                | [2..=5, 3, 3..=4]
                | [3, 4]
                | [5, 6]
                | [4, 6]
                | [3, 7]
                | [3, 8]
                | [3, 3..=4, 4, ..]
        ) || (groups.len() >= 4 && groups[1..].iter().all(|size| *size == 2 || *size == 3) && written.starts_with('0'))
            || (written.contains('(') && written.contains(')') && groups.len() >= 2);
    let separators = written.chars().any(|c| matches!(c, '-' | '(' | '.' | '/'));
    (usual && (separators || written.starts_with('0') || named || digits.len() == 10))
        || (named && groups.iter().all(|size| *size <= 8))
}

crate::phrases!(
    /// Words before a number that make it a telephone number.
    NAMED: r"phone\b", r"call\b", r"tel\b", r"telephone\b", r"mobile\b", r"cell\b", r"fax\b", r"number is\b", r"reach (?:me|him|her|them|us) (?:at|on)\b",
    r"telefon\b", r"rufnummer\b", r"téléphone\b", r"teléfono\b", r"numer\b"
);

fn is_date_like(written: &str) -> bool {
    let groups: Vec<&str> = written.split(['-', '/', '.']).collect();
    let [first, second, third, ..] = groups.as_slice() else { return false };
    let small = |group: &str| group.len() <= 2;
    (first.len() == 4 && small(second)) || (small(first) && small(second) && third.len() == 4)
}

fn card_issuer(digits: &[u8]) -> bool {
    let two = digits[0] * 10 + digits[1];
    match digits.len() {
        15 => matches!(two, 34 | 37) || matches!(two, 18 | 21),
        14 => matches!(two, 30 | 36 | 38 | 39),
        12 | 13 => digits[0] == 4 && digits.len() == 13 || matches!(two, 50 | 56..=58 | 60 | 63 | 67),
        _ => matches!(digits[0], 3..=6) || matches!(two, 22..=27),
    }
}

/// Luhn's check digit. Source: ISO/IEC 7812-1, annex B.
fn luhn(digits: &[u8]) -> bool {
    let doubled = |digit: u8| if digit > 4 { digit * 2 - 9 } else { digit * 2 };
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, digit)| u32::from(if at % 2 == 1 { doubled(*digit) } else { *digit }))
        .sum();
    sum.is_multiple_of(10) && digits.iter().any(|digit| *digit != digits[0])
}

/// The IBAN's two check digits. Source: ISO 13616, ISO 7064 MOD 97-10.
fn is_iban(written: &str) -> bool {
    let compact: Vec<u8> = written.bytes().filter(u8::is_ascii_alphanumeric).collect();
    if !(15..=34).contains(&compact.len()) {
        return false;
    }
    let rotated = compact[4..].iter().chain(&compact[..4]);
    let remainder = rotated.fold(0_u32, |remainder, byte| match byte {
        b'0'..=b'9' => (remainder * 10 + u32::from(byte - b'0')) % 97,
        letter => (remainder * 100 + u32::from(letter.to_ascii_uppercase() - b'A') + 10) % 97,
    });
    remainder == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<(Personal, &str)> {
        find(text).into_iter().map(|piece| (piece.kind, &text[piece.range])).collect()
    }

    #[test]
    fn numbers_are_what_their_check_digits_say() {
        assert_eq!(of("Visa 4111 1111 1111 1111."), [(Personal::Card, "4111 1111 1111 1111")]);
        assert_eq!(of("Order 4111 1111 1111 1112"), []);
        assert_eq!(of("to DE89 3704 0044 0532 0130 00, please"), [(Personal::Iban, "DE89 3704 0044 0532 0130 00")]);
        assert_eq!(of("to DE88 3704 0044 0532 0130 00, please"), []);
    }

    #[test]
    fn addresses_phones_and_keys_are_found() {
        assert_eq!(of("ask jo.x@mail.example.org"), [(Personal::Email, "jo.x@mail.example.org")]);
        assert_eq!(of("SSN 219-09-9999"), [(Personal::SocialSecurity, "219-09-9999")]);
        assert_eq!(
            of("call +49 30 123456 or (212) 555-0199"),
            [(Personal::Phone, "+49 30 123456"), (Personal::Phone, "(212) 555-0199"),]
        );
        assert_eq!(of("use AKIAIOSFODNN7EXAMPLE now"), [(Personal::Secret, "AKIAIOSFODNN7EXAMPLE")]);
        assert_eq!(of("your password is hunter2!x"), [(Personal::Secret, "password is hunter2!x")]);
    }

    #[test]
    fn dates_prices_and_ids_are_not_personal() {
        for fine in [
            "on 2024-05-20 19:00:00",
            "20/05/2024",
            "LF-51190-2024-1234567",
            "NW-5550-9004",
            "version 10.0.0.1",
            "$1,234,567.89",
            "HAT034 2024-05-20",
            "costs 1203.50 EUR",
            "#5551234567",
            "between 1,000 and 2,000,000 people",
        ] {
            assert_eq!(of(fine), [], "{fine}");
        }
    }
}
