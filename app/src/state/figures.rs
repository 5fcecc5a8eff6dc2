//! Figures as people read them: counts with separators, lengths of time in one or two units, dollars to the cent or finer.

use turnwise_model::conversation::Tokens;

/// `10 204` as `10,204`.
#[must_use]
pub fn count(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() + 4);
    if number < 0 {
        text.push('−');
    }
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count in at most four letters: `980`, `1.2k`, `34k`, `5.6M`.
#[must_use]
pub fn short_count(number: i64) -> String {
    let (unit, size) = match number.unsigned_abs() {
        0..1_000 => return number.to_string(),
        1_000..1_000_000 => ("k", 1_000),
        _ => ("M", 1_000_000),
    };
    let (whole, tenth) = (number / size, (number % size).abs() * 10 / size);
    if whole.abs() < 10 && tenth > 0 { format!("{whole}.{tenth}{unit}") } else { format!("{whole}{unit}") }
}

/// Milliseconds in one or two units: `850 ms`, `12.4 s`, `3 min 5 s`, `2 h 10 min`, `4 d 1 h`.
#[must_use]
pub fn duration(millis: i64) -> String {
    const SECOND: i64 = 1_000;
    const MINUTE: i64 = 60 * SECOND;
    const HOUR: i64 = 60 * MINUTE;
    const DAY: i64 = 24 * HOUR;
    let two = |large: i64, unit: &str, rest: i64, small: &str| {
        if rest == 0 { format!("{large} {unit}") } else { format!("{large} {unit} {rest} {small}") }
    };
    match millis.max(0) {
        ms @ 0..SECOND => format!("{ms} ms"),
        ms @ SECOND..MINUTE => format!("{}.{} s", ms / SECOND, ms % SECOND / 100),
        ms @ MINUTE..HOUR => two(ms / MINUTE, "min", ms % MINUTE / SECOND, "s"),
        ms @ HOUR..DAY => two(ms / HOUR, "h", ms % HOUR / MINUTE, "min"),
        ms => two(ms / DAY, "d", ms % DAY / HOUR, "h"),
    }
}

/// Dollars: `$12.40`, `$0.0031`, `$0`.
#[must_use]
pub fn usd(amount: f64) -> String {
    if amount == 0.0 {
        "$0".to_owned()
    } else if amount.abs() < 0.1 {
        format!("${amount:.4}")
    } else {
        format!("${amount:.2}")
    }
}

/// `1 session`, `2 sessions`.
#[must_use]
pub fn plural(number: i64, one: &str, several: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { several })
}

/// `1,204 → 96 tokens`: in, then out; `None` when neither is known.
#[must_use]
pub fn tokens(tokens: Tokens) -> Option<String> {
    match (tokens.input, tokens.output) {
        (None, None) => None,
        (Some(input), Some(output)) => Some(format!("{} → {} tokens", count(input), count(output))),
        (Some(input), None) => Some(format!("{} in", plural(input, "token", "tokens"))),
        (None, Some(output)) => Some(format!("{} out", plural(output, "token", "tokens"))),
    }
}

/// `text` cut to at most `most` characters, with an ellipsis where something is missing; in one line.
#[must_use]
pub fn one_line(text: &str, most: usize) -> String {
    let mut line = String::new();
    let mut letters = 0;
    for word in text.split_whitespace() {
        for letter in (letters > 0).then_some(' ').into_iter().chain(word.chars()) {
            line.push(letter);
            letters += 1;
            if letters > most {
                let kept: String = line.chars().take(most.saturating_sub(1)).collect();
                return format!("{}…", kept.trim_end());
            }
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        let said: Vec<String> = [0, 64, 999, 1_000, 10_204, 1_234_567, -4_096].into_iter().map(count).collect();
        assert_eq!(said, ["0", "64", "999", "1,000", "10,204", "1,234,567", "−4,096"]);
    }

    #[test]
    fn large_counts_are_rounded_down() {
        let said: Vec<String> = [980, 1_000, 1_299, 34_999, 999_999, 5_600_000].into_iter().map(short_count).collect();
        assert_eq!(said, ["980", "1k", "1.2k", "34k", "999k", "5.6M"]);
    }

    #[test]
    fn lengths_of_time_take_the_units_that_fit() {
        let said: Vec<String> =
            [0, 850, 12_449, 60_000, 185_000, 7_800_000, 349_200_000].into_iter().map(duration).collect();
        assert_eq!(said, ["0 ms", "850 ms", "12.4 s", "1 min", "3 min 5 s", "2 h 10 min", "4 d 1 h"]);
    }

    #[test]
    fn small_amounts_keep_their_figures() {
        assert_eq!([usd(0.0), usd(0.0031), usd(12.4)], ["$0", "$0.0031", "$12.40"]);
    }

    #[test]
    fn one_side_of_the_tokens_may_be_unknown() {
        assert_eq!(tokens(Tokens::default()), None);
        assert_eq!(tokens(Tokens { input: Some(1), output: None }).as_deref(), Some("1 token in"));
        assert_eq!(tokens(Tokens { input: Some(12), output: Some(3) }).as_deref(), Some("12 → 3 tokens"));
    }

    #[test]
    fn a_cut_text_stays_in_one_line_and_within_its_length() {
        assert_eq!(one_line("  a\n b  ", 10), "a b");
        assert_eq!(one_line("order was shipped", 9), "order wa…");
        assert_eq!(one_line("żółw żółw", 6), "żółw…");
        assert_eq!(one_line("żółwie", 4), "żół…");
        assert_eq!(one_line("", 4), "");
    }
}
