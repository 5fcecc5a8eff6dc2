//! Month names, and arithmetic on days.

use std::sync::LazyLock;

use super::words::{ByHash, Token, word_hash};

static MONTHS: LazyLock<ByHash<u32>> = LazyLock::new(|| {
    let lists = [
        "january jan januar janvier enero stycznia gennaio",
        "february feb februar février febrero lutego febbraio",
        "march mar märz mars marzo marca",
        "april apr avril abril kwietnia aprile",
        "may mai mayo maja maggio",
        "june jun juni juin junio czerwca giugno",
        "july jul juli juillet julio lipca luglio",
        "august aug août agosto sierpnia",
        "september sep sept septembre septiembre września settembre",
        "october oct oktober octobre octubre października ottobre",
        "november nov novembre noviembre listopada",
        "december dec dezember décembre diciembre grudnia dicembre",
    ];
    let mut months = ByHash::default();
    for (month, names) in (1..).zip(lists) {
        months.extend(names.split_whitespace().map(|name| (word_hash(name), month)));
    }
    months
});

/// The month a word names, from 1.
#[must_use]
pub fn month(token: &Token) -> Option<u32> {
    MONTHS.get(&token.hash).copied()
}

/// Days since 1970 of a date in the Gregorian calendar. Source: Howard Hinnant, `days_from_civil`.
#[must_use]
pub const fn day_number(year: i64, month: u32, day: u32) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month as i64 + 9) % 12) + 2) / 5 + day as i64 - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The date `working` working days after `start` (days since 1970, a Thursday).
#[must_use]
pub fn add_working_days(start: i64, working: i64) -> i64 {
    let mut day = start;
    let mut left = working.clamp(0, 400);
    while left > 0 {
        day += 1;
        // 0 is Thursday: 2 and 3 are the weekend.
        if !matches!(day.rem_euclid(7), 2 | 3) {
            left -= 1;
        }
    }
    day
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_from_1970() {
        assert_eq!(day_number(1970, 1, 1), 0);
        assert_eq!(day_number(2000, 3, 1), 11_017);
        assert_eq!(day_number(2026, 5, 18) - day_number(2026, 5, 17), 1);
    }

    #[test]
    fn five_working_days_after_a_monday_is_the_next_monday() {
        let monday = day_number(2026, 5, 11);
        assert_eq!(add_working_days(monday, 5), day_number(2026, 5, 18));
        assert_eq!(add_working_days(monday - 2, 1), monday);
    }
}
