//! What a reply may rest on: the words, numbers and dates of documents, tool results and the user's own messages.

use std::sync::LazyLock;

use serde_json::Value as Json;

use super::dates::{add_working_days, day_number};
use super::facts::{Fact, FactKind};
use super::similarity::ratio;
use super::words::{ByHash, Hashes, Kind, Token, number_hash, pair, plain_number, tokens, word_hash};

/// How many of the latest different values take part in sums and differences.
const VALUES: usize = 48;

/// Words, numbers and dates that were there before the reply.
#[derive(Debug, Default)]
pub struct Ground {
    words: Hashes,
    pairs: Hashes,
    values: Vec<f64>,
    days: Vec<Day>,
    spans: Vec<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Day {
    year: Option<i64>,
    month: u32,
    day: u32,
}

static NUMBER_WORDS: LazyLock<ByHash<u32>> = LazyLock::new(|| {
    let lists = [
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen \
         seventeen eighteen nineteen twenty",
        "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf",
        "zéro un deux trois quatre cinq six sept huit neuf dix onze douze",
        "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce",
        "zero jeden dwa trzy cztery pięć sześć siedem osiem dziewięć dziesięć jedenaście dwanaście",
    ];
    let numbered = lists.into_iter().flat_map(|list| (0..).zip(list.split_whitespace()));
    numbered.map(|(number, word)| (word_hash(word), number)).collect()
});

impl Ground {
    /// Adds a text.
    pub fn add_text(&mut self, text: &str) {
        self.add_tokens(text, &tokens(text));
    }

    /// Adds a text whose tokens are known.
    pub fn add_tokens(&mut self, text: &str, tokens: &[Token]) {
        self.words.reserve(tokens.len() / 2);
        self.pairs.reserve(tokens.len() / 2);
        for (at, token) in tokens.iter().enumerate() {
            self.words.insert(token.hash);
            match token.kind {
                Kind::Number => self.add_number(&text[token.start..token.end]),
                _ => {
                    if let Some(number) = NUMBER_WORDS.get(&token.hash) {
                        self.words.insert(number_hash(&number.to_string()));
                        self.add_span(i64::from(*number));
                    }
                }
            }
            if let Some(day) = day_at(text, tokens, at)
                && !self.days.contains(&day)
            {
                self.days.push(day);
            }
        }
        let content = tokens.iter().filter(|token| token.is_content());
        self.pairs.extend(content.clone().zip(content.skip(1)).map(|(one, two)| pair(one.hash, two.hash)));
    }

    /// Adds what a tool was called with or answered: keys, texts and numbers.
    pub fn add_json(&mut self, json: &Json) {
        match json {
            Json::String(text) => self.add_text(text),
            Json::Number(number) => {
                let written = number.to_string();
                self.words.insert(number_hash(&plain_number(&written)));
                self.add_number(&written);
            }
            Json::Array(items) => items.iter().for_each(|item| self.add_json(item)),
            Json::Object(fields) => {
                for (key, value) in fields {
                    super::words::each_token(key, &mut |token| {
                        self.words.insert(token.hash);
                    });
                    self.add_json(value);
                }
            }
            Json::Null | Json::Bool(_) => {}
        }
    }

    fn add_number(&mut self, written: &str) {
        if written.contains(':') {
            for part in written.split(':') {
                self.words.insert(number_hash(&plain_number(part)));
            }
            return;
        }
        // `1.480` may be a decimal or a grouped number: it stands for both.
        if let Some((whole, grouped)) = written.split_once('.')
            && grouped.len() == 3
            && whole.len() <= 3
        {
            self.words.insert(number_hash(&plain_number(&format!("{whole}{grouped}"))));
        }
        let plain = plain_number(written);
        if let Some((whole, _)) = plain.split_once('.') {
            self.words.insert(number_hash(whole));
        }
        let Ok(value) = plain.parse::<f64>() else { return };
        if value < 1e9 && !self.values.contains(&value) {
            if self.values.len() == VALUES {
                self.values.remove(0);
            }
            self.values.push(value);
        }
        if let Ok(span) = plain.parse::<i64>() {
            self.add_span(span);
        }
    }

    fn add_span(&mut self, span: i64) {
        if (1..=120).contains(&span) && !self.spans.contains(&span) {
            self.spans.push(span);
        }
    }

    /// How many different words and numbers there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Whether there is nothing to rest on.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Whether a word or number is there.
    #[must_use]
    pub fn has(&self, token: &Token) -> bool {
        self.words.contains(&token.hash)
    }

    /// The share of the meaningful words that are there; `None` without such words. With `order`, that share of the
    /// result is for neighbouring words that are neighbours there, too.
    #[must_use]
    pub fn support(&self, tokens: &[Token], order: f64) -> Option<f64> {
        let (mut all, mut there, mut pairs, mut pairs_there) = (0, 0, 0, 0);
        let mut before: Option<u64> = None;
        for token in tokens.iter().filter(|token| token.is_content()) {
            all += 1;
            there += usize::from(self.has(token));
            if let Some(before) = before {
                pairs += 1;
                pairs_there += usize::from(self.pairs.contains(&pair(before, token.hash)));
            }
            before = Some(token.hash);
        }
        if all == 0 {
            return None;
        }
        let words = ratio(there, all);
        Some(if pairs == 0 { words } else { (1.0 - order) * words + order * ratio(pairs_there, pairs) })
    }

