//! Numbers, durations and instants as people write them, and back. Durations are exact: integers all the way.

use std::fmt;

use super::ast::Instant;
use crate::Micros;

/// Units of time with their microseconds, longest first; weeks are read but shown as days.
const UNITS: [(&str, i64); 6] =
    [("w", WEEK), ("d", 86_400_000_000), ("h", 3_600_000_000), ("m", 60_000_000), ("s", 1_000_000), ("ms", 1_000)];

const WEEK: i64 = 7 * 86_400_000_000;

/// Longest duration: 10,000 years.
const LONGEST: i64 = 10_000 * 365 * 86_400_000_000;

/// Reads `4`, `-4`, `0.5` or `.5`; nothing else is a number, exponents and infinities least of all.
pub(super) fn number(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || fraction.is_empty() || (whole.is_empty() && !unsigned.starts_with('.')) {
        return None;
    }
    // Adding zero makes -0 a plain 0.
    text.parse::<f64>().ok().filter(|number| number.is_finite()).map(|number| number + 0.0)
}

/// Whether a double holds the number exactly enough to be printed back: at most 15 significant digits.
pub(super) fn is_exact(text: &str) -> bool {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    digits.trim_start_matches('0').len() <= 15
}

/// Reads an amount of dollars: a number, with or without `$`.
pub(super) fn usd(text: &str) -> Option<f64> {
    match text.strip_prefix("-$") {
        Some(amount) => number(amount).filter(|_| !amount.starts_with('-')).map(|amount| 0.0 - amount),
        None => number(text.strip_prefix('$').unwrap_or(text)),
    }
}

/// Reads `30s`, `1.5h`, `200ms` into microseconds.
pub(super) fn duration(text: &str) -> Option<i64> {
    let unit_at = text.find(|c: char| c.is_ascii_alphabetic())?;
    let (amount, unit) = text.split_at(unit_at);
    let (_, micros) = UNITS.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit))?;
    let (whole, fraction) = amount.split_once('.').unwrap_or((amount, "0"));
    let digits = |part: &str| (1..=18).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) {
        return None;
    }
    let scale = 10_i128.pow(u32::try_from(fraction.len()).ok()?);
    let total = whole.parse::<i128>().ok()? * scale + fraction.parse::<i128>().ok()?;
    let exact = total.checked_mul(i128::from(*micros))? / scale;
    i64::try_from(exact).ok().filter(|micros| *micros <= LONGEST)
}

/// Reads `-7d`, `now`, `2026-11-21` (midnight UTC) or RFC 3339.
pub(super) fn instant(text: &str) -> Option<Instant> {
    if text.eq_ignore_ascii_case("now") {
        return Some(Instant::Ago(0));
    }
    if let Some(ago) = text.strip_prefix('-') {
        return duration(ago).map(Instant::Ago);
    }
    let midnight = if text.len() == 10 { Micros::parse(&format!("{text}T00:00:00Z")) } else { Micros::parse(text) };
    let at = midnight.ok()?;
    // What is shown must be readable again, which years of five digits are not.
    Micros::parse(&at.to_string()).is_ok_and(|again| again == at).then_some(Instant::At(at))
}

/// Shows microseconds in the longest unit that makes them whole.
pub(super) struct ShowDuration(pub i64);

impl fmt::Display for ShowDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micros = self.0;
        if micros == 0 {
            return f.write_str("0s");
        }
        if let Some((unit, size)) = UNITS.iter().find(|(_, size)| *size != WEEK && micros % size == 0) {
            return write!(f, "{}{unit}", micros / size);
        }
        let fraction = format!("{:03}", micros % 1_000);
        write!(f, "{}.{}ms", micros / 1_000, fraction.trim_end_matches('0'))
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ago(0) => f.write_str("now"),
            Self::Ago(micros) => write!(f, "-{}", ShowDuration(*micros)),
            Self::At(at) => {
                let text = at.to_string();
                let date = text.strip_suffix("T00:00:00.000000Z");
                let short = text.strip_suffix(".000000Z").map(|short| format!("{short}Z"));
                f.write_str(date.unwrap_or_else(|| short.as_deref().unwrap_or(&text)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_decimals_are_numbers() {
        let good = ["4", "-4", "0.5", ".5", "-.5", "007", "99999999999999999999"];
        assert!(good.iter().all(|text| number(text).is_some()));
        let wrong = ["", "-", ".", "-.", "4.", "1e5", "inf", "NaN", "+4", "0x10", "1_000", "٣", "1.2.3", "--1"];
        assert_eq!(wrong.iter().find(|text| number(text).is_some()), None);
        assert_eq!(number(&"9".repeat(400)), None, "too large for a double");
        assert!(number("-0").unwrap().is_sign_positive());
    }

    #[test]
    fn dollars_may_have_their_sign() {
        assert_eq!(usd("$0.05"), Some(0.05));
        assert_eq!(usd("0.05"), Some(0.05));
        assert_eq!(usd("-$1"), Some(-1.0));
        assert_eq!(usd("$$1"), None);
        assert_eq!(usd("-$-1"), None);
    }

    #[test]
    fn durations_are_exact_and_shown_in_the_longest_unit() {
        for (text, micros, shown) in [
            ("30s", 30_000_000, "30s"),
            ("90m", 5_400_000_000, "90m"),
            ("1.5h", 5_400_000_000, "90m"),
            ("24h", 86_400_000_000, "1d"),
            ("14D", 1_209_600_000_000, "14d"),
            ("0.5ms", 500, "0.5ms"),
            ("0.1s", 100_000, "100ms"),
            ("0h", 0, "0s"),
        ] {
            assert_eq!(duration(text), Some(micros), "{text}");
            assert_eq!(ShowDuration(micros).to_string(), shown);
            assert_eq!(duration(shown), Some(micros));
        }
        let wrong = ["30", "s", "30 s", "-30s", "30sec", "1.s", "9999999999999w", "1000000000000000000000s", "5µs"];
        assert_eq!(wrong.iter().find(|text| duration(text).is_some()), None);
    }

    #[test]
    fn instants_are_relative_or_fixed() {
        let at = |text: &str| Some(Instant::At(Micros::parse(text).unwrap()));
        assert_eq!(instant("now"), Some(Instant::Ago(0)));
        assert_eq!(instant("-7d"), Some(Instant::Ago(604_800_000_000)));
        assert_eq!(instant("2026-11-21"), at("2026-11-21T00:00:00Z"));
        assert_eq!(instant("2026-11-21T02:57:14+02:00"), at("2026-11-21T00:57:14Z"));
        let wrong = ["7d", "--7d", "yesterday", "2026-11-31", "2026-11", "9999-12-31T23:59:59-23:59", ""];
        assert_eq!(wrong.iter().find(|text| instant(text).is_some()), None);
    }

    #[test]
    fn instants_are_shown_as_short_as_they_can_be() {
        for text in ["now", "-7d", "2026-11-21", "2026-11-21T09:30:00Z", "2026-11-21T09:30:00.000001Z"] {
            assert_eq!(instant(text).unwrap().to_string(), text);
        }
    }
}
