//! How long somebody has worked on a task: the time between two signs of life, unless it is so long that they were away.

/// Two signs of life further apart than this, in microseconds, are a break.
const BREAK: i64 = 30_000_000;

/// Adds up active time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Activity {
    active: i64,
    last: Option<i64>,
    renewed: Option<i64>,
}

impl Activity {
    /// A key, a click, a movement, at this instant in microseconds.
    pub fn sign(&mut self, now: i64) {
        if let Some(last) = self.last {
            let passed = now.saturating_sub(last);
            if (0..=BREAK).contains(&passed) {
                self.active += passed;
            }
        }
        self.last = Some(now);
    }

    /// The page is out of sight: what passes until it is back does not count.
    pub fn hidden(&mut self, now: i64) {
        self.sign(now);
        self.last = None;
    }

    /// The milliseconds so far; begins anew for the next task.
    pub fn take(&mut self, now: i64) -> i64 {
        self.sign(now);
        let active = self.active;
        *self = Self { active: 0, last: Some(now), renewed: None };
        active / 1_000
    }

    /// Whether anything happened since this was asked last.
    pub fn since_asked(&mut self) -> bool {
        let active = self.last != self.renewed;
        self.renewed = self.last;
        active
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000;

    #[test]
    fn breaks_and_hidden_time_do_not_count() {
        let mut activity = Activity::default();
        activity.sign(0);
        activity.sign(10 * SECOND);
        activity.sign(100 * SECOND);
        activity.sign(105 * SECOND);
        activity.hidden(106 * SECOND);
        activity.sign(120 * SECOND);
        assert_eq!(activity.take(122 * SECOND), 18_000);
        assert_eq!(activity.take(123 * SECOND), 1_000, "the next task begins at nothing");
    }

    #[test]
    fn a_claim_is_renewed_only_while_somebody_works() {
        let mut activity = Activity::default();
        assert!(!activity.since_asked());
        activity.sign(SECOND);
        assert!(activity.since_asked());
        assert!(!activity.since_asked());
    }

    #[test]
    fn a_clock_that_is_set_back_adds_nothing() {
        let mut activity = Activity::default();
        activity.sign(100 * SECOND);
        activity.sign(50 * SECOND);
        assert_eq!(activity.take(51 * SECOND), 1_000);
    }
}