    /// Whether a fact is there, or follows from what is there by one step of arithmetic.
    #[must_use]
    pub fn bears(&self, fact: &Fact) -> bool {
        if fact.hashes.iter().all(|hash| self.words.contains(hash)) && !matches!(fact.kind, FactKind::Date { .. }) {
            return true;
        }
        match fact.kind {
            FactKind::Id => false,
            FactKind::Time { hour, minute } => {
                let has = |number: u32| self.words.contains(&number_hash(&number.to_string()));
                let same_hour = [hour, (hour + 12) % 24, if hour == 0 { 24 } else { hour }];
                same_hour.into_iter().any(has) && (minute == 0 || has(minute))
            }
            FactKind::Date { month, day } => self.bears_day(month, day, fact),
            FactKind::Money | FactKind::Percent | FactKind::Number => {
                fact.value.is_some_and(|value| self.computes(value))
            }
        }
    }

    fn bears_day(&self, month: u32, day: u32, fact: &Fact) -> bool {
        if self.days.is_empty() {
            return fact.hashes.iter().all(|hash| self.words.contains(hash));
        }
        if self.days.iter().any(|known| known.month == month && known.day == day) {
            return true;
        }
        self.days.iter().any(|known| {
            let year = known.year.unwrap_or(2026);
            let from = day_number(year, known.month, known.day);
            let apart = day_number(year, month, day) - from;
            apart.abs() == 1
                || self.spans.iter().any(|span| *span == apart.abs() || add_working_days(from, *span) - from == apart)
        })
    }

    /// A sum, difference, small multiple or percentage of values that are there.
    fn computes(&self, value: f64) -> bool {
        let is = |other: f64| (other - value).abs() < 0.005;
        let part = |one: f64, two: f64| {
            let of = |whole: f64, percent: f64| {
                (1.0..100.0).contains(&percent) && (is(whole * percent / 100.0) || is(whole - whole * percent / 100.0))
            };
            of(one, two) || of(two, one)
        };
        self.values.iter().enumerate().any(|(at, one)| {
            (2..=9).any(|times| is(one * f64::from(times)))
                || self.values[at + 1..].iter().any(|two| is(one + two) || is((one - two).abs()) || part(*one, *two))
        })
    }
}

/// The date of which the number at `at` is the day: `18 May`, `May 18th`, `2026-05-18`.
fn day_at(text: &str, tokens: &[Token], at: usize) -> Option<Day> {
    let token = tokens.get(at)?;
    if token.kind != Kind::Number {
        return None;
    }
    let number = |token: &Token| text[token.start..token.end].parse::<u32>().ok();
    let dash = |left: &Token, right: &Token| matches!(&text[left.end..right.start], "-" | "/" | ".");
    if let (Some(year), Some(middle)) =
        (at.checked_sub(2).and_then(|i| tokens.get(i)), at.checked_sub(1).and_then(|i| tokens.get(i)))
        && year.end - year.start == 4
        && dash(year, middle)
        && dash(middle, token)
        && let (Some(year), Some(month), Some(day)) = (number(year), number(middle), number(token))
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
    {
        return Some(Day { year: Some(i64::from(year)), month, day });
    }
    let day = number(token).filter(|day| (1..=31).contains(day))?;
    super::facts::month_beside(text, tokens, at).map(|month| Day { year: None, month, day })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::facts::facts;
    use serde_json::json;

    fn unknown<'a>(ground: &Ground, reply: &'a str) -> Vec<&'a str> {
        let facts = facts(reply, &tokens(reply));
        facts.iter().filter(|fact| !ground.bears(fact)).map(|fact| &reply[fact.start..fact.end]).collect()
    }

    fn ground() -> Ground {
        let mut ground = Ground::default();
        ground.add_json(&json!({
            "order_id": "LF-51190", "price": 86, "fee": 77.5, "total": 1203.5, "delivery_planned": "2026-05-19",
            "departure": "19:00:00", "flight": "HAT034", "left": "four"
        }));
        ground.add_text("The label is valid for 14 days. Priced $9 or 5,90 €.");
        ground
    }

    #[test]
    fn facts_in_another_form_are_borne() {
        let reply = "LF-51190 costs $1,203.50 (HAT034 at 7:00 PM), 4 left, due Tuesday 19 May; a section is $9.00, 5.90 € more.";
        assert_eq!(unknown(&ground(), reply), Vec::<&str>::new());
    }

    #[test]
    fn sums_and_deadlines_that_follow_are_borne() {
        assert_eq!(unknown(&ground(), "Together $163.50, return it by 2 June."), Vec::<&str>::new());
    }

    #[test]
    fn inventions_are_not_borne() {
        let reply = "RF-7742 refunds $84.99 on 28 July at 23:45, that is 37 %.";
        assert_eq!(unknown(&ground(), reply), ["RF-7742", "$84.99", "28 July", "23:45", "37 %"]);
    }
}
