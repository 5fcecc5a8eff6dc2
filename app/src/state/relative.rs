//! Times as people say them: "3 min ago", "in 2 days". The exact instant stays one hover away.

use turnwise_model::Micros;

const SECOND: u64 = 1;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
const WEEK: u64 = 7 * DAY;
const MONTH: u64 = 30 * DAY;
const YEAR: u64 = 365 * DAY;

/// How far `at` is from `now`, rounded down to one unit. Under ten seconds either way is "just now".
#[must_use]
pub fn relative(at: Micros, now: Micros) -> String {
    let past = at <= now;
    let seconds = if past { now.since(at) } else { at.since(now) }.as_secs();
    let (count, unit) = match seconds {
        0..10 => return "just now".to_owned(),
        10..MINUTE => (seconds, "s"),
        MINUTE..HOUR => (seconds / MINUTE, "min"),
        HOUR..DAY => (seconds / HOUR, "h"),
        DAY..WEEK => (seconds / DAY, if seconds / DAY == 1 { "day" } else { "days" }),
        WEEK..MONTH => (seconds / WEEK, if seconds / WEEK == 1 { "week" } else { "weeks" }),
        MONTH..YEAR => (seconds / MONTH, if seconds / MONTH == 1 { "month" } else { "months" }),
        _ => (seconds / YEAR, if seconds / YEAR == 1 { "year" } else { "years" }),
    };
    if past { format!("{count} {unit} ago") } else { format!("in {count} {unit}") }
}

/// The instant to the second in UTC, for where the viewer's zone is not known: `2026-11-21 00:57:14 UTC`.
#[must_use]
pub fn exact_utc(at: Micros) -> String {
    let text = at.to_string();
    match (text.get(..10), text.get(11..19)) {
        (Some(day), Some(time)) => format!("{day} {time} UTC"),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const NOW: Micros = Micros(1_795_222_634_123_456);

    fn ago(seconds: u64) -> String {
        relative(NOW - Duration::from_secs(seconds), NOW)
    }

    #[test]
    fn the_past_is_told_in_the_largest_unit_that_fits() {
        assert_eq!(ago(3), "just now");
        assert_eq!(ago(42), "42 s ago");
        assert_eq!(ago(60), "1 min ago");
        assert_eq!(ago(3_599), "59 min ago");
        assert_eq!(ago(2 * HOUR), "2 h ago");
        assert_eq!(ago(DAY), "1 day ago");
        assert_eq!(ago(6 * DAY), "6 days ago");
        assert_eq!(ago(8 * DAY), "1 week ago");
        assert_eq!(ago(61 * DAY), "2 months ago");
        assert_eq!(ago(800 * DAY), "2 years ago");
    }

    #[test]
    fn the_future_is_told_too() {
        assert_eq!(relative(NOW + Duration::from_secs(7 * DAY), NOW), "in 1 week");
        assert_eq!(relative(NOW + Duration::from_secs(90), NOW), "in 1 min");
    }

    #[test]
    fn the_exact_instant_is_told_to_the_second() {
        assert_eq!(exact_utc(NOW), "2026-11-21 00:57:14 UTC");
    }
}
