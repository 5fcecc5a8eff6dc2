//! Reads how many tests passed, failed and were skipped out of what the runners say.

use std::fmt;
use std::ops::Add;

use serde::Deserialize;

/// How many tests ended how.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Did what they should.
    pub passed: u64,
    /// Did not, or could not be run.
    pub failed: u64,
    /// Were left out.
    pub skipped: u64,
}

impl Counts {
    /// A runner that fails without counting a failed test has failed all the same.
    pub fn agreeing_with(mut self, success: bool) -> Self {
        if !success && self.failed == 0 {
            self.failed = 1;
        }
        self
    }
}

impl Add for Counts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
            skipped: self.skipped + other.skipped,
        }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

/// Nextest's line `Summary [ 1.2s] 12 tests run: 11 passed (1 slow), 1 failed, 2 skipped`.
pub fn of_nextest(output: &str) -> Option<Counts> {
    let line = output.lines().rfind(|line| line.trim_start().starts_with("Summary ["))?;
    let (_, counts) = line.split_once(" run: ")?;
    Some(words_of(&without_parentheses(counts)))
}

/// Cargo's lines `test result: ok. 3 passed; 0 failed; 1 ignored; …`, one for each test binary.
pub fn of_cargo_test(output: &str) -> Option<Counts> {
    let sums = output.lines().filter_map(|line| line.trim_start().strip_prefix("test result:")?.split_once(". "));
    sums.map(|(_, counts)| words_of(counts)).reduce(Counts::add)
}

/// Playwright's JSON report; a test that passed only when tried again counts as passed.
pub fn of_playwright(json: &[u8]) -> Option<Counts> {
    #[derive(Deserialize)]
    struct Report {
        stats: Stats,
        #[serde(default)]
        errors: Vec<serde_json::Value>,
    }
    #[derive(Deserialize)]
    struct Stats {
        expected: u64,
        unexpected: u64,
        flaky: u64,
        skipped: u64,
    }
    let Report { stats, errors } = serde_json::from_slice(json).ok()?;
    let failed = stats.unexpected + errors.len() as u64;
    Some(Counts { passed: stats.expected + stats.flaky, failed, skipped: stats.skipped })
}

/// Adds up `3 passed`, `1 failed` and their like, separated by commas or semicolons.
fn words_of(text: &str) -> Counts {
    let mut counts = Counts::default();
    for part in text.split([',', ';']) {
        let mut words = part.split_whitespace();
        let (Some(number), Some(word)) = (words.next().and_then(|word| word.parse::<u64>().ok()), words.next()) else {
            continue;
        };
        match word {
            "passed" => counts.passed += number,
            "failed" | "timed" | "exec" => counts.failed += number,
            "skipped" | "ignored" => counts.skipped += number,
            _ => {}
        }
    }
    counts
}

fn without_parentheses(text: &str) -> String {
    let mut depth = 0;
    text.chars()
        .filter(|character| {
            match character {
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => return depth == 0,
            }
            false
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(passed: u64, failed: u64, skipped: u64) -> Counts {
        Counts { passed, failed, skipped }
    }

    #[test]
    fn nextest_is_read_from_its_last_summary() {
        let output = "     Summary [   1.234s] 12 tests run: 12 passed (1 slow), 2 skipped\n";
        assert_eq!(of_nextest(output), Some(counts(12, 0, 2)));
        let output = "────\n     Summary [  31.020s] 14/15 tests run: 10 passed (2 slow, 1 leaky), 2 failed, 1 timed out, 1 exec failed, 3 skipped\nerror: test run failed\n";
        assert_eq!(of_nextest(output), Some(counts(10, 4, 3)));
        assert_eq!(of_nextest("error: could not compile `x`"), None);
    }

    #[test]
    fn cargo_test_is_summed_over_its_binaries() {
        let output = "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s\n\
                      test result: FAILED. 5 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.1s\n";
        assert_eq!(of_cargo_test(output), Some(counts(8, 2, 1)));
        assert_eq!(of_cargo_test("error: could not compile `x`"), None);
    }

    #[test]
    fn playwright_is_read_from_its_report() {
        let report = br#"{"stats":{"expected":7,"unexpected":1,"flaky":1,"skipped":2,"duration":3.5},"errors":[]}"#;
        assert_eq!(of_playwright(report), Some(counts(8, 1, 2)));
        let report =
            br#"{"stats":{"expected":0,"unexpected":0,"flaky":0,"skipped":0},"errors":[{"message":"no tests found"}]}"#;
        assert_eq!(of_playwright(report), Some(counts(0, 1, 0)));
        assert_eq!(of_playwright(b"{"), None);
    }

    #[test]
    fn a_runner_that_fails_is_never_summed_as_green() {
        assert_eq!(counts(3, 0, 0).agreeing_with(false), counts(3, 1, 0));
        assert_eq!(counts(3, 0, 0).agreeing_with(true), counts(3, 0, 0));
    }

    #[test]
    fn the_sum_reads_as_one_plain_line() {
        assert_eq!((counts(8, 0, 1) + counts(4, 0, 0)).to_string(), "12 passed, 0 failed, 1 skipped");
    }
}
